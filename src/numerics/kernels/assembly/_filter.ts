// Encoder layers in float32, four vectors in a register: codes wherever a channel is further from every threshold than
// the error bound of src/deployment/encode-filter.ts, and a list of the vectors where one is not.
import { madd4 } from './_single'

/** tanh x = x P(x^2) / Q(x^2), minimax up to 8: numerator from the highest power down, then denominator, then 8. */
const TANH = memory.data<f32>([
  -6.0200240348251555e-9, 7.083469881763449e-6, 0.002684498205780983, 0.12699784338474274, 0.9999990463256836,
  0.0001952994498424232, 0.02279740385711193, 0.46032777428627014, 1, 8,
])
const SIGN = memory.data<i32>([0x7fffffff, <i32>0x80000000])

// @ts-ignore: decorator
@inline
function constant(index: usize): v128 {
  return v128.load32_splat(TANH + (index << 2))
}

// @ts-ignore: decorator
@inline
function tanhTwice(z: usize): void {
  const sign = v128.load32_splat(SIGN, 4)
  const most = constant(9)
  let x0 = v128.load(z)
  let x1 = v128.load(z, 16)
  const s0 = v128.and(x0, sign)
  const s1 = v128.and(x1, sign)
  x0 = f32x4.pmin(v128.xor(x0, s0), most)
  x1 = f32x4.pmin(v128.xor(x1, s1), most)
  const y0 = f32x4.mul(x0, x0)
  const y1 = f32x4.mul(x1, x1)
  let c = constant(0)
  let d = constant(1)
  let p0 = madd4(c, y0, d)
  let p1 = madd4(c, y1, d)
  c = constant(5)
  d = constant(6)
  let q0 = madd4(c, y0, d)
  let q1 = madd4(c, y1, d)
  c = constant(2)
  p0 = madd4(p0, y0, c)
  p1 = madd4(p1, y1, c)
  d = constant(7)
  q0 = madd4(q0, y0, d)
  q1 = madd4(q1, y1, d)
  c = constant(3)
  p0 = madd4(p0, y0, c)
  p1 = madd4(p1, y1, c)
  d = constant(8)
  q0 = madd4(q0, y0, d)
  q1 = madd4(q1, y1, d)
  c = constant(4)
  p0 = madd4(p0, y0, c)
  p1 = madd4(p1, y1, c)
  v128.store(z, v128.or(f32x4.div(f32x4.mul(p0, x0), q0), s0))
  v128.store(z, v128.or(f32x4.div(f32x4.mul(p1, x1), q1), s1), 16)
}

/** An activation on n floats, n a multiple of 8, in place: 0 linear, 1 tanh, 2 relu. */
export function filterActivate(kind: i32, n: i32, z: usize): void {
  const end = z + (<usize>n << 2)
  if (kind == 1) for (; z < end; z += 32) tanhTwice(z)
  else if (kind == 2) for (; z < end; z += 16) v128.store(z, f32x4.pmax(v128.load(z), f32x4.splat(0)))
}

// @ts-ignore: decorator
@inline
function fourOutputs(inputs: i32, w: usize, start: usize, x: usize, z: usize, row: usize): void {
  let a0 = v128.load32_splat(start)
  let a1 = a0
  let b0 = v128.load32_splat(start, 4)
  let b1 = b0
  let c0 = v128.load32_splat(start, 8)
  let c1 = c0
  let d0 = v128.load32_splat(start, 12)
  let d1 = d0
  for (const last = w + 16 * <usize>inputs; w < last; w += 16) {
    const x0 = v128.load(x)
    const x1 = v128.load(x, 16)
    const a = v128.load32_splat(w)
    a0 = madd4(a, x0, a0)
    a1 = madd4(a, x1, a1)
    const b = v128.load32_splat(w, 4)
    b0 = madd4(b, x0, b0)
    b1 = madd4(b, x1, b1)
    const c = v128.load32_splat(w, 8)
    c0 = madd4(c, x0, c0)
    c1 = madd4(c, x1, c1)
    const d = v128.load32_splat(w, 12)
    d0 = madd4(d, x0, d0)
    d1 = madd4(d, x1, d1)
    x += row
  }
  v128.store(z, a0)
  v128.store(z, a1, 16)
  z += row
  v128.store(z, b0)
  v128.store(z, b1, 16)
  z += row
  v128.store(z, c0)
  v128.store(z, c1, 16)
  z += row
  v128.store(z, d0)
  v128.store(z, d1, 16)
}

// @ts-ignore: decorator
@inline
function twoOutputs(inputs: i32, w: usize, start: usize, x: usize, z: usize, row: usize): void {
  let a0 = v128.load32_splat(start)
  let a1 = a0
  let a2 = a0
  let a3 = a0
  let b0 = v128.load32_splat(start, 4)
  let b1 = b0
  let b2 = b0
  let b3 = b0
  for (const last = w + 8 * <usize>inputs; w < last; w += 8) {
    const x0 = v128.load(x)
    const x1 = v128.load(x, 16)
    const x2 = v128.load(x, 32)
    const x3 = v128.load(x, 48)
    const a = v128.load32_splat(w)
    a0 = madd4(a, x0, a0)
    a1 = madd4(a, x1, a1)
    a2 = madd4(a, x2, a2)
    a3 = madd4(a, x3, a3)
    const b = v128.load32_splat(w, 4)
    b0 = madd4(b, x0, b0)
    b1 = madd4(b, x1, b1)
    b2 = madd4(b, x2, b2)
    b3 = madd4(b, x3, b3)
    x += row
  }
  v128.store(z, a0)
  v128.store(z, a1, 16)
  v128.store(z, a2, 32)
  v128.store(z, a3, 48)
  z += row
  v128.store(z, b0)
  v128.store(z, b1, 16)
  v128.store(z, b2, 32)
  v128.store(z, b3, 48)
}

