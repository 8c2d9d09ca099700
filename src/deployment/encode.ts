import { type Conversion, convert } from '../adc/convert.ts'
import { fail } from '../base/errors.ts'
import { knownOptions } from '../base/options.ts'
import type { Codes } from '../network/forward.ts'
import { isBeyond } from '../numerics/curve.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'
import { type ChipKey, type Mechanism, normalAt, site } from '../numerics/random.ts'
import type { Profile } from '../profile/profile.ts'
import { measuredStage, stageFunction } from './activation-stage.ts'
import type { DeployedLayer } from './deployment.ts'
import { type Encoded, encodeOnKernel } from './encode-kernel.ts'
import type { Chip, ChipLayer, ChipPart } from './fabricate.ts'
import { checkFinite } from './finite.ts'
import { drive, driveCycles, noiseDrive } from './input-encoding.ts'
import { type Beyond, nonlinearCurrents } from './nonlinear-part.ts'
import { convertPart } from './partial-sums.ts'

export interface EncodeOptions {
  /** Draw read and conversion noise (default). Without it the chip is a deterministic circuit, as a netlist is. */
  readonly noise?: boolean
  /** Index of the first vector in the noise's key: a batch cut in two draws the same noise. */
  readonly first?: number
}

/** How often a signal met a limit. */
export interface EncodeCounters {
  readonly inputClipped: number
  /** Currents beyond the converters of digitised partial sums. */
  readonly partialClipped: number
  /** One entry a layer. */
  readonly amplifierSaturated: readonly number[]
  /** Inputs of measured activation stages outside their table; absent where no layer has such stages. */
  readonly beyondTable?: number
  /** Devices beyond the voltage their model covers, once an operating point; absent where all are ohmic. */
  readonly beyondCurve?: number
  readonly adcClipped: number
  readonly metastable: number
}

export interface EncodeTrace {
  /** vectors x inputs, volts on the word lines of the first layer */
  readonly input: Matrix
  /** One entry a layer: vectors x outputs, volts before and after the activation stage. */
  readonly amplifier: readonly Matrix[]
  readonly output: readonly Matrix[]
  readonly codes: Codes
  readonly counters: EncodeCounters
}

/**
 * Run measurements through a chip's analog half and its ADC.
 *
 * @param y  vectors x measurements, network units
 * @returns  vectors x channels, codes 0 .. I - 1
 * @throws OHM1110 when the vectors have the wrong length or entries that are not finite, OHM1204 unknown options
 */
export function encode(chip: Chip, y: Matrix, options: EncodeOptions = {}): Codes {
  knownOptions<EncodeOptions>('encode', options, { noise: true, first: true })
  checkWidth(chip, y)
  checkFinite('vectors', y)
  return encodeCounted(chip, y, options).codes
}

/** As `encode`, with the counts of clipped and saturated signals. */
export function encodeCounted(chip: Chip, y: Matrix, options: EncodeOptions = {}): Encoded {
  checkWidth(chip, y)
  return encodeOnKernel(chip, y, options.noise ?? true, options.first ?? 0) ?? encodeTrace(chip, y, options)
}

function checkWidth({ deployment }: Chip, y: Matrix): void {
  if (y.cols !== deployment.layers[0]!.inputs)
    fail('OHM1110', `the vectors have ${y.cols} entries; the network takes ${deployment.layers[0]!.inputs}`)
}

/** As `encode`, with every layer's voltages and the counts of clipped and saturated signals. */
export function encodeTrace(chip: Chip, y: Matrix, options: EncodeOptions = {}): EncodeTrace {
  const { deployment } = chip
  const { profile } = deployment
  const noise = options.noise ?? true
  const first = options.first ?? 0
  checkWidth(chip, y)
  const { volts: input, clipped: inputClipped } = drive(y, deployment.layers[0]!, profile.periphery.input)
  const amplifier: Matrix[] = []
  const output: Matrix[] = []
  const amplifierSaturated: number[] = []
  const tally: Tally = { partialClipped: 0, beyondCurve: 0 }
  let beyondTable: number | null = null
  let signal = input
  for (const [l, layer] of deployment.layers.entries()) {
    const noiseOf = noise ? { key: chip.key, stage: l, first } : null
    const current = layerCurrents(layer, chip.layers[l]!, signal, noiseOf, tally)
    const stage = periphery(layer, chip.layers[l]!, current, profile)
    amplifier.push(stage.amplifier)
    output.push(stage.output)
    amplifierSaturated.push(stage.saturated)
    if (stage.beyondTable !== null) beyondTable = (beyondTable ?? 0) + stage.beyondTable
    signal = stage.output
  }
  const conversion: Conversion = convert(signal, deployment.adc, chip.adc, profile, noise ? chip.key : null, first)
  return {
    input,
    amplifier,
    output,
    codes: conversion.codes,
    counters: {
      inputClipped,
      partialClipped: tally.partialClipped,
      amplifierSaturated,
      ...(beyondTable === null ? {} : { beyondTable }),
      ...(chip.layers.some(({ parts }) => parts.some(({ nonlinear }) => nonlinear !== null))
        ? { beyondCurve: tally.beyondCurve }
        : {}),
      adcClipped: conversion.clipped,
      metastable: conversion.metastable,
    },
  }
}

