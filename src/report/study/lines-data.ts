/** What lines along an axis show: which axis is what, which values are left out, the numbers of each point. */
import type { PointResult, StudyResult } from '../../study/result.ts'
import { MOST_SERIES } from '../theme.ts'
import { decimals, metricAxis } from '../words.ts'
import { type FreeAxis, freeAxes, mainPoints, placeOf, pointValue } from './design.ts'
import { known } from './figure.ts'
import { percent, scoreText, scoreUnit, shortNumber, type Value, valueText } from './quantity.ts'

/** What is drawn upwards. */
export type Shows = 'score' | 'yield'

/** One point of a line. Ends are null where they are not known. */
export interface LinePoint {
  /** SI */
  readonly x: number
  readonly series: number
  readonly panel: number
  readonly point: PointResult
  readonly value: number
  readonly low: number | null
  readonly high: number | null
  /** 5 to 95 % of the chips. */
  readonly band: readonly [number, number] | null
}

export interface Lines {
  readonly shows: Shows
  readonly metric: string
  readonly axis: FreeAxis
  /** One entry a line; a single one has no name. */
  readonly series: { readonly axis: FreeAxis | null; readonly names: readonly string[] }
  readonly panels: { readonly axes: readonly FreeAxis[]; readonly names: readonly string[]; readonly columns: number }
  readonly points: readonly LinePoint[]
  /** What is not drawn, for the caption. */
  readonly left: readonly string[]
}

/** Points of a line. */
const MOST_ALONG = 200
const MOST_COLUMNS = 4
const MOST_ROWS = 3

/** Values of an axis that are drawn: all, or as many evenly spaced ones, the first and the last among them. */
export function chosen(values: readonly Value[], most: number): readonly Value[] {
  if (values.length <= most) return values
  if (most === 1) return [values[0]!]
  return Array.from({ length: most }, (_, k) => values[Math.round((k * (values.length - 1)) / (most - 1))]!)
}

/**
 * Lines along one axis of a study. Networks are the lines where there are several, else the next axis is; up to two more
 * axes make panels; of further ones the first value is shown.
 *
 * @returns null where an axis is not numeric or no point has a number
 */
export function linesOf(result: StudyResult, path: string, shows: Shows): Lines | null {
  const axes = freeAxes(result)
  const axis = axes.find((one) => one.path === path)
  if (axis === undefined || !axis.numeric) return null
  const others = axes.filter((one) => one !== axis)
  const first = others.find((one) => one.path === 'network') ?? others[0] ?? null
  const rest = others.filter((one) => one !== first)
  const [across = null, down = null] = [...rest].sort((a, b) => a.values.length - b.values.length).reverse()
  const fixed = rest.filter((one) => one !== across && one !== down)
  const left: string[] = []
  const take = (one: FreeAxis | null, most: number): readonly Value[] => {
    if (one === null) return []
    const taken = chosen(one.values, most)
    if (taken.length < one.values.length)
      left.push(`${taken.length} of ${one.values.length} values of ${one.name} are drawn`)
    return taken
  }
  const kept = [
    { axis: first, values: take(first, MOST_SERIES) },
    { axis: across, values: take(across, MOST_COLUMNS) },
    { axis: down, values: take(down, MOST_ROWS) },
    ...fixed.map((one) => ({ axis: one, values: one.values.slice(0, 1) })),
  ]
  for (const one of fixed) left.push(`drawn for ${one.name} ${valueText(one.values[0], one.unit)}`)
  const panelAxes = [across, down].filter((one) => one !== null)
  const columns = Math.max(1, kept[1]!.values.length)
  const ascending = [...axis.values].sort((a, b) => (a as number) - (b as number))
  const along = new Set(chosen(ascending, MOST_ALONG))
  if (along.size < axis.values.length)
    left.push(`${along.size} of ${axis.values.length} values of ${axis.name} are drawn`)
  const points = mainPoints(result).flatMap((point): LinePoint[] => {
    const x = pointValue(point, path)
    if (x === undefined || !along.has(x)) return []
    const at = kept.map((one) =>
      one.axis === null ? 0 : one.values.indexOf(one.axis.values[placeOf(point, one.axis)]!),
    )
    const numbers = numbersOf(point, shows)
    if (typeof x !== 'number' || numbers === null || at.some((k) => k < 0)) return []
    return [{ x, series: at[0]!, panel: at[2]! * columns + at[1]!, point, ...numbers }]
  })
  if (points.length === 0) return null
  points.sort((a, b) => a.panel - b.panel || a.series - b.series || a.x - b.x)
  const name = (one: FreeAxis, value: Value) => {
    const text = valueText(value, one.unit)
    return typeof value === 'number' && (one.unit === '' || one.unit === '1') ? `${one.name} ${text}` : text
  }
  const rows = down === null ? [null] : kept[2]!.values
  const cells = across === null ? [null] : kept[1]!.values
  return {
    shows,
    metric: result.metric.name,
    axis,
    series: {
      axis: first,
      names: first === null ? [''] : kept[0]!.values.map((value) => valueText(value, first.unit)),
    },
    panels: {
      axes: panelAxes,
      columns,
      names: rows.flatMap((r) =>
        cells.map((c) => [c === null ? [] : [name(across!, c)], r === null ? [] : [name(down!, r)]].flat().join(', ')),
      ),
    },
    points,
    left,
  }
}

