/**
 * What a bench finds out about one converter: its transitions, exactly and by a ramp, and the figures that follow.
 *
 * LSBeq = (v_max - v_min) / I. Gain G and offset V minimise sum (G T_k + V - t_k)^2 over the transitions; INL_k are the
 * residuals and DNL_k their steps, in LSBeq. A figure that has no meaning is null: gain, INL and DNL of one threshold, INL
 * and DNL of two, which are zero by construction.
 *
 * Source: IEEE Std 1241 (gain and offset as what corrects the input; ramp histogram), for targets of any spacing
 */
import type { ChipKey } from '../numerics/random.ts'
import { normalQuantile } from '../numerics/statistics.ts'
import { holdBehaviour } from './convert.ts'
import { BENCH, benchCodes, benchReach, type Converter, transitions } from './converter.ts'
import { codeLawAt } from './decision.ts'

export interface RampTest {
  /** Two-sided, of one code's width. */
  readonly confidence: number
  /** Share of LSBeq within which it lies with that confidence. */
  readonly accuracy: number
  /** (z / accuracy)^2 */
  readonly samplesPerCode: number
  readonly samples: number
  /** volts between samples */
  readonly step: number
}

export interface Linearity {
  readonly gain: number | null
  /** volts */
  readonly offset: number | null
  /** LSBeq, one entry a threshold, and one a cell between thresholds. */
  readonly inl: readonly (number | null)[] | null
  readonly dnl: readonly (number | null)[] | null
}

export interface AdcCharacteristics extends Linearity {
  readonly levels: number
  /** The channel that was read; all have the same voltage. */
  readonly channel: number
  /** volts */
  readonly lsb: number
  readonly thresholds: {
    /** volts, what the task wants */
    readonly target: readonly number[]
    /** volts, by bisection without noise; null = no input in reach passes it, or all do */
    readonly exact: readonly (number | null)[]
    /** volts, where half of the noisy conversions give a code above; null beyond 256 levels */
    readonly halfway: readonly (number | null)[]
    /** volts, by ramp histogram with noise */
    readonly ramp: readonly (number | null)[]
    /** volts, exact less target */
    readonly error: readonly (number | null)[]
  }
  /** volts; rms and largest of the errors */
  readonly thresholdError: { readonly rms: number | null; readonly largest: number | null }
  readonly ramp: RampTest
  /** Codes whose cell is below a tenth of its target, or that a dense noiseless ramp never gives. */
  readonly missingCodes: readonly number[]
  /** Whether the code never falls on a noiseless rising ramp. */
  readonly monotone: boolean
}

export interface CharacteriseOptions {
  /** For the noise; null: the ramp is without noise. */
  readonly key: ChipKey | null
  /** Default: the last, whose hold capacitor has seen the voltage on every channel before. */
  readonly channel?: number
  /** Default 0.99 and 0.05 LSBeq: 2654 samples a code. */
  readonly confidence?: number
  readonly accuracy?: number
}

/** A cell narrower than this share of its target is missing. */
const NARROW = 0.1
/** Conversions of one ramp. */
const MOST_SAMPLES = 1 << 20
/** Levels up to which 50 % points are computed. */
const MOST_HALFWAY = 256

/** Samples a code for a width within `accuracy` LSBeq. Source: IEEE Std 1241, with z of the confidence */
export function samplesPerCode(confidence: number, accuracy: number): number {
  // A hair less than whole numbers that rounding has lifted.
  return Math.ceil((normalQuantile((1 + confidence) / 2) / accuracy) ** 2 - 1e-9)
}

/** Measure a converter. */
export function characteriseAdc(converter: Converter, options: CharacteriseOptions): AdcCharacteristics {
  const { profile, design, channels } = converter
  const channel = options.channel ?? channels - 1
  const target = Array.from(design.thresholds)
  const levels = target.length + 1
  const lsb = (2 * profile.adc.fullScale) / levels
  const found = transitions(converter, channel)
  const exact = Array.from(found, finite)
  const halfway = exact.map((t, k) =>
    t === null || levels > MOST_HALFWAY ? null : halfwayPoint(converter, channel, k, t),
  )
  const { test, thresholds, noiseless } = rampHistogram(converter, channel, levels, lsb, options)
  const error = exact.map((t, k) => (t === null ? null : t - target[k]!))
  const errors = error.filter((e) => e !== null)
  return {
    levels,
    channel,
    lsb,
    thresholds: { target, exact, halfway, ramp: thresholds, error },
    thresholdError:
      errors.length === 0
        ? { rms: null, largest: null }
        : {
            rms: Math.sqrt(errors.reduce((s, e) => s + e * e, 0) / errors.length),
            largest: errors.reduce((a, e) => Math.max(a, Math.abs(e)), 0),
          },
    ...linearity(target, exact, lsb),
    ramp: test,
    missingCodes: missing(target, exact, noiseless),
    monotone: noiseless.every((c, i) => i === 0 || c >= noiseless[i - 1]!),
  }
}

