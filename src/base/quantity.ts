/**
 * Quantities with units. Inside the program every number is SI; at its border stand "100 uS", "2 ohm", "85 degC".
 */
import { fail, type Place } from './errors.ts'
import { quote } from './json.ts'
import { loadMath, type MathReader } from './mathjs.ts'

/** The units ohmbit works in: what is measured, how it may be written, and whether prefixes make it readable. */
export const UNITS = {
  S: { measures: 'conductance', example: '100 uS', mathjs: 'S', prefixes: true },
  ohm: { measures: 'resistance', example: '2 ohm', mathjs: 'ohm', prefixes: true },
  V: { measures: 'voltage', example: '10 mV', mathjs: 'V', prefixes: true },
  F: { measures: 'capacitance', example: '100 fF', mathjs: 'F', prefixes: true },
  s: { measures: 'time', example: '20 ns', mathjs: 's', prefixes: true },
  K: { measures: 'temperature', example: '85 degC', mathjs: 'K', prefixes: false },
  J: { measures: 'energy', example: '0.6 eV', mathjs: 'J', prefixes: false },
  Hz: { measures: 'frequency', example: '10 MHz', mathjs: 'Hz', prefixes: true },
  '1/K': { measures: 'reciprocal temperature', example: '0.002 / K', mathjs: 'K^-1', prefixes: false },
  'V/s': { measures: 'voltage rate', example: '10 V/s', mathjs: 'V/s', prefixes: false },
  '1/V^2': { measures: 'reciprocal squared voltage', example: '0.01 / V^2', mathjs: 'V^-2', prefixes: false },
  '1': { measures: 'plain number', example: '0.5 %', mathjs: '', prefixes: false },
} as const

export type Unit = keyof typeof UNITS

let units: MathReader | undefined

const NUMBER = /^([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d{1,4}))?/
/** Units of plain numbers, as powers of ten. */
const SHARES: ReadonlyMap<string, number> = new Map([
  ['%', -2],
  ['ppm', -6],
])
/** Longest quantity: far more than any unit needs. */
const MAX_LENGTH = 80

/**
 * Read a quantity.
 *
 * Prefixes are decimal shifts, so "100 uS" is the number 100e-6 exactly. degC and degF are absolute temperatures.
 *
 * @param input  a number in SI units, or a text with a unit of the right dimension
 * @param at     place named in the error
 * @returns      SI
 * @throws OHM1203 when the text is no number with a unit, or the unit has another dimension
 */
