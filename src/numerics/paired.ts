/** Two designs on the same chips: what the chips have in common cancels. */
import { type Interval, mean, meanInterval, quantile, quantileInterval } from './statistics.ts'

export interface PairedDifference {
  /** Mean of a - b; its interval is Student's. */
  readonly mean: number
  readonly ci: Interval
  /** Median of a - b, not the difference of the medians; its interval is by order statistics. */
  readonly median: number
  readonly medianCi: Interval
}

/**
 * Difference of two designs over the chips they share.
 *
 * @param a  scores, one a chip
 * @param b  scores of the same chips in the same order
 * @throws RangeError when they are not equally many
 */
export function pairedDifference(a: ArrayLike<number>, b: ArrayLike<number>, confidence = 0.95): PairedDifference {
  if (a.length !== b.length) throw new RangeError(`paired values: ${a.length} and ${b.length}`)
  const differences = Float64Array.from(a, (value, i) => value - b[i]!)
  return {
    mean: mean(differences),
    ci: meanInterval(differences, confidence),
    median: differences.length === 0 ? Number.NaN : quantile(differences, 0.5),
    medianCi: quantileInterval(differences, 0.5, confidence),
  }
}
