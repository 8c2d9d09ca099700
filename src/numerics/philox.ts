const M0 = 0xd2511f53
const M1 = 0xcd9e8d57
const W0 = 0x9e3779b9
const W1 = 0xbb67ae85

const M0_LOW = M0 & 0xffff
const M0_HIGH = M0 >>> 16
const M1_LOW = M1 & 0xffff
const M1_HIGH = M1 >>> 16

/** High word of the 64-bit product of a 32-bit word with a constant given as two halves. */
function mulHigh(a: number, low: number, high: number): number {
  const al = a & 0xffff
  const ah = a >>> 16
  const mid = ah * low + ((al * low) >>> 16)
  const cross = al * high + (mid & 0xffff)
  return (ah * high + Math.floor(mid / 65536) + Math.floor(cross / 65536)) >>> 0
}

/**
 * Philox4x32-10: a bijection of 128-bit counters under a 64-bit key, ten rounds, whose outputs pass for independent
 * uniform words.
 *
 * @param key      two 32-bit words
 * @param counter  four 32-bit words
 * @param out      receives four unsigned 32-bit words
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
export function philox4x32(
  k0: number,
  k1: number,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  out: Uint32Array,
): void {
  let x0 = c0 >>> 0
  let x1 = c1 >>> 0
  let x2 = c2 >>> 0
  let x3 = c3 >>> 0
  let a = k0 >>> 0
  let b = k1 >>> 0
  for (let round = 0; round < 10; round++) {
    const h0 = mulHigh(x0, M0_LOW, M0_HIGH)
    const l0 = Math.imul(x0, M0) >>> 0
    const h1 = mulHigh(x2, M1_LOW, M1_HIGH)
    const l1 = Math.imul(x2, M1) >>> 0
    x0 = (h1 ^ x1 ^ a) >>> 0
    x1 = l1
    x2 = (h0 ^ x3 ^ b) >>> 0
    x3 = l0
    a = (a + W0) >>> 0
    b = (b + W1) >>> 0
  }
  out[0] = x0
  out[1] = x1
  out[2] = x2
  out[3] = x3
}
