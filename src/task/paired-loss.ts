import { mean, meanInterval, wilson } from '../numerics/statistics.ts'
import { combine, type MetricName, type PerVector } from './metric.ts'

/** What a change costs, with the 95 % interval of that difference. */
export interface PairedLoss {
  /** In the metric's unit; positive = worse. */
  readonly value: number
  readonly ci95: readonly [low: number, high: number]
}

/**
 * Score after a change less score before, on the same vectors. Most of the spread of a score is that of its vectors, so
 * the interval of the difference is far narrower than those of the two scores.
 *
 * nmseDb: 10 log10(sum error after / sum error before) with the delta method for a ratio of means; mse and ber: mean of
 * the differences with Student's t. Where no bit at all changed, Wilson's bound for none of so many bits.
 *
 * Source: Cochran, Sampling Techniques, 3rd ed., sec. 2.11 (ratio)
 */
export function pairedLoss(name: MetricName, before: PerVector, after: PerVector): PairedLoss {
  if (name === 'nmseDb') {
    const perfect = before.error.every((e) => e === 0) && after.error.every((e) => e === 0)
    if (perfect) return { value: 0, ci95: [0, 0] }
    const { value, ci95 } = combine('nmseDb', after.error, before.error)
    return { value, ci95 }
  }
  const differences = after.error.map((e, v) => (e - before.error[v]!) / after.energy[v]!)
  if (name === 'ber' && differences.every((d) => d === 0)) {
    const bits = after.energy.reduce((a, b) => a + b, 0)
    const { high } = wilson(0, bits)
    return { value: 0, ci95: [-high, high] }
  }
  const { low, high } = meanInterval(differences)
  const infinite = Number.isNaN(low)
  return { value: mean(differences), ci95: infinite ? [-Infinity, Infinity] : [low, high] }
}
