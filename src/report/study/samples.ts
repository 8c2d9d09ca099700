/** Points that sample ranges: the median score of each against one parameter after the other. */
import type { TopLevelSpec } from 'vega-lite'
import type { PointResult, StudyResult } from '../../study/result.ts'
import { COLOURS, VEGA_LITE } from '../theme.ts'
import { metricAxis } from '../words.ts'
import { type FreeAxis, freeAxes, headingOf, mainPoints, pointValue } from './design.ts'
import { type DataTable, known, STUDY_CONFIG, seen } from './figure.ts'
import { scoreText, scoreUnit, valueText } from './quantity.ts'
import { limitsOf, limitsText } from './requirement.ts'
import { axisDefinition, drawnAxis, extent, roundDomain, scaleOf } from './scales.ts'

const MOST_PANELS = 6
/** Dots that can be told apart, and rows that can be read. */
const MOST_DOTS = 1024
const MOST_ROWS = 256
const WIDTH = 270
const HEIGHT = 190

export interface Samples {
  readonly axes: readonly FreeAxis[]
  readonly points: readonly { readonly point: PointResult; readonly median: number }[]
  readonly left: readonly string[]
}

/** Null without numeric axes. */
export function samplesOf(result: StudyResult): Samples | null {
  const numeric = freeAxes(result).filter((axis) => axis.numeric)
  const axes = numeric.slice(0, MOST_PANELS)
  const all = mainPoints(result).flatMap((point) => {
    const median = known(point.metric.quantiles.find(({ p }) => p === 0.5)?.value)
    return median === null ? [] : [{ point, median }]
  })
  const step = Math.ceil(all.length / MOST_DOTS)
  const points = all.filter((_, k) => k % step === 0)
  if (axes.length === 0 || points.length < 2) return null
  const left = [
    ...(axes.length < numeric.length ? [`the first ${axes.length} of ${numeric.length} parameters`] : []),
    ...(step > 1 ? [`${points.length} of ${all.length} points are drawn`] : []),
  ]
  return { axes, points, left }
}

/** Correlation of ranks; ties share the mean of theirs. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const ranks = (of: readonly number[]) => {
    const order = of.map((_, k) => k).sort((i, k) => of[i]! - of[k]!)
    const out = new Array<number>(of.length)
    for (let from = 0; from < order.length; ) {
      let to = from
      while (to + 1 < order.length && of[order[to + 1]!] === of[order[from]!]) to++
      for (let k = from; k <= to; k++) out[order[k]!] = (from + to) / 2
      from = to + 1
    }
    return out
  }
  const [p, q] = [ranks(a), ranks(b)]
  const middle = (a.length - 1) / 2
  let [pq, pp, qq] = [0, 0, 0]
  for (const [k, x] of p.entries()) {
    pq += (x - middle) * (q[k]! - middle)
    pp += (x - middle) ** 2
    qq += (q[k]! - middle) ** 2
  }
  return pp > 0 && qq > 0 ? pq / Math.sqrt(pp * qq) : 0
}

const correlation = (axis: FreeAxis, points: Samples['points']) => {
  const both = points.flatMap(({ point, median }) => {
    const x = pointValue(point, axis.path)
    return typeof x === 'number' ? [{ x, median }] : []
  })
  return rankCorrelation(
    both.map(({ x }) => x),
    both.map(({ median }) => median),
  )
}

/** One sentence. */
export function samplesFinding(result: StudyResult, { axes, points }: Samples): string {
  const { name } = result.metric
  const medians = points.map(({ median }) => median)
  const range = extent(medians).map((x) => `${scoreText(name, x)}${scoreUnit(name)}`)
  const found = axes.map((axis) => ({ axis, r: correlation(axis, points) }))
  const most = found.reduce((a, b) => (Math.abs(b.r) > Math.abs(a.r) ? b : a))
  return `Medians go from ${range[0]} to ${range[1]}; they follow ${most.axis.name} most closely (rank correlation ${most.r.toFixed(2)}).`
}

/** The Vega-Lite specification: one panel a parameter. */
export function samplesSpec(result: StudyResult, { axes, points, left }: Samples): TopLevelSpec {
  const { name } = result.metric
  const limits = limitsOf(result)
  const medians = points.map(({ median }) => median)
  const domain = roundDomain([...medians, ...limits])
  const columns = Math.min(2, axes.length)
  const panels = axes.map((axis, k) => {
    const dots = points.flatMap(({ point, median }) => {
      const x = pointValue(point, axis.path)
      return typeof x === 'number' ? [{ x, y: seen(median) }] : []
    })
    const drawn = drawnAxis(
      axis,
      dots.map(({ x }) => x),
    )
    const x = {
      field: 'x',
      type: 'quantitative',
      scale: scaleOf(drawn.domain, drawn.logarithmic),
      axis: axisDefinition(drawn, WIDTH),
    }
    const y = {
      field: 'y',
      type: 'quantitative',
      scale: scaleOf(domain, false),
      axis: { title: k % columns === 0 ? `median ${metricAxis(name)}` : null, gridOpacity: 0.25, tickCount: 5 },
    }
    return {
      width: columns === 1 ? 2 * WIDTH : WIDTH,
      height: HEIGHT,
      data: { values: dots.map((dot) => ({ x: seen(drawn.place(dot.x)), y: dot.y })) },
      layer: [
        ...limits.map((limit) => ({
          data: { values: [{ y: seen(limit) }] },
          mark: { type: 'rule', strokeDash: [3, 3] },
          encoding: { y },
        })),
        { mark: { type: 'point', filled: true, size: 18, opacity: 1, color: COLOURS.blue }, encoding: { x, y } },
      ],
    }
  })
  const notes = ['one dot a point: the median of its chips', ...limitsText(result), ...left]
  const common = {
    ...{ $schema: VEGA_LITE, background: 'transparent', config: STUDY_CONFIG },
    title: headingOf(result, notes, 2 * WIDTH + 100),
  }
  return (panels.length === 1
    ? { ...common, ...panels[0]! }
    : { ...common, concat: panels, columns, spacing: 18 }) as unknown as TopLevelSpec
}

export function samplesTable(result: StudyResult, { axes, points }: Samples): DataTable {
  const { name } = result.metric
  return {
    columns: [
      { title: 'point', numeric: true },
      ...axes.map((axis) => ({ title: axis.name, numeric: true })),
      { title: `median ${metricAxis(name)}`, numeric: true },
      { title: 'chips', numeric: true },
    ],
    rows: points
      .slice(0, MOST_ROWS)
      .map(({ point, median }) => [
        String(point.index),
        ...axes.map((axis) => valueText(pointValue(point, axis.path), axis.unit)),
        scoreText(name, median),
        String(point.chips),
      ]),
    ...(points.length > MOST_ROWS ? { note: `The first ${MOST_ROWS} of ${points.length} points.` } : {}),
  }
}