// @ts-ignore: decorator
@inline
function oneOutput(inputs: i32, w: usize, start: usize, x: usize, z: usize, row: usize): void {
  let a0 = v128.load32_splat(start)
  let a1 = a0
  let a2 = a0
  let a3 = a0
  for (const last = w + 4 * <usize>inputs; w < last; w += 4) {
    const x0 = v128.load(x)
    const x1 = v128.load(x, 16)
    const x2 = v128.load(x, 32)
    const x3 = v128.load(x, 48)
    const a = v128.load32_splat(w)
    a0 = madd4(a, x0, a0)
    a1 = madd4(a, x1, a1)
    a2 = madd4(a, x2, a2)
    a3 = madd4(a, x3, a3)
    x += row
  }
  v128.store(z, a0)
  v128.store(z, a1, 16)
  v128.store(z, a2, 32)
  v128.store(z, a3, 48)
}

/**
 * z = start + W x in float32, the products added one after the other to the start.
 *
 * @param stride  vectors, a multiple of 16: x is inputs x stride, z outputs x stride
 * @param w       of every four outputs, inputs x 4; then of two where two or three are left; then of the last
 * @param start   one number an output
 */
export function filterSums(outputs: i32, inputs: i32, stride: i32, w: usize, start: usize, x: usize, z: usize): void {
  const row = <usize>stride << 2
  const words = <usize>inputs << 2
  for (; outputs >= 4; outputs -= 4) {
    for (let v: usize = 0; v < row; v += 32) fourOutputs(inputs, w, start, x + v, z + v, row)
    w += 4 * words
    start += 16
    z += 4 * row
  }
  if (outputs >= 2) {
    for (let v: usize = 0; v < row; v += 64) twoOutputs(inputs, w, start, x + v, z + v, row)
    w += 2 * words
    start += 8
    z += 2 * row
    outputs -= 2
  }
  if (outputs > 0) for (let v: usize = 0; v < row; v += 64) oneOutput(inputs, w, start, x + v, z + v, row)
}

/** Set flags where |z| of an output is not below its limit: `flags` is one 32-bit mask a vector. */
export function filterLimit(outputs: i32, stride: i32, limits: usize, z: usize, flags: usize): void {
  const magnitude = v128.load32_splat(SIGN)
  const row = <usize>stride << 2
  for (let o = 0; o < outputs; o++) {
    const most = v128.load32_splat(limits)
    for (let v: usize = 0; v < row; v += 16) {
      const within = f32x4.lt(v128.and(v128.load(z + v), magnitude), most)
      v128.store(flags + v, v128.or(v128.load(flags + v), v128.not(within)))
    }
    limits += 4
    z += row
  }
}

/**
 * Codes of the last layer's sums, and which vectors are too near an edge.
 *
 * @param stride  vectors, a multiple of 8: z is channels x stride; the first `vectors` count
 * @param edges   of each channel: lowest and highest sum that is sure to meet no limit; then of each of `top` thresholds
 *                where it is no longer surely below it, and where not yet surely above
 * @param flags   as `filterLimit` left them
 * @param codes   receives vectors x channels, 16 bits each
 * @param list    receives first + v of the flagged vectors
 * @returns       how many
 */
export function filterDecide(
  channels: i32,
  vectors: i32,
  stride: i32,
  z: usize,
  top: i32,
  edges: usize,
  flags: usize,
  codes: usize,
  first: i32,
  list: usize,
): i32 {
  const row = <usize>stride << 2
  const step = <usize>channels << 1
  const pairs = <usize>top << 3
  const begin = list
  for (let v = 0; v < vectors; v += 4) {
    let near = v128.load(flags)
    flags += 16
    let at = z + (<usize>v << 2)
    let to = codes + <usize>v * step
    let edge = edges
    for (let n = 0; n < channels; n++) {
      const x = v128.load(at)
      at += row
      near = v128.or(near, f32x4.lt(x, v128.load32_splat(edge)))
      near = v128.or(near, f32x4.gt(x, v128.load32_splat(edge, 4)))
      edge += 8
      let code = i32x4.splat(0)
      for (const end = edge + pairs; edge < end; edge += 8) {
        const above = f32x4.gt(x, v128.load32_splat(edge, 4))
        near = v128.or(near, v128.xor(above, f32x4.ge(x, v128.load32_splat(edge))))
        code = i32x4.sub(code, above)
      }
      // Codes of the vectors that only fill the registers up fall behind the counted ones.
      v128.store_lane<u16>(to, code, 0)
      v128.store_lane<u16>(to + step, code, 2)
      v128.store_lane<u16>(to + 2 * step, code, 4)
      v128.store_lane<u16>(to + 3 * step, code, 6)
      to += 2
    }
    for (let bits = i32x4.bitmask(near), k = v; bits != 0; bits >>= 1, k++)
      if ((bits & 1) != 0 && k < vectors) {
        store<i32>(list, first + k)
        list += 4
      }
  }
  return <i32>((list - begin) >> 2)
}
