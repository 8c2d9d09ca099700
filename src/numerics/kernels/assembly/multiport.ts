/**
 * The transfer matrix of a crossbar with wires by hierarchical multiport reduction.
 *
 * A block of cells is what its terminals see: conductances between them. Terminals: the word wires on its left (W)
 * and right (E) side, the bit wires on its upper (N) and lower (S) side. Two neighbours share terminals; eliminating
 * those gives the larger block. Far ends that are open are never terminals. Word wires that end in a driver are
 * sources, bit wires that end in the virtual ground are grounds: conductances among sources or among grounds carry
 * nothing that is asked for and are neither formed nor stored. What remains at the end is the conductance from every
 * source to every ground: T.
 *
 * Everything is in units of four lines (tiles of _dense.ts), filled up with lines of open devices at the far ends.
 */
import {
  begin,
  Block,
  bothEnds,
  colsAll,
  DEPTH,
  factorPanel,
  GROUP,
  mark,
  most,
  place,
  planning,
  release,
  rowsAll,
  strip,
  width,
} from './_block'
import { addTile, copyTile, productTile, TILE, turnTile } from './_dense'

const FRAMES: usize = memory.data(128 * offsetof<Block>())
const LADDER: usize = memory.data(512, 16)
let frame: usize = 0
let devices: usize = 0
let wordLines: i32 = 0
let bitLines: i32 = 0
let wordStep: f64 = 0
let wordEntry: f64 = 0
let bitStep: f64 = 0
let bitExit: f64 = 0

/** Where terminals of the larger block were in the smaller: `map` of pivots and terminals, -1 for those of the other. */
// @ts-ignore: decorator
@inline
function mapRun(map: usize, to: i32, from: i32, length: i32): void {
  for (let i = 0; i < length; i++) store<i32>(map + (<usize>(to + i) << 2), from + i)
}

// @ts-ignore: decorator
@inline
function mapped(map: usize, i: i32): i32 {
  return load<i32>(map + (<usize>i << 2))
}

/** The pivots' columns of the larger block. A pivot is in both halves, a terminal in one. */
function gatherPanel(b: Block, half: Block, map: usize, add: bool): void {
  const k = b.pivots
  for (let i = 0; i < k + b.count; i++) {
    const p = mapped(map, i)
    if (p < 0) continue
    const to = strip(b, i - k)
    const from = strip(half, p) + (<usize>half.pivots << 7)
    const end = i < k ? i + 1 : k
    for (let j = 0; j < end; j++) {
      const q = mapped(map, j)
      const tile = to + (<usize>j << 7)
      if (p < q) turnTile(tile, strip(half, q) + (<usize>(half.pivots + p) << 7))
      else if (add && i < k) addTile(tile, from + (<usize>q << 7))
      else copyTile(tile, from + (<usize>q << 7))
    }
  }
}

/** The terminals' part of the larger block: what each half had there, and what goes through the pivots. */
function updateRest(b: Block, x: Block, mapX: usize, y: Block, mapY: usize): void {
  const k = b.pivots
  const count = b.count
  for (let depth = 0; depth < k; depth += DEPTH) {
    const steps = min(DEPTH, k - depth)
    const skip = <usize>depth << 7
    for (let group = 0; group < count; group += GROUP)
      for (let i = group; i < count; i++) {
        const own = strip(b, i)
        const end = min(group + GROUP, width(b, i) - k)
        const px = mapped(mapX, k + i)
        const half = px >= 0 ? x : y
        const map = px >= 0 ? mapX : mapY
        const p = mapped(map, k + i)
        const row = strip(half, p) + (<usize>half.pivots << 7)
        for (let j = group; j < end; j++) {
          const tile = own + (<usize>(k + j) << 7)
          let from = tile
          let turn = false
          if (depth == 0) {
            const q = mapped(map, k + j)
            if (q < 0) from = 0
            else if (p >= q) from = row + (<usize>q << 7)
            else {
              from = strip(half, q) + (<usize>(half.pivots + p) << 7)
              turn = true
            }
          }
          productTile(tile, from, turn, own + skip, strip(b, j) + skip, steps)
        }
      }
  }
}

