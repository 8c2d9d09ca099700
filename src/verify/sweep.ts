/**
 * The inputs at which an ADC's comparators trip: a coarse sweep of the range, and a pair of voltages close around
 * every threshold of every channel.
 */
import { presented } from '../adc/convert.ts'
import type { Chip } from '../deployment/fabricate.ts'
import { ladderProbes, staticAdc } from '../emit/spice/expected.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'

/** Steps of the coarse sweep over 1.05 times the full scale. */
const STEPS = 64
/** Half the distance of a pair, relative to full scale: twice what a code may be off. */
export const PAIR = 2e-6
/** Points of a sweep. */
const MOST_POINTS = 4000
/** Points times comparators: a second of work. */
const MOST_WORK = 1_000_000

export interface Sweep {
  /** points x channels, volts; all channels alike */
  readonly volts: Matrix
  /** Thresholds, over all channels of the sweep, at whose pair the code changes. */
  readonly found: number
  /** Thresholds that no input reaches. */
  readonly unreachable: number
  /** Thresholds that decide no code: out of order, the search never comes to them, or it passes over them. */
  readonly hidden: number
  /** Thresholds left out because they are too many for one sweep. */
  readonly skipped: number
  /** Channels of the sweep, and of the ADC. */
  readonly channels: { readonly swept: number; readonly of: number }
}

/** A threshold of a channel, and the inputs just below and above it. */
interface Pair {
  readonly channel: number
  readonly low: number
  readonly high: number
}

/** The sweep of as many channels as can be solved in about a second, all if possible, and one at least. */
export function thresholdSweep(chip: Chip): Sweep {
  const of = chip.deployment.layers.at(-1)!.outputs
  const comparators = chip.adc.thresholds.length
  for (let channels = of; ; channels = Math.ceil(channels / 2)) {
    const { pairs, unreachable, skipped } = pairsOf(chip, channels)
    const points = pointsOf(chip, pairs)
    if (channels > 1 && (points.length > MOST_POINTS || points.length * channels * comparators > MOST_WORK)) continue
    const volts = matrix(points.length, channels)
    for (const [p, v] of points.entries()) volts.data.fill(v, p * channels, (p + 1) * channels)
    const codes = ladderProbes(chip, volts).filter(({ kind }) => kind === 'code')
    const place = new Map(points.map((v, p) => [v, p]))
    const found = pairs.filter(({ channel, low, high }) => {
      const { values } = codes[channel]!
      return values[place.get(low)!] !== values[place.get(high)!]
    }).length
    return { volts, found, unreachable, hidden: pairs.length - found, skipped, channels: { swept: channels, of } }
  }
}

function pointsOf(chip: Chip, pairs: readonly Pair[]): number[] {
  const full = chip.deployment.profile.adc.fullScale
  const coarse = Array.from({ length: STEPS + 1 }, (_, k) => 1.05 * full * ((2 * k) / STEPS - 1))
  return [...new Set([...coarse, ...pairs.flatMap(({ low, high }) => [low, high])])]
}

/** Pairs around the thresholds of the first channels. */
function pairsOf(chip: Chip, channels: number): { pairs: Pair[]; unreachable: number; skipped: number } {
  const profile = staticAdc(chip.deployment.profile)
  const full = profile.adc.fullScale
  const limit = profile.adc.clip ? full : 2 * full
  const input = new Float64Array(channels)
  const out = new Float64Array(channels)
  /** What the comparator sees of a channel when all channels are at v. */
  const at = (v: number, channel: number) => presented(input.fill(v), chip.adc, profile, null, out)[channel]!
  const pairs: Pair[] = []
  let unreachable = 0
  let skipped = 0
  const known = new Map<string, Pair>()
  for (let channel = 0; channel < channels; channel++) {
    const table = chip.adc.perChannel?.[channel] ?? chip.adc.thresholds
    const step = Math.ceil((2 * table.length) / (MOST_POINTS - STEPS - 1))
    for (let k = 0; k < table.length; k++) {
      if (k % step !== 0) {
        skipped++
        continue
      }
      const edge = table[k]! + chip.adc.comparatorOffset
      // Channels that see the same have the same pair, to the last bit.
      const alike = `${edge} ${at(full, channel)} ${at(-full / 3, channel)}`
      let pair = known.get(alike)
      if (pair === undefined) {
        const found = pairAround(edge, limit, full, (v) => at(v, channel))
        if (found === null) {
          unreachable++
          continue
        }
        pair = { channel, ...found }
        known.set(alike, pair)
      }
      pairs.push({ ...pair, channel })
    }
  }
  return { pairs, unreachable, skipped }
}

/** Inputs on both sides of where `at` passes an edge; null: it does not within +-limit. */
function pairAround(
  edge: number,
  limit: number,
  full: number,
  at: (v: number) => number,
): { low: number; high: number } | null {
  let low = -limit
  let high = limit
  if (!(at(low) < edge && at(high) > edge)) return null
  for (let n = 0; n < 60; n++) {
    const mid = (low + high) / 2
    if (at(mid) > edge) high = mid
    else low = mid
  }
  // In terms of the comparator's input, so that a gain or a slow hold does not bring the pair into the tolerance.
  const slope = Math.abs(at(low + 1e-3 * full) - at(low - 1e-3 * full)) / (2e-3 * full)
  const half = (PAIR * full) / Math.min(1, Math.max(slope, 1e-3))
  return { low: low - half, high: low + half }
}
