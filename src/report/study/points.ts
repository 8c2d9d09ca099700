/** Points side by side, from best to worst: corners, and designs that differ in words. */
import type { TopLevelSpec } from 'vega-lite'
import type { PointResult, StudyResult } from '../../study/result.ts'
import { COLOURS, VEGA_LITE } from '../theme.ts'
import { metricAxis } from '../words.ts'
import { headingOf, labelsOf, mainPoints } from './design.ts'
import { type DataTable, known, STUDY_CONFIG, seen } from './figure.ts'
import { percent, scoreText, scoreUnit } from './quantity.ts'
import { limitsOf, limitsText } from './requirement.ts'
import { extent, padded, scaleOf } from './scales.ts'

const WIDTH = 380
const STEP = 20
/** Rows that can be read. */
const MOST_ROWS = 40
/** Of a row's name; longer ones are of values alone. */
const MOST_LETTERS = 40

interface Ranked {
  readonly label: string
  readonly full: string
  readonly point: PointResult
  readonly nominal: boolean
  readonly median: number
  readonly ends: readonly [number, number] | null
  readonly interval: readonly [number, number] | null
}

export interface Ranking {
  readonly rows: readonly Ranked[]
  readonly left: readonly string[]
}

const pair = (a: number | null, b: number | null): readonly [number, number] | null =>
  a === null || b === null ? null : [a, b]

/** Null for a single point. */
export function rankingOf(result: StudyResult): Ranking | null {
  const points = mainPoints(result)
  const { full, short, note } = labelsOf(result, points, MOST_LETTERS)
  const nominal = (point: PointResult) =>
    result.kind === 'corners' && point === points.find(({ network }) => network === point.network)
  const all = points.flatMap((point, k): Ranked[] => {
    const quantile = (p: number) => point.metric.quantiles.find((q) => q.p === p)
    const median = known(quantile(0.5)?.value)
    if (median === null) return []
    return [
      {
        label: short[k]!,
        full: full[k]!,
        ...{ point, nominal: nominal(point), median },
        ends: pair(known(quantile(0.05)?.value), known(quantile(0.95)?.value)),
        interval: pair(known(quantile(0.5)?.ci95[0]), known(quantile(0.5)?.ci95[1])),
      },
    ]
  })
  if (all.length < 2) return null
  const sorted = all.sort((a, b) => a.median - b.median || a.point.index - b.point.index)
  const half = MOST_ROWS / 2
  const rows = sorted.length <= MOST_ROWS ? sorted : [...sorted.slice(0, half), ...sorted.slice(-half)]
  const left = [
    ...note,
    ...(rows.length < sorted.length ? [`the ${half} best and the ${half} worst of ${sorted.length} points`] : []),
  ]
  return { rows, left }
}

/** One sentence. */
export function rankingFinding(result: StudyResult, { rows }: Ranking): string {
  const { name } = result.metric
  const text = (x: number) => `${scoreText(name, x)}${scoreUnit(name)}`
  const [best, worst] = [rows[0]!, rows.at(-1)!]
  const nominal = rows.find((row) => row.nominal)
  const middle =
    nominal === undefined || nominal === best || nominal === worst
      ? ''
      : `; the profile itself has ${text(nominal.median)}`
  const met = worst.point.yield === null ? '' : `, yield ${percent(worst.point.yield.fraction)}`
  return `The best median is ${text(best.median)} (${best.full}), the worst ${text(worst.median)} (${worst.full}${met})${middle}.`
}

/** The Vega-Lite specification. */
export function rankingSpec(result: StudyResult, { rows, left }: Ranking): TopLevelSpec {
  const { name } = result.metric
  const limits = limitsOf(result)
  const ends = rows.flatMap(({ median, ends: e, interval }) => [median, ...(e ?? []), ...(interval ?? [])])
  const [low, high] = padded(extent([...ends, ...limits]), false, 0.05)
  const labels = rows.map(({ label }, k) =>
    rows.findIndex((row) => row.label === label) === k ? label : `${label} (${k + 1})`,
  )
  const values = rows.map(({ median, ends: e, interval, nominal }, k) => ({
    row: labels[k]!,
    median: seen(median),
    ...(e === null ? {} : { low: seen(e[0]), high: seen(e[1]) }),
    ...(interval === null ? {} : { from: seen(interval[0]), to: seen(interval[1]) }),
    which: nominal ? 'the profile itself' : 'point',
  }))
  const y = {
    field: 'row',
    type: 'nominal',
    sort: labels,
    title: null,
    axis: { labelLimit: 420, grid: true, gridOpacity: 0.15 },
  }
  const x = (field: string) => ({
    field,
    type: 'quantitative',
    scale: scaleOf([low, high], false),
    axis: { title: metricAxis(name), gridOpacity: 0.25 },
  })
  const words = ['point', 'the profile itself']
  const spec = {
    $schema: VEGA_LITE,
    background: 'transparent',
    width: WIDTH,
    height: { step: STEP },
    title: headingOf(
      result,
      [
        'dot: median of the chips, with its 95 % interval',
        'bar: 5 to 95 % of the chips',
        ...limitsText(result).map((t) => t.replace('thin dashed', 'dashed')),
        ...left,
      ],
      WIDTH + 300,
    ),
    data: { values },
    layer: [
      ...limits.map((limit) => ({
        data: { values: [{ limit: seen(limit) }] },
        mark: { type: 'rule', strokeDash: [3, 3], strokeWidth: 1.4 },
        encoding: { x: x('limit') },
      })),
      {
        name: 'band',
        data: { values: values.filter((value) => 'low' in value) },
        mark: { type: 'bar', height: 7, color: COLOURS.blue, opacity: 0.35 },
        encoding: { y, x: x('low'), x2: { field: 'high' } },
      },
      {
        name: 'whisker',
        data: { values: values.filter((value) => 'from' in value) },
        mark: { type: 'rule', strokeWidth: 1.6 },
        encoding: { y, x: x('from'), x2: { field: 'to' } },
      },
      {
        mark: { type: 'point', size: 50, opacity: 1, strokeWidth: 0 },
        encoding: {
          y,
          x: x('median'),
          fill: {
            field: 'which',
            type: 'nominal',
            scale: { domain: words, range: [COLOURS.blue, COLOURS.vermillion] },
            legend: null,
          },
          shape: {
            field: 'which',
            type: 'nominal',
            scale: { domain: words, range: ['circle', 'diamond'] },
            legend: null,
          },
        },
      },
    ],
    config: STUDY_CONFIG,
  }
  return spec as unknown as TopLevelSpec
}

export function rankingTable(result: StudyResult, { rows, left }: Ranking): DataTable {
  const { name } = result.metric
  const between = (of: readonly [number, number] | null) =>
    of === null ? 'unknown' : `${scoreText(name, of[0])} to ${scoreText(name, of[1])}`
  const met = rows.some(({ point }) => point.yield !== null)
  return {
    columns: [
      { title: 'point', numeric: false },
      { title: `median ${metricAxis(name)}`, numeric: true },
      { title: '95 % interval', numeric: true },
      { title: '5 to 95 % of chips', numeric: true },
      ...(met ? [{ title: 'yield', numeric: true }] : []),
      { title: 'chips', numeric: true },
    ],
    rows: rows.map(({ full, median, interval, ends, point }) => [
      full,
      scoreText(name, median),
      between(interval),
      between(ends),
      ...(met ? [point.yield === null ? 'unknown' : percent(point.yield.fraction)] : []),
      String(point.chips),
    ]),
    ...(left.length === 0 ? {} : { note: `${left.join('; ')}.` }),
  }
}
