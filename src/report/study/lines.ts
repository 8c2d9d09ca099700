/** A score, or the yield, along an axis as lines: one a series, one panel for each value of up to two further axes. */
import type { TopLevelSpec } from 'vega-lite'
import type { StudyResult } from '../../study/result.ts'
import { SERIES, VEGA_LITE } from '../theme.ts'
import { headingOf } from './design.ts'
import { type DataTable, STUDY_CONFIG, seen } from './figure.ts'
import { type LinePoint, type Lines, upwards } from './lines-data.ts'
import { axisTitle, percent, scoreText, shortNumber, shownIn, toShown, valueText } from './quantity.ts'
import { limitsOf, limitsText } from './requirement.ts'
import { apart, axisDefinition, type DrawnAxis, drawnAxis, extent, padded, roundDomain, scaleOf } from './scales.ts'

/** Series whose bands can lie over each other and still be told apart. */
const MOST_BANDS = 3
/** Pixels of a panel, by the number of columns. */
const SIZES = [
  [560, 300],
  [330, 220],
  [235, 180],
  [185, 150],
] as const
const LABEL_GAP = 13
/** Pixels of an interval that shows beyond its point. */
const TALL = 14
/** Pixels between the intervals of two lines. */
const SIDE_BY_SIDE = 3

/** What all panels share. */
interface Drawing {
  readonly lines: Lines
  readonly names: readonly string[]
  readonly limits: readonly number[]
  readonly bands: boolean
  readonly x: DrawnAxis
  readonly y: { readonly domain: readonly [number, number]; readonly logarithmic: boolean; readonly factor: number }
  readonly width: number
  readonly height: number
}

/** The Vega-Lite specification. */
export function linesSpec(result: StudyResult, lines: Lines): TopLevelSpec {
  const { shows, series, panels, points } = lines
  const limits = shows === 'yield' ? [] : limitsOf(result)
  const bands = series.names.length <= MOST_BANDS && points.some(({ band }) => band !== null && band[0] < band[1])
  const [width, height] = SIZES[Math.min(panels.columns, SIZES.length) - 1]!
  const x = drawnAxis(
    lines.axis,
    points.map((p) => p.x),
  )
  const names = series.names.map((name, k) => uniqueName(series.names, name, k))
  const drawing = { lines, names, limits, bands, x, y: upright(lines, bands, limits), width, height }
  const notes = [
    ...(shows === 'yield'
      ? ['bars: 95 % intervals of the yield']
      : [`line: median of the chips, with its 95 % interval as bar${bands ? '; band: 5 to 95 % of the chips' : ''}`]),
    ...(series.axis === null || series.axis.path === 'network' ? [] : [`one line for each ${series.axis.name}`]),
    ...(panels.axes.length === 0 ? [] : [`one panel for each ${panels.axes.map(({ name }) => name).join(' and ')}`]),
    ...(limits.length === 0 ? [] : limitsText(result)),
    ...lines.left,
  ]
  const title = headingOf(result, notes, panels.columns * (width + 28) + 60)
  const common = { $schema: VEGA_LITE, background: 'transparent', title, config: STUDY_CONFIG }
  const all = panels.names.map((_, index) => panel(drawing, index))
  const spec =
    all.length === 1 ? { ...common, ...all[0]! } : { ...common, concat: all, columns: panels.columns, spacing: 18 }
  return spec as unknown as TopLevelSpec
}

/** The axis upwards: round numbers around all that is drawn; powers of ten where an error rate spans them. */
function upright({ shows, metric, points }: Lines, bands: boolean, limits: readonly number[]): Drawing['y'] {
  if (shows === 'yield') return { domain: [0, 100], logarithmic: false, factor: 100 }
  const ends = points.flatMap((p) => [p.value, p.low, p.high, ...(bands && p.band !== null ? p.band : [])])
  const drawn = [...ends.filter((h) => h !== null), ...limits]
  const [least, most] = extent(drawn)
  const logarithmic = metric !== 'nmseDb' && least > 0 && most > 20 * least
  return { domain: logarithmic ? padded([least, most], true, 0.05) : roundDomain(drawn), logarithmic, factor: 1 }
}

