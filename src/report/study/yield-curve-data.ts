/** Distributions of the score over chips: which curves a study has, and what they say. */
import type { PointResult, StudyResult } from '../../study/result.ts'
import { MOST_SERIES } from '../theme.ts'
import { metricAxis } from '../words.ts'
import { labelsOf, mainPoints } from './design.ts'
import { type DataTable, known } from './figure.ts'
import { level, percent, plainText, scoreText, scoreUnit } from './quantity.ts'
import { limitOf } from './requirement.ts'

/** Order statistics that a result keeps. */
const KEPT = 512
/** Scores of all points that are sorted together. */
const MOST_POOLED = 1 << 20
/** Letters of a curve's name; longer ones are of values alone. */
const LONGEST = 48
/** ln(2 / 0.05) / 2: the 95 % band is this over n, under a root. */
const DKW = Math.log(2 / 0.05) / 2
/** Curves whose bands can be told apart. */
export const MOST_BANDS = 3

/** One distribution: scores, and shares of the chips at or below each. */
export interface Curve {
  /** In the figure, and elsewhere. */
  readonly name: string
  readonly full: string
  readonly scores: readonly number[]
  readonly shares: readonly number[]
  /** Half the height of the band; null: the intervals of the quantiles are drawn. */
  readonly half: number | null
  readonly quantiles: PointResult['metric']['quantiles']
  /** Where the requirement is, and the chips that meet it. */
  readonly limit: number | null
  readonly met: { readonly fraction: number; readonly low: number | null; readonly high: number | null } | null
}

export interface YieldCurves {
  readonly curves: readonly Curve[]
  /** What is not drawn. */
  readonly left: readonly string[]
}

/**
 * The curves of a study: of its points, all if they are few, else of the first, the best and the worst; of points that
 * sample ranges, of all together.
 *
 * The band is that of Dvoretzky, Kiefer and Wolfowitz: with 95 % the whole distribution lies in it. Where chips do not
 * count alike, the intervals of the quantiles stand in its place.
 * Source: P. Massart, Ann. Probab. 18 (1990) 1269: sqrt(ln(2 / alpha) / (2 n))
 */
export function yieldCurves(result: StudyResult): YieldCurves | null {
  const points = mainPoints(result)
  if (result.point === null) return pooledCurve(result, points)
  const found = result.kind === 'loosest' ? points.filter(({ index }) => index === result.point) : points
  const shown = found.length <= MOST_SERIES ? found : outstanding(found)
  const { full, short, note } = labelsOf(result, shown, LONGEST)
  const curves = shown.flatMap((point, k) => {
    const curve = curveOf(point, result.importance !== null)
    return curve === null ? [] : [{ ...curve, name: short[k]!, full: full[k]! }]
  })
  if (curves.length === 0) return null
  const left = [
    ...(curves.length > 1 ? note : []),
    ...(found.length < points.length ? ['at the loosest value that keeps it'] : []),
    ...(shown.length < found.length ? [`of ${found.length} points the first, the best and the worst median`] : []),
  ]
  return { curves, left }
}

function outstanding(points: readonly PointResult[]): readonly PointResult[] {
  const median = ({ metric }: PointResult) => known(metric.quantiles.find(({ p }) => p === 0.5)?.value) ?? Infinity
  const best = points.reduce((a, b) => (median(b) < median(a) ? b : a))
  const worst = points.reduce((a, b) => (median(b) > median(a) ? b : a))
  return [...new Set([points[0]!, best, worst])]
}

function curveOf(point: PointResult, weighted: boolean): Omit<Curve, 'name' | 'full'> | null {
  const scores = point.distribution
  if (scores.length === 0) return null
  const n = point.chips
  const count = scores.length
  // Of more chips than are kept, each score stands for a rank; weighted ones stand for levels.
  const rank = (k: number) => (n > KEPT && count === KEPT ? Math.round((k * (n - 1)) / (KEPT - 1)) : k)
  return {
    scores,
    shares: scores.map((_, k) => (weighted ? (k + 0.5) / count : (rank(k) + 1) / n)),
    half: weighted ? null : Math.sqrt(DKW / n),
    quantiles: point.metric.quantiles,
    limit: limitOf(point),
    met: metOf(point.yield),
  }
}

const metOf = (it: StudyResult['yield']): Curve['met'] =>
  it === null ? null : { fraction: it.fraction, low: known(it.ci95[0]), high: known(it.ci95[1]) }