/** Join two neighbours: x left of y, or x above y. */
function join(b: Block, side: i32, x: Block, y: Block, across: bool, r0: i32, c0: i32): void {
  const k = across ? x.rows : x.cols
  const rows = across ? x.rows : x.rows + y.rows
  const cols = across ? x.cols + y.cols : x.cols
  const size = k + 2 * (rows + cols)
  const mapX = place(b, side, r0, rows, c0, cols, k, size << 3)
  if (planning) return
  const mapY = mapX + (<usize>size << 2)
  memory.fill(mapX, 0xff, <usize>size << 3)
  if (across) {
    mapRun(mapX, 0, x.e, k)
    mapRun(mapY, 0, y.w, k)
    mapRun(mapX, k + b.w, x.w, rows)
    if (b.e >= 0) mapRun(mapY, k + b.e, y.e, rows)
    if (b.n >= 0) {
      mapRun(mapX, k + b.n, x.n, x.cols)
      mapRun(mapY, k + b.n + x.cols, y.n, y.cols)
    }
    mapRun(mapX, k + b.s, x.s, x.cols)
    mapRun(mapY, k + b.s + x.cols, y.s, y.cols)
  } else {
    mapRun(mapX, 0, x.s, k)
    mapRun(mapY, 0, y.n, k)
    if (b.n >= 0) mapRun(mapX, k + b.n, x.n, cols)
    mapRun(mapY, k + b.s, y.s, cols)
    mapRun(mapX, k + b.w, x.w, x.rows)
    mapRun(mapY, k + b.w + x.rows, y.w, y.rows)
    if (b.e >= 0) {
      mapRun(mapX, k + b.e, x.e, x.rows)
      mapRun(mapY, k + b.e + x.rows, y.e, y.rows)
    }
  }
  gatherPanel(b, x, mapX, false)
  gatherPanel(b, y, mapY, true)
  factorPanel(b)
  updateRest(b, x, mapX, y, mapY)
}

// @ts-ignore: decorator
@inline
function setPair(b: Block, i: i32, j: i32, r: i32, c: i32, value: f64): void {
  // (i, r) and (j, c) in tiles and within; the larger row holds the entry.
  if (i >= j) store<f64>(strip(b, i) + (<usize>(b.pivots + j) << 7) + (<usize>(4 * c + r) << 3), value)
  else store<f64>(strip(b, j) + (<usize>(b.pivots + i) << 7) + (<usize>(4 * r + c) << 3), value)
}

/** Four by four cells. */
function leaf(b: Block, side: i32, r0: i32, c0: i32): void {
  const top = r0 == 0
  const pivots = top ? 4 : 3
  place(b, side, r0, 1, c0, 1, pivots, 0)
  if (planning) return
  const start = strip(b, -pivots)
  memory.fill(start, 0, b.strips - start)
  const entry = c0 == 0 ? wordEntry : wordStep
  const right = c0 + 1 == colsAll
  const cells = min(4, bitLines - 4 * c0)
  for (let r = 0; r < 4; r++) {
    // Conductances of the word node at hand to W (0) and to the bit nodes passed (1..4): eliminated from left to right.
    const line = 4 * r0 + r - (4 * rowsAll - wordLines)
    const g = devices + ((<usize>(line * bitLines + 4 * c0)) << 3)
    const bit = top ? r - pivots : r == 0 ? b.n : r - 1 - pivots
    memory.fill(LADDER, 0, 264)
    store<f64>(LADDER, entry)
    for (let c = 0; c < cells; c++) {
      store<f64>(LADDER + (<usize>(c + 1) << 3), line < 0 ? 0 : load<f64>(g + (<usize>c << 3)))
      if (c == 3 && !right) break
      const onward: f64 = !right || c + 1 < cells ? wordStep : bothEnds ? wordEntry : 0
      let d = onward
      for (let i = 0; i <= c + 1; i++) d += load<f64>(LADDER + (<usize>i << 3))
      const scale = 1 / d
      for (let i = 1; i <= c + 1; i++) {
        const x = load<f64>(LADDER + (<usize>i << 3)) * scale
        for (let j = 0; j < i; j++) {
          const at = LADDER + 64 + (<usize>(5 * i + j) << 3)
          store<f64>(at, load<f64>(at) + x * load<f64>(LADDER + (<usize>j << 3)))
        }
      }
      const pass = onward * scale
      for (let i = 0; i <= c + 1; i++) store<f64>(LADDER + (<usize>i << 3), load<f64>(LADDER + (<usize>i << 3)) * pass)
    }
    const last = right ? 5 : 4
    for (let i = 1; i < last; i++)
      for (let j = 0; j < i; j++) {
        const value = load<f64>(LADDER + 64 + (<usize>(5 * i + j) << 3))
        if (j == 0) setPair(b, bit, b.w, i - 1, r, value)
        else setPair(b, bit, bit, i - 1, j - 1, value)
      }
    if (b.e >= 0) {
      if (b.w < b.source || b.e < b.source) setPair(b, b.e, b.w, r, r, load<f64>(LADDER))
      for (let i = 1; i < 5; i++) setPair(b, b.e, bit, r, i - 1, load<f64>(LADDER + (<usize>i << 3)))
    }
    const below = r == 3 ? b.s : top ? r + 1 - pivots : r - pivots
    const step = r < 3 || r0 + 1 < rowsAll ? bitStep : bitExit
    for (let c = 0; c < 4; c++) setPair(b, bit, below, c, c, step)
  }
  factorPanel(b)
  updateInPlace(b)
}

function updateInPlace(b: Block): void {
  const k = b.pivots
  for (let i = 0; i < b.count; i++) {
    const own = strip(b, i)
    const end = width(b, i) - k
    for (let j = 0; j < end; j++) {
      const tile = own + (<usize>(k + j) << 7)
      productTile(tile, tile, false, own, strip(b, j), k)
    }
  }
}

