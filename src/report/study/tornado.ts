/** Which specification to buy: what each stage of imperfection, or each parameter, does to the score. */
import type { TopLevelSpec } from 'vega-lite'
import type { AttributionResult, StudyResult } from '../../study/result.ts'
import { COLOURS, VEGA_LITE } from '../theme.ts'
import { decimals, fixed, metricAxis, stageName } from '../words.ts'
import { KIND_NAMES, MEANINGS } from './attribution.ts'
import { headingOf, pointOf } from './design.ts'
import { type DataTable, known, STUDY_CONFIG, seen } from './figure.ts'
import { axisName, percent, scoreUnit } from './quantity.ts'
import { padded } from './scales.ts'

const WIDTH = 430
/** Pixels of a bar, and between two rows. */
const BAR = 11
const GAP = 8

interface Bar {
  readonly row: string
  readonly kind: string
  readonly value: number
  readonly low: number | null
  readonly high: number | null
}

interface Bars {
  readonly bars: readonly Bar[]
  /** From top to bottom. */
  readonly rows: readonly string[]
  readonly kinds: readonly string[]
  readonly title: string
  readonly label: (x: number) => string
}

/** Kinds in the order in which they are drawn: what a perfect stage wins comes first. */
const ORDER: readonly AttributionResult['kind'][] = ['leave-one-out', 'shapley', 'one-at-a-time']
const SHADES = [COLOURS.blue, COLOURS.vermillion, COLOURS.green] as const

/** One attribution of each kind, in the order drawn, all of the same point. */
export function comparedAttributions({ attributions }: StudyResult): readonly AttributionResult[] {
  const point = attributions[0]?.point
  return ORDER.flatMap((kind) => {
    const found = attributions.find((one) => one.kind === kind && one.point === point)
    return found === undefined || found.rows.length === 0 ? [] : [found]
  })
}

/** One sentence: which stage to make perfect. */
export function tornadoFinding(result: StudyResult, compared: readonly AttributionResult[]): string {
  const first = compared[0]!
  const { name } = pointOf(result, first.point).metric
  const order = [...first.rows].sort((a, b) => b.value - a.value)
  const text = (x: number) => `${fixed(x, decimals(name, first.total.value))}${scoreUnit(name)}`
  const [best, second] = order
  const [low, high] = [known(best!.ci95?.[0]), known(best!.ci95?.[1])]
  const interval = low === null || high === null ? '' : ` (95 % interval ${text(low)} to ${text(high)})`
  const next = second === undefined ? '' : `; ${stageName(second.name)} comes next, ${text(second.value)}`
  return first.kind === 'leave-one-out'
    ? `Without ${stageName(best!.name)} the score would gain the most, ${text(best!.value)}${interval}${next}.`
    : `By ${KIND_NAMES[first.kind]}, ${stageName(best!.name)} costs the most, ${text(best!.value)}${interval}${next}.`
}

/** The Vega-Lite specification: stages from top to bottom by what they do. */
export function tornadoSpec(result: StudyResult, compared: readonly AttributionResult[]): TopLevelSpec {
  const first = compared[0]!
  const { name } = pointOf(result, first.point).metric
  const digits = decimals(name, first.total.value)
  const order = [...first.rows].sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
  return barsSpec(
    result,
    {
      rows: order.map((row) => stageName(row.name)),
      kinds: compared.map(({ kind }) => KIND_NAMES[kind]),
      bars: compared.flatMap(({ kind, rows }) =>
        rows.map((row) => ({
          row: stageName(row.name),
          kind: KIND_NAMES[kind],
          value: row.value,
          low: known(row.ci95?.[0]),
          high: known(row.ci95?.[1]),
        })),
      ),
      title: `loss of ${metricAxis(name)}`,
      label: (x) => fixed(x, digits),
    },
    [...compared.map(({ kind }) => MEANINGS[kind]), 'whiskers: 95 % intervals'],
  )
}

/** One sentence: which parameter the score depends on most. */
export function indicesFinding({ indices }: StudyResult): string {
  const order = [...indices].sort((a, b) => b.total.value - a.total.value)
  const [most, least] = [order[0]!, order.at(-1)!]
  const share = (x: number) => percent(Math.max(0, x))
  const rest = order.length > 1 ? `; ${axisName(least.path)} has the least, ${share(least.total.value)}` : ''
  return `Over the ranges, ${axisName(most.path)} has part in ${share(most.total.value)} of the variance of the mean score, ${share(most.first.value)} of it by itself${rest}.`
}

