/** The distribution of the score over chips with its band, the requirement, and the yield where they meet. */
import type { TopLevelSpec } from 'vega-lite'
import type { PointResult, StudyResult } from '../../study/result.ts'
import { MOST_SERIES, SERIES, STROKE_LEGEND, VEGA_LITE } from '../theme.ts'
import { metricAxis } from '../words.ts'
import { headingOf, labelsOf, mainPoints } from './design.ts'
import { type DataTable, known, STUDY_CONFIG, seen } from './figure.ts'
import { level, percent, plainText, scoreText, scoreUnit } from './quantity.ts'
import { limitOf, limitsText } from './requirement.ts'
import { extent, padded, roundDomain, scaleOf } from './scales.ts'

const WIDTH = 560
const HEIGHT = 300
/** Curves whose bands can be told apart. */
const MOST_BANDS = 3
/** Order statistics that a result keeps. */
const KEPT = 512
/** Letters of a curve's name; longer ones are of values alone. */
const LONGEST = 48
/** Scores of all points that are sorted together. */
const MOST_POOLED = 1 << 20
/** Spans of the scores beyond which a requirement would squeeze them. */
const FAR = 1.5
/** Share of the axis beyond which a requirement leaves no room for its words. */
const FARTHEST = 0.8
/** ln(2 / 0.05) / 2: the 95 % band is this over n, under a root. */
const DKW = Math.log(2 / 0.05) / 2

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

/** Ends of the axis of scores: round numbers around the curves and a requirement that is not far; room for its words. */
function domainOf(curves: readonly Curve[], limits: readonly number[], metric: string) {
  const ends = curves.flatMap((curve) => [curve.scores[0]!, curve.scores.at(-1)!])
  const [least, most] = extent(ends)
  const room = FAR * (most - least) + 1e-9 * Math.abs(most)
  const drawn = limits.filter((limit) => limit >= least - room && limit <= most + room)
  const low = Math.min(least, ...drawn)
  const high = Math.max(most, ...drawn)
  const logarithmic = metric !== 'nmseDb' && low > 0 && high > 20 * low
  if (logarithmic) return { domain: padded([low, high], true, 0.05), logarithmic, drawn }
  const right = Math.max(high, ...drawn.map((limit) => low + (limit - low) / FARTHEST))
  return { domain: roundDomain(padded([low, right], false), 8), logarithmic, drawn }
}

