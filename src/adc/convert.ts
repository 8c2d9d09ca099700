/**
 * The serial conversion: one sample-and-hold, one comparator, one threshold DAC, K channels in turn.
 *
 * mux      v1 = v[n] + crosstalk (v[n-1] - v[n])
 * sample   v2 = held + (v1 - held)(1 - exp(-t_sample / (r C))) + sqrt(kT/C) xi
 * front    v3 = gain v2 + offset + cubic v2^3
 * decide   v3 + droop t_j + noise xi > T_k(j) + comparator offset + hysteresis (previous ? -1 : +1) / 2
 *
 * Search `ramp`: the DAC runs through its codes from 0 up, the comparator is read at the codes of the table, and the code
 * is the number of thresholds passed before the first that is not. A flash converter decides all thresholds in one cycle
 * and counts.
 */
import type { Codes } from '../network/forward.ts'
import type { Matrix } from '../numerics/matrix.ts'
import { type ChipKey, normalAt, normalsPerVector, site, stages, uniformAt } from '../numerics/random.ts'
import type { Profile } from '../profile/profile.ts'
import { type AdcDesign, lsb } from './design.ts'
import type { AdcInstance } from './instance.ts'

/** J / K, exact since 2019. */
export const BOLTZMANN = 1.380649e-23

export interface Conversion {
  readonly codes: Codes
  /** Inputs beyond full scale that were clipped. */
  readonly clipped: number
  /** Decisions inside the metastability window. */
  readonly metastable: number
}

/** One decision, as it was made. */
export interface Compare {
  readonly row: number
  readonly channel: number
  /** Of the channel's decisions, from 0. */
  readonly turn: number
  /** Index of the threshold. */
  readonly threshold: number
  /** Comparator cycles since the search began, 1 or more; 1 for all of a flash converter. */
  readonly cycle: number
  /** Volts at the comparator: its input, the threshold presented, and where it trips with offset and hysteresis. */
  readonly input: number
  readonly presented: number
  readonly edge: number
  readonly above: boolean
}

/** What happens to a held sample: the share of the step that settles, and the rms of kT/C noise in volts. */
export function holdBehaviour(profile: Profile): { settled: number; noise: number } {
  const { capacitance, switchResistance, sampleTime } = profile.adc.hold
  if (capacitance === null) return { settled: 1, noise: 0 }
  return {
    settled: switchResistance > 0 ? -Math.expm1(-sampleTime / (switchResistance * capacitance)) : 1,
    noise: Math.sqrt((BOLTZMANN * profile.environment.temperature) / capacitance),
  }
}

/**
 * Voltages at the comparator when the search starts, channel by channel: mux, sample, front end. Noise-free unless
 * `noise` is given.
 */
export function presented(
  v: Float64Array,
  instance: AdcInstance,
  profile: Profile,
  noise: ((channel: number) => number) | null,
  out: Float64Array,
): Float64Array {
  const { adc } = profile
  const { settled, noise: rms } = holdBehaviour(profile)
  let held = 0
  for (let n = 0; n < v.length; n++) {
    // What is switched off must not spread an infinite or undefined voltage: 0 times infinity is no number.
    const v1 = v[n]! + (n === 0 || adc.crosstalk === 0 ? 0 : adc.crosstalk * (v[n - 1]! - v[n]!))
    // settled = 1 must give v1 exactly, not held + (v1 - held)
    const v2 = (settled === 1 ? v1 : held + (v1 - held) * settled) + (noise !== null && rms > 0 ? rms * noise(n) : 0)
    held = v2
    const cube = adc.frontEnd.cubic === 0 ? 0 : adc.frontEnd.cubic * v2 * v2 * v2
    out[n] = instance.gain * v2 + instance.offset + cube
  }
  return out
}

/**
 * Whether all compares of a channel are with the same voltage, so that a code depends on that voltage alone.
 *
 * @param key  of the chip; null converts without noise
 */
export function decidesStill({ adc }: Profile, key: ChipKey | null): boolean {
  const { noise, metaWindow, hysteresis } = adc.comparator
  const drawn = key !== null && (noise > 0 || metaWindow > 0)
  const settled = adc.dac.settlingError === 0 || adc.architecture === 'flash'
  return !drawn && hysteresis === 0 && adc.hold.droop === 0 && settled
}

/** Normal draws held at a time. */
const MOST_DRAWS = 1 << 20

/**
 * `normalAt(key, where, channel, 0, first + row, compare)` as a function of (channel, row, compare), drawn beforehand
 * where that is not much more than what will be asked for.
 */
function drawnNormals(
  key: ChipKey,
  where: number,
  channels: number,
  first: number,
  rows: number,
  compares: number,
): (channel: number, row: number, compare: number) => number {
  if (channels * rows * compares > MOST_DRAWS)
    return (channel, row, compare) => normalAt(key, where, channel, 0, first + row, compare)
  const draws = Array.from({ length: compares }, (_, c) => normalsPerVector(key, where, channels, first, rows, c))
  return (channel, row, compare) => draws[compare]![channel * rows + row]!
}

/**
 * Convert a batch.
 *
 * @param volts  vectors x channels, volts at the multiplexer
 * @param key    of the chip, for the noise; null converts without noise
 * @param first  index of the first vector, so that a batch cut in two draws the same noise
 * @param seen   is handed every decision
 */
