/**
 * Training through hardware: in each iteration the network is deployed, a fresh chip of it is made, and forward and
 * backward use what that chip computes with. Gradients go to the weights themselves (straight-through).
 *
 * The chip is the simulator's: conductance levels, programming and faults, drift, wires and their corrections,
 * amplifier and activation spread, read noise, the ADC's thresholds as realised. One draw of read and comparator noise
 * serves a whole batch. Left out: clipping of the input, amplifier swing, non-linear devices (their small-signal
 * conductances are used), droop and sampling noise.
 */
import { decodeCounted } from '../deployment/decode.ts'
import { deploy } from '../deployment/deploy.ts'
import type { Deployment, Scales } from '../deployment/deployment.ts'
import { encode } from '../deployment/encode.ts'
import { type Chip, fabricate } from '../deployment/fabricate.ts'
import { calibrationVectors, scalesOf } from '../deployment/scales.ts'
import type { Network } from '../network/network.ts'
import { head, type Matrix } from '../numerics/matrix.ts'
import { type ChipKey, drawArray, normalAt, site, stages } from '../numerics/random.ts'
import type { Profile } from '../profile/profile.ts'
import { score } from '../task/metric.ts'
import { type ModelShape, type Parameters, parametersOf } from './model.ts'
import type { Perturbation, Snapshot } from './train.ts'

/** Measured on one network with 25 000 iterations: 2.5, 2, 1.7 and 1.4 give -8.5, -8.6, -9.2 and -9.0 dB. */
export const DEFAULT_CLIP = 1.7

export interface HardwareOptions {
  readonly seed: number
  /** Encoder weights are kept within this many standard deviations of their layer, which spreads them over the conductances; null = not. */
  readonly clip: number | null
  /** Iterations that share a chip. */
  readonly refresh: number
  /** Vectors that signal ranges are set by. Default: the task's, else standard normal. */
  readonly calibration?: Matrix
}

/** Validation looks at these chips, which training never sees, and at no more vectors. */
export const SCORED = { chips: 4, first: 2 ** 31, vectors: 4000 } as const

/** Iterations after which signal ranges are looked at again. */
const RANGES = 2000

/** What an encoder layer of a chip computes, in the network's units: weights (outputs x inputs, row-major), biases. */
export interface EffectiveLayer {
  readonly weight: Float64Array
  readonly bias: Float64Array
}

/**
 * The encoder of a chip as layers of numbers, one draw of read noise in it.
 *
 * Gains of activation stages are counted in the layer behind; those of the last layer, and offsets, move the thresholds
 * of their channel in the chip and are left out here.
 */
export function effectiveEncoder(chip: Chip, read: ChipKey | null): EffectiveLayer[] {
  return chip.layers.map((made, l) => {
    const layer = chip.deployment.layers[l]!
    const { inputs, outputs } = layer
    const cols = inputs + 1
    const weight = new Float64Array(outputs * inputs)
    const bias = new Float64Array(outputs)
    const before = l === 0 ? null : chip.layers[l - 1]!
    for (const [p, part] of made.parts.entries()) {
      const noise =
        read === null || part.readVariance === null
          ? null
          : drawArray('normal', read, site(stages.training, 'trainingNoise', l * 256 + p), outputs, cols)
      for (let o = 0; o < outputs; o++) {
        const unit = made.amplifierGain[o]! / layer.scale
        for (let i = 0; i < cols; i++) {
          let g = part.effective.data[o * cols + i]!
          if (noise !== null) g += Math.sqrt(part.readVariance!.data[o * cols + i]!) * noise[o * cols + i]!
          if (i === inputs) bias[o]! += g * unit * layer.biasUnits
          else weight[o * inputs + i]! += g * unit * (before?.activationGain[i] ?? 1)
        }
      }
    }
    for (let o = 0; o < outputs; o++) bias[o]! += made.amplifierOffset[o]! / layer.amplifierVoltsPerUnit
    return { weight, bias }
  })
}

/** The voltages at which a chip's ADC decides, in units of the encoder's output. */
function effectiveThresholds({ adc, deployment }: Chip, noise: ((k: number) => number) | null): Float64Array {
  const unit = deployment.layers.at(-1)!.outputVoltsPerUnit
  const sigma = deployment.profile.adc.comparator.noise
  return Float64Array.from(adc.thresholds, (t, k) => {
    const edge = t + adc.comparatorOffset + (noise === null || sigma === 0 ? 0 : sigma * noise(k))
    return (edge - adc.offset) / adc.gain / unit
  })
}