/** The Vega-Lite specification. */
export function yieldCurveSpec(result: StudyResult, { curves, left }: YieldCurves): TopLevelSpec {
  const metric = result.metric.name
  const several = curves.length > 1
  const names = curves.map(({ name, met }, k) => {
    const same = curves.findIndex((other) => other.name === name) < k ? ` (${k + 1})` : ''
    return `${name}${same}${several && met !== null ? `: yield ${percent(met.fraction)}` : ''}`
  })
  const limits = [...new Set(curves.flatMap(({ limit }) => (limit === null ? [] : [limit])))]
  const { domain, logarithmic, drawn } = domainOf(curves, limits, metric)
  const x = (field: string) => ({
    field,
    type: 'quantitative',
    scale: scaleOf(domain, logarithmic),
    axis: { title: metricAxis(metric), gridOpacity: 0.25 },
  })
  const y = (field: string) => ({
    field,
    type: 'quantitative',
    scale: scaleOf([0, 100], false),
    axis: { title: 'chips at or below the score [%]', gridOpacity: 0.25, tickCount: 6 },
  })
  const used = SERIES.slice(0, curves.length)
  // All lines end at 100 %: names at their ends would lie over each other.
  const legend = several
    ? { ...STROKE_LEGEND, direction: 'vertical', columns: 1, labelLimit: 700, symbolOpacity: 1 }
    : null
  const by = (range: readonly unknown[]) => ({
    field: 'series',
    type: 'nominal',
    sort: null,
    scale: { domain: names, range },
    legend,
  })
  const colours = by(used.map(({ colour }) => colour))
  const banded = curves.length <= MOST_BANDS
  const bands = banded ? curves.flatMap((curve, k) => stepsOf(curve, domain, names[k]!, curve.half)) : []
  const whiskers = banded ? curves.flatMap(quantileWhiskers) : []
  const marks = curves.flatMap(({ limit, met }, k) =>
    limit === null || met === null || !drawn.includes(limit)
      ? []
      : [
          {
            score: seen(limit),
            share: seen(100 * met.fraction),
            low: seen(100 * (met.low ?? met.fraction)),
            high: seen(100 * (met.high ?? met.fraction)),
            series: names[k]!,
          },
        ],
  )
  const notes = [
    ...(bands.length > 0 ? ['band: with 95 % the whole distribution lies in it (Dvoretzky, Kiefer, Wolfowitz)'] : []),
    ...(whiskers.length > 0 ? ['horizontal bars: 95 % intervals of quantiles'] : []),
    ...(drawn.length > 0
      ? [
          ...limitsText(result).map((text) => text.replace('thin dashed', 'vertical')),
          'dot: the yield with its 95 % interval',
        ]
      : []),
    ...(drawn.length < limits.length ? ['the requirement lies far outside'] : []),
    ...left,
  ]
  const spec = {
    $schema: VEGA_LITE,
    background: 'transparent',
    width: WIDTH,
    height: HEIGHT,
    title: headingOf(result, notes, WIDTH + 60),
    data: { values: curves.flatMap((curve, k) => stepsOf(curve, domain, names[k]!, 0)) },
    layer: [
      ...(bands.length === 0
        ? []
        : [
            {
              name: 'band',
              data: { values: bands },
              mark: { type: 'area', interpolate: 'step-after', opacity: 0.18 },
              encoding: { x: x('score'), y: y('low'), y2: { field: 'high' }, fill: colours },
            },
          ]),
      ...drawn.map((limit) => ({
        data: { values: [{ score: seen(limit) }] },
        mark: { type: 'rule', strokeDash: [3, 3], strokeWidth: 1.4 },
        encoding: { x: x('score') },
      })),
      {
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.8 },
        encoding: { x: x('score'), y: y('share'), stroke: colours, strokeDash: by(used.map(({ dash }) => [...dash])) },
      },
      {
        name: 'whisker',
        data: { values: whiskers },
        mark: { type: 'rule', strokeWidth: 1.2 },
        encoding: { x: x('low'), x2: { field: 'high' }, y: y('share') },
      },
      {
        name: 'yieldwhisker',
        data: { values: marks },
        mark: { type: 'rule', strokeWidth: 1.8 },
        encoding: { x: x('score'), y: y('low'), y2: { field: 'high' } },
      },
      {
        data: { values: marks },
        mark: { type: 'point', size: 60, opacity: 1, strokeWidth: 0 },
        encoding: { x: x('score'), y: y('share'), fill: colours },
      },
      ...(several || marks.length === 0 ? [] : [yieldText(curves[0]!, marks[0]!, domain, x('score'), y('share'))]),
    ],
    config: STUDY_CONFIG,
  }
  return spec as unknown as TopLevelSpec
}

/** Corners of the steps from end to end of the axis, with the band around them; none where there is no band. */
function stepsOf(
  { scores, shares }: Curve,
  [left, right]: readonly [number, number],
  series: string,
  half: number | null,
) {
  if (half === null) return []
  const corner = (score: number, share: number) => ({
    score: seen(score),
    ...(half === 0
      ? { share: seen(100 * share) }
      : { low: seen(100 * Math.max(0, share - half)), high: seen(100 * Math.min(1, share + half)) }),
    series,
  })
  return [corner(left, 0), ...scores.map((score, k) => corner(score, shares[k]!)), corner(right, shares.at(-1)!)]
}

/** Where there is no band. */
function quantileWhiskers({ half, quantiles }: Curve) {
  return half !== null
    ? []
    : quantiles.flatMap(({ p, ci95 }) => {
        const [low, high] = [known(ci95[0]), known(ci95[1])]
        return low === null || high === null ? [] : [{ share: seen(100 * p), low: seen(low), high: seen(high) }]
      })
}

/** The curve rises through the dot: there is room below it to the right, and above it to the left. */
function yieldText(
  { met, half }: Curve,
  mark: { readonly score: number; readonly share: number },
  [low, high]: readonly [number, number],
  x: object,
  y: object,
) {
  const { fraction, low: least, high: most } = met!
  const interval = least === null || most === null ? [] : [`${percent(least)} to ${percent(most)}`]
  const below = mark.share > 16
  const left = !below && (mark.score - low) / (high - low) > 0.25
  return {
    data: { values: [{ ...mark, text: [`yield ${percent(fraction)}`, ...interval].join('\n') }] },
    mark: {
      type: 'text',
      lineBreak: '\n',
      align: left ? 'right' : 'left',
      baseline: below ? 'top' : 'bottom',
      dx: left ? -9 : 9,
      dy: below ? (half === null ? 16 : 4) : -16,
      fontSize: 11.5,
    },
    encoding: { x, y, text: { field: 'text' } },
  }
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
