/**
 * What wires cost a deployment, and what each remedy brings back: one table.
 */

import { OhmbitError } from '../base/errors.ts'
import { knownOptions } from '../base/options.ts'
import { deploy } from '../deployment/deploy.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { idealRun, runChip } from '../deployment/run-chip.ts'
import { planSimulation, type SimulateOptions } from '../deployment/simulate.ts'
import { contradictions } from '../profile/check.ts'
import { FIELDS, type FieldPath, type FieldValue, withValues } from '../profile/fields.ts'
import { idealised, isActive, STAGES, type Stage } from '../profile/isolate.ts'
import type { Profile } from '../profile/profile.ts'
import type { MetricName } from '../task/metric.ts'

type Changes = Partial<Record<FieldPath, FieldValue>>

/** From a profile without any remedy to one with it. */
const REMEDIES = {
  none: () => ({}),
  'output gain': () => ({ 'crossbar.wireCorrection': 'output-gain' }),
  programming: () => ({ 'crossbar.wireCorrection': 'programming' }),
  'separate arrays': () => ({ 'crossbar.layout': 'separate' }),
  interleaved: () => ({ 'crossbar.layout': 'interleaved' }),
  'heavy first': () => ({ 'crossbar.lineOrder': 'heavy-first' }),
  'both ends': () => ({ 'crossbar.wires.drive': 'both-ends' }),
  'half-size arrays': halfSize,
  'programming + interleaved': () => ({
    'crossbar.wireCorrection': 'programming',
    'crossbar.layout': 'interleaved',
  }),
} as const satisfies Record<string, (plain: Deployment) => Changes>

export type Remedy = keyof typeof REMEDIES
export const REMEDY_NAMES = Object.keys(REMEDIES) as readonly Remedy[]

/** A remedy is all that differs between rows of one wire resistance. */
const WITHOUT: readonly FieldPath[] = [
  'crossbar.wireCorrection',
  'crossbar.layout',
  'crossbar.lineOrder',
  'crossbar.wires.drive',
]

export interface RemedyRow {
  /** Resistance of a word line segment and of a bit line segment. */
  readonly ohms: number
  readonly remedy: Remedy
  /** null: not possible here, see `reason` */
  readonly metric: number | null
  /** Metric with wires less metric without. */
  readonly delta: number | null
  /** Share of the scale that programming leaves the weights, the least of all outputs; null where not programmed so. */
  readonly headroom: number | null
  /** Relative error that a correction leaves in the matrix of a layer, the largest of all layers; null without one. */
  readonly residual: number | null
  readonly reason: string | null
}

export interface RemedyTable {
  /** True when `signal` stopped it early. */
  readonly interrupted: boolean
  readonly metric: MetricName
  /** Without wires. */
  readonly ideal: number
  /** Imperfections of the deployment, other than wires, that are switched off for the table. */
  readonly switchedOff: readonly Stage[]
  readonly vectors: number
  readonly rows: readonly RemedyRow[]
}

export interface RemedyOptions extends Pick<SimulateOptions, 'inputs' | 'truth' | 'metric'> {
  /** ohm a segment */
  readonly ohms: readonly number[]
  /** Called before each row. */
  readonly onRow?: (done: number, total: number) => void
  /** Stops between rows; the table then holds the rows that are done. */
  readonly signal?: AbortSignal
}

/**
 * The loss by wires alone, all other imperfections off, for each resistance and remedy. Driver and sense resistances,
 * mapping, conductance range and array size are those of the deployment.
 *
 * @throws what `simulate` throws for its data and metric
 */
export async function compareRemedies(deployment: Deployment, options: RemedyOptions): Promise<RemedyTable> {
  knownOptions<RemedyOptions>('compareRemedies', options, {
    inputs: true,
    truth: true,
    metric: true,
    ohms: true,
    onRow: true,
    signal: true,
  })
  const { onRow, signal, ohms: list, ...data } = options
  const { network, profile } = deployment
  const off: Changes = { 'crossbar.wires.driver': 0, 'crossbar.wires.sense': 0 }
  for (const path of WITHOUT) off[path] = FIELDS[path].default
  const base = withValues(idealised(profile), off)
  const redeploy = (p: Profile) => deploy(network, p, { like: deployment })
  const plain = redeploy(base)
  const plan = planSimulation(plain, { ...data, chips: 1 })
  const ideal = idealRun(plan)
  const { driver, sense } = profile.crossbar.wires

  const row = (ohms: number, remedy: Remedy): RemedyRow => {
    const none = { ohms, remedy, metric: null, delta: null, headroom: null, residual: null }
    const changed = withValues(base, {
      'crossbar.wires.driver': driver,
      'crossbar.wires.sense': sense,
      'crossbar.wires.wordSegment': ohms,
      'crossbar.wires.bitSegment': ohms,
      ...REMEDIES[remedy](plain),
    })
    const problem = contradictions(changed)[0]
    if (problem !== undefined) return { ...none, reason: problem.message }
    try {
      const deployed = redeploy(changed)
      const { score } = runChip({ ...plan, deployed, waterfallChips: 0 }, ideal, 0)
      const reports = deployed.layers.flatMap(({ wireReport }) => wireReport ?? [])
      return {
        ohms,
        remedy,
        metric: score.value,
        delta: score.value - ideal.value,
        headroom: remedy.startsWith('programming') ? Math.min(1, ...reports.map((r) => r.headroom)) : null,
        residual: reports.length > 0 ? Math.max(...reports.map((r) => r.after.relative)) : null,
        reason: null,
      }
    } catch (error) {
      if (error instanceof OhmbitError) return { ...none, reason: error.message }
      throw error
    }
  }
  const wanted = list.flatMap((ohms) => REMEDY_NAMES.map((remedy) => [ohms, remedy] as const))
  const rows: RemedyRow[] = []
  for (const [ohms, remedy] of wanted) {
    // Lets a Ctrl-C through.
    await new Promise((resolve) => setImmediate(resolve))
    if (signal?.aborted) break
    onRow?.(rows.length, wanted.length)
    rows.push(row(ohms, remedy))
  }
  const interrupted = rows.length < wanted.length
  const switchedOff = STAGES.filter((stage) => stage !== 'wires' && isActive(profile, stage))
  return { metric: plan.metric, ideal: ideal.value, switchedOff, vectors: plan.inputs.rows, rows, interrupted }
}

/** Arrays of half as many word lines and half as many bit lines as the largest one that the deployment uses. */
function halfSize(plain: Deployment): Changes {
  const tiles = plain.layers.flatMap((layer) => layer.tiles)
  const half = (count: (tile: (typeof tiles)[number]) => number) => Math.ceil(Math.max(...tiles.map(count)) / 2)
  return {
    'crossbar.wordLines': half((tile) => tile.target.rows),
    'crossbar.bitLines': Math.max(
      2,
      half((tile) => tile.target.cols),
    ),
  }
}
