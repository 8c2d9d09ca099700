/** The share of chips that meet a requirement. */
import { clopperPearson } from '../../numerics/proportion.ts'
import { wilson } from '../../numerics/statistics.ts'
import { type WeightedFraction, weightedFraction } from '../../numerics/weighted.ts'
import { PLAIN_SHARE } from '../importance.ts'
import { type Requirement, requirementText } from '../requirement.ts'
import type { Yield } from '../result.ts'
import type { Sample } from './sample.ts'

/**
 * Whether a chip of this score meets the requirement. A score that is no number does not.
 *
 * @param ideal  score of the ideal network: a loss is measured from it
 */
export function meets({ limit, loss }: Requirement, value: number, ideal: number): boolean {
  return (loss ? value - ideal : value) <= limit
}

/**
 * Yield with its 95 % interval: Wilson's. Where all chips meet the requirement, or none, it is the exact one of Clopper
 * and Pearson: Wilson's contains a yield next to 0 or 1 too rarely. With likelihood ratios it is that of
 * `weightedFraction` for the rarer of the two, failing or meeting it.
 *
 * @param sample  of at least one chip
 */
export function yieldOf(requirement: Requirement, ideal: number, sample: Sample): Yield {
  const { values, weights } = sample
  if (weights !== null) {
    const { fraction, interval } = weightedYield(requirement, ideal, values, weights)
    return {
      requirement: requirementText(requirement),
      fraction,
      ci95: [interval.low, interval.high],
      method: 'importance',
    }
  }
  const n = values.length
  let met = 0
  for (const value of values) if (meets(requirement, value, ideal)) met++
  const exact = met === 0 || met === n
  const { low, high } = exact ? clopperPearson(met, n) : wilson(met, n)
  return {
    requirement: requirementText(requirement),
    fraction: met / n,
    ci95: [low, high],
    method: exact ? 'clopper-pearson' : 'wilson',
  }
}

/** From chips of a wider law, each with its likelihood ratio. */
export function weightedYield(
  requirement: Requirement,
  ideal: number,
  values: Float64Array,
  weights: Float64Array,
): WeightedFraction {
  const share = (met: boolean) =>
    weightedFraction(
      Array.from(values, (value) => meets(requirement, value, ideal) === met),
      weights,
      { bound: 1 / PLAIN_SHARE },
    )
  const failed = share(false)
  if (!(failed.fraction <= 0.5)) return share(true)
  const { low, high } = failed.interval
  return { ...failed, fraction: 1 - failed.fraction, interval: { low: 1 - high, high: 1 - low } }
}
