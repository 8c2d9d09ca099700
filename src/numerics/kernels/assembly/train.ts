// Soft-to-hard training in single precision, step by step; what each step means, and the same in plain TypeScript, is
// training/steps.ts and training/reference-steps.ts. The batch is padded to a multiple of eight; entries of the padding
// never reach a gradient, as their error is zero.
import { exp4, madd4, slope, tanh4 } from './_single'

export { backward, dense, gradient } from './_products'

/** q <- sum_i v_i tanh(h (a - t_i)); `rows` rows of `row` bytes. */
export function quantize(v: usize, t: usize, steps: i32, h: f32, a: usize, q: usize, rows: i32, row: usize): void {
  const k = f32x4.splat(h)
  const end = a + <usize>rows * row
  for (; a < end; a += 16, q += 16) {
    const x = v128.load(a)
    let s = f32x4.splat(0)
    for (let i = 0; i < steps; i++) {
      const at = <usize>i << 2
      const u = f32x4.mul(k, f32x4.sub(x, v128.load32_splat(t + at)))
      s = madd4(v128.load32_splat(v + at), tanh4(u), s)
    }
    v128.store(q, s)
  }
}

/**
 * dx <- d ((1 - blend) 1{|a| <= sum v} + blend sum_i v_i h sech^2(h (a - t_i))), times the slope of `which` at a;
 * gv_i <- sum d tanh(h (a - t_i)), gt_i <- -sum d v_i h sech^2(h (a - t_i)).
 */
export function quantizeBack(
  v: usize, t: usize, steps: i32, h: f32, blend: f32, a: usize, d: usize, dx: usize, gv: usize, gt: usize,
  rows: i32, row: usize, which: i32,
): void {
  const k = f32x4.splat(h)
  const one = f32x4.splat(1)
  const zero = f32x4.splat(0)
  const size = <usize>rows * row
  let range: f32 = 0
  for (let i = 0; i < steps; i++) range += load<f32>(v + (<usize>i << 2))
  const reach = f32x4.splat(range)
  const soft = f32x4.splat(blend)
  const through = f32x4.splat(<f32>1 - blend)
  // The straight-through part; then the soft part of each step, added in place.
  for (let p: usize = 0; p < size; p += 16)
    v128.store(dx + p, v128.and(through, f32x4.le(f32x4.abs(v128.load(a + p)), reach)))
  for (let i = 0; i < steps; i++) {
    const at = <usize>i << 2
    const shift = v128.load32_splat(t + at)
    const height = f32x4.mul(k, v128.load32_splat(v + at))
    let gains = zero
    let shifts = zero
    for (let p: usize = 0; p < size; p += 16) {
      const y = tanh4(f32x4.mul(k, f32x4.sub(v128.load(a + p), shift)))
      const e = v128.load(d + p)
      const steep = f32x4.mul(height, f32x4.sub(one, f32x4.mul(y, y)))
      gains = madd4(e, y, gains)
      shifts = madd4(e, steep, shifts)
      v128.store(dx + p, madd4(soft, steep, v128.load(dx + p)))
    }
    store<f32>(gv + at, total(gains))
    store<f32>(gt + at, -total(shifts))
  }
  for (let p: usize = 0; p < size; p += 16)
    v128.store(dx + p, f32x4.mul(f32x4.mul(v128.load(d + p), v128.load(dx + p)), slope(which, v128.load(a + p))))
}

// @ts-ignore: decorator
@inline
function total(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
}

/** Adam on n numbers, n a multiple of four. `fast` and `slow` are 1 - beta^k. Source: Kingma and Ba, algorithm 1 */
export function adam(
  p: usize, g: usize, m: usize, s: usize, n: i32, rate: f32, beta1: f32, beta2: f32, fast: f32, slow: f32, epsilon: f32,
): void {
  const b1 = f32x4.splat(beta1)
  const b2 = f32x4.splat(beta2)
  const c1 = f32x4.splat(<f32>1 - beta1)
  const c2 = f32x4.splat(<f32>1 - beta2)
  const step = f32x4.splat(rate / fast)
  const scale = f32x4.splat(<f32>1 / slow)
  const eps = f32x4.splat(epsilon)
  const bytes = <usize>n << 2
  for (let k: usize = 0; k < bytes; k += 16) {
    const grad = v128.load(g + k)
    const first = madd4(b1, v128.load(m + k), f32x4.mul(c1, grad))
    const second = madd4(b2, v128.load(s + k), f32x4.mul(c2, f32x4.mul(grad, grad)))
    v128.store(m + k, first)
    v128.store(s + k, second)
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(second, scale)), eps)
    v128.store(p + k, f32x4.sub(v128.load(p + k), f32x4.div(f32x4.mul(step, first), root)))
  }
}

/**
 * Squared errors: d <- factor (y - x), zero in the padding; `rows` rows of `row` bytes.
 *
 * @param mask  one row: 1, or 0 in the padding
 * @returns     sum of (y - x)^2 without the padding
 */
export function squares(y: usize, x: usize, d: usize, rows: i32, row: usize, mask: usize, factor: f32): f64 {
  const k = f32x4.splat(factor)
  let sum = f64x2.splat(0)
  for (let r = 0; r < rows; r++)
    for (let b: usize = 0; b < row; b += 16) {
      const p = <usize>r * row + b
      const e = f32x4.mul(v128.load(mask + b), f32x4.sub(v128.load(y + p), v128.load(x + p)))
      v128.store(d + p, f32x4.mul(k, e))
      const s = f32x4.mul(e, e)
      const high = v128.shuffle<i32>(s, s, 2, 3, 0, 1)
      sum = f64x2.add(sum, f64x2.add(f64x2.promote_low_f32x4(s), f64x2.promote_low_f32x4(high)))
    }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
}

/**
 * Class probabilities and their error: p <- softmax of each column of y; d <- factor (p - target), zero in the padding.
 *
 * @param target  rows x batch: 1 at the class of each vector, else 0
 */
export function softmax(
  y: usize, target: usize, p: usize, d: usize, rows: i32, row: usize, mask: usize, factor: f32,
): void {
  const k = f32x4.splat(factor)
  const size = <usize>rows * row
  for (let b: usize = 0; b < row; b += 16) {
    let most = v128.load(y + b)
    for (let at = row; at < size; at += row) most = f32x4.max(most, v128.load(y + at + b))
    let sum = f32x4.splat(0)
    for (let at: usize = 0; at < size; at += row) {
      // What is 80 below the largest counts for nothing.
      const e = exp4(f32x4.pmax(f32x4.splat(-80), f32x4.sub(v128.load(y + at + b), most)))
      v128.store(p + at + b, e)
      sum = f32x4.add(sum, e)
    }
    const scale = v128.load(mask + b)
    for (let at: usize = 0; at < size; at += row) {
      const q = f32x4.div(v128.load(p + at + b), sum)
      v128.store(p + at + b, q)
      v128.store(d + at + b, f32x4.mul(f32x4.mul(k, scale), f32x4.sub(q, v128.load(target + at + b))))
    }
  }
}

/** g <- g + other, n a multiple of four. */
export function accumulate(g: usize, other: usize, n: i32): void {
  const bytes = <usize>n << 2
  for (let k: usize = 0; k < bytes; k += 16) v128.store(g + k, f32x4.add(v128.load(g + k), v128.load(other + k)))
}
