/**
 * A serial conversion over time as a figure: input and threshold at the comparator, clocks, code. Reads plain result
 * objects.
 */
import type { TopLevelSpec } from 'vega-lite'
import { COLOURS as ALL, CONFIG, heading, STROKE_LEGEND, VEGA_LITE } from './theme.ts'

/** Voltages of a conversion over time. */
export interface ConversionData {
  readonly seconds: readonly number[]
  /** volts at each of the times */
  readonly input: readonly number[]
  readonly held: readonly number[]
  /** null: a flash converter, which has many */
  readonly threshold: readonly number[] | null
  /** 0 V or 1 V */
  readonly sample: readonly number[]
  readonly strobe: readonly number[]
  /** volts, 1 V a step; of the decisions stored so far */
  readonly code: readonly number[]
  /** The decisions of the simulator: when, at which threshold, and what. */
  readonly decisions: readonly { readonly seconds: number; readonly threshold: number; readonly above: boolean }[]
  /** One a channel, in order: when its code is ready. */
  readonly channels: readonly { readonly end: number; readonly code: number; readonly expected: number }[]
  readonly levels: number
}

const COLOURS = { input: '#999999', held: ALL.blue, threshold: ALL.vermillion, clock: ALL.green } as const
const WIDTH = 860
/** Where the channels and their codes stand, in shares of the highest code. */
const LABELS = 1.17
/** A point this share of the range away from the line of its neighbours is seen. */
const SEEN = 1e-3

/** The finding in one sentence, for readers who do not see the figure. */
export function conversionFinding({ channels, decisions }: ConversionData): string {
  const codes = channels.map(({ code }) => code).join(', ')
  const wrong = channels.filter(({ code, expected }) => code !== expected).length
  return [
    `Transient of a serial conversion: ${channels.length} ${channels.length === 1 ? 'channel' : 'channels'}, ${decisions.length} decisions, codes ${codes}`,
    wrong === 0 ? ', each as the simulator has it.' : `; ${wrong} of them not as the simulator has it.`,
  ].join('')
}

interface Point {
  readonly x: number
  readonly y: number
}

/** The corners of a line of many points: Ramer, Douglas and Peucker, by vertical distance. */
export function corners(points: readonly Point[], distance: number): Point[] {
  const kept = new Set([0, points.length - 1])
  const open: [number, number][] = [[0, points.length - 1]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [from, to] = next
    const [a, b] = [points[from]!, points[to]!]
    let far = from
    let most = distance
    for (let k = from + 1; k < to; k++) {
      const { x, y } = points[k]!
      const away = Math.abs(y - a.y - ((b.y - a.y) * (x - a.x)) / (b.x - a.x))
      if (away > most) [far, most] = [k, away]
    }
    if (far === from) continue
    kept.add(far)
    open.push([from, far], [far, to])
  }
  return points.filter((_, k) => kept.has(k))
}

const round = (x: number, digits: number) => Number(x.toPrecision(digits))
const nano = (seconds: number) => round(seconds * 1e9, 6)

