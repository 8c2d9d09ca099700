import { fail } from '../base/errors.ts'

/** Fixed point: value = word 2^-frac. `frac` may be negative or exceed `bits`. */
export interface NumberFormat {
  readonly signed: boolean
  readonly bits: number
  readonly frac: number
}

/** Fractional bits stop here: values of a tensor this small are zero beside anything else. */
export const MAX_FRACTION = 256

/** `s16/14`: sign, bits, fractional bits. */
export function formatText(format: NumberFormat): string {
  return `${format.signed ? 's' : 'u'}${format.bits}/${format.frac}`
}

/** @throws OHM1202 when the text is not of the form s16/14 */
export function parseFormat(text: string): NumberFormat {
  const parts = /^([su])([1-9]\d?)\/(-?\d{1,4})$/.exec(text)
  if (parts === null) return fail('OHM1202', `"${text}" is not a number format; write it like s16/14`)
  return { signed: parts[1] === 's', bits: Number(parts[2]), frac: Number(parts[3]) }
}

/** Smallest and largest word. */
export function wordRange(format: Pick<NumberFormat, 'signed' | 'bits'>): { low: number; high: number } {
  return format.signed
    ? { low: -(2 ** (format.bits - 1)), high: 2 ** (format.bits - 1) - 1 }
    : { low: 0, high: 2 ** format.bits - 1 }
}

/** To the nearest whole number, ties to the even one. */
export function roundHalfEven(x: number): number {
  const low = Math.floor(x) + 0 // no -0
  const rest = x - low
  if (rest < 0.5) return low
  if (rest > 0.5) return low + 1
  return low % 2 === 0 ? low : low + 1
}

/** The nearest word, ties to even, saturated: weights, biases, levels. */
export function toWord(x: number, format: NumberFormat): number {
  return saturate(roundHalfEven(x * 2 ** format.frac), format)
}

/** The largest word not above x, saturated: thresholds, where x > t for words x is x > floor(t 2^frac). */
export function floorWord(x: number, format: NumberFormat): number {
  return saturate(Math.floor(x * 2 ** format.frac), format)
}

/** The nearest word's end of the range for words beyond it. */
export function saturate(word: number, format: Pick<NumberFormat, 'signed' | 'bits'>): number {
  const { low, high } = wordRange(format)
  return Math.max(low, Math.min(high, word))
}

/** What a word stands for. */
export function wordValue(word: number, format: Pick<NumberFormat, 'frac'>): number {
  return word * 2 ** -format.frac
}

/**
 * The signed format of given width with most fractional bits at which no value saturates, after rounding.
 *
 * All-zero values take the range +-1 (frac = bits - 1).
 */
export function fittingFormat(values: ArrayLike<number>, bits: number): NumberFormat {
  let low = 0
  let high = 0
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!)
    high = Math.max(high, values[i]!)
  }
  const range = wordRange({ signed: true, bits })
  const fits = (frac: number) =>
    roundHalfEven(low * 2 ** frac) >= range.low && roundHalfEven(high * 2 ** frac) <= range.high
  const size = Math.max(-low, high)
  if (size === 0) return { signed: true, bits, frac: bits - 1 }
  // log2 may be off by one unit either way, and -2^(bits - 1) is a word while 2^(bits - 1) is none.
  let frac = Math.min(MAX_FRACTION, bits - 1 - Math.floor(Math.log2(size)) + 1)
  while (!fits(frac)) frac--
  return { signed: true, bits, frac }
}
