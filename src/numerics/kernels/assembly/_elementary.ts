// Operation for operation the functions of src/numerics/elementary.ts, two numbers at a time. No fused multiply-add in
// either build: draws and codes have the same bits everywhere. Constants stand in memory: a load folds into one
// instruction, a 128-bit constant costs four.

const LOG = memory.data<f64>([
  0.146167211662876, 0.15331699634642276, 0.1818288978615799, 0.22222211125723262, 0.28571428626031065,
  0.3999999999989938, 0.666666666666667, 2, 0.6931471805599453, 4503599627371519 /* 2^52 + 1023 */,
])
const COS = memory.data<f64>([
  0.10089695501646812, -0.7177337921413454, 3.8199280942271643, -15.0946416761179, 42.058693925428685,
  -76.70585975282492, 81.60524927607362, -41.341702240399755, 6.283185307179586, 0.5, 0.25,
])
const ANGLE = memory.data<f64>([
  4.1437662804024295e-8, -1.6534060033836456e-6, 6.613756471622828e-5, -0.0027777777777564404, 0.1666666666666666, 2,
])
// 20, log2 e, 1.5 2^52 + 1023, ln 2, 1
const TANH = memory.data<f64>([20, 1.4426950408889634, 6755399441056767, 0.6931471805599453, 1])
// ends, log2 e, 1.5 2^52, ln 2 in two parts
const EXP = memory.data<f64>([
  710, -746, 1.4426950408889634, 6755399441055744, 0.6931471803691238, 1.9082149292705877e-10,
])
// magnitude, sign, mantissa; (1.0 - sqrt 1/2) and sqrt 1/2 as high words; 2^52; 1023
const BITS = memory.data<i64>([
  0x7fffffffffffffff, 0x8000000000000000, 0x000fffffffffffff, 0x00095f6200000000, 0x3fe6a09e00000000,
  0x4330000000000000, 1023,
])

// @ts-ignore: decorator
@inline
function at(table: usize, index: usize): v128 {
  return v128.load64_splat(table + (index << 3))
}

/** p z + table[index] */
// @ts-ignore: decorator
@inline
function step(p: v128, z: v128, table: usize, index: usize): v128 {
  return f64x2.add(f64x2.mul(p, z), at(table, index))
}

/** Natural logarithm of normal numbers. */
// @ts-ignore: decorator
@inline
export function log(x: v128): v128 {
  // The low words carry nothing into the high ones, so the sums agree with those on high words alone.
  const shifted = i64x2.add(x, at(BITS, 3))
  const k = f64x2.sub(v128.or(i64x2.shr_u(shifted, 52), at(BITS, 5)), at(LOG, 9))
  const m = i64x2.add(v128.and(shifted, at(BITS, 2)), at(BITS, 4))
  const one = at(TANH, 4)
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one))
  const z = f64x2.mul(s, s)
  let p = step(at(LOG, 0), z, LOG, 1)
  p = step(p, z, LOG, 2)
  p = step(p, z, LOG, 3)
  p = step(p, z, LOG, 4)
  p = step(p, z, LOG, 5)
  p = step(p, z, LOG, 6)
  p = step(p, z, LOG, 7)
  return f64x2.add(f64x2.mul(k, at(LOG, 8)), f64x2.mul(s, p))
}

/** cos(2 pi u), 0 <= u <= 1. */
// @ts-ignore: decorator
@inline
export function cosTwoPi(u: v128): v128 {
  const t = f64x2.sub(v128.and(f64x2.sub(u, at(COS, 9)), at(BITS, 0)), at(COS, 10))
  const z = f64x2.mul(t, t)
  let p = step(at(COS, 0), z, COS, 1)
  p = step(p, z, COS, 2)
  p = step(p, z, COS, 3)
  p = step(p, z, COS, 4)
  p = step(p, z, COS, 5)
  p = step(p, z, COS, 6)
  p = step(p, z, COS, 7)
  p = step(p, z, COS, 8)
  return f64x2.mul(p, t)
}

/** r coth(r / 2) */
// @ts-ignore: decorator
@inline
function halfAngle(r: v128): v128 {
  const z = f64x2.mul(r, r)
  let p = step(at(ANGLE, 0), z, ANGLE, 1)
  p = step(p, z, ANGLE, 2)
  p = step(p, z, ANGLE, 3)
  p = step(p, z, ANGLE, 4)
  return step(p, z, ANGLE, 5)
}

/** 2^n from the whole number n in the low bits of each lane. */
// @ts-ignore: decorator
@inline
function power(n: v128): v128 {
  return i64x2.shl(i64x2.add(n, at(BITS, 6)), 52)
}

