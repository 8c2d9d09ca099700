// The integer decoder of src/decoder/run.ts, exactly. Signals are 16-bit words, two inputs of a vector side by side in a
// 32-bit lane: lane v of row p holds inputs 2p and 2p + 1 of vector v, so that one instruction multiplies and adds both.
//
// Sums run in 32 bits over as many inputs as their proven bound allows; then all but the low 16 bits move on, so that
// sum = 65536 high + low, exact below 2^46.

/** Sums of a tile of 4 outputs x 8 vectors: high, then low; k = 2 output + half. */
const HIGH = memory.data(128, 16)
const LOW = memory.data(128, 16)

/** Move all but the low 16 bits of a sum on. @returns those */
// @ts-ignore: decorator
@inline
function carry(k: usize, sum: v128): v128 {
  v128.store(HIGH + k, i32x4.add(v128.load(HIGH + k), i32x4.shr_s(sum, 16)))
  return v128.and(sum, i32x4.splat(0xffff))
}

// @ts-ignore: decorator
@inline
function beginHigh(k: usize, word: usize): void {
  const high = v128.load32_splat(word)
  v128.store(HIGH + k, high)
  v128.store(HIGH + k, high, 16)
}

/**
 * Sums of a tile, to HIGH and LOW. Exported so that it stays a function by itself: within `integerLayer` the engine finds
 * no registers for the accumulators.
 *
 * @param weights    of the tile: rows of four outputs' words, a row a pair
 * @param ends       count, then as many pair indices where 32 bits are full
 * @param constants  4 x (high, low, shift)
 * @param x          first of eight vectors
 * @param stride     bytes from row to row of x
 */
export function integerSums(weights: usize, ends: usize, constants: usize, x: usize, stride: usize): void {
  beginHigh(0, constants)
  beginHigh(32, constants + 12)
  beginHigh(64, constants + 24)
  beginHigh(96, constants + 36)
  let a0 = v128.load32_splat(constants, 4)
  let a1 = a0
  let b0 = v128.load32_splat(constants, 16)
  let b1 = b0
  let c0 = v128.load32_splat(constants, 28)
  let c1 = c0
  let d0 = v128.load32_splat(constants, 40)
  let d1 = d0
  let w = weights
  const lastEnd = ends + (<usize>load<i32>(ends) << 2)
  do {
    ends += 4
    const end = weights + (<usize>load<i32>(ends) << 4)
    // Not unrolled: measured slower, the accumulators leave their registers.
    for (; w < end; w += 16) {
      const x0 = v128.load(x)
      const x1 = v128.load(x, 16)
      const wa = v128.load32_splat(w)
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(wa, x0))
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(wa, x1))
      const wb = v128.load32_splat(w, 4)
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(wb, x0))
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(wb, x1))
      const wc = v128.load32_splat(w, 8)
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(wc, x0))
      c1 = i32x4.add(c1, i32x4.dot_i16x8_s(wc, x1))
      const wd = v128.load32_splat(w, 12)
      d0 = i32x4.add(d0, i32x4.dot_i16x8_s(wd, x0))
      d1 = i32x4.add(d1, i32x4.dot_i16x8_s(wd, x1))
      x += stride
    }
    a0 = carry(0, a0)
    a1 = carry(16, a1)
    b0 = carry(32, b0)
    b1 = carry(48, b1)
    c0 = carry(64, c0)
    c1 = carry(80, c1)
    d0 = carry(96, d0)
    d1 = carry(112, d1)
  } while (ends < lastEnd)
  v128.store(LOW, a0)
  v128.store(LOW, a1, 16)
  v128.store(LOW, b0, 32)
  v128.store(LOW, b1, 48)
  v128.store(LOW, c0, 64)
  v128.store(LOW, c1, 80)
  v128.store(LOW, d0, 96)
  v128.store(LOW, d1, 112)
}

// @ts-ignore: decorator
@inline
function clamp(x: v128, low: i32, high: i32): v128 {
  return i32x4.min_s(i32x4.max_s(x, i32x4.splat(low)), i32x4.splat(high))
}

/** (65536 high + low) >> shift, or << -shift; beyond 16 bits any word beyond 16 bits. */
// @ts-ignore: decorator
@inline
function shifted(k: usize, shift: i32): v128 {
  const low = v128.load(LOW + k)
  const high = v128.load(HIGH + k)
  if (shift >= 16) return i32x4.shr_s(high, min(shift - 16, 31))
  const near = clamp(high, -32768, 32767)
  if (shift >= 0) return v128.or(i32x4.shl(near, 16 - shift), i32x4.shr_u(low, shift))
  return i32x4.shl(clamp(v128.or(i32x4.shl(near, 16), low), -16385, 16385), min(-shift, 16))
}

