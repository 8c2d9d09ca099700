/**
 * A converter's transfer as a figure: its staircase over the density of its input, wanted and realised thresholds. Reads
 * plain result objects.
 */
import type { TopLevelSpec } from 'vega-lite'
import { COLOURS as ALL, CONFIG, heading, STROKE_LEGEND, VEGA_LITE } from './theme.ts'

/** The part of a converter's report that the figure shows. */
export interface TransferData {
  readonly levels: number
  readonly thresholds: {
    readonly target: readonly number[]
    readonly exact: readonly (number | null)[]
  }
  readonly thresholdError: { readonly largest: number | null }
  readonly codeErrorRate: number
  readonly density: { readonly low: number; readonly high: number; readonly counts: readonly number[] }
}

const COLOURS = { wanted: ALL.blue, realised: ALL.vermillion, density: '#999999' } as const
/** Thresholds whose lines can still be told apart. */
const MOST_LINES = 64

/** The finding in one sentence, for readers who do not see the figure. */
export function transferFinding({ levels, thresholds, thresholdError, codeErrorRate }: TransferData): string {
  const lost = thresholds.exact.filter((t) => t === null).length
  const largest = thresholdError.largest
  return [
    `Transfer of a converter with ${levels} levels`,
    largest === null ? '' : `: realised thresholds lie up to ${milli(largest)} mV from the wanted ones`,
    lost > 0 ? `; ${lost} of ${levels - 1} are never passed` : '',
    `; ${(100 * codeErrorRate).toPrecision(3)} % of the codes differ from the ideal ones.`,
  ].join('')
}

const milli = (x: number) => (1e3 * x).toPrecision(3)

/** Corners of a staircase: one row a threshold and its ends, passed or not. */
function stairs(thresholds: readonly (number | null)[], low: number, high: number, which: string) {
  // Where two thresholds are out of order, the code jumps by two.
  const passed = thresholds
    .flatMap((t) => (t === null ? [] : [t]))
    .filter((t) => t > low && t < high)
    .sort((a, b) => a - b)
  const codeAt = (v: number) => thresholds.reduce<number>((n, t, k) => (t !== null && t <= v ? k + 1 : n), 0)
  return [low, ...passed, high].map((v) => ({ volts: v, code: codeAt(v), which }))
}

/** The Vega-Lite specification: staircases above, density of the input below, on one axis. */
export function transferSpec(data: TransferData, caption: string, notes: readonly string[] = []): TopLevelSpec {
  const { thresholds, density, levels } = data
  const { low, high, counts } = density
  const total = counts.reduce((a, b) => a + b, 0)
  const width = (high - low) / counts.length
  const bars = counts.map((n, i) => ({ from: low + i * width, to: low + (i + 1) * width, share: n / total / width }))
  const rules = (values: readonly (number | null)[], which: string) =>
    values.length > MOST_LINES
      ? []
      : values.flatMap((t) => (t !== null && t > low && t < high ? [{ volts: t, which }] : []))
  const most = bars.reduce((a, { share }) => Math.max(a, share), 0)
  // Lines of two points: a rule would take the grey of the axes.
  const lines = [...rules(thresholds.target, 'wanted'), ...rules(thresholds.exact, 'realised')].flatMap((rule, id) =>
    [0, most].map((share) => ({ ...rule, id, share })),
  )
  const scale = { domain: [low, high], nice: false }
  const legend = STROKE_LEGEND
  const colour = {
    field: 'which',
    type: 'nominal',
    scale: { domain: ['wanted', 'realised'], range: [COLOURS.wanted, COLOURS.realised] },
    legend,
  } as const
  const dash = {
    field: 'which',
    type: 'nominal',
    scale: {
      domain: ['wanted', 'realised'],
      range: [
        [5, 3],
        [1, 0],
      ],
    },
    legend,
  } as const
  return {
    $schema: VEGA_LITE,
    background: 'transparent',
    title: heading(caption, notes),
    spacing: 8,
    vconcat: [
      {
        width: 460,
        height: 220,
        data: {
          values: [
            ...stairs(thresholds.exact, low, high, 'realised'),
            ...stairs(thresholds.target, low, high, 'wanted'),
          ],
        },
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.8 },
        encoding: {
          x: { field: 'volts', type: 'quantitative', scale, axis: { title: null, labels: false, gridOpacity: 0.25 } },
          y: {
            field: 'code',
            type: 'quantitative',
            title: 'code [1]',
            scale: { domain: [0, levels - 1] },
            axis: { gridOpacity: 0.25, tickMinStep: 1 },
          },
          color: colour,
          strokeDash: dash,
        },
      },
      {
        width: 460,
        height: 110,
        layer: [
          {
            data: { values: bars },
            mark: { type: 'rect', color: COLOURS.density, opacity: 0.55 },
            encoding: {
              x: {
                field: 'from',
                type: 'quantitative',
                scale,
                axis: { title: 'input of the converter [V]', gridOpacity: 0.25 },
              },
              x2: { field: 'to' },
              y: {
                field: 'share',
                type: 'quantitative',
                title: 'density [1/V]',
                axis: { gridOpacity: 0.25, tickCount: 4 },
              },
              y2: { datum: 0 },
            },
          },
          {
            data: { values: lines },
            mark: { type: 'line', strokeWidth: 1.5 },
            encoding: {
              x: { field: 'volts', type: 'quantitative', scale },
              y: { field: 'share', type: 'quantitative' },
              detail: { field: 'id' },
              color: colour,
              strokeDash: dash,
            },
          },
        ],
      },
    ],
    config: CONFIG,
  }
}