export async function parseQuantity(input: number | string, unit: Unit, at: Place = {}): Promise<number> {
  const { measures, example, mathjs } = UNITS[unit]
  const expected = unit === '1' ? 'a plain number' : `a ${measures} in ${unit}`
  const hint = `write ${unit === '1' ? 'a number or a percentage' : expected}, for instance ${JSON.stringify(example)}${
    unit === '1' ? '' : `, or a plain number in ${unit} without quotes`
  }`
  const refuse = (why: string): never => fail('OHM1203', why, { at, hint })
  if (typeof input === 'number') return Number.isFinite(input) ? input + 0 : refuse(`${input} is not a finite number`)

  const text = input.trim()
  const shown = quote(text)
  const number = text.length <= MAX_LENGTH ? NUMBER.exec(text) : null
  if (number === null) return refuse(`${shown} is not a number with a unit`)
  const [token, sign, mantissa, exponent = '0'] = number as unknown as [string, string, string, string | undefined]
  const shifted = (decades: number) => finite(Number(`${sign}${mantissa}e${Number(exponent) + decades}`))
  const finite = (value: number) => (Number.isFinite(value) ? value + 0 : refuse(`${shown} is too large`))

  const name = plainUnit(text.slice(token.length))
  if (name === '') return unit === '1' ? shifted(0) : refuse(`${shown} has no unit`)
  const decades = SHARES.get(name)
  if (decades !== undefined) return unit === '1' ? shifted(decades) : refuse(`${shown} is a share, not ${expected}`)
  if (!/^[A-Za-z0-9/*^() .-]+$/.test(name)) return refuse(`the unit of ${shown} is not known`)

  units ??= await loadMath()
  const one = tryUnit(units, `1 ${name}`)
  if (one === null || one.value === null) return refuse(`the unit of ${shown} is not known`)
  if (unit === '1' || !one.equalBase(units.unit(`1 ${mathjs}`))) {
    const other = Object.values(UNITS).find((u) => u.mathjs !== '' && one.equalBase(units!.unit(`1 ${u.mathjs}`)))
    return refuse(`${shown} is ${other === undefined ? 'of another kind' : `a ${other.measures}`}, not ${expected}`)
  }
  if (unit === 'K') {
    // A product such as degC s / s would lose the offset.
    if (!/^[A-Za-z]+$/.test(name)) return refuse(`the unit of ${shown} is not known`)
    // Offsets such as 273.15 are not binary fractions: round away what the addition leaves.
    if (units.unit(`0 ${name}`).toNumber('K') !== 0)
      return finite(
        Number(
          units
            .unit(`${shifted(0)} ${name}`)
            .toNumber('K')
            .toPrecision(13),
        ),
      )
  }
  const factor = one.value
  const power = Math.round(Math.log10(factor))
  return Math.abs(factor / 10 ** power - 1) < 1e-12 ? shifted(power) : finite(shifted(0) * factor)
}

/** Signs and spellings in use that the unit reader does not know. */
export function plainUnit(text: string): string {
  return text
    .trim()
    .replaceAll(/[\u00b5\u03bc]/g, 'u')
    .replaceAll(/[\u03a9\u2126]|Ohm/g, 'ohm')
    .replaceAll('\u00b0', 'deg')
    .replaceAll('\u2103', 'degC')
}

function tryUnit(from: MathReader, text: string) {
  try {
    return from.unit(text)
  } catch {
    return null
  }
}

const PREFIX: Readonly<Record<number, string>> = {
  [-18]: 'a',
  [-15]: 'f',
  [-12]: 'p',
  [-9]: 'n',
  [-6]: 'u',
  [-3]: 'm',
  0: '',
  3: 'k',
  6: 'M',
  9: 'G',
}
const LONG_TIMES = [
  [86400, 'day'],
  [3600, 'hour'],
] as const

/**
 * A quantity for people: engineering prefixes, all significant digits. `parseQuantity` reads back the same number.
 *
 * @param value  SI
 */
export function formatQuantity(value: number, unit: Unit): string {
  if (unit === '1') return String(value)
  if (unit === '1/V^2' || unit === '1/K') return `${value} / ${unit.slice(2)}`
  if (!UNITS[unit].prefixes || value === 0) return `${value} ${unit}`
  if (unit === 's' && Math.abs(value) >= 1) {
    const long = LONG_TIMES.find(([seconds]) => value % seconds === 0)
    if (long === undefined) return `${value} s`
    const count = value / long[0]
    return `${count} ${long[1]}${count === 1 ? '' : 's'}`
  }
  const [digits, exponent] = value.toExponential().split('e') as [string, string]
  const thousands = Math.min(9, Math.max(-18, 3 * Math.floor(Number(exponent) / 3)))
  return `${shiftPoint(digits, Number(exponent) - thousands)} ${PREFIX[thousands]}${unit}`
}

/** d.ddd times 10^places as text: a detour over binary numbers could change the last digit. */
function shiftPoint(digits: string, places: number): string {
  if (places < 0 || places > 2) return `${digits}e${places}`
  const [whole, fraction = ''] = digits.split('.') as [string, string | undefined]
  const padded = fraction.padEnd(places, '0')
  return whole + padded.slice(0, places) + (padded.length > places ? `.${padded.slice(places)}` : '')
}
