/** The columns of a study's rows: the same in each of its shards, so that other tools read them as one table. */

import { FIELDS, type FieldPath, type FieldValue, valueAt } from '../../profile/fields.ts'
import type { Axis, Point, Row, Study } from '../study.ts'

/** What a chip counts; absent in a row is 0 in the file. Sorted. */
export const COUNTERS = [
  'adcClipped',
  'amplifierSaturated',
  'beyondActivationTable',
  'beyondDeviceCurve',
  'deadBitLine',
  'deadWordLine',
  'decoderSaturated',
  'faultyWeights',
  'formingFailure',
  'inputClipped',
  'metastable',
  'mostWritePulses',
  'partialClipped',
  'repairedWeights',
  'squaredErrorAfterRepair',
  'squaredErrorBeforeRepair',
  'stuckAtMax',
  'stuckAtMid',
  'stuckAtMin',
  'untrimmedOutputs',
  'writeFailures',
  'writePulses',
  'writtenDevices',
] as const

/** Where a column's numbers come from in a row. */
type NumberColumn = 'point' | 'chip' | 'value' | 'codeErrors' | 'weight' | 'mechanisms' | { readonly counter: string }

export type Column =
  | { readonly name: string; readonly type: 'INT32' | 'INT64' | 'DOUBLE'; readonly from: NumberColumn }
  /** Of the point, for readers of the table: a number or null, true or false, a text. */
  | {
      readonly name: string
      readonly type: 'DOUBLE' | 'BOOLEAN' | 'STRING'
      readonly path: FieldPath | 'network'
    }

/** Paths that have a column: those of the axes, and the one whose loosest value is sought. */
export function columnPaths(study: Pick<Study, 'axes' | 'loosest'>): readonly FieldPath[] {
  const paths = study.axes.map((axis: Axis) => axis.path).filter((path) => path !== 'network')
  return [...new Set([...paths, ...(study.loosest === null ? [] : [study.loosest.path])])]
}

/** All columns, in the order of the file. */
export function columnsOf(study: Pick<Study, 'axes' | 'loosest' | 'metric'>): readonly Column[] {
  return [
    { name: 'point', type: 'INT32', from: 'point' },
    { name: 'chip', type: 'INT64', from: 'chip' },
    { name: 'network', type: 'STRING', path: 'network' },
    ...columnPaths(study).map((path): Column => ({ name: path, type: typeOf(path), path })),
    { name: study.metric, type: 'DOUBLE', from: 'value' },
    { name: 'codeErrors', type: 'INT64', from: 'codeErrors' },
    { name: 'weight', type: 'DOUBLE', from: 'weight' },
    { name: 'mechanisms', type: 'INT32', from: 'mechanisms' },
    ...COUNTERS.map((counter): Column => ({ name: counter, type: 'DOUBLE', from: { counter } })),
  ]
}

function typeOf(path: FieldPath): 'DOUBLE' | 'BOOLEAN' | 'STRING' {
  const { kind } = FIELDS[path]
  if (kind === 'boolean') return 'BOOLEAN'
  return kind === 'quantity' || kind === 'number' || kind === 'integer' ? 'DOUBLE' : 'STRING'
}

/** A value of the profile at a point, as its column has it. */
export function pointValue(study: Study, point: Point, path: FieldPath): number | boolean | string | null {
  const given: FieldValue | undefined = Object.hasOwn(point.values, path) ? point.values[path] : undefined
  const value = given === undefined ? valueAt(study.profile, path) : given
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as number)
}

/** A number of a row. */
export function rowNumber(row: Row, from: NumberColumn): number {
  return typeof from === 'object' ? (row.counters[from.counter] ?? 0) : row[from]
}
