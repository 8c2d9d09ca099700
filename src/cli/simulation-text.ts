import type { SimulationResult } from '../deployment/simulate.ts'
import { quantile, standardDeviation } from '../numerics/statistics.ts'
import { signed, stageName } from '../report/words.ts'
import { columns, count, metricText, metricTitle, type Style } from './style.ts'

/** The waterfall with bars, then the spread over the chips. */
export function simulationText(result: SimulationResult, { c, columns: width }: Style): string {
  const { metric, waterfall } = result
  const unit = metric.name === 'nmseDb' ? ' dB' : ''
  const digits = metric.name === 'nmseDb' ? 2 : 5
  const largest = Math.max(...waterfall.slice(1).map((row) => Math.abs(row.delta)), 1e-12)
  const room = Math.max(10, Math.min(30, width - 62))
  const bar = (delta: number) => {
    const length = Math.round((Math.abs(delta) / largest) * room)
    return length === 0 ? '' : (delta > 0 ? c.red : c.green)((delta > 0 ? '#' : '=').repeat(length))
  }
  const rows = waterfall.map((row) => {
    if (row.stage === 'ideal') return [stageName(row.stage), '', '', metricText(metric.name, row.value), '']
    if (!row.active) return [c.dim(stageName(row.stage)), c.dim('off'), '', '', '']
    const half = row.ci95 === null ? '' : `+- ${((row.ci95[1] - row.ci95[0]) / 2).toFixed(digits)}`
    return [
      stageName(row.stage),
      `${signed(row.delta, digits)}${unit}`,
      half,
      metricText(metric.name, row.value),
      bar(row.delta),
    ]
  })
  const { perChip, mean, ci95 } = metric.deployed
  const chips = result.chips
  const spread = [
    c.bold(`deployed: ${metricTitle(metric.name)} ${metricText(metric.name, mean)}`) +
      ` (95 % interval ${ci95.map((x) => metricText(metric.name, x)).join(' to ')}, over ${metric.deployed.ci95Over}), ideal ${metricText(metric.name, metric.ideal)}`,
  ]
  if (chips > 1) {
    spread.push(
      `${chips} chips: best ${metricText(metric.name, quantile(perChip, 0))}, median ${metricText(metric.name, quantile(perChip, 0.5))}, worst ${metricText(metric.name, quantile(perChip, 1))}, standard deviation ${metricText(metric.name, standardDeviation(perChip))}`,
    )
    if (chips >= 10) spread.push(...histogram(perChip, metric.name))
  }
  spread.push(
    `codes that differ from the ideal ones: ${(100 * result.codes.errorRate).toFixed(2)} %; ${count(result.vectors, 'vector')} a chip`,
  )
  const { faultyWeights, repairedWeights, weightErrorBeforeRepair, weightErrorAfterRepair } = result.counters
  if (faultyWeights !== undefined) {
    const percent = (share = 0) => `${(100 * share).toPrecision(2)} %`
    spread.push(
      `faults hit ${count(faultyWeights, 'weight')}, repair made ${repairedWeights} of them better: error of the weights ${percent(weightErrorBeforeRepair)} before, ${percent(weightErrorAfterRepair)} after`,
    )
  }
  return `${columns([['stage', 'loss alone', '', 'running', ''], ...rows], 'lrrrl')}\n\n${spread.join('\n')}`
}

/** What writing took, and how often amplifiers met their swing; empty where neither happened. */
export function counterLines({ chips, vectors, counters }: SimulationResult): string[] {
  const { writePulses = 0, meanWritePulses = 0, mostWritePulses = 0, amplifierSaturated = 0 } = counters
  const lines: string[] = []
  if (writePulses > 0)
    lines.push(
      `write-verify: ${count(writePulses, 'pulse')}, ${meanWritePulses.toPrecision(3)} a device, ${mostWritePulses} at most`,
    )
  if (amplifierSaturated > 0)
    lines.push(`amplifier outputs at their swing: ${amplifierSaturated} in ${count(chips * vectors, 'encode')}`)
  return lines
}

/** Chips by metric value, as rows of stars. */
function histogram(values: readonly number[], name: string): string[] {
  const low = quantile(values, 0)
  const high = quantile(values, 1)
  if (!(high > low)) return []
  const bins = 8
  const counts = new Array<number>(bins).fill(0)
  for (const v of values) counts[Math.min(bins - 1, Math.floor(((v - low) / (high - low)) * bins))]!++
  const top = Math.max(...counts)
  const step = (high - low) / bins
  return counts.map((n, i) => {
    const from = metricText(name, low + i * step).replace(' dB', '')
    const to = metricText(name, low + (i + 1) * step)
    return `  ${from.padStart(8)} .. ${to.padEnd(10)} ${'*'.repeat(Math.round((n / top) * 30))}${n > 0 ? ` ${n}` : ''}`
  })
}
