// Products of single-precision matrices for training. Activations stand feature by feature, a row of `row` bytes (the
// batch, padded to eight vectors' entries) each; weights stand output by output.
import { activate, madd4, slope } from './_single'

/** Bytes of eight vectors. */
const PANEL: usize = 32

// @ts-ignore: decorator
@inline
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7))
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7))
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
}

/** Eight vectors of `rows` features, one after the other, to `to`. */
function pack(from: usize, rows: i32, row: usize, to: usize): void {
  for (let k = 0; k < rows; k++) {
    v128.store(to, v128.load(from))
    v128.store(to, v128.load(from, 16), 16)
    from += row
    to += PANEL
  }
}

/**
 * to[r] <- finish(start[r] + sum_k w[r, k] x[k]) for all rows r and the batch.
 *
 * @param w        its entry (r, k) is at w + r down + k across
 * @param start    one number a row, or 0 for none
 * @param scratch  steps x 32 bytes
 * @param mode     0 activation `which` of the sum; 1 the sum times the slope of `which` at what stands in `at`
 */
function product(
  w: usize, down: usize, across: usize, rows: i32, steps: i32, start: usize, x: usize, row: usize,
  to: usize, scratch: usize, mode: i32, which: i32, at: usize,
): void {
  for (let column: usize = 0; column < row; column += PANEL) {
    pack(x + column, steps, row, scratch)
    let r = 0
    for (; r + 4 <= rows; r += 4) {
      let a0 = start != 0 ? v128.load32_splat(start + (<usize>r << 2)) : f32x4.splat(0)
      let a1 = start != 0 ? v128.load32_splat(start + (<usize>r << 2), 4) : f32x4.splat(0)
      let a2 = start != 0 ? v128.load32_splat(start + (<usize>r << 2), 8) : f32x4.splat(0)
      let a3 = start != 0 ? v128.load32_splat(start + (<usize>r << 2), 12) : f32x4.splat(0)
      let b0 = a0
      let b1 = a1
      let b2 = a2
      let b3 = a3
      let p = scratch
      let w0 = w + <usize>r * down
      let w1 = w0 + down
      let w2 = w1 + down
      let w3 = w2 + down
      const end = scratch + <usize>steps * PANEL
      for (; p < end; p += PANEL) {
        const xa = v128.load(p)
        const xb = v128.load(p, 16)
        const v0 = v128.load32_splat(w0)
        const v1 = v128.load32_splat(w1)
        const v2 = v128.load32_splat(w2)
        const v3 = v128.load32_splat(w3)
        a0 = madd4(v0, xa, a0)
        b0 = madd4(v0, xb, b0)
        a1 = madd4(v1, xa, a1)
        b1 = madd4(v1, xb, b1)
        a2 = madd4(v2, xa, a2)
        b2 = madd4(v2, xb, b2)
        a3 = madd4(v3, xa, a3)
        b3 = madd4(v3, xb, b3)
        w0 += across
        w1 += across
        w2 += across
        w3 += across
      }
      let q = <usize>r * row + column
      finish(to + q, at + q, a0, b0, mode, which)
      q += row
      finish(to + q, at + q, a1, b1, mode, which)
      q += row
      finish(to + q, at + q, a2, b2, mode, which)
      q += row
      finish(to + q, at + q, a3, b3, mode, which)
    }
    for (; r < rows; r++) {
      let a = start != 0 ? v128.load32_splat(start + (<usize>r << 2)) : f32x4.splat(0)
      let b = a
      let p = scratch
      let w0 = w + <usize>r * down
      const end = scratch + <usize>steps * PANEL
      for (; p < end; p += PANEL) {
        const v = v128.load32_splat(w0)
        a = madd4(v, v128.load(p), a)
        b = madd4(v, v128.load(p, 16), b)
        w0 += across
      }
      const q = <usize>r * row + column
      finish(to + q, at + q, a, b, mode, which)
    }
  }
}