/** Scores of all points, each counting as many chips as it stands for. */
function pooledCurve(result: StudyResult, points: readonly PointResult[]): YieldCurves | null {
  const stride = Math.ceil(points.reduce((n, { distribution }) => n + distribution.length, 0) / MOST_POOLED)
  const all: { score: number; weight: number }[] = []
  let count = 0
  for (const { distribution, chips } of points)
    for (const score of distribution)
      if (count++ % stride === 0) all.push({ score, weight: chips / distribution.length })
  all.sort((a, b) => a.score - b.score)
  if (all.length === 0) return null
  const total = all.reduce((sum, { weight }) => sum + weight, 0)
  let below = 0
  const reached = all.map(({ score, weight }) => {
    below += weight
    return { score, share: below / total }
  })
  const step = Math.max(1, Math.ceil(reached.length / KEPT))
  const thinned = reached.filter((_, k) => k === 0 || k === reached.length - 1 || k % step === step - 1)
  const scores = thinned.map(({ score }) => score)
  const limits = [...new Set(points.map(limitOf))]
  const curve = {
    ...{ name: 'all points', full: 'all points' },
    scores,
    shares: thinned.map(({ share }) => share),
    half: null,
    quantiles: result.metric.quantiles,
    limit: limits.length === 1 ? limits[0]! : null,
    met: metOf(result.yield),
  }
  return { curves: [curve], left: ['all points together'] }
}

/** One sentence. */
export function yieldCurveFinding(result: StudyResult, { curves }: YieldCurves): string {
  const { name, quantiles } = result.metric
  const text = (x: number | null | undefined) => `${scoreText(name, x ?? null)}${scoreUnit(name)}`
  if (curves.length > 1) {
    const met = curves.filter((curve) => curve.met !== null)
    if (met.length > 1) {
      const best = met.reduce((a, b) => (b.met!.fraction > a.met!.fraction ? b : a))
      const worst = met.reduce((a, b) => (b.met!.fraction < a.met!.fraction ? b : a))
      if (best.met!.fraction > worst.met!.fraction)
        return `The yield goes from ${percent(worst.met!.fraction)} (${worst.full}) to ${percent(best.met!.fraction)} (${best.full}).`
      return `The yield is ${percent(best.met!.fraction)} on all ${met.length} curves.`
    }
    const middle = (c: Curve) => c.scores[Math.floor(c.scores.length / 2)]!
    const best = curves.reduce((a, b) => (middle(b) < middle(a) ? b : a))
    const worst = curves.reduce((a, b) => (middle(b) > middle(a) ? b : a))
    return `The median goes from ${text(middle(best))} (${best.full}) to ${text(middle(worst))} (${worst.full}).`
  }
  const at = (p: number) => known(quantiles.find((q) => q.p === p)?.value)
  const [{ met }] = curves as [Curve]
  const range = `the median is ${text(at(0.5))}, 90 % of the chips lie between ${text(at(0.05))} and ${text(at(0.95))}`
  if (met === null) return `${range[0]!.toUpperCase()}${range.slice(1)}.`
  const interval =
    met.low === null || met.high === null ? '' : ` (95 % interval ${percent(met.low)} to ${percent(met.high)})`
  return `${percent(met.fraction)} of the chips meet ${plainText(result.yield?.requirement ?? 'the requirement')}${interval}; ${range}.`
}

/** Quantiles of each curve, and its yield. */
export function yieldCurveTable(result: StudyResult, { curves }: YieldCurves): DataTable {
  const { name } = result.metric
  const name0 = (curve: Curve) => (curves.length > 1 ? [curve.full] : [])
  const between = (low: number | null, high: number | null, text: (x: number) => string) =>
    low === null || high === null ? 'unknown' : `${text(low)} to ${text(high)}`
  const band = curves[0]!.half
  return {
    columns: [
      ...(curves.length > 1 ? [{ title: 'curve', numeric: false }] : []),
      { title: 'chips at or below', numeric: true },
      { title: metricAxis(name), numeric: true },
      { title: '95 % interval', numeric: true },
    ],
    rows: curves.flatMap((curve) => [
      ...curve.quantiles.map(({ p, value, ci95 }) => [
        ...name0(curve),
        level(p),
        scoreText(name, known(value)),
        between(known(ci95[0]), known(ci95[1]), (x) => scoreText(name, x)),
      ]),
      ...(curve.met === null || curve.limit === null
        ? []
        : [
            [
              ...name0(curve),
              `${percent(curve.met.fraction)} (yield)`,
              scoreText(name, curve.limit),
              between(curve.met.low, curve.met.high, percent),
            ],
          ]),
    ]),
    ...(band === null || curves.length > MOST_BANDS
      ? {}
      : { note: `The band reaches ${percent(band).replace(' %', ' percentage points')} up and down from the curve.` }),
  }
}
