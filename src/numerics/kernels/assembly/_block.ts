// Blocks of a crossbar: their terminals, their memory, and the elimination of the nodes inside.
import { addColumnSums, addTileTimes, factorTile, panelTile, productTile, solveRow } from './_dense'

/** Strips that stay in the first-level cache while others pass by. */
export const GROUP: i32 = 8
/** Tiles of a strip that are taken at a time: a group of such pieces fits the first-level cache. */
export const DEPTH: i32 = 16

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
const SUMS: usize = memory.data(32 * 16, 16)

/** Blocks of one level grow from the low end of the arena, those of the next from its high end. */
let low: i64 = 0
let high: i64 = 0
export let most: i64 = 0
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
  low = <i64>arena
  high = <i64>(arena + bytes)
  most = 0
}

/** How far the other side's blocks reach, to be handed to `release`. */
// @ts-ignore: decorator
@inline
export function mark(side: i32): i64 {
  return side == 0 ? low : high
}

/** Give back what was placed on that side since. */
// @ts-ignore: decorator
@inline
export function release(side: i32, to: i64): void {
  if (side == 0) low = to
  else high = to
}

function take(side: i32, bytes: i64): usize {
  const size = (bytes + 63) & ~63
  let at = low
  if (side == 0) low += size
  else {
    high -= size
    at = high
  }
  if (low - high > most) most = low - high
  return <usize>at
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
  let tiles: i64 = 0
  for (let i = -pivots; i < at; i++) tiles += width(b, i)
  const table = ((<i64>(pivots + at) << 2) + 63) & ~63
  const base = take(side, (tiles << 7) + table + extra)
  if (planning) return 0
  b.strips = base + <usize>(tiles << 7)
  let address = base
  for (let i = -pivots; i < at; i++) {
    store<usize>(b.strips + (<usize>(pivots + i) << 2), address)
    address += <usize>width(b, i) << 7
  }
  return b.strips + <usize>table
}

/**
 * Bring the pivots' columns to the form in which C <- C + L L^T is what remains of the terminals.
 *
 * DEPTH columns at a time: factored among themselves, with all the rows below as one further node; then those rows;
 * then the pivots' columns still to come. 
 */
export function factorPanel(b: Block): void {
  const k = b.pivots
  for (let from = 0; from < k; from += DEPTH) {
    const to = min(from + DEPTH, k)
    factorPivots(b, from, to)
    const skip = <usize>from << 7
    for (let group = to; group < k + b.count; group += GROUP) {
      const end = min(group + GROUP, k + b.count)
      for (let j = from; j < to; j++) {
        const pivot = strip(b, j - k)
        for (let i = group; i < end; i++) {
          const own = strip(b, i - k)
          panelTile(own + (<usize>j << 7), own + skip, pivot + skip, j - from, pivot + (<usize>j << 7))
        }
      }
    }
    for (let group = to; group < k; group += GROUP)
      for (let i = group; i < k + b.count; i++) {
        const own = strip(b, i - k)
        const end = min(min(group + GROUP, i + 1), k)
        for (let j = group; j < end; j++) {
          const tile = own + (<usize>j << 7)
          productTile(tile, tile, false, own + skip, strip(b, j - k) + skip, to - from)
        }
      }
  }
}

/** Pivots [from, to) among themselves. */
function factorPivots(b: Block, from: i32, to: i32): void {
  const k = b.pivots
  const skip = <usize>from << 7
  memory.fill(SUMS, 0, <usize>(to - from) << 5)
  for (let i = to; i < k + b.count; i++) {
    const own = strip(b, i - k) + skip
    for (let j = 0; j < to - from; j++) addColumnSums(SUMS + (<usize>j << 5), own + (<usize>j << 7))
  }
  for (let j = from; j < to; j++) {
    const own = strip(b, j - k)
    const diagonal = own + (<usize>j << 7)
    const sum = SUMS + (<usize>(j - from) << 5)
    if (j > from)
      for (let i = j; i < to; i++) {
        const other = strip(b, i - k)
        const tile = other + (<usize>j << 7)
        productTile(tile, tile, false, other + skip, own + skip, j - from)
      }
    for (let l = from; l < j; l++) addTileTimes(sum, own + (<usize>l << 7), SUMS + (<usize>(l - from) << 5))
    v128.store(REST, v128.load(sum))
    v128.store(REST, v128.load(sum, 16), 16)
    for (let i = j + 1; i < to; i++) addColumnSums(REST, strip(b, i - k) + (<usize>j << 7))
    factorTile(diagonal, REST)
    solveRow(sum, diagonal)
    for (let i = j + 1; i < to; i++) {
      const tile = strip(b, i - k) + (<usize>j << 7)
      panelTile(tile, tile, tile, 0, diagonal)
    }
  }
}
