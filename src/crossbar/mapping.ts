/**
 * From weights to the conductances that are asked for.
 */
import type { Matrix } from '../numerics/matrix.ts'
import { quantile } from '../numerics/statistics.ts'
import type { Profile } from '../profile/profile.ts'
import { bitSliced } from './mapping-bit-sliced.ts'
import { oneSided, twoSided } from './mapping-differential.ts'
import { dualPair } from './mapping-dual-pair.ts'
import { cutTiles, heavyFirst, naturalOrder } from './mapping-layout.ts'
import { offsetColumn } from './mapping-offset-column.ts'
import type { Range, Scheme } from './mapping-scheme.ts'

/** A part of a layer on one array: which word and which output each of its lines serves. */
export interface Tile {
  /** The layer's word on each word line; the bias is the last of the layer. */
  readonly words: readonly number[]
  /** Sign each word line is driven with. */
  readonly signs: readonly (1 | -1)[]
  /** Outputs of the layer that this tile serves. */
  readonly outputs: readonly number[]
  /** Entry of `outputs` that each bit line's current goes to; -1: to all of them (a reference column). */
  readonly lineOutputs: readonly number[]
  /** What a bit line's current counts in its output. */
  readonly lineWeights: readonly number[]
  /** Tiles of one part are added as currents; the currents of different parts are converted first. */
  readonly part: number
  /** word lines x bit lines, siemens */
  readonly target: Matrix
}

export interface MappedLayer {
  readonly tiles: readonly Tile[]
  /** The weight that takes the full conductance range. */
  readonly weightMaximum: number
  /** siemens a unit of weight: what all devices of a weight together conduct for it. */
  readonly scale: number
  /** Parts whose currents are converted before they are added; 1: all are added as currents. */
  readonly parts: number
  /** Weights beyond weightMaximum, set to it. */
  readonly clipped: number
  /** Largest |w| / weightMaximum. */
  readonly excess: number
}

/** The nearest conductance a device can be asked for; halfway goes up, as rounding does. */
export function nearestLevel(g: number, device: Profile['device']): number {
  const { conductanceMin: low, conductanceMax: high, levels } = device
  if (levels === null) return g
  if (typeof levels === 'number') {
    const step = (high - low) / (levels - 1)
    // low + (levels - 1) step can exceed high by its last bit
    return Math.min(high, low + Math.round((g - low) / step) * step)
  }
  let best = levels[0]!
  for (const level of levels) if (Math.abs(level - g) <= Math.abs(best - g)) best = level
  return best
}

/** How the profile writes a weight. */
function schemeOf(
  device: Profile['device'],
  { mapping, significance, slices, sliceBits }: Profile['crossbar'],
): Scheme {
  const range: Range = {
    low: device.conductanceMin,
    high: device.conductanceMax,
    nearest: (g) => nearestLevel(g, device),
  }
  switch (mapping) {
    case 'differential-one-sided':
      return oneSided(range)
    case 'differential-two-sided':
      return twoSided(range)
    case 'offset-column':
      return offsetColumn(range)
    case 'dual-pair':
      return dualPair(range, significance)
    case 'bit-sliced':
      return bitSliced(range, slices, sliceBits)
  }
}

/**
 * Map a signed weight matrix to conductances and cut it into tiles.
 *
 * The mapping (mapping-*.ts) makes each weight w / wMax into the devices of a few columns; layout and order
 * (mapping-layout.ts) give them their places. Without imperfection and with continuous levels
 *   sum over tiles, lines and signs of lineWeight sign G = scale w
 *
 * @param weights  outputs x words, dimensionless, bias column included
 * @returns        targets in [gMin, gMax], on the device's levels
 * Source: percentile scaling as in CrossSim; the mappings name theirs
 */
export function mapLayer(weights: Matrix, device: Profile['device'], crossbar: Profile['crossbar']): MappedLayer {
  const sizes = weights.data.map(Math.abs)
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0)
  const wanted = crossbar.scaling === 'percentile' ? quantile(sizes, crossbar.percentile / 100) : largest
  const scheme = schemeOf(device, crossbar)
  const fullScale = device.devicesPerSide * scheme.fullScale
  // A layer of zeros (or a percentile that falls on zeros) still needs a finite scale.
  const weightMaximum = [wanted, largest].find((w) => w > 0 && Number.isFinite(fullScale / w)) ?? 1
  const clipped = sizes.reduce((n, w) => n + (w > weightMaximum ? 1 : 0), 0)

  const columns = scheme.columns.length
  const conductance = new Float64Array(weights.data.length * columns)
  for (const [k, w] of weights.data.entries())
    scheme.write(Math.max(-1, Math.min(1, w / weightMaximum)), conductance, k * columns)
  const cells = { words: weights.cols, outputs: weights.rows, scheme, conductance }
  const order = crossbar.lineOrder === 'heavy-first' ? heavyFirst(cells, weights) : naturalOrder(cells)
  return {
    ...cutTiles(cells, order, { device, crossbar }),
    weightMaximum,
    scale: fullScale / weightMaximum,
    clipped,
    excess: largest / weightMaximum,
  }
}
