// Blocks of a crossbar: their terminals, their memory, and the elimination of the nodes inside.
import { addColumnSums, addTileTimes, factorTile, productTile, solveRow, solveTile } from './_dense'

/** Strips that stay in the first-level cache while others pass by. */
export const GROUP: i32 = 8

/** Terminals in the order live, grounds, sources; sides by their first terminal, in tiles; -1 where there is none. */
// @ts-ignore: decorator
@unmanaged
export class Block {
  /** address of each row of tiles, eliminated rows first */
  strips: usize
  /** tiles already eliminated, standing before the terminals in rows and columns */
  pivots: i32
  count: i32
  ground: i32
  source: i32
  w: i32
  e: i32
  n: i32
  s: i32
  rows: i32
  cols: i32
}

const REST: usize = memory.data(32, 16)

/** Blocks of one level grow from the low end of the arena, those of the next from its high end. */
let low: isize = 0
let high: isize = 0
export let most: isize = 0
export let planning: bool = false
export let rowsAll: i32 = 0
export let colsAll: i32 = 0
export let bothEnds: bool = false

/** The whole array, in tiles, and the arena; with no arena, `place` only counts what it would need. */
export function begin(rows: i32, cols: i32, both: bool, arena: usize, bytes: usize): void {
  rowsAll = rows
  colsAll = cols
  bothEnds = both
  planning = bytes == 0
  low = arena
  high = arena + bytes
  most = 0
}

/** How far the other side's blocks reach, to be handed to `release`. */
// @ts-ignore: decorator
@inline
export function mark(side: i32): isize {
  return side == 0 ? low : high
}

/** Give back what was placed on that side since. */
// @ts-ignore: decorator
@inline
export function release(side: i32, to: isize): void {
  if (side == 0) low = to
  else high = to
}

function take(side: i32, bytes: isize): usize {
  const size = (bytes + 63) & ~63
  let at = low
  if (side == 0) low += size
  else {
    high -= size
    at = high
  }
  if (low - high > most) most = low - high
  return at
}

// @ts-ignore: decorator
@inline
export function strip(b: Block, i: i32): usize {
  return load<usize>(b.strips + (<usize>(b.pivots + i) << 2))
}

/** Tiles in row i (eliminated rows have negative i): up to the diagonal, or to where its own kind begins. */
// @ts-ignore: decorator
@inline
export function width(b: Block, i: i32): i32 {
  return b.pivots + (i >= b.source ? b.source : i >= b.ground ? b.ground : i + 1)
}

/** Number the terminals of a block and give it memory. `extra` bytes stand at the returned address. */
export function place(b: Block, side: i32, r0: i32, rows: i32, c0: i32, cols: i32, pivots: i32, extra: i32): usize {
  const left = c0 == 0
  const right = c0 + cols == colsAll
  const bottom = r0 + rows == rowsAll
  b.rows = rows
  b.cols = cols
  b.pivots = pivots
  b.w = b.e = b.n = b.s = -1
  let at = 0
  if (!left) {
    b.w = at
    at += rows
  }
  if (!right) {
    b.e = at
    at += rows
  }
  if (r0 > 0) {
    b.n = at
    at += cols
  }
  if (!bottom) {
    b.s = at
    at += cols
  }
  b.ground = at
  if (bottom) {
    b.s = at
    at += cols
  }
  b.source = at
  if (left) {
    b.w = at
    at += rows
  }
  if (right && bothEnds) {
    b.e = at
    at += rows
  }
  b.count = at
  let tiles: isize = 0
  for (let i = -pivots; i < at; i++) tiles += width(b, i)
  const table = ((<isize>(pivots + at) << 2) + 63) & ~63
  const base = take(side, <isize>(tiles << 7) + table + extra)
  if (planning) return 0
  b.strips = base + <usize>(tiles << 7)
  let address = base
  for (let i = -pivots; i < at; i++) {
    store<usize>(b.strips + (<usize>(pivots + i) << 2), address)
    address += <usize>width(b, i) << 7
  }
  return b.strips + table
}

/** Factor the pivots of a block; everything else beside them is one further node, whose conductances are `sums`. */
function factorPivots(b: Block, sums: usize): void {
  const k = b.pivots
  for (let j = 0; j < k; j++) {
    const own = strip(b, j - k)
    const diagonal = own + (<usize>j << 7)
    const sum = sums + (<usize>j << 5)
    for (let i = j; i < k; i++) {
      const other = strip(b, i - k)
      const tile = other + (<usize>j << 7)
      if (j > 0) productTile(tile, tile, false, other, own, j)
    }
    for (let l = 0; l < j; l++) addTileTimes(sum, own + (<usize>l << 7), sums + (<usize>l << 5))
    v128.store(REST, v128.load(sum))
    v128.store(REST, v128.load(sum, 16), 16)
    for (let i = j + 1; i < k; i++) addColumnSums(REST, strip(b, i - k) + (<usize>j << 7))
    factorTile(diagonal, REST)
    solveRow(sum, diagonal)
    for (let i = j + 1; i < k; i++) solveTile(strip(b, i - k) + (<usize>j << 7), diagonal)
  }
}

/** Factor the pivots and bring the rows of the terminals to the same form: C <- C + L L^T is what remains. */
export function factorPanel(b: Block, sums: usize): void {
  const k = b.pivots
  for (let at = sums, end = sums + (<usize>k << 5); at < end; at += 16) v128.store(at, f64x2.splat(0))
  for (let i = 0; i < b.count; i++)
    for (let j = 0; j < k; j++) addColumnSums(sums + (<usize>j << 5), strip(b, i) + (<usize>j << 7))
  factorPivots(b, sums)
  for (let from = 0; from < b.count; from += GROUP) {
    const to = min(from + GROUP, b.count)
    for (let j = 0; j < k; j++) {
      const pivot = strip(b, j - k)
      for (let i = from; i < to; i++) {
        const own = strip(b, i)
        const tile = own + (<usize>j << 7)
        if (j > 0) productTile(tile, tile, false, own, pivot, j)
        solveTile(tile, pivot + (<usize>j << 7))
      }
    }
  }
}

