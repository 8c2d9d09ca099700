/**
 * What a lab does with one chip: known voltages at the converter's inputs tell where its thresholds really lie, known
 * vectors at the encoder's inputs tell gain and offset of each channel; then the threshold table is written anew.
 *
 * With ideal = a measured + b a channel, threshold t must lie at (t - b) / a at the multiplexer; codes follow from where
 * the converter's transitions are found, and are measured again until none can be nearer.
 */

import { BENCH, type Converter } from '../adc/converter.ts'
import { lsb } from '../adc/design.ts'
import { measureTransitions } from '../adc/measure.ts'
import { reader } from '../adc/program.ts'
import { type Measure, transferMap, writeTable } from '../adc/write-table.ts'
import { fail } from '../base/errors.ts'
import { knownOptions, type OptionNames } from '../base/options.ts'
import { buildFixedDecoder } from '../decoder/build.ts'
import { applyLayers, dequantize, forward, quantize } from '../network/forward.ts'
import { type Matrix, rowRange } from '../numerics/matrix.ts'
import { mean, normalQuantile, standardDeviation } from '../numerics/statistics.ts'
import { generateSamples } from '../task/generate.ts'
import { combine, defaultMetric, type MetricName, perVector } from '../task/metric.ts'
import { type ChannelFit, fitChannels, type Readings, readChannels } from './channel-fit.ts'
import { converterOf } from './characterise-adc.ts'
import { decode } from './decode.ts'
import { encodeCounted } from './encode.ts'
import type { Chip } from './fabricate.ts'
import { bestLevels, bestThresholds, type Sample } from './lloyd.ts'
import { CALIBRATION } from './scales.ts'

export interface CalibrateAdcOptions {
  /** Default 0.99. */
  readonly confidence?: number
  /** Interval of a measured transition, in steps of the threshold DAC; default 0.25. */
  readonly accuracy?: number
  /** Readings of each vector; default 4. */
  readonly repeats?: number
  /** Try thresholds that fit the chip's outputs best, too. */
  readonly reoptimise?: boolean
  /** Try levels that fit the chip's codes best, too; the decoder's first words change with them. */
  readonly refitLevels?: boolean
  /** Score that judges; default the task's. Without a task the squared error of the levels judges. */
  readonly metric?: MetricName
}

/** Every option of `calibrateAdc`. */
export const CALIBRATE_ADC_OPTIONS: OptionNames<CalibrateAdcOptions> = {
  confidence: true,
  accuracy: true,
  repeats: true,
  reoptimise: true,
  refitLevels: true,
  metric: true,
}

/** One table that was tried. */
export interface Candidate {
  /** `thresholds`: the converter alone; `shared` and `per-channel`: channels too; `reoptimised...`: fitted to outputs. */
  readonly name: 'thresholds' | 'shared' | 'per-channel' | 'reoptimised' | 'reoptimised-per-channel'
  /** What the judge says; lower is better. */
  readonly score: number
  /** volts; rms distance of the measured transitions from where they are wanted */
  readonly residual: number
}

export interface AdcCalibration {
  /** The chip with the new table (and levels). */
  readonly chip: Chip
  readonly chosen: Candidate['name'] | 'uncalibrated'
  readonly candidates: readonly Candidate[]
  /** Score of the chip as it was, by the same judge. */
  readonly scoreBefore: number
  readonly judge: MetricName | 'level-mse'
  /** volts; measured transitions less the thresholds that the task wants, before anything was written */
  readonly shifts: readonly (number | null)[]
  /** One entry a channel. */
  readonly channels: readonly ChannelFit[]
  /** volts rms, of the converter, as it shows in its transitions */
  readonly noise: number
  /** DAC codes: one row, or one a channel. */
  readonly codes: readonly (readonly number[])[]
  /** network units; null: as they were */
  readonly levels: readonly number[] | null
  /** Conversions that were made on the bench. */
  readonly conversions: number
}

/** Vectors of the task that judge a table. */
const JUDGED = 1024
/** Room in the noise's key for what each step of the bench draws. */
const PLACE = { read: 2 ** 28, judge: 2 ** 29 } as const

/**
 * Calibrate the converter of a chip.
 *
 * @throws OHM3008 an unquantized DAC, or thresholds that are not set one by one
 */
