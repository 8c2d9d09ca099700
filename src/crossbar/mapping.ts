/**
 * From weights to the conductances that are asked for.
 */
import { type Matrix, matrix } from '../numerics/matrix.ts'
import { quantile } from '../numerics/statistics.ts'
import type { Profile } from '../profile/profile.ts'

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

/** Split `total` items into the fewest parts of at most `limit`, as equal as can be. */
export function evenParts(total: number, limit: number): { from: number; count: number }[] {
  const parts = Math.ceil(total / limit)
  return Array.from({ length: parts }, (_, i) => {
    const from = Math.floor((i * total) / parts)
    return { from, count: Math.floor(((i + 1) * total) / parts) - from }
  })
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

/**
 * Map a signed weight matrix to differential conductance pairs and cut it into tiles.
 *
 * One-sided: G+ = gMin + s max(w, 0), G- = gMin + s max(-w, 0), s = (gMax - gMin) / wMax.
 * Two-sided: G+- = gMin + (gMax - gMin) (1 +- w / wMax) / 2, the same s.
 *
 * @param weights  outputs x words, dimensionless, bias column included
 * @returns        targets in [gMin, gMax], on the device's levels
 * Source: aihwkit SinglePairConductanceConverter, CrossSim balanced core (mapping rules); percentile as in CrossSim
 */
export function mapLayer(
  weights: Matrix,
  device: Profile['device'],
  crossbar: Pick<Profile['crossbar'], 'mapping' | 'scaling' | 'percentile' | 'wordLines' | 'bitLines'>,
): MappedLayer {
  const sizes = weights.data.map(Math.abs)
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0)
  const wanted = crossbar.scaling === 'percentile' ? quantile(sizes, crossbar.percentile / 100) : largest
  const { conductanceMin: low, conductanceMax: high, devicesPerSide: k } = device
  const span = high - low
  // A layer of zeros (or a percentile that falls on zeros) still needs a finite scale.
  const weightMaximum = [wanted, largest].find((w) => w > 0 && Number.isFinite(span / w)) ?? 1
  const clipped = sizes.reduce((n, w) => n + (w > weightMaximum ? 1 : 0), 0)

  const pair = (w: number): readonly [number, number] => {
    const x = Math.max(-1, Math.min(1, w / weightMaximum))
    const at = (share: number) => Math.min(high, low + span * share)
    return crossbar.mapping === 'differential-one-sided'
      ? [at(Math.max(x, 0)), at(Math.max(-x, 0))]
      : [at((1 + x) / 2), at((1 - x) / 2)]
  }

  const tiles: Tile[] = []
  for (const words of evenParts(weights.cols, crossbar.wordLines))
    for (const outs of evenParts(weights.rows, Math.floor(crossbar.bitLines / (2 * k)))) {
      const target = matrix(words.count, 2 * k * outs.count)
      for (let i = 0; i < words.count; i++)
        for (let o = 0; o < outs.count; o++) {
          const sides = pair(weights.data[(outs.from + o) * weights.cols + words.from + i]!)
          for (const [side, g] of sides.entries())
            target.data.fill(
              nearestLevel(g, device),
              i * target.cols + 2 * k * o + k * side,
              i * target.cols + 2 * k * o + k * (side + 1),
            )
        }
      tiles.push({
        words: Array.from({ length: words.count }, (_, i) => words.from + i),
        signs: Array.from({ length: words.count }, () => 1),
        outputs: Array.from({ length: outs.count }, (_, o) => outs.from + o),
        lineOutputs: Array.from({ length: target.cols }, (_, j) => Math.floor(j / (2 * k))),
        lineWeights: Array.from({ length: target.cols }, (_, j) => (j % (2 * k) < k ? 1 : -1)),
        part: 0,
        target,
      })
    }
  return { tiles, weightMaximum, scale: (k * span) / weightMaximum, parts: 1, clipped, excess: largest / weightMaximum }
}