/** The longer side is halved, so blocks stay near square. */
function reduce(b: Block, side: i32, r0: i32, rows: i32, c0: i32, cols: i32): void {
  if (rows == 1 && cols == 1) return leaf(b, side, r0, c0)
  const x = changetype<Block>(frame)
  const y = changetype<Block>(frame + offsetof<Block>())
  frame += 2 * offsetof<Block>()
  const before = mark(1 - side)
  const across = cols >= rows
  if (across) {
    const half = cols >> 1
    reduce(x, 1 - side, r0, rows, c0, half)
    reduce(y, 1 - side, r0, rows, c0 + half, cols - half)
  } else {
    const half = rows >> 1
    reduce(x, 1 - side, r0, half, c0, cols)
    reduce(y, 1 - side, r0 + half, rows - half, c0, cols)
  }
  join(b, side, x, y, across, r0, c0)
  release(1 - side, before)
  frame -= 2 * offsetof<Block>()
}

/** Lines in units of four. */
// @ts-ignore: decorator
@inline
function tiles(lines: i32): i32 {
  return (lines + 3) >> 2
}

/** Bytes of arena that `transfer` needs. */
export function transferBytes(words: i32, bits: i32, both: bool): f64 {
  begin(tiles(words), tiles(bits), both, 0, 0)
  frame = FRAMES + offsetof<Block>()
  reduce(changetype<Block>(FRAMES), 0, 0, rowsAll, 0, colsAll)
  return <f64>most
}

/**
 * t (bits x words) <- transfer matrix of g (words x bits), row-major, siemens.
 *
 * @param both   whether word lines are driven from both ends
 * @param step   conductance of a word segment; `entry`: of driver and word segment in series
 * @param bit    conductance of a bit segment; `exit`: of bit segment and sense in series
 * @param arena  `bytes` of it as `transferBytes` says
 */
export function transfer(
  words: i32,
  bits: i32,
  both: bool,
  g: usize,
  step: f64,
  entry: f64,
  bit: f64,
  exit: f64,
  t: usize,
  arena: usize,
  bytes: usize,
): void {
  begin(tiles(words), tiles(bits), both, arena, bytes)
  wordLines = words
  bitLines = bits
  devices = g
  wordStep = step
  wordEntry = entry
  bitStep = bit
  bitExit = exit
  frame = FRAMES + offsetof<Block>()
  const b = changetype<Block>(FRAMES)
  reduce(b, 0, 0, rowsAll, 0, colsAll)
  const filled = 4 * rowsAll - words
  for (let i = 0; i < rowsAll; i++)
    for (let j = 0; j < colsAll; j++) {
      const tile = strip(b, b.w + i) + (<usize>(b.pivots + b.s + j) << 7)
      if (both) addTile(tile, strip(b, b.e + i) + (<usize>(b.pivots + b.s + j) << 7))
      for (let c = 0; c < min(4, bits - 4 * j); c++)
        for (let r = max(0, filled - 4 * i); r < 4; r++) {
          const to = t + (<usize>((4 * j + c) * words + 4 * i + r - filled) << 3)
          store<f64>(to, load<f64>(tile + (<usize>(4 * c + r) << 3)))
        }
    }
}

/** Strips of a row-major matrix, rows x cols: ceil(rows / 4) x ceil(cols / 4) tiles, filled up with zeros. */
function pack(to: usize, from: usize, rows: i32, cols: i32): void {
  const steps = tiles(cols) << 2
  for (let i = 0; i < tiles(rows) << 2; i++)
    for (let k = 0; k < steps; k++) {
      const value = i < rows && k < cols ? load<f64>(from + (<usize>(i * cols + k) << 3)) : 0
      store<f64>(to + (<usize>((i >> 2) * steps * 4 + 4 * k + (i & 3)) << 3), value)
    }
}

/** Bytes of scratch that `product` needs. */
export function productBytes(words: i32, bits: i32, vectors: i32): f64 {
  return <f64>(<usize>((tiles(bits) + tiles(vectors)) * tiles(words) + 1) << 7)
}

/** out (vectors x bits) <- v (vectors x words) t^T, row-major. */
export function product(words: i32, bits: i32, vectors: i32, t: usize, v: usize, out: usize, scratch: usize): void {
  const steps = tiles(words)
  const size = <usize>steps << 7
  const rows = scratch + TILE
  const inputs = rows + <usize>tiles(bits) * size
  pack(rows, t, bits, words)
  pack(inputs, v, vectors, words)
  for (let j = 0; j < tiles(bits); j++)
    for (let i = 0; i < tiles(vectors); i++) {
      productTile(scratch, 0, false, rows + <usize>j * size, inputs + <usize>i * size, steps)
      for (let c = 0; c < min(4, vectors - 4 * i); c++)
        for (let r = 0; r < min(4, bits - 4 * j); r++) {
          const to = out + (<usize>((4 * i + c) * bits + 4 * j + r) << 3)
          store<f64>(to, load<f64>(scratch + (<usize>(4 * c + r) << 3)))
        }
    }
}
