/** The share of chips that meet a requirement. */
import { clopperPearson } from '../../numerics/proportion.ts'
import { wilson } from '../../numerics/statistics.ts'
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
 * and Pearson: Wilson's contains a yield next to 0 or 1 too rarely.
 *
 * @param sample  of at least one chip
 */
export function yieldOf(requirement: Requirement, ideal: number, { values }: Sample): Yield {
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
