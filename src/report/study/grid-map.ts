/** Median score, or yield, over two axes at once: one cell a point, one panel for each value of a third axis. */
import type { TopLevelSpec } from 'vega-lite'
import type { StudyResult } from '../../study/result.ts'
import { VEGA_LITE } from '../theme.ts'
import { metricAxis } from '../words.ts'
import { type FreeAxis, freeAxes, headingOf, mainPoints, placeOf } from './design.ts'
import { type DataTable, known, STUDY_CONFIG, seen } from './figure.ts'
import { chosen, type Shows } from './lines-data.ts'
import { axisTitle, percent, scoreText, scoreUnit, shownIn, toShown, type Value, valueText } from './quantity.ts'
import { extent } from './scales.ts'

/** Values of an axis that fit as cells, and cells that have room for a number. */
const MOST_CELLS = 24
const MOST_NUMBERED = 12
const MOST_PANELS = 4
/** Pixels of a letter of a label, about. */
const LETTER = 6.2
/** Place on the scale above which viridis is light. */
const LIGHT = 0.55

interface Cell {
  readonly panel: number
  readonly across: string
  readonly up: string
  readonly value: number
  readonly low: number | null
  readonly high: number | null
  readonly chips: number
}

export interface GridMap {
  readonly shows: Shows
  readonly metric: string
  readonly across: FreeAxis
  readonly up: FreeAxis
  readonly panels: { readonly axis: FreeAxis | null; readonly names: readonly string[] }
  readonly cells: readonly Cell[]
  readonly left: readonly string[]
}

const text = (axis: FreeAxis, value: Value) => valueText(value, axis.unit)

/** The two axes with the most values, the third as panels; null where there are no two axes, or too many values. */
export function gridMapOf(result: StudyResult, shows: Shows): GridMap | null {
  const axes = freeAxes(result)
  const [first, second] = [...axes]
    .sort((a, b) => Number(b.numeric) - Number(a.numeric) || b.values.length - a.values.length)
    .slice(0, 2)
  if (first === undefined || second === undefined) return null
  if (first.values.length > MOST_CELLS || second.values.length > MOST_CELLS) return null
  const [third = null, ...rest] = axes.filter((axis) => axis !== first && axis !== second)
  const shown = third === null ? [] : chosen(third.values, MOST_PANELS)
  const left = [
    ...rest.map((axis) => `drawn for ${axis.name} ${text(axis, axis.values[0]!)}`),
    ...(third !== null && shown.length < third.values.length
      ? [`${shown.length} of ${third.values.length} values of ${third.name} are drawn`]
      : []),
  ]
  const cells = mainPoints(result).flatMap((point): Cell[] => {
    const [a, b] = [first.values[placeOf(point, first)], second.values[placeOf(point, second)]]
    const panel = third === null ? 0 : shown.indexOf(third.values[placeOf(point, third)]!)
    if (a === undefined || b === undefined || panel < 0 || rest.some((axis) => placeOf(point, axis) !== 0)) return []
    const median = point.metric.quantiles.find(({ p }) => p === 0.5)
    const [value, ends] =
      shows === 'yield' ? [known(point.yield?.fraction), point.yield?.ci95] : [known(median?.value), median?.ci95]
    if (value === null) return []
    return [
      {
        ...{ panel, across: text(first, a), up: text(second, b), value },
        ...{ low: known(ends?.[0]), high: known(ends?.[1]), chips: point.chips },
      },
    ]
  })
  if (cells.length < 4) return null
  const names = third === null ? [''] : shown.map((value) => `${third.name} ${text(third, value)}`)
  return { shows, metric: result.metric.name, across: first, up: second, panels: { axis: third, names }, cells, left }
}

const quantity = ({ shows, metric }: Pick<GridMap, 'shows' | 'metric'>) =>
  shows === 'yield' ? 'yield [%]' : `median ${metricAxis(metric)}`
const number = ({ shows, metric }: Pick<GridMap, 'shows' | 'metric'>, x: number) =>
  shows === 'yield' ? percent(x) : scoreText(metric, x)

/** One sentence: the best cell and the worst. */
export function gridMapFinding(map: GridMap): string {
  const sign = map.shows === 'yield' ? -1 : 1
  const order = [...map.cells].sort((a, b) => sign * (a.value - b.value))
  const unit = map.shows === 'yield' ? '' : scoreUnit(map.metric)
  const where = ({ across, up, panel }: Cell) =>
    [
      `${map.across.name} ${across}`,
      `${map.up.name} ${up}`,
      ...(map.panels.axis === null ? [] : [map.panels.names[panel]!]),
    ].join(', ')
  const say = (cell: Cell) => `${number(map, cell.value)}${unit} (${where(cell)})`
  const what = map.shows === 'yield' ? 'The yield' : `The median ${metricAxis(map.metric).replace(/ \[.*/, '')}`
  return `${what} is best at ${say(order[0]!)} and worst at ${say(order.at(-1)!)}.`
}

/** Ticks in the axis's unit, without it. */
function labels(axis: FreeAxis): { readonly title: string; readonly of: ReadonlyMap<string, string> } {
  const texts = axis.values.map((value) => text(axis, value))
  const plain = { title: axis.numeric && axis.unit !== '' && axis.unit !== '1' ? '' : axisTitle(axis.name, '1') }
  if (!axis.numeric) return { title: axis.name, of: new Map(texts.map((t) => [t, t])) }
  if (axis.unit === 's') return { title: `${axis.name} [as marked]`, of: new Map(texts.map((t) => [t, t])) }
  const shown = shownIn(axis.unit, axis.values as readonly number[])
  return {
    title: plain.title || axisTitle(axis.name, shown.unit),
    of: new Map(texts.map((t, k) => [t, String(Number(toShown(axis.values[k] as number, shown).toPrecision(4)))])),
  }
}

