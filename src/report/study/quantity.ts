/** Names, numbers and quantities of a study as its figures and tables write them. */
import type { StudyResult } from '../../study/result.ts'
import { fixed } from '../words.ts'

type ResultAxis = StudyResult['axes'][number]
export type Value = NonNullable<ResultAxis['values']>[number]

const LONGEST = 60

/** Halves of characters. */
const HALVES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
/** Control characters, but for the end of a line, and marks that hide or turn the direction of writing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
const HIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff]+/g

/**
 * Text from outside, made fit for a line of a figure or a cell of a table: no control characters, no marks that turn the
 * direction of writing, no halves of characters, not endless. It is not escaped.
 */
export function plainText(text: string, longest = LONGEST): string {
  const clean = plainBlock(text).replaceAll('\n', ' ').trim()
  const letters = [...clean]
  return letters.length <= longest ? clean : `${letters.slice(0, longest - 1).join('')}\u2026`
}

/** As `plainText`, of any length, with its lines and spaces. */
export const plainBlock = (text: string): string => text.replace(HALVES, '\ufffd').replace(HIDDEN, ' ')

/** What a path is called: `crossbar.wires.wordSegment` is "wires word segment". */
export function axisName(path: string): string {
  const words = path
    .replace(/^(device|crossbar|periphery|environment)\./, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('.', ' ')
    .toLowerCase()
    .replace(/\b(adc|dac|tia|iv)\b/g, (word) => word.toUpperCase())
  return plainText(words)
}

/** A score: two decimals of a decibel, three digits of others. */
export function scoreText(metric: string, x: number | null): string {
  if (x === null || Number.isNaN(x)) return 'unknown'
  if (!Number.isFinite(x)) return x < 0 ? '-\u221e' : '\u221e'
  return metric === 'nmseDb' ? fixed(x, 2) : shortNumber(x, 3)
}

/** Unit of a score, as it stands behind a number. */
export const scoreUnit = (metric: string): string => (metric === 'nmseDb' ? ' dB' : '')

/** A share as a percentage with as many digits as tell it from 0 and 100 %. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return 'unknown'
  const x = 100 * share
  const off = Math.min(Math.abs(x), Math.abs(100 - x))
  const digits = off === 0 ? 0 : Math.min(6, Math.max(1, 1 - Math.floor(Math.log10(off))))
  return `${fixed(x, digits)} %`
}

/** A level that is not an estimate: 5 %, 99.9 %. */
export const level = (p: number): string => `${shortNumber(100 * p, 12)} %`

/** So many significant digits, no trailing zeros, powers of ten only where there are many zeros. */
export function shortNumber(x: number, digits = 4): string {
  if (!Number.isFinite(x)) return String(x)
  const rounded = Number(x.toPrecision(digits))
  const size = Math.abs(rounded)
  return size !== 0 && (size < 1e-4 || size >= 1e6) ? rounded.toExponential().replace('e+', 'e') : String(rounded)
}

const PREFIXES = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
  [1e-3, 'm'],
  [1e-6, '\u00b5'],
  [1e-9, 'n'],
  [1e-12, 'p'],
  [1e-15, 'f'],
  [1e-18, 'a'],
] as const
const PREFIXED = new Set(['S', 'ohm', 'V', 'F', 's', 'Hz', 'A', 'V/s'])
const TIMES = [
  [365.25 * 86400, 'years', 'year'],
  [86400, 'days', 'day'],
  [3600, 'h', 'h'],
  [60, 'min', 'min'],
] as const
const KELVIN = 273.15

/** How the numbers of an axis are shown: SI times `factor` plus `offset`, in `unit`. */
export interface Shown {
  readonly unit: string
  readonly factor: number
  readonly offset: number
}

/** One readable unit for all of these numbers, chosen by the largest. */
export function shownIn(unit: string, values: readonly number[]): Shown {
  if (unit === 'K') return { unit: '\u00b0C', factor: 1, offset: -KELVIN }
  if (unit === '' || unit === '1') return { unit: '1', factor: 1, offset: 0 }
  const sign = unit.replace('ohm', '\u03a9')
  const largest = values.reduce((a, b) => (Number.isFinite(b) ? Math.max(a, Math.abs(b)) : a), 0)
  if (!PREFIXED.has(unit) || largest === 0) return { unit: sign, factor: 1, offset: 0 }
  const [size, prefix] = PREFIXES.find(([least]) => largest >= least * (1 - 1e-12)) ?? PREFIXES.at(-1)!
  return { unit: `${prefix}${sign}`, factor: 1 / size, offset: 0 }
}

/** SI to what is shown, without the last digits that only the change of unit brings. */
export const toShown = (x: number, { factor, offset }: Shown): number =>
  Number((x * factor + (offset === 0 ? 0 : offset)).toPrecision(12))

/** Quantity [unit]. */
export const axisTitle = (name: string, unit: string): string => `${name} [${unit === '' ? '1' : unit}]`

/** A year of 365 days, or of 365.25, is a year. */
const NEAR = 0.001

/** Seconds as people say them. */
export function timeText(seconds: number): string {
  const long = TIMES.find(([size]) => seconds >= size * (1 - NEAR))
  if (long === undefined) return quantityText(seconds, 's')
  const [size, many, one] = long
  const whole = Math.round(seconds / size)
  const count = Math.abs(seconds / size - whole) <= NEAR * whole ? String(whole) : shortNumber(seconds / size, 3)
  return `${count} ${count === '1' ? one : many}`
}

/** One quantity with its unit, SI in. */
export function quantityText(x: number, unit: string): string {
  if (unit === 's' && x >= 60) return timeText(x)
  const shown = shownIn(unit, [x])
  return `${shortNumber(toShown(x, shown))}${shown.unit === '1' ? '' : ` ${shown.unit}`}`
}

/** A value of an axis, whatever it is. */
export function valueText(value: Value | undefined, unit: string): string {
  if (value === undefined) return 'of the profile'
  if (value === null) return 'none'
  if (typeof value === 'number') return quantityText(value, unit)
  if (typeof value === 'string' || typeof value === 'boolean') return plainText(String(value))
  return `table of ${value.length}`
}
