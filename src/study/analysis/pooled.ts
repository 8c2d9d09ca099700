/**
 * Scores of all points of a sampled range together. Points are drawn, and so are chips, but every point has the same
 * chips: scores that share a point or a chip are alike, and intervals must not count them as independent ones.
 */
import { clopperPearson } from '../../numerics/proportion.ts'
import { meanInterval, quantileRanks, studentQuantile, wilson } from '../../numerics/statistics.ts'
import type { MetricName } from '../../task/metric.ts'
import { type Requirement, requirementText } from '../requirement.ts'
import type { Spread, Yield } from '../result.ts'
import { QUANTILES, sortedQuantile, sortedScores, spreadOf } from './spread.ts'

/** Scores with the point and the chip that each belongs to, points and chips counted from 0. */
export interface Crossed {
  readonly values: Float64Array
  readonly points: Uint32Array
  readonly chips: Uint32Array
}

/**
 * Variance of a mean over crossed points and chips, relative to that of as many independent values; at least 1.
 *
 * V = V_points + V_chips - V_cells, each with the sums of the residuals over that cluster
 * Source: A. C. Cameron, J. B. Gelbach, D. L. Miller, J. Bus. Econ. Stat. 29 (2011) 238, eq. 2.7
 */
export function designEffect(values: ArrayLike<number>, { points, chips }: Crossed): number {
  const n = values.length
  let centre = 0
  for (let i = 0; i < n; i++) centre += values[i]! / n
  let cells = 0
  const sums = { points: new Map<number, number>(), chips: new Map<number, number>() }
  for (let i = 0; i < n; i++) {
    const r = values[i]! - centre
    cells += r * r
    sums.points.set(points[i]!, (sums.points.get(points[i]!) ?? 0) + r)
    sums.chips.set(chips[i]!, (sums.chips.get(chips[i]!) ?? 0) + r)
  }
  if (!(cells > 0)) return 1
  // A single cluster has no residual: it says nothing about the spread of clusters.
  const squares = (of: Map<number, number>) =>
    of.size < 2 ? cells : ([...of.values()].reduce((s, x) => s + x * x, 0) * of.size) / (of.size - 1)
  const each = { points: squares(sums.points), chips: squares(sums.chips) }
  return Math.max(1, each.points / cells, each.chips / cells, (each.points + each.chips - cells) / cells)
}

/** As `spreadOf`, with the intervals of as many independent chips as know as much. */
export function pooledSpread(name: MetricName, scores: Crossed): Spread {
  const plain = spreadOf(name, { values: scores.values, weights: null })
  const sorted = sortedScores(scores.values)
  const n = sorted.length
  return {
    ...plain,
    ci95: pooledMean(scores, plain.mean),
    quantiles: plain.quantiles.map(({ p, value }, k) => {
      const below = Uint8Array.from(scores.values, (x) => (x <= value ? 1 : 0))
      const effective = Math.max(1, Math.floor(n / designEffect(below, scores)))
      const [low, high] = quantileRanks(effective, QUANTILES[k]!)
      // The ranks of fewer chips, as shares of those there are.
      const at = (rank: number) => sortedQuantile(sorted, Math.min(1, Math.max(0, (rank + 0.5) / effective)))
      return { p, value, ci95: [low < 0 ? -Infinity : at(low), high >= effective ? Infinity : at(high)] }
    }),
  }
}

function pooledMean(scores: Crossed, mean: number): Spread['ci95'] {
  const finite = scores.values.map((x) => (Number.isFinite(x) ? x : mean))
  const { low, high } = meanInterval(finite)
  if (Number.isNaN(low)) return [-Infinity, Infinity]
  const wider = studentQuantile(0.975, clustersOf(scores) - 1) / studentQuantile(0.975, finite.length - 1)
  const half = ((high - low) / 2) * Math.sqrt(designEffect(finite, scores)) * wider
  return [mean - half, mean + half]
}

/** The fewer of points and chips, where there are several of both. */
function clustersOf({ values, points, chips }: Crossed): number {
  const several = [points, chips].map((of) => new Set(of).size).filter((size) => size > 1)
  return Math.min(values.length, ...several)
}

/** As `yieldOf`, the numbers of chips divided by the design effect. */
export function pooledYield(requirement: Requirement, met: Uint8Array, scores: Crossed): Yield {
  const n = met.length
  const count = met.reduce((s, x) => s + x, 0)
  const exact = count === 0 || count === n
  // Where all are alike, nothing is known of how they go together.
  const effect = exact ? n / clustersOf(scores) : designEffect(met, scores)
  const { low, high } = exact ? clopperPearson(count / effect, n / effect) : wilson(count / effect, n / effect)
  return {
    requirement: requirementText(requirement),
    fraction: count / n,
    ci95: [low, high],
    method: exact ? 'clopper-pearson' : 'wilson',
  }
}