/** One panel: bands, requirement, lines, intervals, points, names. */
function panel({ lines, names, limits, bands, x, y, width, height }: Drawing, index: number) {
  const { panels } = lines
  const several = panels.names.length > 1
  const column = index % panels.columns
  const last = Math.ceil(panels.names.length / panels.columns) - 1
  const own = lines.points.filter((p) => p.panel === index)
  const across = {
    field: 'x',
    type: 'quantitative',
    scale: scaleOf(x.domain, x.logarithmic),
    axis: { ...axisDefinition(x, width), ...(Math.floor(index / panels.columns) === last ? {} : { title: null }) },
  }
  const up = (field: string) => ({
    field,
    type: 'quantitative',
    scale: scaleOf(y.domain, y.logarithmic),
    axis: {
      title: column === 0 ? upwards(lines) : null,
      labels: column === 0,
      gridOpacity: 0.25,
      tickCount: height > 200 ? 6 : 4,
    },
  })
  // Names stand at the ends of the lines.
  const by = (range: readonly unknown[]) => ({
    field: 'series',
    type: 'nominal',
    sort: null,
    scale: { domain: names, range },
    legend: null,
  })
  const used = SERIES.slice(0, names.length)
  const colours = used.map(({ colour }) => colour)
  const fill = by(colours)
  const values = own.map((p) => ({
    x: seen(x.place(p.x)),
    y: seen(p.value * y.factor),
    series: names[p.series]!,
  }))
  const spans = (of: (p: LinePoint) => readonly [number | null, number | null] | null, apartBy = 0) =>
    own.flatMap((p, k) => {
      const [low, high] = of(p) ?? [null, null]
      if (low === null || high === null) return []
      // One that its point hides needs no place beside it.
      const tall = share(low, high, y) * height > TALL
      const shift = tall ? (p.series - (names.length - 1) / 2) * apartBy : 0
      return [
        {
          x: seen(moved(values[k]!.x, shift / width, x)),
          ...{ low: seen(low * y.factor), high: seen(high * y.factor), series: values[k]!.series },
        },
      ]
    })
  const span = { x: across, y: up('low'), y2: { field: 'high' }, fill }
  const ends = column === panels.columns - 1 && names.length > 1 ? endLabels(own, names, x, y, height) : []
  return {
    width,
    height,
    data: { values },
    layer: [
      ...(bands
        ? [
            {
              name: `band${index}`,
              data: { values: spans((p) => p.band) },
              mark: { type: 'area', opacity: 0.18 },
              encoding: span,
            },
          ]
        : []),
      ...limits.map((limit) => ({
        data: { values: [{ y: seen(limit) }] },
        mark: { type: 'rule', strokeDash: [3, 3] },
        encoding: { y: up('y') },
      })),
      {
        mark: { type: 'line', strokeWidth: 1.8 },
        encoding: {
          x: across,
          y: up('y'),
          stroke: by(colours),
          strokeDash: by(used.map(({ dash }) => dash)),
        },
      },
      {
        data: { values: spans((p) => [p.low, p.high], SIDE_BY_SIDE) },
        mark: { type: 'bar', width: 2 },
        encoding: span,
      },
      {
        mark: { type: 'point', size: 34, opacity: 1, strokeWidth: 0 },
        encoding: {
          x: across,
          y: up('y'),
          fill,
          shape: by(used.map(({ shape }) => shape)),
        },
      },
      ...(ends.length === 0
        ? []
        : [
            {
              data: { values: ends },
              mark: { type: 'text', align: 'left', dx: 9, fontSize: 11 },
              encoding: { x: across, y: up('y'), text: { field: 'text' } },
            },
          ]),
      // A title of the panel would take the width that the renderer believes it has.
      ...(several
        ? [
            {
              data: { values: [{ text: panels.names[index]! }] },
              mark: { type: 'text', fontSize: 11 },
              encoding: { x: { value: width / 2 }, y: { value: -11 }, text: { field: 'text' } },
            },
          ]
        : []),
    ],
  }
}

