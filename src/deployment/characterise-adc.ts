/**
 * The converter of a deployment or of one chip on the bench, and what it costs the task by itself: behind an ideal encoder,
 * in front of the deployed decoder.
 */

import { type AdcCharacteristics, characteriseAdc } from '../adc/characterise.ts'
import { type ConversionTime, conversionTime, convert } from '../adc/convert.ts'
import type { Converter } from '../adc/converter.ts'
import { knownOptions } from '../base/options.ts'
import { applyLayers, type Codes, quantize } from '../network/forward.ts'
import { type Matrix, map } from '../numerics/matrix.ts'
import { combine, defaultMetric, type MetricName, perVector } from '../task/metric.ts'
import { decode } from './decode.ts'
import type { Deployment } from './deployment.ts'
import type { Chip } from './fabricate.ts'
import { simulationData } from './simulate.ts'

export interface CharacteriseAdcOptions {
  /** vectors x measurements; default: the task's, else the vectors the deployment keeps */
  readonly inputs?: Matrix
  readonly truth?: Matrix
  readonly metric?: MetricName
  readonly channel?: number
  /** Of the ramp histogram; default 0.99. */
  readonly confidence?: number
}

export interface AdcReport extends AdcCharacteristics {
  readonly time: ConversionTime
  /** Share of codes that are not those of the wanted thresholds, noise included. */
  readonly codeErrorRate: number
  /** Mean square of the error in the reproduction level, network units. */
  readonly levelMse: number
  /** null without truth: no task and no data */
  readonly task: {
    readonly metric: MetricName
    readonly ideal: number
    readonly value: number
    readonly loss: number
  } | null
  readonly vectors: number
  /** What the converter is shown: counts of ideal encoder outputs in equal bins from low to high, volts. */
  readonly density: { readonly low: number; readonly high: number; readonly counts: readonly number[] }
}

const BINS = 80

/** The converter of a chip. */
export function converterOf({ deployment, adc }: Chip): Converter {
  return {
    design: deployment.adc,
    instance: adc,
    profile: deployment.profile,
    channels: deployment.layers.at(-1)!.outputs,
  }
}

/** What the chip's converter is shown by an ideal encoder: vectors x channels, volts. */
export function idealVolts({ network, layers }: Deployment, inputs: Matrix): Matrix {
  const { outputVoltsPerUnit } = layers.at(-1)!
  return map(applyLayers(network.encoder, inputs), (x) => x * outputVoltsPerUnit)
}

/** A task's metric on codes. @throws as `decode` and `score` */
export function scoreCodes(deployment: Deployment, codes: Codes, truth: Matrix, metric: MetricName): number {
  const { error, energy } = perVector(metric, decode(deployment, codes), truth)
  return combine(metric, error, energy).value
}

/** Characterise the converter of a chip; noise is drawn with the chip's key. */
export function characteriseChipAdc(chip: Chip, options: CharacteriseAdcOptions = {}): AdcReport {
  knownOptions<CharacteriseAdcOptions>('characteriseChipAdc', options, {
    inputs: true,
    truth: true,
    metric: true,
    channel: true,
    confidence: true,
  })
  const { deployment } = chip
  const { network, profile } = deployment
  const converter = converterOf(chip)
  const known = options.inputs !== undefined || network.task !== null
  const data = known
    ? simulationData(deployment, options, chip.key.seed)
    : { inputs: deployment.calibration, truth: null }
  const volts = idealVolts(deployment, data.inputs)
  const ideal = quantize(network.quantizer, applyLayers(network.encoder, data.inputs))
  const { codes } = convert(volts, deployment.adc, chip.adc, profile, chip.key)
  const { levels } = network.quantizer
  let errors = 0
  let squares = 0
  for (let i = 0; i < codes.data.length; i++) {
    if (codes.data[i] !== ideal.data[i]) errors++
    squares += (levels[codes.data[i]!]! - levels[ideal.data[i]!]!) ** 2
  }
  const { channel, confidence } = options
  return {
    ...characteriseAdc(converter, {
      key: chip.key,
      ...(channel === undefined ? {} : { channel }),
      ...(confidence === undefined ? {} : { confidence }),
    }),
    time: conversionTime(levels.length, converter.channels, profile.adc),
    codeErrorRate: errors / codes.data.length,
    levelMse: squares / codes.data.length,
    task: data.truth === null ? null : taskLoss(deployment, codes, ideal, data.truth, options.metric),
    vectors: data.inputs.rows,
    density: density(volts, profile.adc.fullScale),
  }
}

function taskLoss(deployment: Deployment, codes: Codes, ideal: Codes, truth: Matrix, asked: MetricName | undefined) {
  const outputs = deployment.network.decoder.at(-1)!.weight.rows
  const metric = asked ?? defaultMetric(deployment.network.task, outputs, truth)
  const best = scoreCodes(deployment, ideal, truth, metric)
  const value = scoreCodes(deployment, codes, truth, metric)
  return { metric, ideal: best, value, loss: value - best }
}

function density(volts: Matrix, fullScale: number): AdcReport['density'] {
  const reach = volts.data.reduce((a, v) => (Number.isFinite(v) ? Math.max(a, Math.abs(v)) : a), 0)
  const high = Math.min(1.25 * fullScale, Math.max(fullScale, reach))
  const counts = new Array<number>(BINS).fill(0)
  for (const v of volts.data) {
    const bin = Math.floor(((v + high) / (2 * high)) * BINS)
    counts[Math.min(BINS - 1, Math.max(0, bin))]!++
  }
  return { low: -high, high, counts }
}
