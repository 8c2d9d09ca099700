/**
 * What the hardware costs the task: ideal against deployed, on the same chips and the same vectors, stage by stage.
 */
import { fail, type Warning } from '../base/errors.ts'
import { knownOptions, type OptionNames } from '../base/options.ts'
import { wholeNumber } from '../base/whole-number.ts'
import type { Matrix } from '../numerics/matrix.ts'
import { mean, meanInterval } from '../numerics/statistics.ts'
import { isActive, isolate, STAGES, type Stage } from '../profile/isolate.ts'
import { generateSamples } from '../task/generate.ts'
import { defaultMetric, type MetricName } from '../task/metric.ts'
import { FIRST } from '../task/stream.ts'
import { measuredStage } from './activation-stage.ts'
import { deploy } from './deploy.ts'
import type { Deployment } from './deployment.ts'
import { checkFinite } from './finite.ts'
import { type ChipOutcome, type IdealRun, idealRun, runChip, type SimulationPlan } from './run-chip.ts'
import { CALIBRATION } from './scales.ts'

export interface SimulateOptions {
  /** vectors x measurements, network units; default: the task's */
  readonly inputs?: Matrix
  /** vectors x components (or class labels) */
  readonly truth?: Matrix
  /** Default 20. */
  readonly chips?: number
  /** Number of the first chip; default 0. */
  readonly firstChip?: number
  readonly seed?: number
  /** Default: the task's metric, else by shape. */
  readonly metric?: MetricName
  /** Fresh vectors drawn from the task when no data is given; default: the 256 vectors the deployment keeps. */
  readonly samples?: number
  /** Chips of the waterfall's single stages; default as many as `chips`. */
  readonly waterfallChips?: number
}

/** Every option of `simulate`. */
export const SIMULATE_OPTIONS: OptionNames<SimulateOptions> = {
  inputs: true,
  truth: true,
  chips: true,
  firstChip: true,
  seed: true,
  metric: true,
  samples: true,
  waterfallChips: true,
}

export interface WaterfallRow {
  readonly stage: 'ideal' | Stage | 'interaction'
  /** Running sum from the ideal metric to the deployed one. */
  readonly value: number
  /** Paired loss with this stage alone switched on, mean over the chips. */
  readonly delta: number
  /** Of delta, over the chips; null where nothing varies from chip to chip. */
  readonly ci95: readonly [number, number] | null
  /** Whether the profile has this imperfection at all. */
  readonly active: boolean
}

export interface SimulationResult {
  readonly metric: {
    readonly name: MetricName
    readonly ideal: number
    readonly deployed: {
      readonly mean: number
      /** Of the mean over chips; with one chip, of the metric over its vectors. */
      readonly ci95: readonly [number, number]
      readonly ci95Over: 'chips' | 'vectors'
      readonly perChip: readonly number[]
    }
  }
  readonly waterfall: readonly WaterfallRow[]
  readonly codes: { readonly errorRate: number }
  readonly counters: Readonly<Record<string, number>>
  readonly chips: number
  /** Chips that the single stages of the waterfall were run on. */
  readonly waterfallChips: number
  readonly vectors: number
  readonly warnings: readonly Warning[]
}

/** Largest number of chips and of vectors of one simulation. */
const LIMIT = { chips: 1_000_000, samples: 10_000_000 } as const

/**
 * Settle data, metric and the single-stage deployments.
 *
 * @throws OHM5002 no data and no task, OHM1110 shapes that do not fit, OHM5003 metric that does not fit, OHM5004
 */
