/**
 * Converters behind the parts of a layer: row tiles and weight slices whose currents are digitised before they are added.
 */
import { addTile, effectiveMatrix } from '../crossbar/array.ts'
import { applyLayers } from '../network/forward.ts'
import type { Network } from '../network/network.ts'
import { type Matrix, map, matrix, maxAbs } from '../numerics/matrix.ts'
import type { Profile } from '../profile/profile.ts'
import type { DeployedLayer } from './deployment.ts'
import { drive, driveCycles } from './input-encoding.ts'

/** One converter design for all parts of a layer. */
export interface PartialSums {
  readonly bits: number
  /** ampere: the converter's range is +- this, before the weight of its slice */
  readonly fullScaleAmps: number
  /** What a part's converted current counts: the power of two of its slice. */
  readonly weights: readonly number[]
}

/** Range of the converter, relative to the largest current that calibration meets. */
const HEADROOM = 1.1

/**
 * Give every layer its converters, if the profile digitises partial sums.
 *
 * @param calibration  vectors x measurements, network units
 */
export function withConverters(
  layers: readonly DeployedLayer[],
  network: Network,
  profile: Profile,
  calibration: Matrix,
): readonly DeployedLayer[] {
  const { kind, bits } = profile.crossbar.partialSums
  if (kind === 'current' || bits === null) return layers
  let units = calibration
  return layers.map((layer, l) => {
    const volts =
      l === 0 ? drive(units, layer, profile.periphery.input).volts : map(units, (x) => x * layer.inputVoltsPerUnit)
    units = applyLayers([network.encoder[l]!], units)
    return { ...layer, partialSums: converter(layer, bits, volts) }
  })
}

/**
 * The converter of a layer: 1.1 x the largest current of one part, as designed and without wires.
 *
 * @param volts  vectors x inputs: calibration vectors as volts
 */
function converter(layer: DeployedLayer, bits: number, volts: Matrix): PartialSums {
  const weights = Array.from({ length: layer.parts }, (_, part) =>
    layer.tiles
      .filter((tile) => tile.part === part)
      .flatMap(({ lineWeights }) => lineWeights)
      .reduce((least, weight) => Math.min(least, Math.abs(weight)), Number.POSITIVE_INFINITY),
  )
  const cycles = driveCycles(layer.encoding, volts)
  let largest = 0
  for (const [part, weight] of weights.entries()) {
    const effective = matrix(layer.outputs, volts.cols + 1)
    for (const tile of layer.tiles)
      if (tile.part === part) addTile(effective, effectiveMatrix(tile.target, tile, NO_WIRES), tile, 1)
    for (const cycle of cycles)
      largest = Math.max(largest, maxAbs(idealCurrents(effective, cycle.volts, layer.biasVolts)) / weight)
  }
  // A layer that carries nothing: one weight at full drive.
  const nothing = layer.scale * layer.weightMaximum * Math.max(maxAbs(volts), Math.abs(layer.biasVolts))
  return { bits, fullScaleAmps: HEADROOM * largest || nothing || 1, weights }
}

const NO_WIRES = { wordSegment: 0, bitSegment: 0, driver: 0, sense: 0 } as const

function idealCurrents(effective: Matrix, volts: Matrix, biasVolts: number): Matrix {
  const { rows: outputs, cols } = effective
  const out = matrix(volts.rows, outputs)
  for (let v = 0; v < volts.rows; v++)
    for (let o = 0; o < outputs; o++) {
      let s = effective.data[o * cols + cols - 1]! * biasVolts
      for (let i = 0; i < cols - 1; i++) s += effective.data[o * cols + i]! * volts.data[v * volts.cols + i]!
      out.data[v * outputs + o] = s
    }
  return out
}

/**
 * Convert the currents of one part in place: clip at full scale, round to 2^bits - 2 symmetric steps, halves away from 0.
 *
 * @param current  vectors x outputs, ampere, the weight of the part included
 * @returns        how many clipped
 */
export function convertPart(current: Matrix, { bits, fullScaleAmps, weights }: PartialSums, part: number): number {
  const limit = fullScaleAmps * weights[part]!
  const codes = 2 ** (bits - 1) - 1
  let clipped = 0
  for (const [k, amps] of current.data.entries()) {
    const size = Math.abs(amps) / limit
    if (size > 1) clipped++
    current.data[k] = Math.sign(amps) * limit * (Math.round(Math.min(1, size) * codes) / codes)
  }
  return clipped
}
