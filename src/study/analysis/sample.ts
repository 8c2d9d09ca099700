/** Rows of a point as columns: what is computed with, and kept, where there are many chips and points. */
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

/**
 * @param rows   in chip order
 * @param count  takes the first so many; default all
 */
export function sampleOf(rows: readonly Row[], count = rows.length): Sample {
  const n = Math.min(count, rows.length)
  const chips = new Uint32Array(n)
  const values = new Float64Array(n)
  const weights = new Float64Array(n)
  const mechanisms = new Int32Array(n)
  let weighted = false
  for (let i = 0; i < n; i++) {
    const row = rows[i]!
    chips[i] = row.chip
    values[i] = row.value
    weights[i] = row.weight
    mechanisms[i] = row.mechanisms
    if (row.weight !== 1) weighted = true
  }
  return { chips, values, weights: weighted ? weights : null, mechanisms }
}

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