/** What a layer does after its sums, each in four or eight lanes: the arguments of `integerShape` in order. */
const SHAPE = memory.data(128, 16)

// @ts-ignore: decorator
@inline
function shape(index: usize): v128 {
  return v128.load(SHAPE + (index << 4))
}

// @ts-ignore: decorator
@inline
function entry(table: usize, index: i32): usize {
  return table + (<usize>index << 2)
}

/** Words of eight vectors through a table of (word, step to the next) pairs: src/decoder/table.ts `tableWord`. */
// @ts-ignore: decorator
@inline
function lookUp(y: v128, table: usize, indexShift: i32, outputShift: i32): v128 {
  // |-32768| is right without sign.
  const size = i16x8.abs(y)
  const index = i16x8.shr_u(size, indexShift)
  const weight = v128.and(size, shape(3))
  let e = v128.load32_zero(entry(table, i16x8.extract_lane_u(index, 0)))
  e = v128.load32_lane(entry(table, i16x8.extract_lane_u(index, 1)), e, 1)
  e = v128.load32_lane(entry(table, i16x8.extract_lane_u(index, 2)), e, 2)
  e = v128.load32_lane(entry(table, i16x8.extract_lane_u(index, 3)), e, 3)
  let f = v128.load32_zero(entry(table, i16x8.extract_lane_u(index, 4)))
  f = v128.load32_lane(entry(table, i16x8.extract_lane_u(index, 5)), f, 1)
  f = v128.load32_lane(entry(table, i16x8.extract_lane_u(index, 6)), f, 2)
  f = v128.load32_lane(entry(table, i16x8.extract_lane_u(index, 7)), f, 3)
  const step = shape(4)
  const addend = shape(5)
  e = i32x4.dot_i16x8_s(e, v128.shuffle<i16>(step, weight, 0, 8, 1, 9, 2, 10, 3, 11))
  f = i32x4.dot_i16x8_s(f, v128.shuffle<i16>(step, weight, 4, 12, 5, 13, 6, 14, 7, 15))
  e = i32x4.shr_s(i32x4.add(e, addend), outputShift)
  f = i32x4.shr_s(i32x4.add(f, addend), outputShift)
  const sum = i16x8.narrow_i32x4_s(e, f)
  const sign = i16x8.shr_s(y, 15)
  const result = i16x8.add(i16x8.sub(v128.xor(sum, sign), sign), v128.and(sign, shape(6)))
  const limit = shape(7)
  return i16x8.min_s(i16x8.max_s(result, i16x8.neg(limit)), limit)
}

/** Eight vectors of one output of a layer with a table; its words before the table have 16 bits. */
// @ts-ignore: decorator
@inline
function finishTable(k: usize, shift: i32, table: usize, indexShift: i32, outputShift: i32): v128 {
  return lookUp(i16x8.narrow_i32x4_s(shifted(k, shift), shifted(k + 16, shift)), table, indexShift, outputShift)
}

/** Four vectors of one output of a layer without a table: requantized and counted. */
// @ts-ignore: decorator
@inline
function finish(k: usize, shift: i32, saturated: usize): v128 {
  const y = shifted(k, shift)
  const low = shape(0)
  const high = shape(1)
  const beyond = v128.or(i32x4.gt_s(y, high), v128.and(i32x4.lt_s(y, low), shape(2)))
  v128.store(saturated, i32x4.sub(v128.load(saturated), beyond))
  return i32x4.min_s(i32x4.max_s(y, low), high)
}

/** Words of two outputs side by side. */
// @ts-ignore: decorator
@inline
function pair(a: v128, b: v128): v128 {
  return v128.or(v128.and(a, i32x4.splat(0xffff)), i32x4.shl(b, 16))
}

/**
 * How the next `integerLayer` calls end: words are clamped to low .. high, and counted where they lay beyond, the lower
 * end only with `countLow` = -1 (else 0); with a table, they go through it uncounted.
 *
 * @param indexMask   the bits of a magnitude below the table's index
 * @param indexStep   that mask + 1
 * @param addend      rounding of the interpolated entry
 * @param complement  what a negative word's result is taken from: 0 for an odd function
 * @param limit       largest magnitude of a result
 */
