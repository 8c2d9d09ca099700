// Tiles of 4 x 4 doubles, 128 bytes: element (i, j) at 8 (4 j + i). A strip is a row of tiles one after the other, so
// strip I holds X[i, k] for four i and every k in the order in which a product reads it.
//
// All matrices here are conductances between nodes: symmetric, no diagonal kept (what stands there is never read),
// every entry >= 0. Eliminating a node adds c_ik c_jk / sum_l c_lk to c_ij, so nothing is ever subtracted.
import { madd } from './_simd'

export const TILE: usize = 128

// @ts-ignore: decorator
@inline
function bothLanes(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1)
}

/** to <- from */
// @ts-ignore: decorator
@inline
export function copyTile(to: usize, from: usize): void {
  for (let k: usize = 0; k < TILE; k += 32) {
    v128.store(to + k, v128.load(from + k))
    v128.store(to + k, v128.load(from + k, 16), 16)
  }
}

/** to <- to + from */
// @ts-ignore: decorator
@inline
export function addTile(to: usize, from: usize): void {
  for (let k: usize = 0; k < TILE; k += 16) v128.store(to + k, f64x2.add(v128.load(to + k), v128.load(from + k)))
}

/** to <- transpose of from */
// @ts-ignore: decorator
@inline
export function turnTile(to: usize, from: usize): void {
  for (let k: usize = 0; k < 2; k++) {
    const column = from + (k << 4)
    const row = to + (k << 6)
    for (let half: usize = 0; half < 2; half++) {
      const p = v128.load(column + (half << 6))
      const q = v128.load(column + (half << 6), 32)
      v128.store(row + (half << 4), v128.shuffle<f64>(p, q, 0, 2))
      v128.store(row + (half << 4), v128.shuffle<f64>(p, q, 1, 3), 32)
    }
  }
}

/**
 * One tile of C <- C0 + X Y^T over `steps` tiles of the strips x and y.
 *
 * @param from  C0, or 0 for none
 * @param turn  whether C0 stands transposed
 */
export function productTile(to: usize, from: usize, turn: bool, x: usize, y: usize, steps: i32): void {
  let c00 = f64x2.splat(0)
  let c01 = c00
  let c10 = c00
  let c11 = c00
  let c20 = c00
  let c21 = c00
  let c30 = c00
  let c31 = c00
  if (from != 0) {
    c00 = v128.load(from)
    c01 = v128.load(from, 16)
    c10 = v128.load(from, 32)
    c11 = v128.load(from, 48)
    c20 = v128.load(from, 64)
    c21 = v128.load(from, 80)
    c30 = v128.load(from, 96)
    c31 = v128.load(from, 112)
    if (turn) {
      const t00 = v128.shuffle<f64>(c00, c10, 0, 2)
      const t10 = v128.shuffle<f64>(c00, c10, 1, 3)
      const t20 = v128.shuffle<f64>(c01, c11, 0, 2)
      const t30 = v128.shuffle<f64>(c01, c11, 1, 3)
      const t01 = v128.shuffle<f64>(c20, c30, 0, 2)
      const t11 = v128.shuffle<f64>(c20, c30, 1, 3)
      const t21 = v128.shuffle<f64>(c21, c31, 0, 2)
      const t31 = v128.shuffle<f64>(c21, c31, 1, 3)
      c00 = t00
      c01 = t01
      c10 = t10
      c11 = t11
      c20 = t20
      c21 = t21
      c30 = t30
      c31 = t31
    }
  }
  const end = x + (<usize>steps << 7)
  while (x < end) {
    let x0 = v128.load(x)
    let x1 = v128.load(x, 16)
    let s = v128.load64_splat(y)
    c00 = madd(s, x0, c00)
    c01 = madd(s, x1, c01)
    s = v128.load64_splat(y, 8)
    c10 = madd(s, x0, c10)
    c11 = madd(s, x1, c11)
    s = v128.load64_splat(y, 16)
    c20 = madd(s, x0, c20)
    c21 = madd(s, x1, c21)
    s = v128.load64_splat(y, 24)
    c30 = madd(s, x0, c30)
    c31 = madd(s, x1, c31)
    x0 = v128.load(x, 32)
    x1 = v128.load(x, 48)
    s = v128.load64_splat(y, 32)
    c00 = madd(s, x0, c00)
    c01 = madd(s, x1, c01)
    s = v128.load64_splat(y, 40)
    c10 = madd(s, x0, c10)
    c11 = madd(s, x1, c11)
    s = v128.load64_splat(y, 48)
    c20 = madd(s, x0, c20)
    c21 = madd(s, x1, c21)
    s = v128.load64_splat(y, 56)
    c30 = madd(s, x0, c30)
    c31 = madd(s, x1, c31)
    x0 = v128.load(x, 64)
    x1 = v128.load(x, 80)
    s = v128.load64_splat(y, 64)
    c00 = madd(s, x0, c00)
    c01 = madd(s, x1, c01)
    s = v128.load64_splat(y, 72)
    c10 = madd(s, x0, c10)
    c11 = madd(s, x1, c11)
    s = v128.load64_splat(y, 80)
    c20 = madd(s, x0, c20)
    c21 = madd(s, x1, c21)
    s = v128.load64_splat(y, 88)
    c30 = madd(s, x0, c30)
    c31 = madd(s, x1, c31)
    x0 = v128.load(x, 96)
    x1 = v128.load(x, 112)
    s = v128.load64_splat(y, 96)
    c00 = madd(s, x0, c00)
    c01 = madd(s, x1, c01)
    s = v128.load64_splat(y, 104)
    c10 = madd(s, x0, c10)
    c11 = madd(s, x1, c11)
    s = v128.load64_splat(y, 112)
    c20 = madd(s, x0, c20)
    c21 = madd(s, x1, c21)
    s = v128.load64_splat(y, 120)
    c30 = madd(s, x0, c30)
    c31 = madd(s, x1, c31)
    x += TILE
    y += TILE
  }
  v128.store(to, c00)
  v128.store(to, c01, 16)
  v128.store(to, c10, 32)
  v128.store(to, c11, 48)
  v128.store(to, c20, 64)
  v128.store(to, c21, 80)
  v128.store(to, c30, 96)
  v128.store(to, c31, 112)
}

