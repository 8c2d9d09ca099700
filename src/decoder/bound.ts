import type { AccumulatorBound } from './fixed-decoder.ts'

/** Smallest and largest word that can arrive. */
export interface WordRange {
  readonly low: number
  readonly high: number
}

/**
 * What one accumulator meets in the worst case: any partial sum from the bias on, in any order of the inputs, the sum
 * with the rounding addend 2^(shift - 1), or the sum shifted left by -shift.
 *
 * upper = max(b, 0) + sum max(0, w x_low, w x_high), lower likewise.
 *
 * @param weights  words of one row
 * @param bias     accumulator word
 */
export function accumulatorBound(
  weights: ArrayLike<number>,
  bias: number,
  input: WordRange,
  shift: number,
): AccumulatorBound {
  let high = Math.max(bias, 0)
  let low = Math.min(bias, 0)
  for (let i = 0; i < weights.length; i++) {
    const a = weights[i]! * input.low
    const b = weights[i]! * input.high
    high += Math.max(0, a, b)
    low += Math.min(0, a, b)
  }
  if (shift > 0) high += 2 ** (shift - 1)
  if (shift < 0) {
    high *= 2 ** -shift
    low *= 2 ** -shift
  }
  return { low, high, bits: signedBits(low, high) }
}

/** Width of the two's-complement word that holds both. */
export function signedBits(low: number, high: number): number {
  let bits = Math.max(1, Math.ceil(Math.log2(Math.max(-low, high + 1))) + 1)
  if (!Number.isFinite(bits)) return Infinity
  const fits = (b: number) => low >= -(2 ** (b - 1)) && high <= 2 ** (b - 1) - 1
  // log2 rounds near powers of two.
  while (!fits(bits)) bits++
  while (bits > 1 && fits(bits - 1)) bits--
  return bits
}
