/**
 * From weights to the conductances that are asked for.
 */
import { type Matrix, matrix } from '../numerics/matrix.ts'
import { quantile } from '../numerics/statistics.ts'
import type { Profile } from '../profile/profile.ts'

/** A rectangular part of a layer on one array: word lines x bit lines. */
export interface Tile {
  /** First word line of the layer in this tile (the bias line is the last of the layer). */
  readonly firstWord: number
  /** First output of the layer in this tile. */
  readonly firstOutput: number
  readonly outputs: number
  /**
   * words x (2 * devicesPerSide * outputs), siemens. Bit lines of output o: devicesPerSide positive ones, then as many
   * negative ones.
   */
  readonly target: Matrix
}

export interface MappedLayer {
  readonly tiles: readonly Tile[]
  /** The weight that takes the full conductance range. */
  readonly weightMaximum: number
  /** siemens a unit of weight: G+ - G- = w scale, for one device a side. */
  readonly scale: number
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
      tiles.push({ firstWord: words.from, firstOutput: outs.from, outputs: outs.count, target })
    }
  return { tiles, weightMaximum, scale: span / weightMaximum, clipped, excess: largest / weightMaximum }
}