export function convert(
  volts: Matrix,
  design: AdcDesign,
  instance: AdcInstance,
  profile: Profile,
  key: ChipKey | null,
  first = 0,
  seen?: (compare: Compare) => void,
): Conversion {
  const { adc } = profile
  const channels = volts.cols
  const data = new Uint16Array(volts.rows * channels)
  const at = {
    sample: site(stages.adc, 'samplingNoise'),
    compare: site(stages.adc, 'comparatorNoise'),
    meta: site(stages.adc, 'metastability'),
  }
  const thresholds = instance.thresholds
  const top = thresholds.length
  const noisy = key !== null && adc.comparator.noise > 0
  const window = key !== null ? adc.comparator.metaWindow : 0
  const strict = design.compare === 'gt'
  const compares = comparesNeeded(top + 1, adc)
  const flash = adc.architecture === 'flash'
  const ramp = rampPlaces(design, adc)
  const lag = ramp === null || adc.dac.bits === null ? null : rampLag(adc, adc.dac.bits)
  const sampled =
    key !== null && holdBehaviour(profile).noise > 0
      ? drawnNormals(key, at.sample, channels, first, volts.rows, 1)
      : null
  const compared = noisy ? drawnNormals(key, at.compare, channels, first, volts.rows, compares) : null
  const input = new Float64Array(channels)
  const held = new Float64Array(channels)
  let clipped = 0
  let metastable = 0
  for (let row = 0; row < volts.rows; row++) {
    const vector = first + row
    for (let n = 0; n < channels; n++) {
      const x = volts.data[row * channels + n]!
      const over = adc.clip && Math.abs(x) > adc.fullScale
      if (over) clipped++
      input[n] = over ? Math.sign(x) * adc.fullScale : x
    }
    presented(input, instance, profile, sampled === null ? null : (n) => sampled(n, row, 0), held)
    for (let n = 0; n < channels; n++) {
      let previousDecision = 0
      let lastThreshold = 0
      let used = 0
      const table = instance.perChannel?.[n] ?? thresholds
      const above = (k: number): boolean => {
        const place = ramp === null ? used : ramp(n, k)
        let actual = table[k]!
        if (adc.dac.settlingError !== 0 && !flash) {
          if (lag !== null) actual -= lag(place)
          else if (used > 0) actual += (lastThreshold - actual) * adc.dac.settlingError
        }
        lastThreshold = actual
        const cycle = flash ? 1 : place + 1
        const time = cycle * adc.compareTime
        let v = held[n]!
        if (adc.hold.droop !== 0) v += adc.hold.droop * time
        if (compared !== null) v += adc.comparator.noise * compared(n, row, used)
        let edge = actual + instance.comparatorOffset
        // A ramp comes from below: the decision before was "above", unless this is its first step.
        const before = ramp === null ? previousDecision : place > 0 ? 1 : 0
        if (adc.comparator.hysteresis !== 0) edge += (adc.comparator.hysteresis * (before ? -1 : 1)) / 2
        let decision = strict ? v > edge : v >= edge
        if (window > 0 && Math.abs(v - edge) < window) {
          metastable++
          decision = uniformAt(key!, at.meta, n, 0, vector, used) < 0.5
        }
        if (seen !== undefined)
          seen({
            row,
            channel: n,
            turn: used,
            threshold: k,
            cycle,
            input: v,
            presented: actual,
            edge,
            above: decision,
          })
        used++
        previousDecision = decision && !flash ? 1 : 0
        return decision
      }
      let code = 0
      if (flash) for (let k = 0; k < top; k++) code += above(k) ? 1 : 0
      else if (adc.search !== 'binary') while (code < top && above(code)) code++
      else {
        let high = top
        while (code < high) {
          const mid = (code + high) >> 1
          if (above(mid)) code = mid + 1
          else high = mid
        }
      }
      data[row * channels + n] = code
    }
  }
  return { codes: { rows: volts.rows, cols: channels, data }, clipped, metastable }
}

/** The step of the ramp at which threshold k is compared; null for other searches. */
export function rampPlaces(
  design: AdcDesign,
  adc: Profile['adc'],
): ((channel: number, threshold: number) => number) | null {
  if (adc.architecture !== 'serial' || adc.search !== 'ramp') return null
  return (channel, k) => (design.perChannel?.[channel] ?? design).dacCodes?.[k] ?? k
}

/** How far the DAC is behind at a step of a ramp of single codes, volts: LSB e (1 - e^c) / (1 - e). */
export function rampLag(adc: Profile['adc'], bits: number): (place: number) => number {
  const e = adc.dac.settlingError
  return (place) => (lsb(adc.fullScale, bits) * e * (1 - e ** place)) / (1 - e)
}

type Timing = Pick<Profile['adc'], 'architecture' | 'search'>

/** Decisions that a code of `levels` levels rests on at most. */
export function comparesNeeded(levels: number, { architecture, search }: Timing): number {
  return architecture !== 'flash' && search === 'binary' ? Math.ceil(Math.log2(levels)) : levels - 1
}

/** Clock cycles of the comparator for one channel, at most. */
export function conversionCycles(levels: number, adc: Timing & { readonly dac: Pick<Profile['adc']['dac'], 'bits'> }) {
  if (adc.architecture === 'flash') return 1
  return adc.search === 'ramp' && adc.dac.bits !== null ? 2 ** adc.dac.bits : comparesNeeded(levels, adc)
}

/** Time of a conversion of K channels one after the other. */
export interface ConversionTime {
  /** Comparator cycles of one channel, at most. */
  readonly cycles: number
  /** Of all channels. */
  readonly totalCycles: number
  /** Sampling and comparing, all channels, seconds. */
  readonly seconds: number
}

/** @param channels  K */
export function conversionTime(levels: number, channels: number, adc: Profile['adc']): ConversionTime {
  const cycles = conversionCycles(levels, adc)
  const sampling = adc.hold.capacitance === null ? 0 : adc.hold.sampleTime
  return { cycles, totalCycles: channels * cycles, seconds: channels * (sampling + cycles * adc.compareTime) }
}
