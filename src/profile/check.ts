/**
 * What a value must be by itself, and which values do not go together. All in SI.
 */

import { formatQuantity } from '../base/quantity.ts'
import { suggest } from '../base/suggest.ts'
import { expectation, type Field, type FieldPath, formatValue } from './fields.ts'
import { lineNeeds } from './geometry.ts'
import type { Profile } from './profile.ts'
import { clashes } from './support.ts'

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
              row.every((g) => typeof g === 'number' && g >= 0 && g <= field.most),
          ))
      )
    case 'curve':
      return (
        value === null ||
        (Array.isArray(value) &&
          value.length >= field.minRows &&
          value.length <= field.maxRows &&
          value.every(
            (row) =>
              Array.isArray(row) &&
              row.length === 2 &&
              row.every((x) => typeof x === 'number' && Math.abs(x) <= field.most),
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
  if (field.kind === 'table' && [value].flat(2).some((g) => typeof g === 'number' && g > field.most))
    return `are these microsiemens? Plain numbers are siemens: write "50 uS", or head a CSV file with target_uS,mean_uS,sigma_uS`
  return `${field.meaning}; default ${formatValue(field, field.default)}; usual: ${field.source}`
}

/** Bits of a weight that slices can hold. */
const MOST_SLICED_BITS = 24

/** Values that are valid one by one but not together. */
export interface Contradiction {
  readonly code: 'OHM1205'
  readonly message: string
  readonly hint: string
  /** The values involved, the one to mark first. */
  readonly paths: readonly FieldPath[]
}

/** Everything in a profile that does not go together. */
export function contradictions(profile: Profile): Contradiction[] {
  const { device, crossbar, periphery } = profile
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
  const { transfer } = periphery.activation
  if (transfer.model === 'measured' && transfer.table === null)
    report(
      ['periphery.activation.transfer.model', 'periphery.activation.transfer.table'],
      'the activation stage is measured, but there is no table',
      'give transfer.table rows of input and output, or the name of a CSV file beside the profile',
    )
  const turn = transfer.table === null ? -1 : transfer.table.findIndex(([x], k, all) => k > 0 && x <= all[k - 1]![0])
  if (transfer.table !== null && turn > 0)
    report(
      ['periphery.activation.transfer.table'],
      `inputs of the table do not ascend: ${transfer.table[turn]![0]} follows ${transfer.table[turn - 1]![0]}`,
      'sort the rows and leave repeated inputs out',
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
  const needs = lineNeeds(profile)
  const k = device.devicesPerSide
  const least = needs.bitLinesPerOutput + needs.sharedBitLines
  if (crossbar.bitLines < least)
    report(
      ['crossbar.bitLines', 'device.devicesPerSide', 'crossbar.mapping'],
      `${crossbar.bitLines} bit lines have no room for one output of ${needs.bitLinesPerOutput / k} x ${k} devices${needs.sharedBitLines > 0 ? ` and a reference of ${k}` : ''}`,
      `use at least ${least} bit lines, or fewer devices a side`,
    )
  if (crossbar.wordLines < needs.wordLinesPerWord)
    report(
      ['crossbar.wordLines', 'crossbar.layout'],
      `layout ${crossbar.layout} takes ${needs.wordLinesPerWord} word lines a word; the array has ${crossbar.wordLines}`,
      `use at least ${needs.wordLinesPerWord} word lines`,
    )
  const bits = crossbar.slices * crossbar.sliceBits
  if (crossbar.mapping === 'bit-sliced' && bits > MOST_SLICED_BITS)
    report(
      ['crossbar.slices', 'crossbar.sliceBits'],
      `${crossbar.slices} slices of ${crossbar.sliceBits} bits are ${bits} bits a weight; at most ${MOST_SLICED_BITS} are possible`,
      'use fewer slices, or fewer bits a slice',
    )
  if (periphery.input.encoding === 'bit-serial' && periphery.input.bits === null)
    report(
      ['periphery.input.encoding', 'periphery.input.bits'],
      'inputs are sent bit after bit, but the input DAC has no number of bits',
      'set periphery.input.bits, or choose encoding amplitude or pulse-width',
    )
  const { adc } = profile
  if (adc.architecture === 'memristive-sar' && adc.search !== 'binary')
    report(
      ['adc.search', 'adc.architecture'],
      `a memristive SAR searches by successive approximation; adc.search is ${adc.search}`,
      'set adc.search to binary, or choose architecture serial',
    )
  for (const { paths, reason, hint } of clashes(profile)) report(paths, reason, hint)
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
