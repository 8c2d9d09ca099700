// What draws make of Philox words: the numbers of src/numerics/random.ts.
import { cosTwoPi, log } from './_elementary'
import { cells, prepareCells, prepareVectors, vectors, WORDS } from './_philox'

// 1, -2, 1 - 2^-53
const CONSTANTS = memory.data<f64>([1, 1, -2, -2, 0.9999999999999999, 0.9999999999999999], 16)
/** Sixteen uniforms from the first two words, sixteen from the last two. */
const FIRST = memory.data(128, 16)
const SECOND = memory.data(128, 16)

/** 52-bit uniform in (0, 1), cell midpoints, from the high 26 bits of two words. */
// @ts-ignore: decorator
@inline
function open01(high: v128, low: v128): v128 {
  const mantissa = v128.or(v128.or(i64x2.shl(high, 26), low), v128.load(CONSTANTS))
  return f64x2.sub(mantissa, v128.load(CONSTANTS, 32))
}

// @ts-ignore: decorator
@inline
function uniforms(from: usize, out: usize): void {
  for (let at = WORDS + from; at < WORDS + 256; at += 64) {
    const a = i32x4.shr_u(v128.load(at), 6)
    const b = i32x4.shr_u(v128.load(at, 16), 6)
    v128.store(out, open01(i64x2.extend_low_i32x4_u(a), i64x2.extend_low_i32x4_u(b)))
    v128.store(out, open01(i64x2.extend_high_i32x4_u(a), i64x2.extend_high_i32x4_u(b)), 16)
    out += 32
  }
}

/** Box-Muller, cosine branch; short passes keep the processor's window full. */
// @ts-ignore: decorator
@inline
function normals(out: usize): void {
  uniforms(0, FIRST)
  uniforms(32, SECOND)
  for (let k: usize = 0; k < 128; k += 16) v128.store(FIRST + k, log(v128.load(FIRST + k)))
  for (let k: usize = 0; k < 128; k += 16) {
    const radius = f64x2.sqrt(f64x2.mul(v128.load(CONSTANTS, 16), v128.load(FIRST + k)))
    v128.store(out + k, f64x2.mul(radius, cosTwoPi(v128.load(SECOND + k))))
  }
}

/**
 * Draws at the counters (c0, c1 + i, c2, c3), i = 0 .. n - 1.
 *
 * @param normal  1 standard normal, 0 uniform in (0, 1)
 * @param out     room for n doubles, rounded up to a multiple of 16
 */
export function drawCells(normal: i32, n: i32, k0: u32, k1: u32, c0: u32, c1: u32, c2: u32, c3: u32, out: usize): void {
  prepareCells(k0, k1, c0, c2, c3)
  for (let i = 0; i < n; i += 16) {
    cells(c1 + i)
    if (normal != 0) normals(out)
    else uniforms(0, out)
    out += 128
  }
}

/** Draws at the counters (c0, c1, c2 + i, c3), as `drawCells`. */
export function drawVectors(normal: i32, n: i32, k0: u32, k1: u32, c0: u32, c1: u32, c2: u32, c3: u32, out: usize): void {
  prepareVectors(k0, k1, c0, c1, c3)
  for (let i = 0; i < n; i += 16) {
    vectors(c2 + i)
    if (normal != 0) normals(out)
    else uniforms(0, out)
    out += 128
  }
}