function numbersOf(point: PointResult, shows: Shows): Pick<LinePoint, 'value' | 'low' | 'high' | 'band'> | null {
  if (shows === 'yield') {
    const it = point.yield
    if (it === null) return null
    return { value: it.fraction, low: known(it.ci95[0]), high: known(it.ci95[1]), band: null }
  }
  const quantile = (p: number) => point.metric.quantiles.find((q) => q.p === p)
  const median = quantile(0.5)
  const value = known(median?.value)
  if (median === undefined || value === null) return null
  const [a, b] = [known(quantile(0.05)?.value), known(quantile(0.95)?.value)]
  return {
    ...{ value, low: known(median.ci95[0]), high: known(median.ci95[1]) },
    band: a === null || b === null ? null : [a, b],
  }
}

/** What is drawn upwards, with its unit. */
export const upwards = ({ shows, metric }: Pick<Lines, 'shows' | 'metric'>): string =>
  shows === 'yield' ? 'yield [%]' : `median ${metricAxis(metric)}`

/** One sentence: from where to where the line that changes most goes. */
export function linesFinding(lines: Lines): string {
  const { shows, metric, axis, points, series, panels } = lines
  const text = (x: number) => (shows === 'yield' ? percent(x) : `${scoreText(metric, x)}${scoreUnit(metric)}`)
  const quantity = shows === 'yield' ? 'The yield' : `The median ${metricAxis(metric).replace(/ \[.*/, '')}`
  let best: readonly LinePoint[] | null = null
  const change = (line: readonly LinePoint[]) => Math.abs(line.at(-1)!.value - line[0]!.value)
  for (let panel = 0; panel < panels.names.length; panel++)
    for (let k = 0; k < series.names.length; k++) {
      const line = points.filter((p) => p.panel === panel && p.series === k)
      if (line.length > 1 && (best === null || change(line) > change(best))) best = line
    }
  if (best === null) return `${quantity} is known at one value of ${axis.name} only.`
  const [from, to] = [best[0]!, best.at(-1)!]
  const name = series.axis === null || series.axis.path === 'network' ? '' : `${series.axis.name} `
  const where = [
    ...(series.names.length > 1 ? [`${name}${series.names[from.series]!}`] : []),
    ...(panels.names.length > 1 ? [panels.names[from.panel]!] : []),
  ].join(', ')
  const most = series.names.length * panels.names.length > 1 ? 'at most ' : ''
  const end = (p: LinePoint) => `${text(p.value)} at ${valueText(p.x, axis.unit)}`
  const size = change(best)
  const by =
    shows === 'yield'
      ? `${shortNumber(100 * size, 3)} percentage points`
      : `${size.toFixed(metric === 'nmseDb' ? 2 : decimals(metric, size))}${scoreUnit(metric)}`
  return `${quantity} changes by ${most}${by} along ${axis.name}${where === '' ? '' : ` (${where})`}: ${end(from)}, ${end(to)}.`
}
