/**
 * The inputs at which an ADC's comparators trip: a coarse sweep of the range, and a pair of voltages close around
 * every threshold.
 */
import { presented } from '../adc/convert.ts'
import type { Chip } from '../deployment/fabricate.ts'
import { staticAdc } from '../emit/spice/expected.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'

/** Steps of the coarse sweep over 1.05 times the full scale. */
const STEPS = 64
/** Half the distance of a pair, relative to full scale: twice what a code may be off. */
export const PAIR = 2e-6
const MAX_PAIRS = 2000
const MAX_CHANNELS = 4

export interface Sweep {
  /** points x channels, volts; all channels alike */
  readonly volts: Matrix
  /** Thresholds that a pair encloses. */
  readonly found: number
  /** Thresholds that no input reaches. */
  readonly unreachable: number
}

/** Points of the sweep. Channel 0 decides where the pairs lie; hold memory moves the other channels a little. */
export function thresholdSweep(chip: Chip): Sweep {
  const profile = staticAdc(chip.deployment.profile)
  const full = profile.adc.fullScale
  const limit = profile.adc.clip ? full : 2 * full
  const out = new Float64Array(1)
  const at = (v: number) => presented(Float64Array.of(v), chip.adc, profile, null, out)[0]!
  const points: number[] = []
  for (let k = 0; k <= STEPS; k++) points.push(1.05 * full * ((2 * k) / STEPS - 1))
  let found = 0
  let unreachable = 0
  const thresholds = [...chip.adc.thresholds]
  const step = Math.ceil(thresholds.length / MAX_PAIRS)
  for (let k = 0; k < thresholds.length; k += step) {
    const edge = thresholds[k]! + chip.adc.comparatorOffset
    let low = -limit
    let high = limit
    if (!(at(low) < edge && at(high) > edge)) {
      unreachable++
      continue
    }
    for (let n = 0; n < 60; n++) {
      const mid = (low + high) / 2
      if (at(mid) > edge) high = mid
      else low = mid
    }
    // In terms of the comparator's input, so that a gain or a slow hold does not bring the pair into the tolerance.
    const slope = Math.abs(at(low + 1e-3 * full) - at(low - 1e-3 * full)) / (2e-3 * full)
    const half = (PAIR * full) / Math.min(1, Math.max(slope, 1e-3))
    points.push(low - half, low + half)
    found++
  }
  const channels = Math.min(MAX_CHANNELS, chip.deployment.layers.at(-1)!.outputs)
  const volts = matrix(points.length, channels)
  for (const [p, v] of points.entries()) volts.data.fill(v, p * channels, (p + 1) * channels)
  return { volts, found, unreachable }
}
