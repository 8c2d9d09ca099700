/**
 * The waterfall as a figure: where the metric goes from ideal to deployed. Reads plain result objects.
 */
import type { TopLevelSpec } from 'vega-lite'

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
const COLOURS = { loss: '#D55E00', gain: '#009E73', total: '#0072B2' }

/** The finding in one sentence, for readers who do not see the figure. */
export function waterfallFinding({ metric, waterfall }: WaterfallData): string {
  const stages = waterfall.filter((row) => row.stage !== 'ideal' && row.stage !== 'interaction' && row.active)
  const worst = stages.reduce((a, b) => (b.delta > a.delta ? b : a), stages[0] ?? waterfall[0]!)
  const digits = metric.name === 'nmseDb' ? 2 : 5
  return `${AXIS[metric.name] ?? metric.name} goes from ${metric.ideal.toFixed(digits)} (ideal) to ${metric.deployed.mean.toFixed(digits)} (deployed, mean of ${metric.deployed.perChip.length} chips); the largest single loss is ${worst.stage.replaceAll('-', ' ')}, ${worst.delta.toFixed(digits)}.`
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
      stage: row.stage.replaceAll('-', ' '),
      from: row.stage === 'ideal' ? low - margin : row.value - row.delta,
      to: row.value,
      kind: row.stage === 'ideal' ? 'total' : row.delta >= 0 ? 'loss' : 'gain',
      label:
        row.stage === 'ideal'
          ? row.value.toFixed(digits)
          : `${row.delta >= 0 ? '+' : ''}${row.delta.toFixed(digits)}${row.ci95 === null ? '' : ` ± ${((row.ci95[1] - row.ci95[0]) / 2).toFixed(digits)}`}`,
    })),
    {
      stage: 'deployed',
      from: low - margin,
      to: metric.deployed.mean,
      kind: 'total',
      label: metric.deployed.mean.toFixed(digits),
    },
  ].map((row) => ({ ...row, end: Math.max(row.from, row.to) }))
  const y = { field: 'stage', type: 'nominal', sort: null, title: null } as const
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'transparent',
    width: 460,
    height: { step: 22 },
    title: { text: caption, subtitle: [...changes], anchor: 'start', fontSize: 12, fontWeight: 'normal' },
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
            axis: { grid: true, gridOpacity: 0.25 },
          },
          x2: { field: 'to' },
          color: {
            field: 'kind',
            type: 'nominal',
            legend: null,
            scale: { domain: Object.keys(COLOURS), range: Object.values(COLOURS) },
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
