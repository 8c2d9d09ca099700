/**
 * Digits of a weight on pairs that count powers of two.
 */
import { pairColumns, type Range, type Scheme, writePair } from './mapping-scheme.ts'

/** Rounding of a weight, relative to the largest, that does not move it to the next digit. */
const SLACK = 1e-14

/**
 * sum_s 2^(B s) d_s = (2^(B S) - 1) x with x = w / wMax and |d_s| <= 2^B - 1.
 *
 * From the top, each slice takes the smallest whole digit that leaves no more than the slices below can hold; the lowest
 * takes what is left, whole or not. So whole weights become their usual digits in base 2^B, which 2^B levels hold
 * exactly, and with continuous devices every weight is exact. Just above a number whose lower digits are all full the
 * remainder is negative: a pair holds either sign.
 *
 * @param slices  S >= 1
 * @param bits    B >= 1, S B <= 24
 */
export function bitSliced(range: Range, slices: number, bits: number): Scheme {
  const base = 2 ** bits
  const digit = base - 1
  const weights = Array.from({ length: slices }, (_, s) => base ** s)
  const largest = base ** slices - 1
  return {
    columns: pairColumns(weights),
    reference: null,
    fullScale: (largest / digit) * (range.high - range.low),
    write: (x, into, at) => {
      const sign = Math.sign(x)
      let left = largest * Math.abs(x)
      for (let s = slices - 1; s >= 0; s--) {
        const weight = weights[s]!
        const below = weight - 1
        const d = s === 0 ? left : Math.max(0, Math.ceil((left - below - SLACK * largest) / weight))
        left -= d * weight
        writePair(range, sign * Math.min(1, d / digit), into, at + 2 * s)
      }
    },
  }
}
