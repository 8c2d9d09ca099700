/**
 * What a value must be by itself, and which values do not go together. All in SI.
 */

import { formatQuantity } from '../base/quantity.ts'
import { suggest } from '../base/suggest.ts'
import { expectation, type Field, type FieldPath, formatValue } from './fields.ts'
import type { Profile } from './profile.ts'

/**
 * Whether a plain SI value fits its field.
 *
 * @returns null, or what is wrong as the end of the sentence "X ..."
 */
export function mismatch(field: Field, value: unknown): string | null {
  return fits(field, value) ? null : `must be ${expectation(field)}`
}

function fits(field: Field, value: unknown): boolean {
  switch (field.kind) {
    case 'boolean':
      return typeof value === 'boolean'
    case 'word':
      return typeof value === 'string' && Object.hasOwn(field.words, value)
    case 'levels':
      if (value === null) return true
      if (Array.isArray(value))
        return (
          value.length >= 2 &&
          value.length <= field.maxList &&
          value.every((g) => typeof g === 'number' && Number.isFinite(g) && g >= 0)
        )
      return typeof value === 'number' && Number.isInteger(value) && value >= 2 && value <= field.maxCount
    case 'table':
      return (
        value === null ||
        (Array.isArray(value) &&
          value.length >= 1 &&
          value.length <= field.maxRows &&
          value.every(
            (row) =>
              Array.isArray(row) &&
              row.length === 3 &&
              row.every((g) => typeof g === 'number' && Number.isFinite(g) && g >= 0),
          ))
      )
    default:
      if (value === null) return field.nullable === true
      if (typeof value !== 'number' || !Number.isFinite(value)) return false
      if (field.kind === 'integer') {
        if (!Number.isInteger(value)) return false
        if (field.allowed !== undefined) return field.allowed.includes(value)
      }
      return (
        (field.min === undefined || value >= field.min) &&
        (field.above === undefined || value > field.above) &&
        (field.max === undefined || value <= field.max) &&
        (field.below === undefined || value < field.below)
      )
  }
}

/** The way out of a wrong value: the word that was meant, or an example. */
export function wayOut(field: Field, value: unknown): string {
  if (field.kind === 'word' && typeof value === 'string') {
    const meant = suggest(value, Object.keys(field.words))
    if (meant !== null) return `did you mean ${JSON.stringify(meant)}?`
  }
  return `${field.meaning}; default ${formatValue(field, field.default)}; usual: ${field.source}`
}

/** Values that are valid one by one but not together. */
export interface Contradiction {
  readonly code: 'OHM1205'
  readonly message: string
  readonly hint: string
  /** The values involved, the one to mark first. */
  readonly paths: readonly FieldPath[]
}

/** Everything in a profile that does not go together. */
export function contradictions({ device, crossbar }: Profile): Contradiction[] {
  const found: Contradiction[] = []
  const report = (paths: readonly FieldPath[], message: string, hint: string) =>
    found.push({ code: 'OHM1205', message, hint, paths })
  const microsiemens = (g: number) => formatQuantity(g, 'S')

  const { conductanceMin: low, conductanceMax: high, levels, faults } = device
  const { model, table } = device.programming
  if (model === 'table' && table === null)
    report(
      ['device.programming.model', 'device.programming.table'],
      'the programming model is table, but there is no table',
      'give programming.table rows of target, mean and sigma, or the name of a CSV file beside the profile',
    )
  const fall = table === null ? -1 : table.findIndex(([target], k) => k > 0 && target <= table[k - 1]![0])
  if (table !== null && fall > 0)
    report(
      ['device.programming.table'],
      `targets of the table do not ascend: ${microsiemens(table[fall]![0])} follows ${microsiemens(table[fall - 1]![0])}`,
      'sort the rows and leave repeated targets out',
    )
  if (low >= high)
    report(
      ['device.conductanceMin', 'device.conductanceMax'],
      `conductanceMin (${microsiemens(low)}) is not below conductanceMax (${microsiemens(high)})`,
      'exchange the two, or widen the range',
    )
  else if (Array.isArray(levels)) {
    const outside = levels.find((g) => g < low || g > high)
    if (outside !== undefined)
      report(
        ['device.levels', 'device.conductanceMin', 'device.conductanceMax'],
        `level ${microsiemens(outside)} lies outside ${microsiemens(low)} to ${microsiemens(high)}`,
        'leave it out, or widen conductanceMin and conductanceMax',
      )
  }
  if (Array.isArray(levels)) {
    const step = levels.findIndex((g, k) => k > 0 && g <= levels[k - 1]!)
    if (step > 0)
      report(
        ['device.levels'],
        `levels do not ascend: ${microsiemens(levels[step]!)} follows ${microsiemens(levels[step - 1]!)}`,
        'sort the list and leave repeated values out',
      )
  }
  if (crossbar.bitLines < 2 * device.devicesPerSide)
    report(
      ['crossbar.bitLines', 'device.devicesPerSide'],
      `${crossbar.bitLines} bit lines have no room for one output of 2 x ${device.devicesPerSide} devices`,
      `use at least ${2 * device.devicesPerSide} bit lines, or fewer devices a side`,
    )
  const share = faults.stuckAtMin + faults.stuckAtMax + faults.stuckAtMid + faults.formingFailure
  // A hair of room: 0.1 + 0.2 + 0.7 is not 1 in binary.
  if (share > 1 + 1e-12)
    report(
      [
        'device.faults.stuckAtMin',
        'device.faults.stuckAtMax',
        'device.faults.stuckAtMid',
        'device.faults.formingFailure',
      ],
      `the probabilities of the device faults add up to ${Number(share.toPrecision(12))}; a device is in one class at most`,
      'lower them so that their sum is at most 1',
    )
  return found
}
