/**
 * log, cos(2 pi u), exp and tanh from + - * / sqrt and bit operations only: the same bits on every machine and, operation
 * for operation, in the WebAssembly kernels (kernels/assembly/_elementary.ts). Math.* gives neither.
 *
 * Errors are below 1e-15 relative. Polynomials interpolate at Chebyshev nodes in 60 digits; their own error is below 6e-18.
 */

const { LN2, LOG2E } = Math
/** Adding it rounds to a whole number, ties to even, that stands in the low bits. */
const ROUNDER = 6755399441055744
/** The same with the exponent's bias: the low bits are those of 2^n. */
const BIASED_ROUNDER = ROUNDER + 1023

const number = new Float64Array(1)
const halves = new Uint32Array(number.buffer)

const SQRT_HALF_HIGH = 0x3fe6a09e

/**
 * Natural logarithm.
 *
 * ln x = k ln 2 + 2 atanh(s), s = (m - 1) / (m + 1), x = 2^k m, m within a factor sqrt 2 of 1.
 *
 * @param x  a normal number, 2^-1022 <= x < infinity
 */
export function log(x: number): number {
  number[0] = x
  const shifted = (halves[1]! + (0x3ff00000 - SQRT_HALF_HIGH)) >>> 0
  const k = (shifted >>> 20) - 1023
  halves[1] = (shifted & 0xfffff) + SQRT_HALF_HIGH
  const m = number[0]!
  const s = (m - 1) / (m + 1)
  const z = s * s
  let p = 0.146167211662876
  p = p * z + 0.15331699634642276
  p = p * z + 0.1818288978615799
  p = p * z + 0.22222211125723262
  p = p * z + 0.28571428626031065
  p = p * z + 0.3999999999989938
  p = p * z + 0.666666666666667
  return k * LN2 + s * (p * z + 2)
}

/**
 * cos(2 pi u) = -sin(2 pi t), t = 1/4 - |u - 1/2|.
 *
 * @param u  0 <= u <= 1; relative to the result, exact to 1e-15 at multiples of 2^-53, absolutely elsewhere
 */
export function cosTwoPi(u: number): number {
  const t = Math.abs(u - 0.5) - 0.25
  const z = t * t
  let p = 0.10089695501646812
  p = p * z + -0.7177337921413454
  p = p * z + 3.8199280942271643
  p = p * z + -15.0946416761179
  p = p * z + 42.058693925428685
  p = p * z + -76.70585975282492
  p = p * z + 81.60524927607362
  p = p * z + -41.341702240399755
  p = p * z + 6.283185307179586
  return p * t
}

/** r coth(r / 2), |r| <= ln 2 / 2: exp(r) = (c + r) / (c - r), tanh(r / 2) = r / c. */
function halfAngle(r: number): number {
  const z = r * r
  let p = 4.1437662804024295e-8
  p = p * z + -1.6534060033836456e-6
  p = p * z + 6.613756471622828e-5
  p = p * z + -0.0027777777777564404
  p = p * z + 0.1666666666666666
  return p * z + 2
}

/** 2^k, k = -600 .. 600. */
const POWERS = Float64Array.from({ length: 1201 }, (_, i) => 2 ** (i - 600))

/** 33 bits of ln 2, and the rest. */
const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10

/** exp(x): 0 below -745.2, Infinity above 709.8. */
export function exp(x: number): number {
  let a = 710 < x ? 710 : x
  a = a < -746 ? -746 : a
  const n = a * LOG2E + ROUNDER - ROUNDER
  const high = a - n * LN2_HIGH
  const low = n * LN2_LOW
  const r = high - low
  const c = halfAngle(r)
  // 1 + 2 r / (c - r)
  const y = 1 + (r + r) / (c - r)
  const half = Math.floor(n * 0.5)
  return y * POWERS[half + 600]! * POWERS[n - half + 600]!
}

/**
 * tanh(x), odd to the last bit, within [-1, 1].
 *
 * With 2 |x| = n ln 2 + r, s = 2^n, c = r coth(r / 2): tanh |x| = ((s - 1) c + (s + 1) r) / ((s + 1) c + (s - 1) r), the
 * addition theorem; one division, and no difference of close numbers.
 */
export function tanh(x: number): number {
  let a = Math.abs(x)
  a = 20 < a ? 20 : a
  const y = a + a
  const n = y * LOG2E + BIASED_ROUNDER - BIASED_ROUNDER
  const r = y - n * LN2
  const c = halfAngle(r)
  const s = POWERS[n + 600]!
  const less = s - 1
  const more = s + 1
  let q = (less * c + more * r) / (more * c + less * r)
  q = 1 < q ? 1 : q
  return x < 0 ? -q : x === 0 ? x : q
}

/** 1 / (1 + exp(-x)). */
export function sigmoid(x: number): number {
  return 1 / (1 + exp(-x))
}