export function integerShape(
  low: i32,
  high: i32,
  countLow: i32,
  indexMask: i32,
  indexStep: i32,
  addend: i32,
  complement: i32,
  limit: i32,
): void {
  v128.store(SHAPE, i32x4.splat(low))
  v128.store(SHAPE, i32x4.splat(high), 16)
  v128.store(SHAPE, i32x4.splat(countLow), 32)
  v128.store(SHAPE, i16x8.splat(<i16>indexMask), 48)
  v128.store(SHAPE, i16x8.splat(<i16>indexStep), 64)
  v128.store(SHAPE, i32x4.splat(addend), 80)
  v128.store(SHAPE, i16x8.splat(<i16>complement), 96)
  v128.store(SHAPE, i16x8.splat(<i16>limit), 112)
}

/**
 * One layer on a block of vectors.
 *
 * @param tiles      of four outputs
 * @param pairs      rows of x
 * @param vectors    a multiple of 8
 * @param weights    tiles x pairs x 4 pairs of 16-bit words
 * @param ends       tiles x (count, then as many pair indices where a 32-bit sum ends), `endStride` entries a tile
 * @param constants  tiles x 4 x (high, low, shift): bias and rounding addend, right shift
 * @param x          pairs x vectors 32-bit lanes
 * @param y          2 tiles x vectors 32-bit lanes
 * @param saturated  32-bit counts, one a vector, added to
 * @param table      0 for none; its shifts: from magnitude to index, from interpolated entry to result
 */
export function integerLayer(
  tiles: i32,
  pairs: i32,
  vectors: i32,
  weights: usize,
  ends: usize,
  endStride: i32,
  constants: usize,
  x: usize,
  y: usize,
  saturated: usize,
  table: usize,
  indexShift: i32,
  outputShift: i32,
): void {
  const stride = <usize>vectors << 2
  for (let t = 0; t < tiles; t++) {
    for (let v: usize = 0; v < stride; v += 32) {
      integerSums(weights, ends, constants, x + v, stride)
      for (let o: usize = 0; o < 4; o += 2) {
        const k = o << 5
        const s0 = load<i32>(constants + o * 12, 8)
        const s1 = load<i32>(constants + o * 12, 20)
        const to = y + (o >> 1) * stride + v
        if (table != 0) {
          const a = finishTable(k, s0, table, indexShift, outputShift)
          const b = finishTable(k + 32, s1, table, indexShift, outputShift)
          v128.store(to, v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11))
          v128.store(to, v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15), 16)
        } else
          for (let half: usize = 0; half < 32; half += 16) {
            const count = saturated + v + half
            v128.store(to + half, pair(finish(k + half, s0, count), finish(k + half + 32, s1, count)))
          }
      }
    }
    weights += <usize>pairs << 4
    ends += <usize>endStride << 2
    constants += 48
    y += stride << 1
  }
}

/**
 * Codes to the first layer's words.
 *
 * @param codes   vectors x channels, 16 bits each
 * @param levels  32-bit words, one a code
 * @param x       receives pairs x stride lanes; lanes from `vectors` on are not written
 */
export function levelWords(
  vectors: i32,
  channels: i32,
  stride: i32,
  codes: usize,
  levels: usize,
  x: usize,
): void {
  for (let v = 0; v < vectors; v++) {
    let at = x + (<usize>v << 2)
    let n = 0
    for (; n + 1 < channels; n += 2) {
      const a = load<i32>(levels + (<usize>load<u16>(codes) << 2))
      const b = load<i32>(levels + (<usize>load<u16>(codes, 2) << 2))
      store<i32>(at, (a & 0xffff) | (b << 16))
      codes += 4
      at += <usize>stride << 2
    }
    if (n < channels) {
      store<i32>(at, load<i32>(levels + (<usize>load<u16>(codes) << 2)) & 0xffff)
      codes += 2
    }
  }
}

/** The last layer's words times a scale, vectors x outputs doubles. */
export function wordValues(vectors: i32, outputs: i32, stride: i32, y: usize, scale: f64, out: usize): void {
  for (let v = 0; v < vectors; v++)
    for (let o = 0; o < outputs; o++) {
      const at = y + ((<usize>(o >> 1) * <usize>stride + <usize>v) << 2) + (<usize>(o & 1) << 1)
      store<f64>(out, <f64>load<i16>(at) * scale)
      out += 8
    }
}
