/**
 * How a layer's inputs reach its word lines: as voltages, as pulses, or bit after bit.
 */
import { type Matrix, matrix } from '../numerics/matrix.ts'
import type { Profile } from '../profile/profile.ts'
import type { DeployedLayer } from './deployment.ts'

export type InputEncoding =
  | { readonly kind: 'amplitude' }
  /** `fullScale` volts for |v| / fullScale of a read, of the sign of v. */
  | { readonly kind: 'pulse-width'; readonly fullScale: number }
  /** The magnitude bits of the input DAC's word, +-fullScale volts or 0 each. */
  | { readonly kind: 'bit-serial'; readonly fullScale: number; readonly bits: number }

/** Network units to word-line volts, through the input DAC: clip, then round to 2^bits - 2 symmetric steps. */
export function drive(
  y: Matrix,
  layer: Pick<DeployedLayer, 'inputVoltsPerUnit'>,
  input: { readonly fullScale: number; readonly bits: number | null; readonly clip: boolean },
): { volts: Matrix; clipped: number } {
  const volts = matrix(y.rows, y.cols)
  const limit = input.fullScale
  const step = input.bits === null ? 0 : (2 * limit) / (2 ** input.bits - 2)
  let clipped = 0
  for (let i = 0; i < y.data.length; i++) {
    let v = y.data[i]! * layer.inputVoltsPerUnit
    // A DAC has no codes beyond full scale, whether or not `clip` is asked for.
    if ((input.clip || step > 0) && Math.abs(v) > limit) {
      v = Math.sign(v) * limit
      clipped++
    }
    volts.data[i] = step > 0 ? Math.round(v / step) * step : v
  }
  return { volts, clipped }
}

type Input = Profile['periphery']['input']
interface Driven {
  readonly volts: Matrix
  readonly clipped: number
}

const drives = new WeakMap<Matrix, { readonly layer: DeployedLayer; readonly input: Input; readonly driven: Driven }>()

/** As `drive`, kept for the chips of one deployment that are given the same vectors. */
export function driveOnce(y: Matrix, layer: DeployedLayer, input: Input): Driven {
  const known = drives.get(y)
  if (known !== undefined && known.layer === layer && known.input === input) return known.driven
  const driven = drive(y, layer, input)
  drives.set(y, { layer, input, driven })
  return driven
}

/** One use of the arrays: what the word lines are driven with, and what the currents count. */
export interface DriveCycle {
  /** vectors x inputs, volts */
  readonly volts: Matrix
  readonly weight: number
}

/**
 * @param layer      encoder layer; only the first has a digital word whose bits can be sent one by one
 * @param fullScale  volts on the layer's word lines
 */
export function inputEncoding({ input }: Profile['periphery'], layer: number, fullScale: number): InputEncoding {
  if (input.encoding === 'pulse-width') return { kind: 'pulse-width', fullScale }
  if (input.encoding === 'bit-serial' && layer === 0 && input.bits !== null)
    return { kind: 'bit-serial', fullScale, bits: input.bits }
  return { kind: 'amplitude' }
}

/**
 * The reads that make up one product. Their weighted sum is the product with the volts themselves: a pulse is averaged
 * over the read, and the bits of a word add up to it.
 *
 * The bias line, a constant, is driven with its voltage in every read: the weights of the bits add up to 1.
 *
 * @param volts  vectors x inputs, on the grid of the input DAC where the encoding is bit-serial
 */
export function driveCycles(encoding: InputEncoding, volts: Matrix): DriveCycle[] {
  if (encoding.kind !== 'bit-serial') return [{ volts, weight: 1 }]
  const { fullScale, bits } = encoding
  const largest = 2 ** (bits - 1) - 1
  return Array.from({ length: bits - 1 }, (_, bit) => {
    const lines = matrix(volts.rows, volts.cols)
    for (const [k, v] of volts.data.entries()) {
      const word = Math.round((Math.abs(v) / fullScale) * largest)
      if ((word >> bit) & 1) lines.data[k] = Math.sign(v) * fullScale
    }
    return { volts: lines, weight: 2 ** bit / largest }
  })
}

/**
 * The square of a drive voltage that the variance of a device's conductance counts with, volts squared.
 *
 * A pulse of full scale lasts a share of the read; fluctuations are taken as white within a read, so that their integral
 * grows with the root of its length: V_fs^2 times that share. (A fluctuation frozen for the whole read would count
 * v^2, as with amplitudes.)
 */
export function noiseDrive(encoding: InputEncoding, volts: number): number {
  return encoding.kind === 'pulse-width' ? encoding.fullScale * Math.abs(volts) : volts * volts
}
