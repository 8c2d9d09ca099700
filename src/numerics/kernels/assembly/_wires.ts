// What the kernel of wires works on: one crossbar's arrays and the factors of its lines.
//
// Arrays are row-major with an even stride, rows padded to an even number; padding conducts nothing. Word factors stand
// interleaved by pairs of rows, so that the recurrences along word lines run two rows a vector and four vectors at a time.
// All currents are in units of one word segment's conductance.
import { madd } from './_simd'

export let m: i32 = 0 // word lines
export let n: i32 = 0 // bit lines
export let pairs: i32 = 0 // pairs of word lines, the last one padded where m is odd
export let row: usize = 0 // bytes from one row to the next
export let ratio: f64 = 0 // bit segment / word segment
export let G: usize = 0 // devices
export let LB: usize = 0 // bit lines' factors
export let LW: usize = 0 // word lines' factors, interleaved
export let X: usize = 0 // word nodes
export let P: usize = 0 // direction
export let Z: usize = 0 // preconditioned residual
export let E: usize = 0 // bit lines' forward sweep, then preconditioned device currents, in place
export let T: usize = 0 // scratch of the word recurrences: 4 pairs
export let B: usize = 0 // one row: bit nodes of the row below
export let ZERO: usize = 0 // one row of zeros
export let LAST: usize = 0 // one row: last bit nodes of the direction
export let OUT: usize = 0 // one row: last bit nodes of the solution so far
export let RESULT: usize = 0 // scalars, see solve()

export function configure(
  words: i32, bits: i32, g: usize, lb: usize, lw: usize, x: usize, p: usize, z: usize, e: usize,
  t: usize, b: usize, zero: usize, last: usize, out: usize, result: usize,
): void {
  m = words
  n = bits
  pairs = (words + 1) >> 1
  row = <usize>((bits + 1) & ~1) << 3
  G = g
  LB = lb
  LW = lw
  X = x
  P = p
  Z = z
  E = e
  T = t
  B = b
  ZERO = zero
  LAST = last
  OUT = out
  RESULT = result
  memory.fill(ZERO, 0, row)
}

// @ts-ignore: decorator
@inline
export function sum2(a: v128): f64 {
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1)
}

// @ts-ignore: decorator
@inline
export function max2(a: v128): f64 {
  return max(f64x2.extract_lane(a, 0), f64x2.extract_lane(a, 1))
}

/**
 * Factors of all lines; the devices are scaled in place from siemens. Pivots are sums of positive numbers.
 *
 * @param unit   ohm of a word segment
 * @param kappa  bit segment / word segment
 * @param entry  words (padded): conductance of the driven end of each word line; 0 = floating
 * @param far    the same for the far end
 * @param exit   bits (padded): conductance of the sensed end of each bit line in units of its own segment; 0 = floating
 *
 * RESULT[0] least part of a unit voltage at the sensed end that reaches the other end of its bit line, devices held at
 * zero; [1] largest current of a bit line with all word nodes at one volt; [2] largest current of a word line;
 * [3] as [0] for the driven ends of the word lines.
 */
export function factor(unit: f64, kappa: f64, entry: usize, far: usize, exit: usize): void {
  ratio = kappa
  const scale = f64x2.splat(unit)
  const k = f64x2.splat(kappa)
  const one = f64x2.splat(1)
  const zero = f64x2.splat(0)
  let least = f64x2.splat(1)
  let largest = zero
  for (let j: usize = 0; j < row; j += 16) {
    v128.store(B + j, zero) // what a node sees behind it
    v128.store(LAST + j, one) // product of factors
  }
  for (let i = 0; i < m; i++) {
    const at = <usize>i * row
    const end = i == m - 1
    for (let j: usize = 0; j < row; j += 16) {
      const g = f64x2.mul(v128.load(G + at + j), scale)
      v128.store(G + at + j, g)
      const own = madd(k, g, v128.load(B + j))
      const ahead = end ? v128.load(exit + j) : one
      const pivot = f64x2.add(own, ahead)
      // A line that nothing feeds stays at zero volts.
      const inverse = v128.and(f64x2.div(one, pivot), f64x2.gt(pivot, zero))
      v128.store(LB + at + j, inverse)
      v128.store(B + j, f64x2.mul(f64x2.mul(own, ahead), inverse))
      v128.store(LAST + j, f64x2.mul(v128.load(LAST + j), f64x2.mul(ahead, inverse)))
    }
  }
  for (let j = 0; j < n; j++) {
    const at = <usize>j << 3
    least = f64x2.pmin(least, v128.load64_splat(LAST + at))
    largest = f64x2.pmax(largest, v128.load64_splat(B + at))
  }
  store<f64>(RESULT, min(f64x2.extract_lane(least, 0), f64x2.extract_lane(least, 1)))
  store<f64>(RESULT + 8, max2(largest) / kappa)

  let current = zero
  least = one
  const last = row - 16
  for (let q = 0; q < pairs; q++) {
    const r0 = G + <usize>(2 * q) * row
    const r1 = r0 + row
    const l = LW + <usize>q * (row << 1)
    let behind = v128.load(far + (<usize>q << 4))
    let reach = one
    let devices = zero
    if (n & 1) v128.store(l + (last << 1) + 16, zero)
    for (let j = n - 1; j >= 0; j--) {
      const at = <usize>j << 3
      const g = v128.load64_lane(r1 + at, v128.load64_splat(r0 + at), 1)
      devices = f64x2.add(devices, g)
      const own = f64x2.add(g, behind)
      const ahead = j == 0 ? v128.load(entry + (<usize>q << 4)) : one
      const pivot = f64x2.add(own, ahead)
      const inverse = v128.and(f64x2.div(one, pivot), f64x2.gt(pivot, zero))
      v128.store(l + (at << 1), inverse)
      behind = f64x2.mul(f64x2.mul(own, ahead), inverse)
      reach = f64x2.mul(reach, f64x2.mul(ahead, inverse))
    }
    if ((m & 1) && q == pairs - 1) reach = v128.shuffle<u64>(reach, reach, 0, 0)
    least = f64x2.pmin(least, reach)
    // Crossings feed no more than their devices carry; a driver at the far end is no crossing.
    current = f64x2.pmax(current, f64x2.pmin(behind, devices))
  }
  // The padded row of an odd number conducts nothing and stays at zero volts.
  if (m & 1) {
    const l = LW + <usize>(pairs - 1) * (row << 1)
    for (let j: usize = 0; j < row; j += 8) store<f64>(l + (j << 1) + 8, 0)
  }
  store<f64>(RESULT + 16, max2(current))
  store<f64>(RESULT + 24, min(f64x2.extract_lane(least, 0), f64x2.extract_lane(least, 1)))
}
