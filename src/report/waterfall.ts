/**
 * The waterfall as a figure: where the metric goes from ideal to deployed. Reads plain result objects.
 */
import type { TopLevelSpec } from 'vega-lite'
import { fixed, signed, stageName } from './words.ts'

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

const AXIS: Readonly<Record<string, string>> = {
  nmseDb: 'NMSE [dB]',
  mse: 'mean squared error [1]',
  ber: 'bit error rate [1]',
}

/** Okabe-Ito: vermillion for a loss, bluish green for a gain, blue for the totals. */
const COLOURS = { total: '#0072B2', loss: '#D55E00', gain: '#009E73' } as const

/** What the colours mean, in the order of the legend. */
const MEANING = { total: 'ideal, deployed', loss: 'loss', gain: 'gain' } as const

/** The finding in one sentence, for readers who do not see the figure. */
export function waterfallFinding({ metric, waterfall }: WaterfallData): string {
  const stages = waterfall.filter((row) => row.stage !== 'ideal' && row.stage !== 'interaction' && row.active)
  const worst = stages.length === 0 ? null : stages.reduce((a, b) => (b.delta > a.delta ? b : a))
  const digits = metric.name === 'nmseDb' ? 2 : 5
  const chips = metric.deployed.perChip.length
  return `${AXIS[metric.name] ?? metric.name} goes from ${fixed(metric.ideal, digits)} (ideal) to ${fixed(metric.deployed.mean, digits)} (deployed, ${chips === 1 ? 'one chip' : `mean of ${chips} chips`})${worst === null ? '' : `; the largest single loss is ${stageName(worst.stage)}, ${fixed(worst.delta, digits)}`}.`
}

/** The Vega-Lite specification: horizontal bars from one running value to the next. */
export function waterfallSpec(data: WaterfallData, caption: string, changes: readonly string[] = []): TopLevelSpec {
  const { metric, waterfall } = data
  const digits = metric.name === 'nmseDb' ? 2 : 5
  const rows = waterfall.filter((row) => row.active)
  const low = Math.min(...rows.map((r) => r.value), ...rows.map((r) => r.value - r.delta))
  const high = Math.max(...rows.map((r) => r.value), ...rows.map((r) => r.value - r.delta))
  const margin = 0.12 * (high - low || 1)
  const values = [
    ...rows.map((row) => ({
      stage: stageName(row.stage),
      from: row.stage === 'ideal' ? low - margin : row.value - row.delta,
      to: row.value,
      kind: MEANING[row.stage === 'ideal' ? 'total' : row.delta >= 0 ? 'loss' : 'gain'],
      label:
        row.stage === 'ideal'
          ? fixed(row.value, digits)
          : `${signed(row.delta, digits)}${row.ci95 === null ? '' : ` ± ${((row.ci95[1] - row.ci95[0]) / 2).toFixed(digits)}`}`,
    })),
    {
      stage: 'deployed',
      from: low - margin,
      to: metric.deployed.mean,
      kind: MEANING.total,
      label: fixed(metric.deployed.mean, digits),
    },
  ].map((row) => ({ ...row, end: Math.max(row.from, row.to) }))
  const kinds = (['total', 'loss', 'gain'] as const).filter((k) => values.some((v) => v.kind === MEANING[k]))
  // Whole decibels, unless there would be hardly a tick.
  const whole = metric.name === 'nmseDb' && high - low >= 2
  const interval = rows.some((row) => row.ci95 !== null) ? '; ± half the 95 % interval over chips' : ''
  const y = { field: 'stage', type: 'nominal', sort: null, title: null } as const
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'transparent',
    width: 460,
    height: { step: 22 },
    title: {
      text: caption,
      subtitle: [...changes, `each stage alone, from ideal to deployed${interval}`],
      anchor: 'start',
      fontSize: 12,
      fontWeight: 'normal',
    },
    data: { values },
    layer: [
      {
        mark: { type: 'bar', height: 14 },
        encoding: {
          y,
          x: {
            field: 'from',
            type: 'quantitative',
            title: AXIS[metric.name] ?? metric.name,
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
      {
        mark: { type: 'text', align: 'left', dx: 5, fontSize: 11 },
        encoding: { y, x: { field: 'end', type: 'quantitative' }, text: { field: 'label' } },
      },
    ],
    config: { view: { stroke: null }, axis: { labelFontSize: 11, titleFontSize: 11 } },
  }
}
