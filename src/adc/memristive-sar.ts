/**
 * A successive-approximation converter whose references are stored in memristors: step j compares with
 *
 * T_j = s_j0 + sum_(i < j) s_j(i+1) d_i,   d_i in {0, 1} the decisions before
 *
 * so that 2^m - 1 thresholds are made of m (m + 1) / 2 stored levels. Two bits can have any thresholds; more bits only
 * those of this form. Steps share no level, so each is fitted by itself.
 *
 * Source: the structure of the neuromorphic converter of Danial et al., Nature Electronics 1 (2018) 666: one weight from
 * each more significant bit to each less significant one.
 */
import { fail } from '../base/errors.ts'
import type { Profile } from '../profile/profile.ts'

export interface SarFit {
  /** Stored levels of each step, volts, whole multiples of `step`: 1, 2, ... m of them. */
  readonly stored: readonly (readonly number[])[]
  /** volts; 2 fullScale / 2^bits */
  readonly step: number
  /** What they realise, volts, 2^m - 1. */
  readonly thresholds: Float64Array
  /** Realised less wanted, volts. */
  readonly residual: { readonly rms: number; readonly largest: number }
}

/**
 * The stored levels nearest to wanted thresholds in the least-squares sense.
 *
 * @param wanted  volts, ascending
 * @throws OHM3007 a number of levels that is no power of two, or a residual beyond adc.memristor.residualLimit
 */
export function fitSar(wanted: Float64Array, { memristor, fullScale }: Profile['adc']): SarFit {
  const levels = wanted.length + 1
  const steps = Math.log2(levels)
  const refuse = (message: string, hint: string): never =>
    fail('OHM3007', message, { at: { pointer: '/adc/architecture' }, hint })
  if (!Number.isInteger(steps))
    refuse(
      `a memristive SAR has 2^n levels; the quantizer has ${levels}`,
      'choose adc.architecture serial or flash, or train with a power of two',
    )
  const step = (2 * fullScale) / 2 ** memristor.levelBits
  const stored = Array.from({ length: steps }, (_, j) =>
    fitStep(targetsOf(wanted, steps, j), j, step, memristor.levelBits),
  )
  const thresholds = sarThresholds(stored)
  const errors = thresholds.map((t, k) => t - wanted[k]!)
  const largest = errors.reduce((a, e) => Math.max(a, Math.abs(e)), 0)
  const limit = (memristor.residualLimit * 2 * fullScale) / levels
  if (!(largest <= limit))
    refuse(
      `the nearest thresholds of a memristive SAR with ${memristor.levelBits}-bit levels are up to ${volts(largest)} away; the limit is ${volts(limit)}`,
      'use more adc.memristor.levelBits, a larger adc.memristor.residualLimit, or adc.architecture serial',
    )
  return {
    stored,
    step,
    thresholds,
    residual: { rms: Math.sqrt(errors.reduce((s, e) => s + e * e, 0) / errors.length), largest },
  }
}

const volts = (x: number) => `${Number(x.toPrecision(3))} V`

/** Index of the threshold that step j compares with, the decisions before read as a binary number, the first highest. */
const place = (decisions: number, steps: number, j: number) => decisions * 2 ** (steps - j) + 2 ** (steps - 1 - j) - 1

const targetsOf = (wanted: Float64Array, steps: number, j: number) =>
  Array.from({ length: 2 ** j }, (_, decisions) => wanted[place(decisions, steps, j)]!)

/** All thresholds of stored levels, volts. */
export function sarThresholds(stored: readonly (readonly number[])[]): Float64Array {
  const steps = stored.length
  const out = new Float64Array(2 ** steps - 1)
  for (const [j, levels] of stored.entries())
    for (let decisions = 0; decisions < 2 ** j; decisions++) out[place(decisions, steps, j)] = sum(levels, decisions, j)
  return out
}

/** Decision i is bit j - 1 - i of the number. */
function sum(levels: readonly number[], decisions: number, j: number): number {
  let t = levels[0]!
  for (let i = 0; i < j; i++) if ((decisions >> (j - 1 - i)) & 1) t += levels[i + 1]!
  return t
}

/**
 * Levels of one step: least squares over all decisions (a full factorial, so that effects are differences of means),
 * rounded to the grid, then moved one grid step at a time while that helps.
 */
function fitStep(targets: readonly number[], j: number, step: number, bits: number): number[] {
  const mean = (x: readonly number[]) => x.reduce((a, b) => a + b, 0) / x.length
  const bit = (d: number, i: number) => (d >> (j - 1 - i)) & 1
  const effects = Array.from({ length: j }, (_, i) => {
    const half = (value: number) => mean(targets.filter((_, d) => bit(d, i) === value))
    return half(1) - half(0)
  })
  // The base is offset binary as a threshold DAC is; the others are differences, 0 and upwards.
  const low = [-(2 ** (bits - 1)), ...effects.map(() => 0)]
  const high = [2 ** (bits - 1) - 1, ...effects.map(() => 2 ** bits - 1)]
  const clamp = (x: number, i: number) => Math.min(high[i]!, Math.max(low[i]!, Math.round(x)))
  const words = [0, ...effects.map((e, i) => clamp(e / step, i + 1))]
  words[0] = clamp(mean(targets.map((t, d) => t / step - sum(words, d, j))), 0)
  const cost = (w: readonly number[]) => targets.reduce((s, t, d) => s + (t / step - sum(w, d, j)) ** 2, 0)
  for (let best = cost(words), moved = true; moved; ) {
    moved = false
    for (let i = 0; i < words.length; i++)
      for (const by of [-1, 1]) {
        const tried = words.map((w, n) => (n === i ? clamp(w + by, n) : w))
        const costs = cost(tried)
        if (costs < best * (1 - 1e-12)) {
          words[i] = tried[i]!
          best = costs
          moved = true
        }
      }
  }
  return words.map((w) => w * step)
}