export function planSimulation(deployment: Deployment, options: SimulateOptions): SimulationPlan {
  const { network, profile } = deployment
  const seed = wholeNumber('seed', options.seed ?? 0, 0, 2 ** 32 - 1)
  const chips = wholeNumber('chips', options.chips ?? 20, 1, LIMIT.chips)
  const firstChip = wholeNumber('chip', options.firstChip ?? 0, 0, 2 ** 32 - chips)
  const waterfallChips = wholeNumber('waterfallChips', options.waterfallChips ?? chips, 1, chips)
  const { inputs, truth } = simulationData(deployment, options, seed)
  const outputs = network.decoder.at(-1)!.weight.rows
  const metric = options.metric ?? defaultMetric(network.task, outputs, truth)
  const variant = (p: Deployment['profile']) => deploy(network, p, { like: deployment })
  return {
    inputs,
    truth,
    metric,
    seed,
    chips,
    firstChip,
    waterfallChips,
    deployed: deployment,
    alone: STAGES.filter((stage) => isActive(profile, stage)).map((stage) => ({
      stage,
      deployment: variant(isolate(profile, stage)),
    })),
  }
}

/**
 * Vectors with their truth: the given ones, else the task's.
 *
 * @throws OHM5002 no data and no task, OHM1110 shapes that do not fit
 */
export function simulationData(
  deployment: Deployment,
  options: Pick<SimulateOptions, 'inputs' | 'truth' | 'samples'>,
  seed: number,
): { inputs: Matrix; truth: Matrix } {
  const { network } = deployment
  if ((options.inputs === undefined) !== (options.truth === undefined))
    fail('OHM1110', 'inputs and truth belong together; only one was given')
  if (options.inputs === undefined || options.truth === undefined) {
    if (network.task === null)
      fail('OHM5002', 'the network has no task, so there is nothing to draw vectors from and nothing to score', {
        hint: 'give --inputs Y.npy --truth X.npy, or deploy with --task',
      })
    // The vectors the deployment keeps, or fresh ones that neither calibration nor training saw.
    return options.samples === undefined
      ? generateSamples(network.task, { samples: CALIBRATION.kept, seed: CALIBRATION.seed })
      : generateSamples(network.task, {
          samples: wholeNumber('samples', options.samples, 1, LIMIT.samples),
          seed,
          first: FIRST.test,
        })
  }
  checkVectors(network, options.inputs, options.truth)
  return { inputs: options.inputs, truth: options.truth }
}

/** @throws OHM1110 when inputs and truth do not fit the network or each other, or hold what is no finite number */
export function checkVectors(network: Deployment['network'], inputs: Matrix, truth: Matrix): void {
  const wanted = network.encoder[0]!.weight.cols
  if (inputs.cols !== wanted)
    fail('OHM1110', `the input vectors have ${inputs.cols} entries; the network takes ${wanted}`)
  if (inputs.rows !== truth.rows) fail('OHM1110', `${inputs.rows} input vectors, but ${truth.rows} true vectors`)
  if (inputs.rows === 0) fail('OHM1110', 'there are no vectors')
  checkFinite('input vectors', inputs)
  checkFinite('true vectors', truth)
}

/** Counters that are the largest of the chips', not their sum. */
const MAXIMA: ReadonlySet<string> = new Set(['mostWritePulses'])

/** Counters of chips put together, one entry a chip. */
export function totalCounters(each: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const totals = counterTotals()
  for (const one of each) totals.add(one)
  return totals.total()
}

/** As `totalCounters`, chip after chip. */
export function counterTotals(): {
  add(counters: Readonly<Record<string, number>>): void
  total(): Record<string, number>
} {
  const sums: Record<string, number> = {}
  let chips = 0
  return {
    add(counters) {
      chips++
      for (const [name, n] of Object.entries(counters))
        sums[name] = MAXIMA.has(name) ? Math.max(sums[name] ?? 0, n) : (sums[name] ?? 0) + n
    },
    total() {
      const counters = { ...sums }
      const { writtenDevices = 0, writePulses = 0 } = counters
      if (writtenDevices > 0) counters['meanWritePulses'] = writePulses / writtenDevices
      // Relative error that faults leave in the weights: root mean square over layers and chips.
      for (const when of ['Before', 'After'] as const) {
        const sum = counters[`squaredError${when}Repair`]
        if (sum !== undefined) counters[`weightError${when}Repair`] = Math.sqrt(sum / chips)
        delete counters[`squaredError${when}Repair`]
      }
      return counters
    },
  }
}

