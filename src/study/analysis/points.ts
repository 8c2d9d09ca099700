/** Results of single points. */
import { pairedDifference } from '../../numerics/paired.ts'
import { weightedMean, weightedQuantile } from '../../numerics/weighted.ts'
import { STAGES, type Stage } from '../../profile/isolate.ts'
import { PLAIN_SHARE } from '../importance.ts'
import { stagesOf } from '../mechanisms.ts'
import type { PointResult } from '../result.ts'
import type { Point, Study } from '../study.ts'
import { idealScore } from './ideal.ts'
import type { Sample, Totals } from './sample.ts'
import { distributionOf, endsOf, spreadOf } from './spread.ts'
import { yieldOf } from './yield.ts'

/** The point that others are compared with, on the same chips. */
export interface Reference {
  readonly point: number
  readonly sample: Sample
}

/**
 * @param sample     rows of the point, at least one
 * @param totals     of the same
 * @param reference  null: this point is what others are compared with
 */
export function pointResult(
  study: Study,
  point: Point,
  sample: Sample,
  totals: Totals,
  reference: Reference | null,
): PointResult {
  const { name, network, inputs } = study.networks[point.network]!
  const ideal = idealScore(study, point.network)
  const codes = totals.weight * inputs.rows * network.encoder.at(-1)!.weight.rows
  return {
    index: point.index,
    network: name,
    values: point.values,
    mechanisms: stagesOn(study, point),
    ...(point.mechanisms !== 'all' && 'first' in point.mechanisms ? { order: point.mechanisms } : {}),
    ideal,
    chips: sample.chips.length,
    metric: spreadOf(study.metric, sample),
    yield: study.requirement === null ? null : yieldOf(study.requirement, ideal, sample),
    codes: { errorRate: totals.codeErrors / codes },
    counters: countersOf(totals.counters),
    paired: reference === null ? null : pairedOf(sample, reference),
    distribution: distributionOf(sample),
  }
}

/** Null for all, and where they differ from chip to chip. */
function stagesOn(study: Study, point: Point): readonly Stage[] | null {
  const { mechanisms } = point
  if (mechanisms === 'all' || 'first' in mechanisms) return null
  const has = stagesOf(study, point)
  return STAGES.filter((stage) => mechanisms.includes(stage) && has.includes(stage))
}

/** Counters that are there even when nothing was counted. */
const ALWAYS = ['inputClipped', 'partialClipped', 'amplifierSaturated', 'adcClipped', 'metastable', 'decoderSaturated']

/** Of all chips, in order of name; those that count nothing are left out, but for a few. */
function countersOf(total: Totals['counters']): Record<string, number> {
  const names = [...new Set([...ALWAYS, ...Object.keys(total)])].sort()
  return Object.fromEntries(
    names.map((name) => [name, total[name] ?? 0] as const).filter(([name, n]) => n !== 0 || ALWAYS.includes(name)),
  )
}

/** Scores of the chips that two samples share and that both score finitely; weights are null where they differ. */
export function common(
  a: Sample,
  b: Sample,
): { readonly a: Float64Array; readonly b: Float64Array; readonly weights: Float64Array | null } {
  const first: number[] = []
  const second: number[] = []
  const weights: number[] = []
  let equal = true
  for (let i = 0, j = 0; i < a.chips.length && j < b.chips.length; ) {
    if (a.chips[i]! < b.chips[j]!) i++
    else if (a.chips[i]! > b.chips[j]!) j++
    else {
      if (Number.isFinite(a.values[i]!) && Number.isFinite(b.values[j]!)) {
        first.push(a.values[i]!)
        second.push(b.values[j]!)
        weights.push(a.weights?.[i] ?? 1)
        if ((b.weights?.[j] ?? 1) !== weights.at(-1)) equal = false
      }
      i++
      j++
    }
  }
  return {
    a: Float64Array.from(first),
    b: Float64Array.from(second),
    weights: equal ? Float64Array.from(weights) : null,
  }
}

/** Null where they have no chip in common, or count their chips differently. */
function pairedOf(sample: Sample, reference: Reference): PointResult['paired'] {
  const { a, b, weights } = common(sample, reference.sample)
  if (a.length === 0 || weights === null) return null
  const against = reference.point
  if (weights.every((weight) => weight === 1)) {
    const { mean, ci, median, medianCi } = pairedDifference(a, b)
    return { against, mean, ci95: endsOf(ci), median, medianCi95: endsOf(medianCi) }
  }
  const differences = a.map((value, i) => value - b[i]!)
  const { mean, interval } = weightedMean(differences, weights)
  const median = weightedQuantile(differences, weights, 0.5, { bound: 1 / PLAIN_SHARE })
  return { against, mean, ci95: endsOf(interval), median: median.value, medianCi95: endsOf(median.interval) }
}
