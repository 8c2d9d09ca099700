/** How the scores of chips spread. */
import { mean, meanInterval, quantileRanks, standardDeviation } from '../../numerics/statistics.ts'
import { weightedMean, weightedQuantile } from '../../numerics/weighted.ts'
import type { MetricName } from '../../task/metric.ts'
import { PLAIN_SHARE } from '../importance.ts'
import type { Ci95, Spread } from '../result.ts'
import type { Sample } from './sample.ts'

/** Quantiles of every spread. */
export const QUANTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const

/** Scores of a distribution that a result keeps. */
const KEPT = 512

/** Scores in ascending order; one that is no number counts as the worst. */
export function sortedScores(values: Float64Array): Float64Array {
  return values.map((value) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value)).sort()
}

/** What a mean can be made of. */
export function finiteScores(values: Float64Array): Float64Array {
  return values.every(Number.isFinite) ? values : values.filter(Number.isFinite)
}

/**
 * Mean and quantiles with 95 % intervals: Student's for the mean, of the finite scores; for quantiles by order
 * statistics, in which a score that is no number is the worst. With likelihood ratios, those of numerics/weighted.ts.
 *
 * @param sample  scores of independent chips, at least one
 */
export function spreadOf(name: MetricName, { values, weights }: Pick<Sample, 'values' | 'weights'>): Spread {
  if (weights !== null) return weightedSpread(name, values, weights)
  const finite = finiteScores(values)
  const sorted = sortedScores(values)
  const n = sorted.length
  return {
    name,
    mean: mean(finite),
    ci95: endsOf(meanInterval(finite)),
    standardDeviation: standardDeviation(finite),
    quantiles: QUANTILES.map((p) => {
      const [low, high] = quantileRanks(n, p)
      return { p, value: sortedQuantile(sorted, p), ci95: [sorted[low] ?? -Infinity, sorted[high] ?? Infinity] }
    }),
  }
}

function weightedSpread(name: MetricName, values: Float64Array, weights: Float64Array): Spread {
  const finite = values.filter(Number.isFinite)
  const of = weights.filter((_, i) => Number.isFinite(values[i]!))
  const { mean: centre, interval } = weightedMean(finite, of)
  const { mean: variance } = weightedMean(
    finite.map((x) => (x - centre) ** 2),
    of,
  )
  const worst = values.map((value) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value))
  return {
    name,
    mean: centre,
    ci95: endsOf(interval),
    standardDeviation: Math.sqrt(variance),
    quantiles: QUANTILES.map((p) => {
      const found = weightedQuantile(worst, weights, p, { bound: 1 / PLAIN_SHARE })
      return { p, value: found.value, ci95: endsOf(found.interval) }
    }),
  }
}

/** Infinite where there is no interval. */
export function endsOf({ low, high }: { readonly low: number; readonly high: number }): Ci95 {
  return [Number.isNaN(low) ? -Infinity : low, Number.isNaN(high) ? Infinity : high]
}

/** Between neighbouring order statistics linearly (type 7 of Hyndman and Fan); next to an infinite one, the nearer. */
export function sortedQuantile(sorted: Float64Array, p: number): number {
  const h = (sorted.length - 1) * p
  const i = Math.floor(h)
  const low = sorted[i]!
  const high = sorted[i + 1] ?? low
  if (!Number.isFinite(high - low)) return h - i < 0.5 ? low : high
  return low + (h - i) * (high - low)
}

/** At most 512 evenly spaced order statistics of the finite scores, by their weight, the least and the greatest among them. */
export function distributionOf({ values, weights }: Pick<Sample, 'values' | 'weights'>): number[] {
  const order = [...values.keys()].filter((i) => Number.isFinite(values[i]!)).sort((a, b) => values[a]! - values[b]!)
  if (weights === null) {
    const n = order.length
    if (n <= KEPT) return order.map((i) => values[i]!)
    return Array.from({ length: KEPT }, (_, k) => values[order[Math.round((k * (n - 1)) / (KEPT - 1))]!]!)
  }
  const total = order.reduce((s, i) => s + weights[i]!, 0)
  const kept: number[] = []
  const count = Math.min(KEPT, order.length)
  let below = 0
  for (const i of order) {
    below += weights[i]!
    // Levels (k + 1/2) / count that this score reaches.
    while (kept.length < count && (kept.length + 0.5) * total <= below * count) kept.push(values[i]!)
  }
  return kept
}