/** Put the chips' outcomes, in chip order, into one result. */
export function summarise(plan: SimulationPlan, ideal: IdealRun, outcomes: readonly ChipOutcome[]): SimulationResult {
  const perChip = outcomes.map((o) => o.score.value)
  const deployedMean = mean(perChip)
  const one = outcomes.length === 1
  const interval = meanInterval(perChip)
  const channels = ideal.codes.cols

  const counters: Record<string, number> = {
    unreachableLevels: plan.deployed.adc.merged,
    clippedWeights: plan.deployed.layers.reduce((n, layer) => n + layer.clipped, 0),
    ...totalCounters(outcomes.map((o) => o.counters)),
  }

  return {
    metric: {
      name: plan.metric,
      ideal: ideal.value,
      deployed: {
        mean: deployedMean,
        ci95: one ? outcomes[0]!.score.ci95 : [interval.low, interval.high],
        ci95Over: one ? 'vectors' : 'chips',
        perChip,
      },
    },
    waterfall: waterfall(plan, ideal, outcomes, deployedMean),
    codes: { errorRate: mean(outcomes.map((o) => o.codeErrors)) / (plan.inputs.rows * channels) },
    counters,
    chips: outcomes.length,
    waterfallChips: outcomes.filter(({ chip }) => chip < plan.waterfallChips).length,
    vectors: plan.inputs.rows,
    warnings: [...plan.deployed.warnings, ...strangers(plan), ...limitWarnings(plan, counters, outcomes.length)],
  }
}

function waterfall(
  plan: SimulationPlan,
  ideal: IdealRun,
  outcomes: readonly ChipOutcome[],
  deployedMean: number,
): WaterfallRow[] {
  const rows: WaterfallRow[] = [{ stage: 'ideal', value: ideal.value, delta: 0, ci95: null, active: true }]
  let running = ideal.value
  for (const stage of STAGES) {
    const index = plan.alone.findIndex((a) => a.stage === stage)
    const losses =
      index < 0
        ? []
        : outcomes
            .filter((o) => o.alone.length > 0)
            .map((o) => o.alone[index]! - ideal.value)
            .filter((d) => !Number.isNaN(d))
    const delta = losses.length > 0 ? mean(losses) : 0
    running += delta
    const interval = losses.length > 1 ? meanInterval(losses) : null
    rows.push({
      stage,
      value: running,
      delta,
      ci95: interval === null ? null : [interval.low, interval.high],
      active: index >= 0,
    })
  }
  rows.push({ stage: 'interaction', value: deployedMean, delta: deployedMean - running, ci95: null, active: true })
  return rows
}

/** Chips that the digital half was not trained for. */
function strangers({ deployed, seed, firstChip, chips }: SimulationPlan): Warning[] {
  const { adaptedTo } = deployed
  if (adaptedTo === undefined || (adaptedTo.seed === seed && adaptedTo.chip === firstChip && chips === 1)) return []
  return [
    {
      code: 'OHM5008',
      message: `the digital half was adapted to chip ${adaptedTo.chip} of seed ${adaptedTo.seed}; these are ${chips === 1 ? `chip ${firstChip}` : `chips ${firstChip} to ${firstChip + chips - 1}`} of seed ${seed}`,
    },
  ]
}

