/**
 * Transitions as a lab finds them: codes at known inputs, through the noise.
 */
import type { ChipKey } from '../numerics/random.ts'
import { normalQuantile } from '../numerics/statistics.ts'
import { BENCH, benchCodes, benchReach, type Converter } from './converter.ts'

/** Inputs of one staircase across a transition. */
const STEPS = 48
/** Share of the steps at each end that must be clear of the transition. */
const MARGIN = 4
const MOST_PASSES = 40
const MOST_REPEATS = 256

export interface MeasureOptions {
  readonly key: ChipKey | null
  /** volts: half width of the interval of a transition, with `confidence` */
  readonly accuracy: number
  readonly confidence: number
  /** Index of the first conversion in the noise's key. */
  readonly first?: number
}

export interface Measured {
  /** volts; NaN: not found within reach */
  readonly transitions: Float64Array
  /** volts, rms of the noise as it shows in the transitions */
  readonly noise: number
  /** Conversions that were made. */
  readonly conversions: number
}

/**
 * Measure where each code passes its threshold: staircases of constant inputs across each transition, narrowed until
 * they are as fine as the accuracy wants and repeated as often as the noise demands.
 *
 * u = high - D sum(p_i), p_i the share of codes above k at step i: the mean of the transition whatever its shape, with
 * standard error sqrt(D sigma / (sqrt(pi) N)) for normal noise, N conversions a step.
 *
 * All channels have the same voltage and the same table, so that each is a sample of the same transition.
 *
 * @param guess  volts, one entry a threshold
 * Source: C. Spearman, Br. J. Psychol. 2 (1908) 227; G. Kaerber, Arch. exp. Path. 162 (1931) 480
 */
export function measureTransitions(converter: Converter, guess: Float64Array, options: MeasureOptions): Measured {
  const { key, accuracy, confidence } = options
  const { channels } = converter
  const reach = benchReach(converter)
  const z = normalQuantile((1 + confidence) / 2)
  let next = options.first ?? BENCH
  let conversions = 0
  const transitions = guess.slice()
  let noise = 0
  for (let k = 0; k < transitions.length; k++) {
    let low = Math.max(-reach, transitions[k]! - 16 * accuracy)
    let high = Math.min(reach, transitions[k]! + 16 * accuracy)
    let found = false
    let sigma = 0
    const stairs = (repeats: number) => {
      const shares = staircase(converter, k, low, high, repeats, key, next)
      next += STEPS * repeats
      conversions += STEPS * repeats * channels
      return shares
    }
    const settle = (p: Float64Array) => {
      const step = (high - low) / STEPS
      transitions[k] = high - step * p.reduce((a, b) => a + b, 0)
      sigma = Math.sqrt(Math.max(0, spread(p, low, step, transitions[k]!) - (step * step) / 12))
    }
    for (let pass = 0; pass < MOST_PASSES; pass++) {
      const p = stairs(1)
      const early = p.subarray(0, MARGIN).some((x) => x > 0)
      const late = p.subarray(STEPS - MARGIN).some((x) => x < 1)
      const width = high - low
      if (early || late) {
        if ((!early || low <= -reach) && (!late || high >= reach)) break
        if (early) low = Math.max(-reach, low - width)
        if (late) high = Math.min(reach, high + width)
        continue
      }
      found = true
      settle(p)
      const step = width / STEPS
      const room = Math.max(6 * step, 5 * sigma) + MARGIN * step
      if (step <= accuracy || 2 * room > 0.7 * width) break
      low = Math.max(-reach, transitions[k]! - room)
      high = Math.min(reach, transitions[k]! + room)
    }
    if (!found) {
      transitions[k] = Number.NaN
      continue
    }
    const step = (high - low) / STEPS
    const samples = (step * sigma * z * z) / (Math.sqrt(Math.PI) * accuracy * accuracy)
    const repeats = Math.min(MOST_REPEATS, Math.ceil(samples / channels))
    if (repeats > 1 && key !== null) settle(stairs(repeats))
    noise = Math.max(noise, sigma)
  }
  return { transitions, noise, conversions }
}

/** Share of codes above k at each step, over all channels. */
function staircase(
  converter: Converter,
  k: number,
  low: number,
  high: number,
  repeats: number,
  key: ChipKey | null,
  first: number,
): Float64Array {
  const { channels } = converter
  const step = (high - low) / STEPS
  const volts = new Float64Array(STEPS * repeats)
  for (let i = 0; i < volts.length; i++) volts[i] = low + ((i % STEPS) + 0.5) * step
  const codes = benchCodes(converter, volts, null, key, first)
  const counts = new Float64Array(STEPS)
  for (let i = 0; i < volts.length; i++)
    for (let n = 0; n < channels; n++) if (codes[i * channels + n]! > k) counts[i % STEPS]!++
  return counts.map((c) => c / (repeats * channels))
}

/** Second moment of a transition about its mean. */
function spread(p: Float64Array, low: number, step: number, mean: number): number {
  let sum = 0
  for (let i = 0; i <= p.length; i++) {
    const rise = (i === p.length ? 1 : p[i]!) - (i === 0 ? 0 : p[i - 1]!)
    sum += rise * (low + i * step - mean) ** 2
  }
  return Math.max(0, sum)
}