interface Noise {
  readonly key: ChipKey
  readonly stage: number
  /** Index of the first vector. */
  readonly first: number
  /** Default `readNoise`. */
  readonly mechanism?: Mechanism
}

/** What `layerCurrents` adds to. */
interface Tally extends Beyond {
  partialClipped: number
}

/** What reaches the amplifiers, reads and parts added: vectors x outputs, ampere. */
export function layerCurrents(
  layer: DeployedLayer,
  made: ChipLayer,
  volts: Matrix,
  noise: Noise | null,
  tally: Tally = { partialClipped: 0, beyondCurve: 0 },
): Matrix {
  const total = matrix(volts.rows, layer.outputs)
  for (const [cycle, { volts: driven, weight }] of driveCycles(layer.encoding, volts).entries())
    for (const [p, part] of made.parts.entries()) {
      const current = partCurrents(layer, part, p, driven, noise, cycle, tally)
      if (layer.partialSums !== null) tally.partialClipped += convertPart(current, layer.partialSums, p)
      for (let k = 0; k < total.data.length; k++) total.data[k]! += weight * current.data[k]!
    }
  return total
}

/**
 * Currents of one part in one read: vectors x outputs, ampere; read noise drawn once an output, vector and read.
 *
 * @param cycle  which read of the product, part of the random key
 */
function partCurrents(
  layer: DeployedLayer,
  made: ChipPart,
  index: number,
  volts: Matrix,
  noise: Noise | null,
  cycle: number,
  tally: Tally,
): Matrix {
  const { inputs, outputs } = layer
  const out = matrix(volts.rows, outputs)
  const g = made.effective.data
  const solved = made.nonlinear === null ? null : nonlinearCurrents(layer, made.nonlinear, volts, tally)
  const width = inputs + 1
  const variance = noise === null ? null : made.readVariance
  const columns = noise === null ? null : made.columnVariance
  const at = noise === null ? 0 : site(noise.stage, noise.mechanism ?? 'readNoise', index)
  const biasSquared = noiseDrive(layer.encoding, layer.biasVolts)
  for (let v = 0; v < volts.rows; v++) {
    const x = v * inputs
    for (let o = 0; o < outputs; o++) {
      const r = o * width
      let s = g[r + inputs]! * layer.biasVolts
      if (solved !== null) s = solved.data[v * outputs + o]!
      else for (let i = 0; i < inputs; i++) s += g[r + i]! * volts.data[x + i]!
      if (variance !== null || columns !== null) {
        let q = columns?.thermal[o] ?? 0
        if (variance !== null) {
          q += variance.data[r + inputs]! * biasSquared
          for (let i = 0; i < inputs; i++) q += variance.data[r + i]! * noiseDrive(layer.encoding, volts.data[x + i]!)
        }
        if (columns !== null && columns.shot !== null) {
          q += columns.shot.data[r + inputs]! * Math.abs(layer.biasVolts)
          for (let i = 0; i < inputs; i++) q += columns.shot.data[r + i]! * Math.abs(volts.data[x + i]!)
        }
        s += Math.sqrt(q) * normalAt(noise!.key, at, o, 0, noise!.first + v, cycle)
      }
      out.data[v * outputs + o] = s
    }
  }
  return out
}

/**
 * Amplifier (gain, offset, swing) and activation stage.
 *
 * @returns volts behind each, amplifiers at their swing, and inputs outside a measured stage's table (null: not measured)
 */
export function periphery(
  layer: DeployedLayer,
  made: ChipLayer,
  current: Matrix,
  profile: Profile,
): { amplifier: Matrix; output: Matrix; saturated: number; beyondTable: number | null } {
  const amplifier = matrix(current.rows, current.cols)
  const output = matrix(current.rows, current.cols)
  const f = stageFunction(layer, profile)
  const curve = measuredStage(layer, profile)
  const n = layer.outputs
  const limit = profile.periphery.tia.swing ?? Number.POSITIVE_INFINITY
  let saturated = 0
  let beyond = 0
  for (let k = 0; k < current.data.length; k++) {
    const o = k % n
    let z = made.amplifierGain[o]! * layer.feedbackOhms * current.data[k]! + made.amplifierOffset[o]!
    if (Math.abs(z) > limit) {
      z = Math.sign(z) * limit
      saturated++
    }
    amplifier.data[k] = z
    const x = z / layer.amplifierVoltsPerUnit
    if (curve !== null && isBeyond(curve, x)) beyond++
    output.data[k] = made.activationGain[o]! * layer.outputVoltsPerUnit * f(x) + made.activationOffset[o]!
  }
  return { amplifier, output, saturated, beyondTable: curve === null ? null : beyond }
}