/** What two ends take of an axis, from 0 to 1. */
function share(low: number, high: number, { domain, logarithmic, factor }: Drawing['y']): number {
  const through = (v: number) => (logarithmic ? Math.log(v) : v)
  return (through(high * factor) - through(low * factor)) / (through(domain[1]) - through(domain[0]))
}

/** A place on an axis, moved by a share of its length. */
function moved(at: number, share: number, { domain: [low, high], logarithmic }: DrawnAxis): number {
  if (share === 0) return at
  return logarithmic ? at * (high / low) ** share : at + share * (high - low)
}

/** Two networks may have the same name once it is cut short. */
const uniqueName = (names: readonly string[], name: string, k: number): string =>
  names.indexOf(name) === k ? name : `${name} (${k + 1})`

/** Names of the lines where they end, none over another. */
function endLabels(
  points: readonly LinePoint[],
  names: readonly string[],
  { place }: DrawnAxis,
  { domain, logarithmic, factor }: Drawing['y'],
  height: number,
) {
  const ends = names.flatMap((text, k) => {
    const last = points.filter((p) => p.series === k).at(-1)
    return last === undefined ? [] : [{ text, x: seen(place(last.x)), y: last.value * factor }]
  })
  const through = (v: number) => (logarithmic ? Math.log(v) : v)
  const [a, b] = [through(domain[0]), through(domain[1])]
  const at = apart(
    ends.map(({ y }) => ((through(y) - a) / (b - a)) * height),
    LABEL_GAP,
    0,
    height,
  )
  const farthest = Math.max(...ends.map(({ x }) => x))
  return ends.map(({ text }, k) => {
    const y = a + (at[k]! / height) * (b - a)
    return { text, x: farthest, y: seen(logarithmic ? Math.exp(y) : y) }
  })
}

/** All points that are drawn. */
export function linesTable(lines: Lines): DataTable {
  const { shows, metric, axis, series, panels, points, left } = lines
  const shown = shownIn(
    axis.unit,
    points.map((p) => p.x),
  )
  const text = (x: number | null) => (x === null ? 'unknown' : shows === 'yield' ? percent(x) : scoreText(metric, x))
  const columns = [
    ...(panels.names.length > 1 ? [{ title: panels.axes.map(({ name }) => name).join(', '), numeric: false }] : []),
    ...(series.axis === null ? [] : [{ title: series.axis.name, numeric: false }]),
    { title: axis.unit === 's' ? axis.name : axisTitle(axis.name, shown.unit), numeric: true },
    { title: upwards(lines), numeric: true },
    { title: '95 % interval', numeric: true },
    ...(shows === 'yield' ? [] : [{ title: '5 to 95 % of chips', numeric: true }]),
    { title: 'chips', numeric: true },
  ]
  return {
    columns,
    rows: points.map((p) => [
      ...(panels.names.length > 1 ? [panels.names[p.panel]!] : []),
      ...(series.axis === null ? [] : [series.names[p.series]!]),
      axis.unit === 's' ? valueText(p.x, 's') : shortNumber(toShown(p.x, shown)),
      text(p.value),
      p.low === null && p.high === null ? 'unknown' : `${text(p.low)} to ${text(p.high)}`,
      ...(shows === 'yield' ? [] : [p.band === null ? 'unknown' : `${text(p.band[0])} to ${text(p.band[1])}`]),
      String(p.point.chips),
    ]),
    ...(left.length === 0 ? {} : { note: `${left.join('; ')}.` }),
  }
}
