/** What a result's reader has to know besides its numbers. */
import type { Warning } from '../../base/errors.ts'
import type { PointResult } from '../result.ts'
import type { Study } from '../study.ts'

/** What was noticed of a point's rows. */
export interface Noticed {
  readonly point: number
  /** Scores that are no number, or infinite. */
  readonly notFinite: number
}

/** @param reached  whether every point has the interval that sequential stopping waits for */
export function analysisWarnings(
  study: Study,
  results: readonly PointResult[],
  noticed: readonly Noticed[],
  reached: boolean,
): Warning[] {
  const warnings: Warning[] = []
  const bad = noticed.filter(({ notFinite }) => notFinite > 0)
  if (bad.length > 0) {
    const count = bad.reduce((n, { notFinite }) => n + notFinite, 0)
    warnings.push({
      code: 'OHM8006',
      message: `${many(count, 'chip')} of ${pointList(bad.map(({ point }) => point))} ${count === 1 ? 'has' : 'have'} no finite score in ${study.metric}: means leave ${count === 1 ? 'it' : 'them'} out, quantiles count scores that are no number as the worst, and they meet no requirement`,
    })
  }
  const chips = results.map((result) => result.chips)
  const [least, most] = [Math.min(...chips), Math.max(...chips)]
  if (least < most && results.some(({ paired }) => paired !== null))
    warnings.push({
      code: 'OHM8006',
      message: `points have ${least} to ${most} chips; differences between two points are over the chips that both have`,
    })
  const open = [...new Set(results.flatMap(({ metric }) => metric.quantiles))]
    .filter(({ ci95 }) => !ci95.every(Number.isFinite))
    .map(({ p }) => p)
  if (open.length > 0)
    warnings.push({
      code: 'OHM8006',
      message: `${least} chips do not bound the ${[...new Set(open)].sort((a, b) => a - b).join(', ')} quantiles on both sides`,
    })
  if (study.until !== null && !reached)
    warnings.push({
      code: 'OHM8006',
      message: `${study.until.of} +- ${study.until.halfWidth} was not reached with ${study.chips} chips a point`,
    })
  for (const { name, adaptedTo } of study.networks)
    if (adaptedTo !== undefined && !(adaptedTo.seed === study.seed && adaptedTo.chip === study.firstChip && most === 1))
      warnings.push({
        code: 'OHM5008',
        message: `the digital half of ${name} was adapted to chip ${adaptedTo.chip} of seed ${adaptedTo.seed}; these are other chips`,
      })
  return warnings
}

const many = (n: number, thing: string) => `${n} ${thing}${n === 1 ? '' : 's'}`

/** "point 3", "points 3, 4, 9 and 12 others" */
function pointList(points: readonly number[]): string {
  const shown = points.slice(0, 5)
  const rest = points.length - shown.length
  return `point${points.length === 1 ? '' : 's'} ${shown.join(', ')}${rest > 0 ? ` and ${rest} others` : ''}`
}