function limitWarnings(plan: SimulationPlan, counters: Readonly<Record<string, number>>, chips: number): Warning[] {
  const vectors = plan.inputs.rows * chips
  const lastLinear = plan.deployed.layers.filter((l) => l.activation === 'linear' || l.activation === 'relu')
  const share = (n: number, each: number) =>
    `${n} of ${vectors * each} (${((100 * n) / (vectors * each)).toPrecision(2)} %)`
  const warnings: Warning[] = []
  if (counters['inputClipped']! > 0)
    warnings.push({
      code: 'OHM2005',
      message: `inputs beyond the input range were clipped: ${share(counters['inputClipped']!, plan.inputs.cols)}`,
      at: { pointer: '/periphery/input' },
    })
  if (counters['partialClipped']! > 0)
    warnings.push({
      code: 'OHM2005',
      message: `currents beyond the converters of the partial sums were clipped: ${counters['partialClipped']} in ${vectors} vectors`,
      at: { pointer: '/crossbar/partialSums' },
    })
  if (counters['amplifierSaturated']! > 0 && lastLinear.length > 0)
    warnings.push({
      code: 'OHM2005',
      message: `amplifier outputs reached their swing: ${share(
        counters['amplifierSaturated']!,
        plan.deployed.layers.reduce((n, l) => n + l.outputs, 0),
      )}`,
      at: { pointer: '/periphery/tia/swing' },
    })
  const { beyondDeviceCurve = 0, beyondActivationTable = 0 } = counters
  if (beyondDeviceCurve > 0)
    warnings.push({
      code: 'OHM2001',
      message: `${beyondDeviceCurve} times in ${vectors} vectors a device had a voltage beyond what current against voltage ${plan.deployed.profile.device.iv.model} covers; its tangent was taken`,
      at: { pointer: '/device/iv' },
    })
  const { table } = plan.deployed.profile.periphery.activation.transfer
  if (beyondActivationTable > 0 && table !== null)
    warnings.push({
      code: 'OHM2001',
      message: `inputs of measured activation stages lay outside the table (${table[0]![0]} to ${table.at(-1)![0]}) and took its end values: ${share(
        beyondActivationTable,
        plan.deployed.layers.reduce(
          (n, layer) => n + (measuredStage(layer, plan.deployed.profile) === null ? 0 : layer.outputs),
          0,
        ),
      )}`,
      at: { pointer: '/periphery/activation/transfer/table' },
    })
  if (counters['adcClipped']! > 0)
    warnings.push({
      code: 'OHM2005',
      message: `ADC inputs beyond full scale were clipped: ${share(
        counters['adcClipped']!,
        plan.deployed.layers.at(-1)!.outputs,
      )}`,
      at: { pointer: '/adc/fullScale' },
    })
  const { writeFailures = 0, writtenDevices = 0, untrimmedOutputs = 0 } = counters
  if (writeFailures > 0)
    warnings.push({
      code: 'OHM2007',
      message: `write-verify gave up ${writeFailures} of ${writtenDevices} devices after ${plan.deployed.profile.device.programming.writeVerify.maximumPulses} pulses`,
      at: { pointer: '/device/programming/writeVerify' },
    })
  if (untrimmedOutputs > 0)
    warnings.push({
      code: 'OHM2008',
      message: `${untrimmedOutputs} times an output had no signal to correct its gain by`,
      at: { pointer: '/crossbar' },
    })
  if (counters['decoderSaturated']! > 0)
    warnings.push({
      code: 'OHM4002',
      message: `${counters['decoderSaturated']} decoder words saturated in ${vectors} vectors`,
      at: { pointer: '/decoder' },
    })
  return warnings
}

/**
 * Ideal against deployed, with the loss by stage.
 *
 * Every stage's loss is measured with that stage alone, on the same chips (same seed, same draws) and the same vectors
 * as the deployed system, so differences are paired; the `interaction` row closes the sum.
 */
export function simulate(deployment: Deployment, options: SimulateOptions = {}): SimulationResult {
  knownOptions('simulate', options, SIMULATE_OPTIONS)
  const plan = planSimulation(deployment, options)
  const ideal = idealRun(plan)
  return summarise(
    plan,
    ideal,
    Array.from({ length: plan.chips }, (_, chip) => runChip(plan, ideal, chip)),
  )
}