/** The Vega-Lite specification: voltages above, then the clocks, then the code; one axis of time. */
export function conversionSpec(data: ConversionData, caption: string, notes: readonly string[] = []): TopLevelSpec {
  const { seconds, channels, levels } = data
  const end = nano(seconds.at(-1)!)
  const shown = [data.input, data.held, ...(data.threshold === null ? [] : [data.threshold])]
  const low = Math.min(...shown.map((of) => of.reduce((a, b) => Math.min(a, b))))
  const high = Math.max(...shown.map((of) => of.reduce((a, b) => Math.max(a, b))))
  const trace = (volts: readonly number[], which: string, range: number, shift = 0) =>
    corners(
      volts.map((v, k) => ({ x: nano(seconds[k]!), y: v })),
      SEEN * range,
    ).map(({ x, y }) => ({ nanoseconds: x, volts: round(y + shift, 5), which }))
  const series = ['channel', 'held', ...(data.threshold === null ? [] : ['threshold'])]
  const clocks = ['strobe', 'sample']
  const x = (last: boolean) =>
    ({
      field: 'nanoseconds',
      type: 'quantitative',
      scale: { domain: [0, end] as number[], nice: false },
      axis: { title: last ? 'time [ns]' : null, labels: last, gridOpacity: 0.15 },
    }) as const
  const legend = STROKE_LEGEND
  const colour = {
    field: 'which',
    type: 'nominal',
    sort: null,
    scale: { domain: series, range: [COLOURS.input, COLOURS.held, COLOURS.threshold].slice(0, series.length) },
    legend,
  } as const
  const dash = {
    field: 'which',
    type: 'nominal',
    sort: null,
    scale: {
      domain: series,
      range: [
        [4, 3],
        [1, 0],
        [1, 0],
      ].slice(0, series.length),
    },
    legend,
  } as const
  const decided = data.decisions.map((d) => ({
    nanoseconds: nano(d.seconds),
    volts: round(d.threshold, 5),
    decision: d.above ? 'above' : 'not above',
  }))
  const labels = channels.map(({ end: at, code }, n) => ({
    nanoseconds: nano(at),
    volts: round(LABELS * (levels - 1), 5),
    text: `${n}: ${code}`,
  }))
  return {
    $schema: VEGA_LITE,
    background: 'transparent',
    title: heading(caption, notes),
    spacing: 8,
    resolve: { scale: { color: 'independent', strokeDash: 'independent', shape: 'independent' } },
    vconcat: [
      {
        width: WIDTH,
        height: 220,
        layer: [
          {
            data: {
              values: [
                ...trace(data.input, 'channel', high - low),
                ...trace(data.held, 'held', high - low),
                ...(data.threshold === null ? [] : trace(data.threshold, 'threshold', high - low)),
              ],
            },
            mark: { type: 'line', strokeWidth: 1.4 },
            encoding: {
              x: x(false),
              y: { field: 'volts', type: 'quantitative', title: 'at the comparator [V]', axis: { gridOpacity: 0.25 } },
              color: colour,
              strokeDash: dash,
            },
          },
          {
            data: { values: decided },
            mark: { type: 'point', filled: true, size: 36, color: COLOURS.threshold, opacity: 1 },
            encoding: {
              x: x(false),
              y: { field: 'volts', type: 'quantitative' },
              shape: {
                field: 'decision',
                type: 'nominal',
                scale: { domain: ['above', 'not above'], range: ['triangle-up', 'triangle-down'] },
                legend: { title: null, orient: 'top', labelFontSize: 11, symbolFillColor: COLOURS.threshold },
              },
            },
          },
        ],
      },
      {
        width: WIDTH,
        height: 44,
        data: {
          values: [...trace(data.strobe, 'strobe', 1), ...trace(data.sample, 'sample', 1, 1.4)],
        },
        mark: { type: 'line', strokeWidth: 1.2, color: COLOURS.clock },
        encoding: {
          x: x(false),
          y: {
            field: 'volts',
            type: 'quantitative',
            title: null,
            scale: { domain: [0, 2.4] },
            axis: {
              values: [0.5, 1.9],
              labelExpr: `datum.value < 1 ? '${clocks[0]}' : '${clocks[1]}'`,
              ticks: false,
              grid: false,
            },
          },
          detail: { field: 'which' },
        },
      },
      {
        width: WIDTH,
        height: 120,
        layer: [
          {
            data: { values: trace(data.code, 'code', levels - 1) },
            mark: { type: 'line', strokeWidth: 1.4, color: COLOURS.held },
            encoding: {
              x: x(true),
              y: {
                field: 'volts',
                type: 'quantitative',
                title: 'code so far [1]',
                scale: { domain: [0, round((LABELS + 0.05) * (levels - 1), 5)], nice: false },
                axis: { gridOpacity: 0.25, tickMinStep: 1, tickCount: Math.min(levels - 1, 5) },
              },
            },
          },
          {
            data: { values: labels },
            mark: { type: 'text', align: 'right', fontSize: 10.5 },
            encoding: {
              x: x(true),
              y: { field: 'volts', type: 'quantitative' },
              text: { field: 'text' },
            },
          },
        ],
      },
    ],
    config: CONFIG,
  }
}
