/**
 * The waterfall as a figure: where the metric goes from ideal to deployed. Reads plain result objects.
 */
import type { TopLevelSpec } from 'vega-lite'
import { COLOURS as ALL, CONFIG, heading, VEGA_LITE } from './theme.ts'
import { decimals, fixed, metricAxis, signed, stageName } from './words.ts'

/** The part of a simulation result that the figure shows. */
export interface WaterfallData {
  readonly metric: {
    readonly name: string
    readonly ideal: number
    readonly deployed: { readonly mean: number; readonly perChip: readonly number[] }
  }
  readonly waterfall: readonly {
    readonly stage: string
    readonly value: number
    readonly delta: number
    readonly ci95: readonly [number, number] | null
    readonly active: boolean
  }[]
  readonly vectors: number
}

const COLOURS = { total: ALL.blue, loss: ALL.vermillion, gain: ALL.green } as const

/** What may differ from the waterfall of a simulation. */
export interface WaterfallStyle {
  /** How the rows were found. */
  readonly note?: string
  /** What the first row is, where it is not the ideal network. */
  readonly start?: string
  /** Intervals as lines, and not as numbers. */
  readonly whiskers?: boolean
}

/** What the colours mean, in the order of the legend. */
const MEANING = { total: 'ideal, deployed', loss: 'loss', gain: 'gain' } as const

/** The finding in one sentence, for readers who do not see the figure. */
export function waterfallFinding({ metric, waterfall }: WaterfallData): string {
  const stages = waterfall.filter((row) => row.stage !== 'ideal' && row.stage !== 'interaction' && row.active)
  const worst = stages.length === 0 ? null : stages.reduce((a, b) => (b.delta > a.delta ? b : a))
  const digits = decimals(metric.name, Math.abs(metric.deployed.mean - metric.ideal))
  const chips = metric.deployed.perChip.length
  return `${metricAxis(metric.name)} goes from ${fixed(metric.ideal, digits)} (ideal) to ${fixed(metric.deployed.mean, digits)} (deployed, ${chips === 1 ? 'one chip' : `mean of ${chips} chips`})${worst === null ? '' : `; the largest single loss is ${stageName(worst.stage)}, ${fixed(worst.delta, digits)}`}.`
}

/** The Vega-Lite specification: horizontal bars from one running value to the next. */
export function waterfallSpec(
  data: WaterfallData,
  caption: string,
  changes: readonly string[] = [],
  more: WaterfallStyle = {},
): TopLevelSpec {
  const { metric, waterfall } = data
  const rows = waterfall.filter((row) => row.active)
  const whiskers = rows.flatMap((row) =>
    more.whiskers !== true || row.ci95 === null
      ? []
      : [
          {
            stage: stageName(row.stage),
            low: row.value - row.delta + row.ci95[0],
            high: row.value - row.delta + row.ci95[1],
          },
        ],
  )
  const all = [...rows.flatMap((r) => [r.value, r.value - r.delta]), ...whiskers.flatMap((w) => [w.low, w.high])]
  const low = Math.min(...all)
  const high = Math.max(...all)
  const digits = decimals(metric.name, high - low)
  const margin = 0.12 * (high - low || 1)
  const values = [
    ...rows.map((row) => ({
      stage: row.stage === 'ideal' && more.start !== undefined ? more.start : stageName(row.stage),
      from: row.stage === 'ideal' ? low - margin : row.value - row.delta,
      to: row.value,
      kind: MEANING[row.stage === 'ideal' ? 'total' : row.delta >= 0 ? 'loss' : 'gain'],
      label:
        row.stage === 'ideal'
          ? fixed(row.value, digits)
          : `${signed(row.delta, digits)}${row.ci95 === null || more.whiskers === true ? '' : ` ± ${((row.ci95[1] - row.ci95[0]) / 2).toFixed(digits)}`}`,
    })),
    {
      stage: 'deployed',
      from: low - margin,
      to: metric.deployed.mean,
      kind: MEANING.total,
      label: fixed(metric.deployed.mean, digits),
    },
  ].map((row) => ({
    ...row,
    end: Math.max(row.from, row.to, ...whiskers.filter(({ stage }) => stage === row.stage).map((w) => w.high)),
  }))
  const kinds = (['total', 'loss', 'gain'] as const).filter((k) => values.some((v) => v.kind === MEANING[k]))
  // Whole decibels, unless there would be hardly a tick.
  const whole = metric.name === 'nmseDb' && high - low >= 2
  const half = more.whiskers === true ? 'whiskers: 95 % intervals over chips' : '± half the 95 % interval over chips'
  const interval = rows.some((row) => row.ci95 !== null) ? `; ${half}` : ''
  const y = { field: 'stage', type: 'nominal', sort: null, title: null } as const
  return {
    $schema: VEGA_LITE,
    background: 'transparent',
    width: 460,
    height: { step: 22 },
    title: heading(caption, [...changes, `${more.note ?? 'each stage alone, from ideal to deployed'}${interval}`]),
    data: { values },
    layer: [
      {
        mark: { type: 'bar', height: 14 },
        encoding: {
          y,
          x: {
            field: 'from',
            type: 'quantitative',
            title: metricAxis(metric.name),
            scale: { domain: [low - margin, high + 2.2 * margin], zero: false, nice: false },
            axis: { grid: true, gridOpacity: 0.25, ...(whole ? { tickMinStep: 1 } : {}) },
          },
          x2: { field: 'to' },
          color: {
            field: 'kind',
            type: 'nominal',
            legend: { title: null, orient: 'bottom', labelFontSize: 11 },
            scale: { domain: kinds.map((k) => MEANING[k]), range: kinds.map((k) => COLOURS[k]) },
          },
        },
      },
      ...(whiskers.length === 0
        ? []
        : [
            {
              name: 'whisker',
              data: { values: whiskers },
              mark: { type: 'rule' as const, strokeWidth: 1.4 },
              encoding: { y, x: { field: 'low', type: 'quantitative' as const }, x2: { field: 'high' } },
            },
          ]),
      {
        mark: { type: 'text', align: 'left', dx: 5, fontSize: 11 },
        encoding: { y, x: { field: 'end', type: 'quantitative' }, text: { field: 'label' } },
      },
    ],
    config: CONFIG,
  }
}
