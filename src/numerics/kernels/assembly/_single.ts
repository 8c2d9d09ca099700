// Four single-precision numbers at a time: a b + c, exp, tanh, sigmoid.

/** a b + c; fused in the relaxed build. */
// @ts-ignore: decorator
@inline
export function madd4(a: v128, b: v128, c: v128): v128 {
  if (RELAXED) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

/**
 * e^x for |x| <= 87: x = n ln 2 + r, e^r by a polynomial, 2^n by the exponent's bits. Relative error below 1e-7.
 * Source of the coefficients: Cephes, expf
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)))
  let r = madd4(n, f32x4.splat(-0.693359375), x)
  r = madd4(n, f32x4.splat(2.12194440e-4), r)
  let p = madd4(f32x4.splat(1.9875691500e-4), r, f32x4.splat(1.3981999507e-3))
  p = madd4(p, r, f32x4.splat(8.3334519073e-3))
  p = madd4(p, r, f32x4.splat(4.1665795894e-2))
  p = madd4(p, r, f32x4.splat(1.6666665459e-1))
  p = madd4(p, r, f32x4.splat(5.0000001201e-1))
  p = f32x4.add(madd4(p, f32x4.mul(r, r), r), f32x4.splat(1))
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23)
  return f32x4.mul(p, power)
}

/**
 * tanh x, relative error below 3e-7, absolute 1.2e-7: E / (E + 2) with E = e^2|x| - 1 = 2^n (e^r - 1) + (2^n - 1), which
 * cancels nothing, and the sign of x. Source of the coefficients: Cephes, expf
 */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const a = f32x4.pmin(f32x4.splat(10), f32x4.abs(x))
  const n = f32x4.nearest(f32x4.mul(a, f32x4.splat(2.88539008177792681)))
  let r = madd4(n, f32x4.splat(-0.693359375), f32x4.add(a, a))
  r = madd4(n, f32x4.splat(2.12194440e-4), r)
  let p = madd4(f32x4.splat(1.9875691500e-4), r, f32x4.splat(1.3981999507e-3))
  p = madd4(p, r, f32x4.splat(8.3334519073e-3))
  p = madd4(p, r, f32x4.splat(4.1665795894e-2))
  p = madd4(p, r, f32x4.splat(1.6666665459e-1))
  p = madd4(p, r, f32x4.splat(5.0000001201e-1))
  p = madd4(p, f32x4.mul(r, r), r)
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23)
  const e = madd4(p, power, f32x4.sub(power, f32x4.splat(1)))
  const y = f32x4.div(e, f32x4.add(e, f32x4.splat(2)))
  return v128.or(y, v128.and(x, i32x4.splat(0x80000000)))
}

/** 1 / (1 + e^-x) */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const a = f32x4.pmax(f32x4.splat(-80), f32x4.pmin(f32x4.splat(80), f32x4.neg(x)))
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp4(a)))
}

export const LINEAR: i32 = 0
export const TANH: i32 = 1
export const RELU: i32 = 2
export const SIGMOID: i32 = 3

// @ts-ignore: decorator
@inline
export function activate(which: i32, x: v128): v128 {
  if (which == TANH) return tanh4(x)
  if (which == RELU) return f32x4.max(x, f32x4.splat(0))
  if (which == SIGMOID) return sigmoid4(x)
  return x
}

/** The derivative, from what the activation gave. */
// @ts-ignore: decorator
@inline
export function slope(which: i32, y: v128): v128 {
  const one = f32x4.splat(1)
  if (which == TANH) return f32x4.sub(one, f32x4.mul(y, y))
  if (which == RELU) return v128.and(one, f32x4.gt(y, f32x4.splat(0)))
  if (which == SIGMOID) return f32x4.mul(y, f32x4.sub(one, y))
  return one
}
