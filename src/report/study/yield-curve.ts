/** The distribution of the score over chips with its band, the requirement, and the yield where they meet. */
import type { TopLevelSpec } from 'vega-lite'
import type { StudyResult } from '../../study/result.ts'
import { SERIES, STROKE_LEGEND, VEGA_LITE } from '../theme.ts'
import { metricAxis } from '../words.ts'
import { headingOf } from './design.ts'
import { known, STUDY_CONFIG, seen } from './figure.ts'
import { percent } from './quantity.ts'
import { limitsText } from './requirement.ts'
import { extent, padded, roundDomain, scaleOf } from './scales.ts'
import { type Curve, MOST_BANDS, type YieldCurves } from './yield-curve-data.ts'

const WIDTH = 560
const HEIGHT = 300
/** Share of the axis beyond which a requirement leaves no room for its words. */
const FARTHEST = 0.8
/** Spans of the scores beyond which a requirement would squeeze them. */
const FAR = 1.5

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