// @ts-ignore: decorator
@inline
function finish(to: usize, at: usize, a: v128, b: v128, mode: i32, which: i32): void {
  if (mode == 0) {
    v128.store(to, activate(which, a))
    v128.store(to, activate(which, b), 16)
  } else {
    v128.store(to, f32x4.mul(a, slope(which, v128.load(at))))
    v128.store(to, f32x4.mul(b, slope(which, v128.load(at, 16))), 16)
  }
}

/** y <- f(W x + b): outputs x batch. */
export function dense(
  w: usize, b: usize, x: usize, y: usize, outputs: i32, inputs: i32, row: usize, which: i32, scratch: usize,
): void {
  product(w, <usize>inputs << 2, 4, outputs, inputs, b, x, row, y, scratch, 0, which, 0)
}

/** dx <- W^T d times the slope of activation `which` that gave x: inputs x batch. */
export function backward(
  w: usize, d: usize, x: usize, dx: usize, outputs: i32, inputs: i32, row: usize, which: i32, scratch: usize,
): void {
  product(w, 4, <usize>inputs << 2, inputs, outputs, 0, d, row, dx, scratch, 1, which, x)
}

/** gw <- d x^T: outputs x inputs; gb <- row sums of d. */
export function gradient(d: usize, x: usize, gw: usize, gb: usize, outputs: i32, inputs: i32, row: usize): void {
  const zero = f32x4.splat(0)
  for (let o = 0; o < outputs; o++) {
    let s = zero
    const at = d + <usize>o * row
    for (let b: usize = 0; b < row; b += 16) s = f32x4.add(s, v128.load(at + b))
    const t = sums(s, zero, zero, zero)
    store<f32>(gb + (<usize>o << 2), f32x4.extract_lane(t, 0))
  }
  const line = <usize>inputs << 2
  let o = 0
  for (; o + 2 <= outputs; o += 2) {
    const d0 = d + <usize>o * row
    const g0 = gw + <usize>o * line
    let i = 0
    for (; i + 4 <= inputs; i += 4) {
      let a0 = zero
      let a1 = zero
      let a2 = zero
      let a3 = zero
      let c0 = zero
      let c1 = zero
      let c2 = zero
      let c3 = zero
      const x0 = x + <usize>i * row
      const x1 = x0 + row
      const x2 = x1 + row
      const x3 = x2 + row
      for (let b: usize = 0; b < row; b += 16) {
        const e = v128.load(d0 + b)
        const f = v128.load(d0 + row + b)
        let v = v128.load(x0 + b)
        a0 = madd4(e, v, a0)
        c0 = madd4(f, v, c0)
        v = v128.load(x1 + b)
        a1 = madd4(e, v, a1)
        c1 = madd4(f, v, c1)
        v = v128.load(x2 + b)
        a2 = madd4(e, v, a2)
        c2 = madd4(f, v, c2)
        v = v128.load(x3 + b)
        a3 = madd4(e, v, a3)
        c3 = madd4(f, v, c3)
      }
      v128.store(g0 + (<usize>i << 2), sums(a0, a1, a2, a3))
      v128.store(g0 + line + (<usize>i << 2), sums(c0, c1, c2, c3))
    }
    for (; i < inputs; i++) {
      let a = zero
      let c = zero
      const x0 = x + <usize>i * row
      for (let b: usize = 0; b < row; b += 16) {
        const v = v128.load(x0 + b)
        a = madd4(v128.load(d0 + b), v, a)
        c = madd4(v128.load(d0 + row + b), v, c)
      }
      const t = sums(a, c, zero, zero)
      store<f32>(g0 + (<usize>i << 2), f32x4.extract_lane(t, 0))
      store<f32>(g0 + line + (<usize>i << 2), f32x4.extract_lane(t, 1))
    }
  }
  for (; o < outputs; o++) {
    const d0 = d + <usize>o * row
    const g0 = gw + <usize>o * line
    for (let i = 0; i < inputs; i++) {
      let a = zero
      const x0 = x + <usize>i * row
      for (let b: usize = 0; b < row; b += 16) a = madd4(v128.load(d0 + b), v128.load(x0 + b), a)
      const t = sums(a, zero, zero, zero)
      store<f32>(g0 + (<usize>i << 2), f32x4.extract_lane(t, 0))
    }
  }
}
