// The serial conversion of src/adc/convert.ts where every compare of a channel is with the same voltage: no comparator
// noise, no droop, no hysteresis, a threshold DAC that settles.

// @ts-ignore: decorator
@inline
function above(v: f64, edge: f64, strict: i32): bool {
  return strict != 0 ? v > edge : v >= edge
}

/** A code by the serial search, for edges in any order. */
function search(v: f64, top: i32, edges: usize, strict: i32, linear: i32): i32 {
  let code = 0
  if (linear != 0) {
    while (code < top && above(v, load<f64>(edges + (<usize>code << 3)), strict)) code++
    return code
  }
  let high = top
  while (code < high) {
    const mid = (code + high) >> 1
    if (above(v, load<f64>(edges + (<usize>mid << 3)), strict)) code = mid + 1
    else high = mid
  }
  return code
}

/**
 * Clip, multiplexer, sample-and-hold and front end: volts in place to what the comparator sees.
 *
 * @param stride  vectors, a multiple of 2: volts are channels x stride
 * @param limit   full scale of a clipping input, or infinity
 * @param noise   channels x stride standard normals, or 0
 * @param rms     of the sampled noise, volts
 * @returns       how many of the first `vectors` clipped
 */
export function present(
  channels: i32,
  vectors: i32,
  stride: i32,
  volts: usize,
  limit: f64,
  crosstalk: f64,
  settled: f64,
  noise: usize,
  rms: f64,
  gain: f64,
  offset: f64,
  cubic: f64,
): i32 {
  const row = <usize>stride << 3
  const most = f64x2.splat(limit)
  const sign = f64x2.splat(-0.0)
  const zero = f64x2.splat(0)
  let clipped = 0
  for (let v = 0; v < stride; v += 2) {
    const counted = v + 2 <= vectors ? 3 : v + 1 == vectors ? 1 : 0
    let at = volts + (<usize>v << 3)
    let draw = noise + (<usize>v << 3)
    let held = zero
    let previous = zero
    for (let n = 0; n < channels; n++) {
      let x = v128.load(at)
      const over = f64x2.gt(f64x2.abs(x), most)
      x = v128.bitselect(v128.or(most, v128.and(x, sign)), x, over)
      clipped += popcnt(i64x2.bitmask(over) & counted)
      let y = x
      if (n > 0 && crosstalk != 0) y = f64x2.add(x, f64x2.mul(f64x2.splat(crosstalk), f64x2.sub(previous, x)))
      if (settled != 1) y = f64x2.add(held, f64x2.mul(f64x2.sub(y, held), f64x2.splat(settled)))
      if (noise != 0) y = f64x2.add(y, f64x2.mul(f64x2.splat(rms), v128.load(draw)))
      held = y
      previous = x
      let seen = f64x2.add(f64x2.mul(f64x2.splat(gain), y), f64x2.splat(offset))
      if (cubic != 0) seen = f64x2.add(seen, f64x2.mul(f64x2.mul(f64x2.mul(f64x2.splat(cubic), y), y), y))
      v128.store(at, seen)
      at += row
      draw += row
    }
  }
  return clipped
}

/**
 * Codes of what the comparator sees.
 *
 * @param stride  vectors, a multiple of 2: volts are channels x stride
 * @param edges   `top` of them; `ascending` where each is at least the one before
 * @param codes   receives vectors x channels, 16 bits each
 */
export function decide(
  channels: i32,
  vectors: i32,
  stride: i32,
  volts: usize,
  top: i32,
  edges: usize,
  ascending: i32,
  strict: i32,
  linear: i32,
  codes: usize,
): void {
  for (let n = 0; n < channels; n++) {
    let at = volts + ((<usize>n * <usize>stride) << 3)
    let to = codes + (<usize>n << 1)
    const step = <usize>channels << 1
    for (let v = 0; v < vectors; v += 2) {
      if (ascending != 0 && top <= 16) {
        // Ascending edges: the search ends at the number of edges below.
        const x = v128.load(at)
        let count = i64x2.splat(0)
        for (let e = edges; e < edges + (<usize>top << 3); e += 8) {
          const edge = v128.load64_splat(e)
          count = i64x2.sub(count, strict != 0 ? f64x2.gt(x, edge) : f64x2.ge(x, edge))
        }
        store<u16>(to, <u16>i64x2.extract_lane(count, 0))
        if (v + 1 < vectors) store<u16>(to + step, <u16>i64x2.extract_lane(count, 1))
      } else {
        store<u16>(to, <u16>search(load<f64>(at), top, edges, strict, linear))
        if (v + 1 < vectors) store<u16>(to + step, <u16>search(load<f64>(at, 8), top, edges, strict, linear))
      }
      at += 16
      to += step << 1
    }
  }
}
