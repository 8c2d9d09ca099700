// Dense layers on many vectors at a time: two vectors in a register, feature after feature in memory, so that every sum
// runs over its inputs in the order of src/numerics/matrix.ts `affine` and has its bits.
import { sigmoid, tanh, tanhTwice } from './_elementary'
import { madd } from './_simd'

/** vectors x features, row by row, to features x stride. */
export function gather(vectors: i32, features: i32, stride: i32, from: usize, to: usize): void {
  const row = <usize>features << 3
  for (let i = 0; i < features; i++) {
    let source = from + (<usize>i << 3)
    let target = to + ((<usize>i * <usize>stride) << 3)
    for (let v = 0; v < vectors; v++) {
      store<f64>(target, load<f64>(source))
      source += row
      target += 8
    }
  }
}

/** features x stride to vectors x features. */
export function scatter(vectors: i32, features: i32, stride: i32, from: usize, to: usize): void {
  const row = <usize>features << 3
  for (let i = 0; i < features; i++) {
    let source = from + ((<usize>i * <usize>stride) << 3)
    let target = to + (<usize>i << 3)
    for (let v = 0; v < vectors; v++) {
      store<f64>(target, load<f64>(source))
      source += 8
      target += row
    }
  }
}

/** What a sum starts at: `start`, or that added to what stands there. */
// @ts-ignore: decorator
@inline
function begin(start: usize, z: usize, add: i32): v128 {
  const s = v128.load64_splat(start)
  return add != 0 ? f64x2.add(v128.load(z), s) : s
}

// @ts-ignore: decorator
@inline
function fourOutputs(inputs: i32, w: usize, wordRow: usize, start: usize, add: i32, x: usize, z: usize, row: usize): void {
  let a0 = begin(start, z, add)
  let a1 = begin(start, z + 16, add)
  let b0 = begin(start + 8, z + row, add)
  let b1 = begin(start + 8, z + row + 16, add)
  let c0 = begin(start + 16, z + 2 * row, add)
  let c1 = begin(start + 16, z + 2 * row + 16, add)
  let d0 = begin(start + 24, z + 3 * row, add)
  let d1 = begin(start + 24, z + 3 * row + 16, add)
  let wb = w + wordRow
  let wc = wb + wordRow
  let wd = wc + wordRow
  const last = w + (<usize>inputs << 3)
  while (w < last) {
    const x0 = v128.load(x)
    const x1 = v128.load(x, 16)
    const a = v128.load64_splat(w)
    a0 = madd(a, x0, a0)
    a1 = madd(a, x1, a1)
    const b = v128.load64_splat(wb)
    b0 = madd(b, x0, b0)
    b1 = madd(b, x1, b1)
    const c = v128.load64_splat(wc)
    c0 = madd(c, x0, c0)
    c1 = madd(c, x1, c1)
    const d = v128.load64_splat(wd)
    d0 = madd(d, x0, d0)
    d1 = madd(d, x1, d1)
    x += row
    w += 8
    wb += 8
    wc += 8
    wd += 8
  }
  v128.store(z, a0)
  v128.store(z, a1, 16)
  v128.store(z + row, b0)
  v128.store(z + row, b1, 16)
  v128.store(z + 2 * row, c0)
  v128.store(z + 2 * row, c1, 16)
  v128.store(z + 3 * row, d0)
  v128.store(z + 3 * row, d1, 16)
}

// @ts-ignore: decorator
@inline
function oneOutput(inputs: i32, w: usize, start: usize, add: i32, x: usize, z: usize, row: usize): void {
  let a0 = begin(start, z, add)
  let a1 = begin(start, z + 16, add)
  const last = w + (<usize>inputs << 3)
  while (w < last) {
    const a = v128.load64_splat(w)
    a0 = madd(a, v128.load(x), a0)
    a1 = madd(a, v128.load(x, 16), a1)
    x += row
    w += 8
  }
  v128.store(z, a0)
  v128.store(z, a1, 16)
}

/**
 * z = start + W x, or z + start + W x with `add`.
 *
 * @param stride  vectors, a multiple of 4: x is inputs x stride, z outputs x stride
 * @param w       outputs rows of inputs numbers, `wordStride` numbers apart
 * @param start   one number an output
 */
export function affine(
  outputs: i32,
  inputs: i32,
  stride: i32,
  w: usize,
  wordStride: i32,
  start: usize,
  add: i32,
  x: usize,
  z: usize,
): void {
  const row = <usize>stride << 3
  const wordRow = <usize>wordStride << 3
  let o = 0
  for (; o + 4 <= outputs; o += 4) {
    for (let v: usize = 0; v < row; v += 32) fourOutputs(inputs, w, wordRow, start, add, x + v, z + v, row)
    w += wordRow << 2
    start += 32
    z += row << 2
  }
  for (; o < outputs; o++) {
    for (let v: usize = 0; v < row; v += 32) oneOutput(inputs, w, start, add, x + v, z + v, row)
    w += wordRow
    start += 8
    z += row
  }
}