export function calibrateAdc(chip: Chip, options: CalibrateAdcOptions = {}): AdcCalibration {
  knownOptions('calibrateAdc', options, CALIBRATE_ADC_OPTIONS)
  const { deployment, key } = chip
  const { network, profile } = deployment
  const { adc } = profile
  const bits = adc.dac.bits
  if (adc.architecture === 'memristive-sar')
    fail(
      'OHM3008',
      'the thresholds of a memristive SAR follow from few stored levels; they are not written one by one',
      {
        at: { pointer: '/adc/architecture' },
      },
    )
  if (bits === null)
    return fail('OHM3008', 'the threshold DAC is unquantized (adc.dac.bits is null), so there are no codes to write', {
      at: { pointer: '/adc/dac/bits' },
      hint: 'say what DAC there is, for instance --set adc.dac.bits=10',
    })
  const converter = converterOf(chip)
  const step = lsb(adc.fullScale, bits)
  const confidence = options.confidence ?? 0.99
  const z = normalQuantile((1 + confidence) / 2)
  const bench = { key, confidence, accuracy: (options.accuracy ?? 0.25) * step }
  let conversions = 0
  const measure: Measure = (of, guess) => {
    const found = measureTransitions(of, guess, { ...bench, first: BENCH + (conversions % PLACE.read) })
    conversions += found.conversions
    return found
  }

  // Where the thresholds of the table as it is lie, and how codes become volts at the multiplexer.
  const before = measure(converter, converter.design.nominal)
  const wanted = deployment.adc.thresholds
  const shifts = Array.from(before.transitions, (u, k) => (Number.isFinite(u) ? u - wanted[k]! : null))
  const map = transferMap(converter, bits, measure, key)

  // What the channels make of known vectors.
  const inputs = deployment.calibration
  const readings = readChannels(
    chip,
    inputs,
    reader(converter, key, bits),
    map.toInput,
    options.repeats ?? 4,
    BENCH + PLACE.read,
    key,
  )
  conversions += readings.conversions
  const alone = fitChannels(readings, wanted, false, z)
  const pooled = fitChannels(readings, wanted, true, z)[0]!
  const judge = judgeOf(chip, options.metric)

  const targets: [Candidate['name'], Float64Array[]][] = [['thresholds', [wanted]]]
  const moved = ({ gain, offset }: ChannelFit) => wanted.map((t) => (t - offset) / gain)
  if (pooled.significant) targets.push(['shared', [moved(pooled)]])
  if (alone.some((fit) => fit.significant))
    targets.push(['per-channel', alone.map((fit) => moved(fit.significant ? fit : pooled))])
  if (options.reoptimise === true) {
    const samples = samplesOf(chip, readings)
    const shared = moved(pooled)
    targets.push(['reoptimised', [bestThresholds(samples.flat(), shared, network.quantizer.levels)]])
    targets.push([
      'reoptimised-per-channel',
      samples.map((own) => bestThresholds(own, shared, network.quantizer.levels)),
    ])
  }
  const asDesigned = judge.measure(chip)
  let best: {
    chip: Chip
    chosen: AdcCalibration['chosen']
    verdict: Verdict
    codes: readonly (readonly number[])[]
  } = { chip, chosen: 'uncalibrated', verdict: asDesigned, codes: [Array.from(deployment.adc.dacCodes!)] }
  const candidates: Candidate[] = []
  for (const [name, target] of targets) {
    const written = writeTable(converter, target, map, bits, key, measure)
    const tried = withConverter(chip, written.converter)
    const verdict = judge.measure(tried)
    candidates.push({ name, score: verdict.score, residual: written.residual })
    // A table of the converter's own errors only is written in any case; more has to prove itself.
    if (name === 'thresholds' || isBetter(verdict, best.verdict))
      best = { chip: tried, chosen: name, verdict, codes: written.codes }
  }
  let levels: readonly number[] | null = null
  if (options.refitLevels === true) {
    const refitted = withLevels(best.chip, inputs)
    const verdict = judge.measure(refitted)
    if (isBetter(verdict, best.verdict)) {
      best = { ...best, chip: refitted, verdict }
      levels = Array.from(refitted.deployment.network.quantizer.levels)
    }
  }
  return {
    chip: best.chip,
    chosen: best.chosen,
    candidates,
    scoreBefore: asDesigned.score,
    judge: judge.name,
    shifts,
    channels: alone,
    noise: before.noise,
    codes: best.codes,
    levels,
    conversions,
  }
}

/** The chip with a rewritten converter. */
function withConverter(chip: Chip, { design, instance }: Converter): Chip {
  return { ...chip, deployment: { ...chip.deployment, adc: design }, adc: instance }
}