/**
 * @param network  with the parameters that `apply` gets
 */
export function hardwarePerturbation(
  shape: ModelShape,
  network: (values: Float64Array) => Network,
  profile: Profile,
  { seed, clip, refresh, calibration }: HardwareOptions,
): Perturbation {
  const places = parametersOf(shape)
  // The digital half is rounded here, and not searched for formats in every iteration.
  const analog: Profile = { ...profile, decoder: { ...profile.decoder, arithmetic: 'float' } }
  const bits = profile.decoder.arithmetic === 'fixed' ? profile.decoder.weightBits : null
  let ranges: { of: Snapshot; scales: Scales; calibration: Matrix } | null = null
  let chip: { of: Snapshot; made: Chip } | null = null
  const rangesOf = (of: Snapshot) => {
    const now = network(of.values)
    const found = calibrationVectors(now, calibration ?? null)
    return { of, scales: scalesOf(now, found.inputs, found.origin), calibration: head(found.inputs, 1) }
  }
  const chipOf = (of: Snapshot, like: NonNullable<typeof ranges>) => {
    const deployment: Deployment = deploy(network(of.values), analog, { like })
    return { of, made: fabricate(deployment, { seed, chip: of.iteration }) }
  }
  return {
    apply(values, iteration) {
      const now: Snapshot = { iteration, values }
      if (ranges === null || (iteration - 1) % RANGES === 0) ranges = rangesOf(now)
      if (chip === null || (iteration - 1) % refresh === 0) chip = chipOf(now, ranges)
      const out = Float64Array.from(values)
      const key = { seed, chip: iteration }
      for (const [l, { weight, bias }] of effectiveEncoder(chip.made, key).entries()) {
        out.set(weight, places.encoder[l]!.weight)
        out.set(bias, places.encoder[l]!.bias)
      }
      const where = site(stages.training, 'trainingNoise')
      const order = orderOf(values.subarray(places.thresholds, places.thresholds + shape.steps))
      for (const [k, t] of effectiveThresholds(chip.made, (n) => normalAt(key, where, 0, 0, n)).entries())
        out[places.thresholds + order[k]!] = t
      if (bits !== null) roundDecoder(out, shape, places, bits)
      return out
    },
    snapshot: () => (ranges === null || chip === null ? [] : [ranges.of, chip.of]),
    restore([first, second]) {
      ranges = rangesOf(first!)
      chip = chipOf(second!, ranges)
    },
    score(now, metric, { inputs, truth }) {
      const deployment = deploy(now, profile, calibration === undefined ? {} : { calibration })
      const [y, x] = [head(inputs, SCORED.vectors), head(truth, SCORED.vectors)]
      let sum = 0
      for (let k = 0; k < SCORED.chips; k++) {
        const codes = encode(fabricate(deployment, { seed, chip: SCORED.first + k }), y)
        sum += score(metric, decodeCounted(deployment, codes).estimate, x).value
      }
      return sum / SCORED.chips
    },
    confine(values) {
      if (clip === null) return null
      for (const [l, { weight }] of places.encoder.entries()) {
        const { inputs, outputs } = shape.encoder[l]!
        const end = weight + inputs * outputs
        let energy = 0
        for (let k = weight; k < end; k++) energy += values[k]! * values[k]!
        const most = clip * Math.sqrt(energy / (end - weight))
        for (let k = weight; k < end; k++) values[k] = Math.min(most, Math.max(-most, values[k]!))
      }
      return values
    },
  }
}

/** The thresholds of a network are sorted; those of training need not be. @returns training index of each */
const orderOf = (thresholds: Float64Array): number[] =>
  Array.from(thresholds, (_, k) => k).sort((a, b) => thresholds[a]! - thresholds[b]!)

/** Weights of the digital half in words of so many bits, one power of two a layer. */
function roundDecoder(values: Float64Array, shape: ModelShape, places: Parameters, bits: number): void {
  for (const [l, { weight }] of places.decoder.entries()) {
    const { inputs, outputs } = shape.decoder[l]!
    const end = weight + inputs * outputs
    let most = 0
    for (let k = weight; k < end; k++) most = Math.max(most, Math.abs(values[k]!))
    if (most === 0) continue
    const step = 2 ** (Math.floor(Math.log2(most)) + 2 - bits)
    for (let k = weight; k < end; k++) values[k] = Math.round(values[k]! / step) * step
  }
}
