/**
 * Each channel of the analog half against the ideal network, through the chip's own converter.
 */
import { convert } from '../adc/convert.ts'
import type { Reader } from '../adc/program.ts'
import { applyLayers } from '../network/forward.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'
import type { ChipKey } from '../numerics/random.ts'
import { encodeTrace } from './encode.ts'
import type { Chip } from './fabricate.ts'

/** Outputs of known vectors, as read and as they should be. */
export interface Readings {
  /** (repeats x vectors) x channels, volts at the multiplexer, within the ends of the DAC */
  readonly read: Matrix
  /** vectors x channels, volts */
  readonly ideal: Matrix
  readonly repeats: number
  readonly conversions: number
}

/** ideal = gain x read + offset. */
export interface ChannelFit {
  readonly gain: number
  /** volts */
  readonly offset: number
  /** Whether gain or offset differ from 1 and 0 by more than their uncertainty explains. */
  readonly significant: boolean
}

/**
 * Apply known vectors and read every output.
 *
 * @param toInput  volts on the scale of the DAC to volts at the multiplexer
 * @param first    index of the first vector in the noise's key
 */
export function readChannels(
  chip: Chip,
  inputs: Matrix,
  reader: Reader,
  toInput: (volts: number) => number,
  repeats: number,
  first: number,
  key: ChipKey,
): Readings {
  const { network, layers } = chip.deployment
  const channels = layers.at(-1)!.outputs
  const read = matrix(repeats * inputs.rows, channels)
  const known = new Map<number, number>()
  const voltsOf = (code: number) => {
    let v = known.get(code)
    if (v === undefined) {
      v = toInput(reader.volts(code))
      known.set(code, v)
    }
    return v
  }
  for (let r = 0; r < repeats; r++) {
    const from = first + r * inputs.rows
    const analog = encodeTrace(chip, inputs, { first: from }).output.at(-1)!
    const { codes } = convert(analog, reader.design, reader.instance, reader.profile, key, from)
    for (let i = 0; i < codes.data.length; i++) read.data[r * codes.data.length + i] = voltsOf(codes.data[i]!)
  }
  const ideal = applyLayers(network.encoder, inputs)
  const { outputVoltsPerUnit } = layers.at(-1)!
  for (let i = 0; i < ideal.data.length; i++) ideal.data[i]! *= outputVoltsPerUnit
  return { read, ideal, repeats, conversions: read.data.length }
}

/**
 * The line by which readings follow their ideal values, turned round: the ideal value is exact and the reading is not, so
 * readings are regressed on ideal values, within the range of the thresholds. All channels together, or each by itself;
 * what cannot be fitted keeps gain 1 and offset 0.
 *
 * @param thresholds  volts, what the range is taken from
 * @param z           standard deviations beyond which a difference is significant
 */
export function fitChannels(
  { read, ideal, repeats }: Readings,
  thresholds: ArrayLike<number>,
  pooled: boolean,
  z: number,
): ChannelFit[] {
  const { rows, cols } = ideal
  const edge = Array.from(thresholds).reduce((a, t) => Math.max(a, Math.abs(t)), 0)
  const range = edge > 0 ? RANGE * edge : Number.POSITIVE_INFINITY
  const lines = Array.from({ length: cols }, (_, n) => {
    const pairs: [number, number][] = []
    for (let v = 0; v < rows; v++) {
      const i = v * cols + n
      if (Math.abs(ideal.data[i]!) > range) continue
      let mean = 0
      for (let r = 0; r < repeats; r++) mean += read.data[r * rows * cols + i]! / repeats
      pairs.push([ideal.data[i]!, mean])
    }
    return pairs
  })
  return pooled ? [line(lines.flat(), z)] : lines.map((pairs) => line(pairs, z))
}

/** Signals within this share of the outermost threshold tell where thresholds lie; beyond, stages saturate. */
const RANGE = 1.1

function line(pairs: readonly (readonly [number, number])[], z: number): ChannelFit {
  const none = { gain: 1, offset: 0, significant: false }
  const n = pairs.length
  if (n < 3) return none
  const x = pairs.reduce((s, p) => s + p[0], 0) / n
  const y = pairs.reduce((s, p) => s + p[1], 0) / n
  let xx = 0
  let xy = 0
  for (const [a, b] of pairs) {
    xx += (a - x) ** 2
    xy += (a - x) * (b - y)
  }
  const slope = xy / xx
  // A channel that is dead or upside down is no matter of thresholds.
  if (!(slope > 0.1 && slope < 10)) return none
  const start = y - slope * x
  const rest = pairs.reduce((s, [a, b]) => s + (b - slope * a - start) ** 2, 0) / (n - 2)
  const significant =
    Math.abs(slope - 1) > z * Math.sqrt(rest / xx) || Math.abs(start) > z * Math.sqrt(rest * (1 / n + (x * x) / xx))
  return { gain: 1 / slope, offset: -start / slope, significant }
}
