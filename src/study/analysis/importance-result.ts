/** What importance sampling gained, and whether it agrees with its plain chips. */
import type { Warning } from '../../base/errors.ts'
import { isWide } from '../importance.ts'
import type { StudyResult } from '../result.ts'
import type { Importance, Point, Study } from '../study.ts'
import { idealScore } from './ideal.ts'
import type { Sample } from './sample.ts'
import { weightedYield, yieldOf } from './yield.ts'

type ImportanceResult = NonNullable<StudyResult['importance']>

/** Failures (or, where these are the rarer, successes) below which weights say too little of the yield. */
const FEWEST_EVENTS = 10

/**
 * Of one point. The chips that were drawn plainly are a sample of their own: their yield is the check.
 *
 * @returns  null without a requirement
 */
export function importanceOf(
  study: Study,
  { path, scale }: Importance,
  point: Point,
  sample: Sample,
): { readonly result: ImportanceResult; readonly warnings: readonly Warning[] } | null {
  const { requirement } = study
  if (requirement === null) return null
  const ideal = idealScore(study, point.network)
  const weights = sample.weights ?? new Float64Array(sample.values.length).fill(1)
  const { fraction, interval, effective, events } = weightedYield(requirement, ideal, sample.values, weights)
  const plainValues = sample.values.filter((_, i) => !isWide(study, sample.chips[i]!))
  const plain =
    plainValues.length === 0 ? null : yieldOf(requirement, ideal, { ...sample, values: plainValues, weights: null })
  const warnings: Warning[] = []
  const say = (message: string) => void warnings.push({ code: 'OHM8006', message })
  if (sample.weights === null) say(`no chip draws anything from ${path}: this is plain sampling`)
  else if (events < FEWEST_EVENTS)
    say(
      `the yield rests on ${Number(events.toPrecision(2))} effective ${fraction > 0.5 ? 'failures' : 'successes'}, fewer than ${FEWEST_EVENTS}: more chips, or another widening of ${path}, would narrow it`,
    )
  else if (effective < weights.length)
    say(
      `${weights.length} chips know the yield as well as ${Math.floor(effective)} plain ones would: it is not ${path} that makes chips fail`,
    )
  if (plain !== null && (plain.ci95[0] > interval.high || plain.ci95[1] < interval.low))
    say(
      `importance sampling gives a yield of ${fraction}, its ${plainValues.length} plain chips ${plain.fraction}: their intervals do not meet`,
    )
  return {
    result: { path, scale, effectiveChips: effective, plain, plainChips: plainValues.length },
    warnings,
  }
}
