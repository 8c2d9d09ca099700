/**
 * What calibrating converters brings: the task's loss before and after, chip by chip, on vectors that had no part in it.
 */
import { knownOptions, onlyOptions } from '../base/options.ts'
import { wholeNumber } from '../base/whole-number.ts'
import { CALIBRATE_ADC_OPTIONS, type CalibrateAdcOptions, calibrateAdc } from '../deployment/calibrate-adc.ts'
import { scoreCodes } from '../deployment/characterise-adc.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { encodeCounted } from '../deployment/encode.ts'
import { type Chip, fabricate } from '../deployment/fabricate.ts'
import { simulationData } from '../deployment/simulate.ts'
import { forward } from '../network/forward.ts'
import { type Matrix, rowRange } from '../numerics/matrix.ts'
import { type Interval, quantile, quantileInterval } from '../numerics/statistics.ts'
import { combine, defaultMetric, type MetricName, perVector } from '../task/metric.ts'

export interface AdcCalibrationOptions extends CalibrateAdcOptions {
  /** Default 1. */
  readonly chips?: number
  /** Number of the first chip; default 0. */
  readonly firstChip?: number
  readonly seed?: number
  /** vectors x measurements that the loss is reported on; default: fresh ones from the task */
  readonly inputs?: Matrix
  readonly truth?: Matrix
  /** Default 1000. */
  readonly samples?: number
  readonly signal?: AbortSignal
  readonly onChip?: (done: number, total: number) => void
}

export interface CalibratedChip {
  readonly chip: number
  /** Metric less that of the ideal network. */
  readonly lossBefore: number
  readonly lossAfter: number
  readonly chosen: string
}

export interface AdcCalibrationResult {
  readonly metric: MetricName
  readonly ideal: number
  readonly vectors: number
  readonly chips: readonly CalibratedChip[]
  readonly before: LossSummary
  readonly after: LossSummary
  /** 1 - median after / median before; null where nothing was lost. */
  readonly restored: number | null
  readonly interrupted: boolean
}

export interface LossSummary {
  readonly median: number
  /** Of the median, 95 %, distribution-free; null with fewer than six chips. */
  readonly ci95: readonly [number, number] | null
}

const SAMPLES = 1000
const MOST_CHIPS = 100_000
/** Vectors encoded at a time. */
const BATCH = 1024

/**
 * Calibrate chips and score them before and after.
 *
 * @throws what `calibrateAdc` and `simulationData` throw
 */
export async function adcCalibrationStudy(
  deployment: Deployment,
  options: AdcCalibrationOptions = {},
): Promise<AdcCalibrationResult> {
  knownOptions<AdcCalibrationOptions>('adcCalibrationStudy', options, {
    ...CALIBRATE_ADC_OPTIONS,
    chips: true,
    firstChip: true,
    seed: true,
    inputs: true,
    truth: true,
    samples: true,
    signal: true,
    onChip: true,
  })
  const seed = wholeNumber('seed', options.seed ?? 0, 0, 2 ** 32 - 1)
  const total = wholeNumber('chips', options.chips ?? 1, 1, MOST_CHIPS)
  const first = wholeNumber('chip', options.firstChip ?? 0, 0, 2 ** 32 - 1 - total)
  const given = options.inputs === undefined ? { samples: options.samples ?? SAMPLES } : options
  const { inputs, truth } = simulationData(deployment, given, seed)
  const { network } = deployment
  const metric = options.metric ?? defaultMetric(network.task, network.decoder.at(-1)!.weight.rows, truth)
  const sums = perVector(metric, forward(network, inputs).estimate, truth)
  const ideal = combine(metric, sums.error, sums.energy).value
  const chips: CalibratedChip[] = []
  for (let k = 0; k < total && !options.signal?.aborted; k++) {
    const chip = fabricate(deployment, { seed, chip: first + k })
    const calibrated = calibrateAdc(chip, {
      ...onlyOptions<CalibrateAdcOptions>(options, CALIBRATE_ADC_OPTIONS),
      metric,
    })
    chips.push({
      chip: first + k,
      lossBefore: scoreChip(chip, inputs, truth, metric) - ideal,
      lossAfter: scoreChip(calibrated.chip, inputs, truth, metric) - ideal,
      chosen: calibrated.chosen,
    })
    options.onChip?.(k + 1, total)
    // Lets a Ctrl-C through.
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (chips.length === 0) options.signal?.throwIfAborted()
  const before = summary(chips.map((c) => c.lossBefore))
  const after = summary(chips.map((c) => c.lossAfter))
  return {
    metric,
    ideal,
    vectors: inputs.rows,
    chips,
    before,
    after,
    restored: before.median > 0 ? 1 - after.median / before.median : null,
    interrupted: chips.length < total,
  }
}

/** A chip's score; noise is drawn as in a simulation of the same chip. */
export function scoreChip(chip: Chip, inputs: Matrix, truth: Matrix, metric: MetricName): number {
  const { cols } = chip.deployment.network.decoder[0]!.weight
  const codes = { rows: inputs.rows, cols, data: new Uint16Array(inputs.rows * cols) }
  for (let from = 0; from < inputs.rows; from += BATCH) {
    const part = rowRange(inputs, from, Math.min(inputs.rows, from + BATCH))
    codes.data.set(encodeCounted(chip, part, { first: from }).codes.data, from * cols)
  }
  return scoreCodes(chip.deployment, codes, truth, metric)
}

function summary(losses: readonly number[]): LossSummary {
  const interval: Interval = quantileInterval(losses, 0.5)
  const bounded = Number.isFinite(interval.low) && Number.isFinite(interval.high)
  return { median: quantile(losses, 0.5), ci95: bounded ? [interval.low, interval.high] : null }
}
