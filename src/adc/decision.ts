/**
 * What a converter decides at a given voltage, as probabilities: the law that `convert` draws from.
 */
import { normalCdf } from '../numerics/statistics.ts'
import { holdBehaviour, presented, rampLag, rampPlaces } from './convert.ts'
import type { Converter } from './converter.ts'

/** Beyond this many standard deviations a decision is certain to the last bit. */
const CERTAIN = 8.5
/** Paths less likely than this are not followed. */
const NEGLIGIBLE = 1e-18
/** Sampling noise is integrated over this many standard deviations on either side. */
const WIDE = 6
const MOST_NODES = 481

function cdf(x: number): number {
  return x > CERTAIN ? 1 : x < -CERTAIN ? 0 : normalCdf(x)
}

/**
 * Probability of every code when the comparator sees `held` volts (droop not yet begun).
 *
 * @returns I entries
 */
export function codeLaw({ design, instance, profile }: Converter, channel: number, held: number): Float64Array {
  const { adc } = profile
  const { noise, metaWindow, hysteresis } = adc.comparator
  const table = instance.perChannel?.[channel] ?? instance.thresholds
  const top = table.length
  const law = new Float64Array(top + 1)
  const flash = adc.architecture === 'flash'
  const ramp = rampPlaces(design, adc)
  const lag = ramp === null || adc.dac.bits === null ? null : rampLag(adc, adc.dac.bits)

  /** Probability of "above", and the threshold voltage that was met. */
  const above = (k: number, used: number, last: number, before: boolean): readonly [number, number] => {
    const place = ramp === null ? used : ramp(channel, k)
    let actual = table[k]!
    if (adc.dac.settlingError !== 0 && !flash) {
      if (lag !== null) actual -= lag(place)
      else if (used > 0) actual += (last - actual) * adc.dac.settlingError
    }
    const time = flash ? adc.compareTime : (place + 1) * adc.compareTime
    const high = ramp === null ? before && !flash : place > 0
    const edge = actual + instance.comparatorOffset + (hysteresis * (high ? -1 : 1)) / 2
    const distance = held + adc.hold.droop * time - edge
    const yes = (limit: number) => {
      if (noise > 0) return cdf((distance - limit) / noise)
      return (design.compare === 'gt' ? distance > limit : distance >= limit) ? 1 : 0
    }
    // A fair coin inside the window.
    return [metaWindow > 0 ? (yes(metaWindow) + yes(-metaWindow)) / 2 : yes(0), actual]
  }

  if (flash) {
    law[0] = 1
    for (let k = 0; k < top; k++) {
      const [p] = above(k, 0, 0, false)
      for (let c = k + 1; c > 0; c--) law[c] = law[c]! * (1 - p) + law[c - 1]! * p
      law[0]! *= 1 - p
    }
    return law
  }
  if (adc.search !== 'binary') {
    let reached = 1
    let last = 0
    for (let k = 0; k < top && reached > NEGLIGIBLE; k++) {
      const [p, actual] = above(k, k, last, k > 0)
      law[k] = reached * (1 - p)
      reached *= p
      last = actual
    }
    law[top] = reached > NEGLIGIBLE ? reached : 0
    return law
  }
  const follow = (low: number, high: number, used: number, last: number, before: boolean, chance: number): void => {
    if (chance <= NEGLIGIBLE) return
    if (low === high) {
      law[low]! += chance
      return
    }
    const middle = (low + high) >> 1
    const [p, actual] = above(middle, used, last, before)
    follow(middle + 1, high, used + 1, actual, true, chance * p)
    follow(low, middle, used + 1, actual, false, chance * (1 - p))
  }
  follow(0, top, 0, 0, false, 1)
  return law
}

/**
 * Probability of every code with the same voltage at all channels: sampling noise of the channel read and comparator noise;
 * what the sample before leaves of its noise is left out.
 */
export function codeLawAt(converter: Converter, channel: number, volts: number): Float64Array {
  const { instance, profile, channels } = converter
  const { adc } = profile
  const clipped = adc.clip && Math.abs(volts) > adc.fullScale ? Math.sign(volts) * adc.fullScale : volts
  const input = new Float64Array(channels).fill(clipped)
  const out = new Float64Array(channels)
  const heldAt = (z: number) => presented(input, instance, profile, (n) => (n === channel ? z : 0), out)[channel]!
  const sigma = holdBehaviour(profile).noise
  if (sigma === 0) return codeLaw(converter, channel, heldAt(0))
  // Nodes close enough for the comparator's own law between them; without one, many.
  const ratio = adc.comparator.noise > 0 ? adc.comparator.noise / (Math.abs(instance.gain) * sigma) : 0
  const half = Math.min((MOST_NODES - 1) / 2, Math.ceil(WIDE / Math.max(1e-9, Math.min(0.5, ratio / 2))))
  const law = new Float64Array(instance.thresholds.length + 1)
  let total = 0
  for (let i = -half; i <= half; i++) {
    const z = (i * WIDE) / half
    const weight = Math.exp((-z * z) / 2)
    total += weight
    const at = codeLaw(converter, channel, heldAt(z))
    for (let c = 0; c < law.length; c++) law[c]! += weight * at[c]!
  }
  return law.map((p) => p / total)
}
