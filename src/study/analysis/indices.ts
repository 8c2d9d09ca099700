/** How much of the variation over the ranges each parameter makes. */
import { varianceIndices } from '../../numerics/variance-indices.ts'
import type { PointResult, StudyResult } from '../result.ts'
import type { Study } from '../study.ts'
import { endsOf } from './spread.ts'

/** Base points below which there is nothing to resample. */
const LEAST = 2

/**
 * First and total Sobol' indices of the mean score over the chips, which are the same at every point, with bootstrap
 * intervals; of the first network. Points are in the order of `indexDesign`, one axis a range that is not derived.
 * Empty where a point is missing or has no finite mean.
 */
export function indicesOf(study: Study, results: readonly PointResult[]): StudyResult['indices'] {
  const axes = study.axes.filter(({ derived, range }) => range !== undefined && !derived)
  const planned = study.points.filter(({ network }) => network === study.points[0]?.network)
  const means = new Map(results.map((result) => [result.index, result.metric.mean]))
  const values = planned.map(({ index }) => means.get(index) ?? Number.NaN)
  const base = values.length / (axes.length + 2)
  if (axes.length === 0 || !Number.isInteger(base) || base < LEAST || !values.every(Number.isFinite)) return []
  return varianceIndices(values, axes.length, { seed: study.seed }).map(
    ({ first, firstInterval, total, totalInterval }, k) => {
      const { path } = axes[k]!
      if (path === 'network') throw new TypeError('a network is no range')
      return {
        path,
        first: { name: path, value: first, ci95: endsOf(firstInterval) },
        total: { name: path, value: total, ci95: endsOf(totalInterval) },
      }
    },
  )
}
