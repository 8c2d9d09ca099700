/** Rows of a point as columns: what is computed with, and kept, where there are many chips and points. */
import { counterTotals } from '../../deployment/simulate.ts'
import type { Row } from '../study.ts'

export interface Sample {
  /** Of the study, ascending. */
  readonly chips: Uint32Array
  /** Scores, one a chip; NaN where a chip had none. */
  readonly values: Float64Array
  /** Likelihood ratios; null where all are 1. */
  readonly weights: Float64Array | null
  readonly mechanisms: Int32Array
}

/** What the rows of a point sum up to. */
export interface Totals {
  /** Of the likelihood ratios: as many as chips where all are 1. */
  readonly weight: number
  /** Codes that are not those of the ideal network, each chip as often as it counts. */
  readonly codeErrors: number
  readonly counters: Readonly<Record<string, number>>
}

/**
 * @param rows   in chip order
 * @param count  takes the first so many; default all
 */
export function sampleOf(rows: Iterable<Row>, count = Number.POSITIVE_INFINITY): Sample {
  return gather(rows, count).sample
}

/** Rows as columns and sums, in one pass: rows are let go of as they come. */
export function gather(
  rows: Iterable<Row>,
  count = Number.POSITIVE_INFINITY,
): { readonly sample: Sample; readonly totals: Totals } {
  let room = 256
  let columns = columnsFor(room)
  let n = 0
  let weighted = false
  let weight = 0
  let codeErrors = 0
  const counters = counterTotals()
  for (const row of rows) {
    if (n >= count) break
    if (n === room) {
      room *= 2
      const larger = columnsFor(room)
      for (const name of NAMES) larger[name].set(columns[name])
      columns = larger
    }
    columns.chips[n] = row.chip
    columns.values[n] = row.value
    columns.weights[n] = row.weight
    columns.mechanisms[n] = row.mechanisms
    if (row.weight !== 1) weighted = true
    weight += row.weight
    codeErrors += row.weight * row.codeErrors
    counters.add(row.counters)
    n++
  }
  const { chips, values, weights, mechanisms } = columns
  return {
    sample: {
      chips: chips.slice(0, n),
      values: values.slice(0, n),
      weights: weighted ? weights.slice(0, n) : null,
      mechanisms: mechanisms.slice(0, n),
    },
    totals: { weight, codeErrors, counters: counters.total() },
  }
}

const NAMES = ['chips', 'values', 'weights', 'mechanisms'] as const

const columnsFor = (room: number) => ({
  chips: new Uint32Array(room),
  values: new Float64Array(room),
  weights: new Float64Array(room),
  mechanisms: new Int32Array(room),
})

/** The first chips of a sample. */
export function firstOf(sample: Sample, count: number): Sample {
  if (count >= sample.chips.length) return sample
  return {
    chips: sample.chips.subarray(0, count),
    values: sample.values.subarray(0, count),
    weights: sample.weights?.subarray(0, count) ?? null,
    mechanisms: sample.mechanisms.subarray(0, count),
  }
}
