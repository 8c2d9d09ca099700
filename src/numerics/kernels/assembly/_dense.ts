// Tiles of 4 x 4 doubles, 128 bytes: element (i, j) at 8 (4 j + i). A strip is a row of tiles one after the other, so
// strip I holds X[i, k] for four i and every k in the order in which a product reads it.
//
// All matrices here are conductances between nodes: symmetric, no diagonal kept (what stands there is never read),
// every entry >= 0. Eliminating a node adds c_ik c_jk / sum_l c_lk to c_ij, so nothing is ever subtracted.
import { madd } from './_simd'

export const TILE: usize = 128

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
  tile(to, from, turn, x, y, steps, 0)
}

/**
 * Four columns of the factor: after the product, column j <- (column j + sum_l<j L_jl column l) / sqrt(d_j).
 *
 * @param pivot  what `factorTile` left
 */
export function panelTile(to: usize, x: usize, y: usize, steps: i32, pivot: usize): void {
  tile(to, to, false, x, y, steps, pivot)
}

// @ts-ignore: decorator
@inline
function tile(to: usize, from: usize, turn: bool, x: usize, y: usize, steps: i32, pivot: usize): void {
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
  if (pivot != 0) {
    let s = v128.load64_splat(pivot)
    c00 = f64x2.mul(s, c00)
    c01 = f64x2.mul(s, c01)
    s = v128.load64_splat(pivot, 8)
    c10 = madd(s, c00, c10)
    c11 = madd(s, c01, c11)
    s = v128.load64_splat(pivot, 16)
    c20 = madd(s, c00, c20)
    c21 = madd(s, c01, c21)
    s = v128.load64_splat(pivot, 24)
    c30 = madd(s, c00, c30)
    c31 = madd(s, c01, c31)
    s = v128.load64_splat(pivot, 40)
    c10 = f64x2.mul(s, c10)
    c11 = f64x2.mul(s, c11)
    s = v128.load64_splat(pivot, 48)
    c20 = madd(s, c10, c20)
    c21 = madd(s, c11, c21)
    s = v128.load64_splat(pivot, 56)
    c30 = madd(s, c10, c30)
    c31 = madd(s, c11, c31)
    s = v128.load64_splat(pivot, 80)
    c20 = f64x2.mul(s, c20)
    c21 = f64x2.mul(s, c21)
    s = v128.load64_splat(pivot, 88)
    c30 = madd(s, c20, c30)
    c31 = madd(s, c21, c31)
    s = v128.load64_splat(pivot, 120)
    c30 = f64x2.mul(s, c30)
    c31 = f64x2.mul(s, c31)
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

/**
 * Factor four pivots among themselves. `rest` holds for each the sum of its conductances to everything else, which
 * takes part as one further node: that sum is all the diagonal needs.
 * Leaves L_jl at (j, l), j > l, and 1 / sqrt(d_j) at (j, j).
 */
export function factorTile(tile: usize, rest: usize): void {
  const a10 = load<f64>(tile, 8)
  const a20 = load<f64>(tile, 16)
  const a30 = load<f64>(tile, 24)
  let a21 = load<f64>(tile, 48)
  let a31 = load<f64>(tile, 56)
  let a32 = load<f64>(tile, 88)
  const r0 = load<f64>(rest)
  let r1 = load<f64>(rest, 8)
  let r2 = load<f64>(rest, 16)
  let r3 = load<f64>(rest, 24)
  // The square roots are kept off the path from one pivot to the next.
  let d = 1 / (a10 + a20 + (a30 + r0))
  let s = sqrt<f64>(d)
  store<f64>(tile, s)
  store<f64>(tile, a10 * s, 8)
  store<f64>(tile, a20 * s, 16)
  store<f64>(tile, a30 * s, 24)
  let p = a10 * d
  let q = a20 * d
  a21 += p * a20
  a31 += p * a30
  r1 += p * r0
  a32 += q * a30
  r2 += q * r0
  r3 += a30 * d * r0
  d = 1 / (a21 + a31 + r1)
  s = sqrt<f64>(d)
  store<f64>(tile, s, 40)
  store<f64>(tile, a21 * s, 48)
  store<f64>(tile, a31 * s, 56)
  p = a21 * d
  q = a31 * d
  a32 += p * a31
  r2 += p * r1
  r3 += q * r1
  d = 1 / (a32 + r2)
  s = sqrt<f64>(d)
  store<f64>(tile, s, 80)
  store<f64>(tile, a32 * s, 88)
  r3 += a32 * d * r2
  store<f64>(tile, sqrt<f64>(1 / r3), 120)
}

/** sums[j] <- sums[j] + sum over i of tile (i, j) */
// @ts-ignore: decorator
@inline
export function addColumnSums(sums: usize, tile: usize): void {
  for (let half: usize = 0; half < 2; half++) {
    const at = tile + (half << 6)
    const p = f64x2.add(v128.load(at), v128.load(at, 16))
    const q = f64x2.add(v128.load(at, 32), v128.load(at, 48))
    const both = f64x2.add(v128.shuffle<f64>(p, q, 0, 2), v128.shuffle<f64>(p, q, 1, 3))
    const to = sums + (half << 4)
    v128.store(to, f64x2.add(v128.load(to), both))
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

/** x <- what `panelTile` does to a single row of four */
// @ts-ignore: decorator
@inline
export function solveRow(x: usize, pivot: usize): void {
  const x0 = load<f64>(x) * load<f64>(pivot)
  const x1 = (load<f64>(x, 8) + x0 * load<f64>(pivot, 8)) * load<f64>(pivot, 40)
  const x2 = (load<f64>(x, 16) + x0 * load<f64>(pivot, 16) + x1 * load<f64>(pivot, 48)) * load<f64>(pivot, 80)
  const x3 =
    (load<f64>(x, 24) + x0 * load<f64>(pivot, 24) + x1 * load<f64>(pivot, 56) + x2 * load<f64>(pivot, 88)) *
    load<f64>(pivot, 120)
  store<f64>(x, x0)
  store<f64>(x, x1, 8)
  store<f64>(x, x2, 16)
  store<f64>(x, x3, 24)
}