/** exp(x), 0 and infinity at the ends. */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  const a = f64x2.pmax(f64x2.pmin(x, at(EXP, 0)), at(EXP, 1))
  const whole = f64x2.add(f64x2.mul(a, at(EXP, 2)), at(EXP, 3))
  const n = f64x2.sub(whole, at(EXP, 3))
  const high = f64x2.sub(a, f64x2.mul(n, at(EXP, 4)))
  const r = f64x2.sub(high, f64x2.mul(n, at(EXP, 5)))
  const c = halfAngle(r)
  const y = f64x2.add(at(TANH, 4), f64x2.div(f64x2.add(r, r), f64x2.sub(c, r)))
  // Two factors: 2^n alone leaves the range of doubles at the ends.
  const half = i32x4.shr_s(whole, 1)
  return f64x2.mul(f64x2.mul(y, power(half)), power(i64x2.sub(whole, half)))
}

/** tanh(x). */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  const one = at(TANH, 4)
  const a = f64x2.pmin(v128.and(x, at(BITS, 0)), at(TANH, 0))
  const y = f64x2.add(a, a)
  const whole = f64x2.add(f64x2.mul(y, at(TANH, 1)), at(TANH, 2))
  const n = f64x2.sub(whole, at(TANH, 2))
  const r = f64x2.sub(y, f64x2.mul(n, at(TANH, 3)))
  const c = halfAngle(r)
  const s = i64x2.shl(whole, 52)
  const less = f64x2.sub(s, one)
  const more = f64x2.add(s, one)
  const q = f64x2.div(
    f64x2.add(f64x2.mul(less, c), f64x2.mul(more, r)),
    f64x2.add(f64x2.mul(more, c), f64x2.mul(less, r)),
  )
  return v128.or(f64x2.pmin(q, one), v128.and(x, at(BITS, 1)))
}

/**
 * gain tanh + offset of four numbers, to z: constants are loaded once for two registers.
 *
 * With gain 1 and offset -0 the value of `tanh`, bit for bit.
 */
// @ts-ignore: decorator
@inline
export function tanhTwice(x0: v128, x1: v128, gain: v128, offset: v128, z: usize): void {
  const one = at(TANH, 4)
  let c = at(BITS, 0)
  let d = at(TANH, 0)
  let y0 = f64x2.pmin(v128.and(x0, c), d)
  let y1 = f64x2.pmin(v128.and(x1, c), d)
  y0 = f64x2.add(y0, y0)
  y1 = f64x2.add(y1, y1)
  c = at(TANH, 1)
  d = at(TANH, 2)
  const k0 = f64x2.add(f64x2.mul(y0, c), d)
  const k1 = f64x2.add(f64x2.mul(y1, c), d)
  c = at(TANH, 3)
  const r0 = f64x2.sub(y0, f64x2.mul(f64x2.sub(k0, d), c))
  const r1 = f64x2.sub(y1, f64x2.mul(f64x2.sub(k1, d), c))
  const z0 = f64x2.mul(r0, r0)
  const z1 = f64x2.mul(r1, r1)
  c = at(ANGLE, 0)
  d = at(ANGLE, 1)
  let p0 = f64x2.add(f64x2.mul(c, z0), d)
  let p1 = f64x2.add(f64x2.mul(c, z1), d)
  c = at(ANGLE, 2)
  p0 = f64x2.add(f64x2.mul(p0, z0), c)
  p1 = f64x2.add(f64x2.mul(p1, z1), c)
  c = at(ANGLE, 3)
  p0 = f64x2.add(f64x2.mul(p0, z0), c)
  p1 = f64x2.add(f64x2.mul(p1, z1), c)
  c = at(ANGLE, 4)
  p0 = f64x2.add(f64x2.mul(p0, z0), c)
  p1 = f64x2.add(f64x2.mul(p1, z1), c)
  c = at(ANGLE, 5)
  p0 = f64x2.add(f64x2.mul(p0, z0), c)
  p1 = f64x2.add(f64x2.mul(p1, z1), c)
  const s0 = i64x2.shl(k0, 52)
  const s1 = i64x2.shl(k1, 52)
  const less0 = f64x2.sub(s0, one)
  const less1 = f64x2.sub(s1, one)
  const more0 = f64x2.add(s0, one)
  const more1 = f64x2.add(s1, one)
  const top0 = f64x2.add(f64x2.mul(less0, p0), f64x2.mul(more0, r0))
  const top1 = f64x2.add(f64x2.mul(less1, p1), f64x2.mul(more1, r1))
  const q0 = f64x2.div(top0, f64x2.add(f64x2.mul(more0, p0), f64x2.mul(less0, r0)))
  const q1 = f64x2.div(top1, f64x2.add(f64x2.mul(more1, p1), f64x2.mul(less1, r1)))
  c = at(BITS, 1)
  const t0 = v128.or(f64x2.pmin(q0, one), v128.and(x0, c))
  const t1 = v128.or(f64x2.pmin(q1, one), v128.and(x1, c))
  v128.store(z, f64x2.add(f64x2.mul(gain, t0), offset))
  v128.store(z, f64x2.add(f64x2.mul(gain, t1), offset), 16)
}

/** 1 / (1 + exp(-x)). */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const one = at(TANH, 4)
  return f64x2.div(one, f64x2.add(one, exp(v128.xor(x, at(BITS, 1)))))
}