/** The Vega-Lite specification. Brighter is better. */
export function gridMapSpec(result: StudyResult, map: GridMap): TopLevelSpec {
  const factor = map.shows === 'yield' ? 100 : 1
  const values = map.cells.map(({ value }) => value * factor)
  const [low, high] = map.shows === 'yield' ? [0, 100] : extent(values)
  const brightness = (x: number) => {
    const t = high > low ? (x - low) / (high - low) : 0.5
    return map.shows === 'yield' ? t : 1 - t
  }
  const columns = map.across.values.length
  const rows = map.up.values.length
  const numbered = columns <= MOST_NUMBERED && rows <= MOST_CELLS && map.panels.names.length === 1
  const several = map.panels.names.length > 1
  const width = several ? 250 : Math.max(220, Math.min(620, columns * (numbered ? 62 : 30)))
  const height = several ? 200 : Math.max(140, Math.min(420, rows * 34))
  const [horizontal, vertical] = [labels(map.across), labels(map.up)]
  const order = (axis: FreeAxis, of: ReadonlyMap<string, string>) => {
    const sorted = axis.numeric ? [...axis.values].sort((a, b) => (a as number) - (b as number)) : [...axis.values]
    return [...new Set(sorted.map((value) => of.get(text(axis, value))!))]
  }
  const letters = Math.max(...[...horizontal.of.values()].map((label) => label.length))
  // The renderer takes letters for wider than they are.
  const fits = letters * LETTER <= width / columns
  const panel = (index: number) => {
    const cells = map.cells
      .filter((cell) => cell.panel === index)
      .map((cell) => ({
        across: horizontal.of.get(cell.across)!,
        up: vertical.of.get(cell.up)!,
        value: seen(cell.value * factor),
        text: map.shows === 'yield' ? percent(cell.value).replace(' %', '') : scoreText(map.metric, cell.value),
      }))
    const x = {
      field: 'across',
      type: 'ordinal',
      sort: order(map.across, horizontal.of),
      axis: { title: horizontal.title, labelAngle: 0, labelLimit: 220, labelOverlap: fits ? false : 'greedy' },
      scale: { paddingInner: 0, paddingOuter: 0 },
    }
    const y = {
      field: 'up',
      type: 'ordinal',
      sort: order(map.up, vertical.of).reverse(),
      axis: { title: index % 2 === 0 ? vertical.title : null, labelLimit: 160, labelOverlap: 'greedy' },
      scale: { paddingInner: 0, paddingOuter: 0 },
    }
    const number = (name: string, of: (t: number) => boolean) => ({
      name,
      data: { values: cells.filter(({ value }) => of(brightness(value))) },
      mark: { type: 'text', fontSize: 11 },
      encoding: { x, y, text: { field: 'text' } },
    })
    return {
      width,
      height,
      data: { values: cells },
      layer: [
        {
          mark: { type: 'rect' },
          encoding: {
            x,
            y,
            color: {
              field: 'value',
              type: 'quantitative',
              scale: { scheme: 'viridis', domain: [low, high], reverse: map.shows === 'score' },
              legend: {
                title: quantity(map),
                gradientLength: Math.min(200, height),
                titleFontSize: 11,
                labelFontSize: 11,
                titleLimit: 200,
              },
            },
          },
        },
        ...(numbered ? [number('onDark', (t) => t <= LIGHT), number('onLight', (t) => t > LIGHT)] : []),
        ...(several
          ? [
              {
                data: { values: [{ text: map.panels.names[index]! }] },
                mark: { type: 'text', fontSize: 11 },
                encoding: { x: { value: width / 2 }, y: { value: -9 }, text: { field: 'text' } },
              },
            ]
          : []),
      ],
    }
  }
  const notes = ['brighter is better', ...map.left]
  const total = several ? 2 * width + 240 : width + 240
  const common = {
    $schema: VEGA_LITE,
    background: 'transparent',
    title: headingOf(result, notes, total),
    config: STUDY_CONFIG,
  }
  const all = map.panels.names.map((_, index) => panel(index))
  return (all.length === 1
    ? { ...common, ...all[0]! }
    : { ...common, concat: all, columns: 2, spacing: 24 }) as unknown as TopLevelSpec
}

/** One row a cell. */
export function gridMapTable(map: GridMap): DataTable {
  return {
    columns: [
      ...(map.panels.axis === null ? [] : [{ title: map.panels.axis.name, numeric: false }]),
      { title: map.across.name, numeric: map.across.numeric },
      { title: map.up.name, numeric: map.up.numeric },
      { title: quantity(map), numeric: true },
      { title: '95 % interval', numeric: true },
      { title: 'chips', numeric: true },
    ],
    rows: map.cells.map((cell) => [
      ...(map.panels.axis === null ? [] : [map.panels.names[cell.panel]!.slice(map.panels.axis.name.length + 1)]),
      cell.across,
      cell.up,
      number(map, cell.value),
      cell.low === null || cell.high === null ? 'unknown' : `${number(map, cell.low)} to ${number(map, cell.high)}`,
      String(cell.chips),
    ]),
    ...(map.left.length === 0 ? {} : { note: `${map.left.join('; ')}.` }),
  }
}