/** The chip with the levels that fit its codes of known vectors. */
function withLevels(chip: Chip, inputs: Matrix): Chip {
  const { deployment } = chip
  const { network, profile } = deployment
  const codes = encodeCounted(chip, inputs, { first: BENCH + PLACE.judge - 2 ** 20 }).codes
  const ideal = dequantize(network.quantizer, quantize(network.quantizer, applyLayers(network.encoder, inputs)))
  const levels = bestLevels(codes.data, ideal.data, network.quantizer.levels)
  const refitted = { ...network, quantizer: { ...network.quantizer, levels, levelRule: 'given' as const } }
  const decoder =
    deployment.decoder === null
      ? null
      : buildFixedDecoder(refitted, profile.decoder, forward(refitted, deployment.calibration).codes)
  return { ...chip, deployment: { ...deployment, network: refitted, decoder } }
}

/** Readings with the levels that an ideal chip would give, a list a channel. */
function samplesOf({ deployment }: Chip, { read, ideal, repeats }: Readings): Sample[][] {
  const { quantizer } = deployment.network
  const perVolt = 1 / deployment.layers.at(-1)!.outputVoltsPerUnit
  const { rows, cols } = ideal
  const inUnits = { rows, cols, data: ideal.data.map((v) => v * perVolt) }
  const level = dequantize(quantizer, quantize(quantizer, inUnits)).data
  return Array.from({ length: cols }, (_, n) => {
    const own: Sample[] = []
    for (let r = 0; r < repeats; r++)
      for (let v = 0; v < rows; v++) {
        const i = v * cols + n
        const x = read.data[r * rows * cols + i]!
        own.push({ read: x, level: level[i]! })
      }
    return own
  })
}

interface Verdict {
  /** Lower is better. */
  readonly score: number
  /** One entry a vector. */
  readonly errors: Float64Array
}

interface Judge {
  readonly name: MetricName | 'level-mse'
  readonly measure: (chip: Chip) => Verdict
}

/** Standard deviations by which the mean error must fall, vector by vector, before a more elaborate table is taken. */
const PROOF = 2

function isBetter({ errors }: Verdict, than: Verdict): boolean {
  const gain = errors.map((e, v) => than.errors[v]! - e)
  return mean(gain) > (PROOF * standardDeviation(gain)) / Math.sqrt(gain.length)
}

/**
 * The task's metric on vectors that neither set the signal ranges nor are used to report; without a task the mean square
 * error of the levels on the vectors the deployment keeps.
 */
function judgeOf({ deployment }: Chip, asked: MetricName | undefined): Judge {
  const { network } = deployment
  const first = BENCH + PLACE.judge
  if (network.task === null) {
    const inputs = deployment.calibration
    const ideal = dequantize(network.quantizer, quantize(network.quantizer, applyLayers(network.encoder, inputs)))
    return {
      name: 'level-mse',
      measure: (chip) => {
        const { codes } = encodeCounted(chip, inputs, { first })
        const found = dequantize(chip.deployment.network.quantizer, codes)
        const errors = new Float64Array(found.rows)
        for (let i = 0; i < found.data.length; i++)
          errors[Math.floor(i / found.cols)]! += (found.data[i]! - ideal.data[i]!) ** 2 / found.cols
        return { score: mean(errors), errors }
      },
    }
  }
  const { inputs, truth } = judging(deployment)
  const name = asked ?? defaultMetric(network.task, network.decoder.at(-1)!.weight.rows, truth)
  return {
    name,
    measure: (chip) => {
      const { codes } = encodeCounted(chip, inputs, { first })
      const { error, energy } = perVector(name, decode(chip.deployment, codes), truth)
      return { score: combine(name, error, energy).value, errors: error }
    },
  }
}

/** Drawn once a deployment: all its chips are judged by the same vectors. */
const drawn = new WeakMap<object, ReturnType<typeof generateSamples>>()

function judging({ network }: Chip['deployment']): ReturnType<typeof generateSamples> {
  let found = drawn.get(network)
  if (found === undefined) {
    const all = generateSamples(network.task!, { samples: CALIBRATION.kept + JUDGED, seed: CALIBRATION.seed })
    const part = (m: Matrix) => rowRange(m, CALIBRATION.kept, CALIBRATION.kept + JUDGED)
    found = { inputs: part(all.inputs), truth: part(all.truth) }
    drawn.set(network, found)
  }
  return found
}