/** 0 linear, 1 tanh, 2 relu, 3 sigmoid. */
// @ts-ignore: decorator
@inline
function activated(kind: i32, x: v128): v128 {
  if (kind == 1) return tanh(x)
  if (kind == 2) return f64x2.max(x, f64x2.splat(0))
  if (kind == 3) return sigmoid(x)
  return x
}

/** An activation on n numbers, n a multiple of 4, in place. */
export function activate(kind: i32, n: i32, z: usize): void {
  const end = z + (<usize>n << 3)
  if (kind == 1)
    for (; z < end; z += 32) tanhTwice(v128.load(z), v128.load(z, 16), f64x2.splat(1), f64x2.splat(-0.0), z)
  else if (kind != 0) for (; z < end; z += 16) v128.store(z, activated(kind, v128.load(z)))
}

/** Squares of drive voltages as noise counts them: 0 x^2, 1 scale |x|. */
export function noiseDrive(kind: i32, n: i32, scale: f64, x: usize, out: usize): void {
  const s = f64x2.splat(scale)
  for (const end = x + (<usize>n << 3); x < end; x += 16) {
    const v = v128.load(x)
    v128.store(out, kind == 0 ? f64x2.mul(v, v) : f64x2.mul(s, f64x2.abs(v)))
    out += 16
  }
}

/** z <- z + sqrt(variance) normal */
export function addNoise(n: i32, variance: usize, normal: usize, z: usize): void {
  for (const end = z + (<usize>n << 3); z < end; z += 16) {
    v128.store(z, f64x2.add(v128.load(z), f64x2.mul(f64x2.sqrt(v128.load(variance)), v128.load(normal))))
    variance += 16
    normal += 16
  }
}

/** total <- total + weight part */
export function addWeighted(n: i32, weight: f64, part: usize, total: usize): void {
  const w = f64x2.splat(weight)
  for (const end = total + (<usize>n << 3); total < end; total += 16) {
    v128.store(total, f64x2.add(v128.load(total), f64x2.mul(w, v128.load(part))))
    part += 16
  }
}

/** z <- gain z + offset, held within +-most. @returns how many of the first `vectors` met that */
function amplify(vectors: i32, stride: i32, gain: v128, offset: v128, most: v128, z: usize): i32 {
  const sign = f64x2.splat(-0.0)
  let met = 0
  for (let v = 0; v < stride; v += 2) {
    const y = f64x2.add(f64x2.mul(gain, v128.load(z)), offset)
    const over = f64x2.gt(f64x2.abs(y), most)
    v128.store(z, v128.bitselect(v128.or(most, v128.and(y, sign)), y, over))
    const counted = v + 2 <= vectors ? 3 : v + 1 == vectors ? 1 : 0
    met += popcnt(i64x2.bitmask(over) & counted)
    z += 16
  }
  return met
}

/**
 * Amplifier and activation stage in place: z = gain i + offset, held within +-limit; outGain f(z / unit) + outOffset.
 *
 * @param vectors  that count; `stride` of them, a multiple of 4, are computed
 * @param numbers  gain, offset, outGain, outOffset of each output
 * @param kind     of the activation, as `activate`
 * @returns        how many of the counted ones met the limit
 */
export function periphery(
  outputs: i32,
  vectors: i32,
  stride: i32,
  numbers: usize,
  limit: f64,
  unit: f64,
  kind: i32,
  z: usize,
): i32 {
  const most = f64x2.splat(limit)
  const per = f64x2.splat(unit)
  const limited = limit < Infinity
  let met = 0
  for (let o = 0; o < outputs; o++) {
    const gain = v128.load64_splat(numbers)
    const offset = v128.load64_splat(numbers, 8)
    const outGain = v128.load64_splat(numbers, 16)
    const outOffset = v128.load64_splat(numbers, 24)
    if (limited) met += amplify(vectors, stride, gain, offset, most, z)
    const end = z + (<usize>stride << 3)
    if (kind == 1)
      for (; z < end; z += 32) {
        const x0 = limited ? v128.load(z) : f64x2.add(f64x2.mul(gain, v128.load(z)), offset)
        const x1 = limited ? v128.load(z, 16) : f64x2.add(f64x2.mul(gain, v128.load(z, 16)), offset)
        tanhTwice(f64x2.div(x0, per), f64x2.div(x1, per), outGain, outOffset, z)
      }
    else
      for (; z < end; z += 16) {
        const x = limited ? v128.load(z) : f64x2.add(f64x2.mul(gain, v128.load(z)), offset)
        v128.store(z, f64x2.add(f64x2.mul(outGain, activated(kind, f64x2.div(x, per))), outOffset))
      }
    numbers += 32
  }
  return met
}