/** Four columns of the factor: column j <- (column j + sum_l<j L_jl column l) / sqrt(d_j). */
export function solveTile(tile: usize, pivot: usize): void {
  for (let half: usize = 0; half < 32; half += 16) {
    const at = tile + half
    const c0 = f64x2.mul(v128.load(at), v128.load64_splat(pivot))
    let c1 = madd(c0, v128.load64_splat(pivot, 8), v128.load(at, 32))
    c1 = f64x2.mul(c1, v128.load64_splat(pivot, 40))
    let c2 = madd(c0, v128.load64_splat(pivot, 16), v128.load(at, 64))
    c2 = madd(c1, v128.load64_splat(pivot, 48), c2)
    c2 = f64x2.mul(c2, v128.load64_splat(pivot, 80))
    let c3 = madd(c0, v128.load64_splat(pivot, 24), v128.load(at, 96))
    c3 = madd(c1, v128.load64_splat(pivot, 56), c3)
    c3 = madd(c2, v128.load64_splat(pivot, 88), c3)
    c3 = f64x2.mul(c3, v128.load64_splat(pivot, 120))
    v128.store(at, c0)
    v128.store(at, c1, 32)
    v128.store(at, c2, 64)
    v128.store(at, c3, 96)
  }
}

/**
 * Factor four pivots among themselves. `rest` holds for each the sum of its conductances to everything else, which
 * takes part as one further node: that sum is all the diagonal needs.
 * Leaves L_jl at (j, l), j > l, and 1 / sqrt(d_j) at (j, j).
 */
export function factorTile(tile: usize, rest: usize): void {
  for (let j: usize = 0; j < 4; j++) {
    const column = tile + (j << 5)
    let d = load<f64>(rest + (j << 3))
    for (let i = j + 1; i < 4; i++) d += load<f64>(column + (i << 3))
    const scale = 1 / sqrt<f64>(d)
    store<f64>(column + (j << 3), scale)
    const out = load<f64>(rest + (j << 3)) * scale
    for (let i = j + 1; i < 4; i++) {
      const l = load<f64>(column + (i << 3)) * scale
      store<f64>(column + (i << 3), l)
      store<f64>(rest + (i << 3), load<f64>(rest + (i << 3)) + l * out)
      for (let k = j + 1; k < i; k++) {
        const at = tile + (k << 5) + (i << 3)
        store<f64>(at, load<f64>(at) + l * load<f64>(column + (k << 3)))
      }
    }
  }
}

/** sums[j] <- sums[j] + sum over i of tile (i, j) */
// @ts-ignore: decorator
@inline
export function addColumnSums(sums: usize, tile: usize): void {
  for (let j: usize = 0; j < 4; j++) {
    const sum = bothLanes(f64x2.add(v128.load(tile + (j << 5)), v128.load(tile + (j << 5), 16)))
    store<f64>(sums + (j << 3), load<f64>(sums + (j << 3)) + sum)
  }
}

/** y[j] <- y[j] + sum over l of x[l] tile (j, l) */
// @ts-ignore: decorator
@inline
export function addTileTimes(y: usize, tile: usize, x: usize): void {
  let y0 = v128.load(y)
  let y1 = v128.load(y, 16)
  for (let l: usize = 0; l < 4; l++) {
    const s = v128.load64_splat(x + (l << 3))
    y0 = madd(s, v128.load(tile + (l << 5)), y0)
    y1 = madd(s, v128.load(tile + (l << 5), 16), y1)
  }
  v128.store(y, y0)
  v128.store(y, y1, 16)
}

/** x <- what `solveTile` does to a single row of four */
// @ts-ignore: decorator
@inline
export function solveRow(x: usize, pivot: usize): void {
  for (let j: usize = 0; j < 4; j++) {
    let s = load<f64>(x + (j << 3))
    for (let l: usize = 0; l < j; l++) s += load<f64>(x + (l << 3)) * load<f64>(pivot + (l << 5) + (j << 3))
    store<f64>(x + (j << 3), s * load<f64>(pivot + (j << 5) + (j << 3)))
  }
}