const finite = (x: number) => (Number.isFinite(x) ? x : null)

/** Gain, offset, INL and DNL of transitions against their targets. */
export function linearity(target: readonly number[], actual: readonly (number | null)[], lsb: number): Linearity {
  const pairs = actual.flatMap((t, k) => (t === null ? [] : [[t, target[k]!] as const]))
  const n = pairs.length
  if (n === 0) return { gain: null, offset: null, inl: null, dnl: null }
  const mean = (of: 0 | 1) => pairs.reduce((s, p) => s + p[of], 0) / n
  const [x, y] = [mean(0), mean(1)]
  const spread = pairs.reduce((s, [t]) => s + (t - x) ** 2, 0)
  if (n === 1 || !(spread > 0)) return { gain: null, offset: y - x, inl: null, dnl: null }
  const gain = pairs.reduce((s, [t, wanted]) => s + (t - x) * (wanted - y), 0) / spread
  const offset = y - gain * x
  if (n === 2) return { gain, offset, inl: null, dnl: null }
  const inl = actual.map((t, k) => (t === null ? null : (gain * t + offset - target[k]!) / lsb))
  const dnl = inl.slice(1).map((e, k) => (e === null || inl[k] === null ? null : e - inl[k]!))
  return { gain, offset, inl, dnl }
}

/** The input at which half of all noisy conversions give a code above k. */
function halfwayPoint(converter: Converter, channel: number, k: number, exact: number): number {
  const { comparator, hold } = converter.profile.adc
  if (comparator.noise === 0) return exact
  const chance = (v: number) => {
    const law = codeLawAt(converter, channel, v)
    let p = 0
    for (let c = k + 1; c < law.length; c++) p += law[c]!
    return p
  }
  const noise = comparator.noise + (hold.capacitance === null ? 0 : holdBehaviour(converter.profile).noise)
  let reach = noise / Math.max(0.1, Math.abs(converter.instance.gain))
  while (reach < 1e6 && !(chance(exact - reach) < 0.5 && chance(exact + reach) > 0.5)) reach *= 2
  let [low, high] = [exact - reach, exact + reach]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (chance(middle) < 0.5) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/**
 * A slow ramp: the transition to a code above k lies where the share of codes up to k says. With `samplesPerCode` samples
 * a mean cell.
 */
function rampHistogram(
  converter: Converter,
  channel: number,
  levels: number,
  lsb: number,
  { key, confidence = 0.99, accuracy = 0.05 }: CharacteriseOptions,
): { test: RampTest; thresholds: (number | null)[]; noiseless: Uint16Array } {
  const reach = Math.min(benchReach(converter), (lsb * levels * 1.25) / 2)
  const wanted = samplesPerCode(confidence, accuracy)
  const samples = Math.min(Math.floor(MOST_SAMPLES / converter.channels), Math.ceil((wanted * 2 * reach) / lsb))
  const step = (2 * reach) / samples
  const perCode = lsb / step
  const volts = Float64Array.from({ length: samples }, (_, i) => -reach + (i + 0.5) * step)
  const noiseless = benchCodes(converter, volts, channel, null)
  const codes = key === null ? noiseless : benchCodes(converter, volts, channel, key, BENCH)
  const counts = new Float64Array(levels)
  for (const c of codes) counts[c]!++
  let below = 0
  const thresholds = Array.from({ length: levels - 1 }, (_, k) => {
    below += counts[k]!
    return below === 0 || below === samples ? null : -reach + below * step
  })
  const reached = perCode >= wanted
  return {
    test: {
      confidence,
      accuracy: reached ? accuracy : normalQuantile((1 + confidence) / 2) / Math.sqrt(perCode),
      samplesPerCode: reached ? wanted : Math.floor(perCode),
      samples,
      step,
    },
    thresholds,
    noiseless,
  }
}

function missing(target: readonly number[], exact: readonly (number | null)[], codes: Uint16Array): number[] {
  const seen = new Set(codes)
  return Array.from({ length: target.length + 1 }, (_, c) => c).filter((c) => {
    if (!seen.has(c)) return true
    if (c === 0 || c === target.length) return false
    const [low, high] = [exact[c - 1] ?? Number.NEGATIVE_INFINITY, exact[c] ?? Number.POSITIVE_INFINITY]
    return high - low < NARROW * (target[c]! - target[c - 1]!)
  })
}