/** The Vega-Lite specification: total and first indices of each parameter. */
export function indicesSpec(result: StudyResult): TopLevelSpec {
  const order = [...result.indices].sort((a, b) => b.total.value - a.total.value)
  const kinds = ['total index', 'first index']
  return barsSpec(
    result,
    {
      rows: order.map(({ path }) => axisName(path)),
      kinds,
      bars: order.flatMap(({ path, first, total }) =>
        [total, first].map(({ value, ci95 }, k) => ({
          row: axisName(path),
          kind: kinds[k]!,
          value,
          low: known(ci95?.[0]),
          high: known(ci95?.[1]),
        })),
      ),
      title: 'share of the variance of the mean score [1]',
      label: (x) => fixed(x, 2),
    },
    [
      'total index: with all that it does together with others; first index: by itself',
      'whiskers: 95 % bootstrap intervals',
    ],
  )
}

export function indicesTable({ indices }: StudyResult): DataTable {
  const cells = ({ value, ci95 }: StudyResult['indices'][number]['total']) => {
    const [low, high] = [known(ci95?.[0]), known(ci95?.[1])]
    return [fixed(value, 3), low === null || high === null ? 'unknown' : `${fixed(low, 3)} to ${fixed(high, 3)}`]
  }
  return {
    columns: [
      { title: 'parameter', numeric: false },
      { title: 'total index [1]', numeric: true },
      { title: '95 % interval', numeric: true },
      { title: 'first index [1]', numeric: true },
      { title: '95 % interval', numeric: true },
    ],
    rows: indices.map(({ path, first, total }) => [path, ...cells(total), ...cells(first)]),
  }
}

function barsSpec(
  result: StudyResult,
  { bars, rows, kinds, title, label }: Bars,
  notes: readonly string[],
): TopLevelSpec {
  const ends = bars.flatMap(({ value, low, high }) => [value, low, high]).filter((x) => x !== null)
  const [low, high] = padded([Math.min(0, ...ends), Math.max(0, ...ends)], false)
  const room = 0.14 * (high - low)
  const values = bars.map((bar) => ({
    row: bar.row,
    kind: bar.kind,
    value: seen(bar.value),
    ...(bar.low === null || bar.high === null ? {} : { low: seen(bar.low), high: seen(bar.high) }),
    end: seen(Math.max(bar.value, bar.high ?? bar.value, 0)),
    text: label(bar.value),
  }))
  const y = {
    field: 'row',
    type: 'nominal',
    sort: [...rows],
    title: null,
    axis: { labelLimit: 240 },
    scale: { paddingInner: GAP / (BAR * kinds.length + GAP) },
  }
  const offset = { field: 'kind', sort: [...kinds], scale: { domain: [...kinds] } }
  const x = (field: string) => ({
    field,
    type: 'quantitative',
    scale: { domain: [low, high + room], nice: false, zero: false },
    axis: { title, gridOpacity: 0.25, tickCount: 7 },
  })
  const colour = {
    field: 'kind',
    type: 'nominal',
    scale: { domain: [...kinds], range: SHADES.slice(0, kinds.length) },
    legend: kinds.length > 1 ? { title: null, orient: 'top', labelFontSize: 11 } : null,
  }
  const spec = {
    $schema: VEGA_LITE,
    background: 'transparent',
    width: WIDTH,
    height: { step: BAR, for: 'offset' },
    title: headingOf(result, notes, WIDTH + 220),
    data: { values },
    layer: [
      { mark: { type: 'bar' }, encoding: { y, yOffset: offset, x: x('value'), x2: { datum: 0 }, color: colour } },
      {
        name: 'whisker',
        data: { values: values.filter((value) => 'low' in value) },
        mark: { type: 'rule', strokeWidth: 1.2 },
        encoding: { y, yOffset: offset, x: x('low'), x2: { field: 'high' } },
      },
      {
        mark: { type: 'text', align: 'left', dx: 5, fontSize: kinds.length > 1 ? 10 : 11 },
        encoding: { y, yOffset: offset, x: x('end'), text: { field: 'text' } },
      },
    ],
    config: STUDY_CONFIG,
  }
  return spec as unknown as TopLevelSpec
}
