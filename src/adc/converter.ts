/**
 * One converter on the test bench: the same voltage at all its channels, one of them read.
 */
import { type Matrix, matrix } from '../numerics/matrix.ts'
import type { ChipKey } from '../numerics/random.ts'
import type { Profile } from '../profile/profile.ts'
import { convert } from './convert.ts'
import type { AdcDesign } from './design.ts'
import type { AdcInstance } from './instance.ts'

export interface Converter {
  readonly design: AdcDesign
  readonly instance: AdcInstance
  readonly profile: Profile
  /** Channels that are scanned. */
  readonly channels: number
}

/** Indices of vectors on the bench begin here, so that its noise is not that of the vectors of a task. */
export const BENCH = 2 ** 31

/** Conversions whose noise is drawn at a time. */
const BATCH = 1 << 16

/** Every channel at the same voltage. @returns voltages x channels */
export function allChannels(volts: ArrayLike<number>, channels: number): Matrix {
  const m = matrix(volts.length, channels)
  for (let v = 0; v < volts.length; v++) m.data.fill(volts[v]!, v * channels, (v + 1) * channels)
  return m
}

/**
 * Codes of one channel, or of all, at constant voltages.
 *
 * @param volts    one entry a conversion of all channels
 * @param channel  null: of all, voltages x channels, row by row
 * @param key      of the chip, for the noise; null converts without noise
 * @param first    index of the first conversion in the noise's key
 */
export function benchCodes(
  { design, instance, profile, channels }: Converter,
  volts: Float64Array,
  channel: number | null,
  key: ChipKey | null,
  first = BENCH,
): Uint16Array {
  const out = new Uint16Array(volts.length * (channel === null ? channels : 1))
  const rows = Math.max(1, Math.floor(BATCH / channels))
  for (let from = 0; from < volts.length; from += rows) {
    const part = volts.subarray(from, from + rows)
    const { codes } = convert(allChannels(part, channels), design, instance, profile, key, first + from)
    if (channel === null) out.set(codes.data, from * channels)
    else for (let v = 0; v < part.length; v++) out[from + v] = codes.data[v * channels + channel]!
  }
  return out
}

/**
 * Where the code of a channel passes each threshold, without noise: the lowest input that gives a code above k, by
 * bisection to the last bit. NaN where no input does or the front end turns signs round, -Infinity where
 * every input does.
 *
 * All searches compare one after the other with what a monotone front end shows them, so a code never falls with its
 * input; beyond the turning point of a negative cubic it would, and inputs there are left out.
 */
export function transitions(converter: Converter, channel: number): Float64Array {
  const count = converter.instance.thresholds.length
  if (!(converter.instance.gain > 0)) return new Float64Array(count).fill(Number.NaN)
  const reach = benchReach(converter)
  const low = new Float64Array(count).fill(-reach)
  const high = new Float64Array(count).fill(reach)
  const above = (volts: Float64Array) => {
    const codes = benchCodes(converter, volts, channel, null)
    return (k: number) => codes[k]! > k
  }
  const atLow = above(low)
  const atHigh = above(high)
  const all = Array.from({ length: count }, (_, k) => k)
  const never = all.map((k) => !atHigh(k))
  const always = all.map((k) => atLow(k))
  for (let step = 0; step < 1100; step++) {
    const middle = low.map((a, k) => (a + high[k]!) / 2)
    if (middle.every((m, k) => m <= low[k]! || m >= high[k]!)) break
    const yes = above(middle)
    for (const k of all) {
      if (middle[k]! <= low[k]! || middle[k]! >= high[k]!) continue
      if (yes(k)) high[k] = middle[k]!
      else low[k] = middle[k]!
    }
  }
  return high.map((t, k) => (never[k] ? Number.NaN : always[k] ? Number.NEGATIVE_INFINITY : t))
}

/** Largest voltage of the bench: twice what the converter is for, up to where its front end turns back. */
export function benchReach({ design, instance, profile }: Converter): number {
  const { cubic } = profile.adc.frontEnd
  const reach = 2 * design.thresholds.reduce((a, t) => Math.max(a, Math.abs(t)), profile.adc.fullScale)
  return cubic < 0 && instance.gain > 0 ? Math.min(reach, Math.sqrt(instance.gain / (-3 * cubic))) : reach
}
