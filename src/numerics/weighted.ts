/**
 * Importance sampling: chips are drawn from a law under which failures are frequent, and each counts with its
 * likelihood ratio.
 */
import { type ChipKey, site, stages, uniformAt } from './random.ts'
import { type Interval, normalQuantile, studentQuantile, wilson } from './statistics.ts'

/**
 * Whether a chip draws its deviates from the widened law: a coin of the chip.
 *
 * @param nominalShare  share of the chips that do not, in (0, 1]
 */
export function isWidened(key: ChipKey, nominalShare: number): boolean {
  return uniformAt(key, site(stages.study, 'importanceCoin')) >= nominalShare
}

/**
 * Likelihood ratio of a chip whose normal deviates are, for all of them together, from the nominal law with probability
 * `nominalShare` and else from one `scale` times as wide (a defensive mixture).
 *
 * ratio = 1 / (share + (1 - share) scale^-k exp(sum z^2 / 2 (1 - scale^-2)))
 *
 * It is at most 1 / share, and 1 in the mean over chips of the mixture.
 *
 * @param deviates      z, as drawn, in nominal standard deviations
 * @param scale         >= 1
 * @param nominalShare  in (0, 1]
 * @throws RangeError for others
 * Source: T. Hesterberg, Technometrics 37 (1995) 185
 */
export function widenedRatio(deviates: ArrayLike<number>, scale: number, nominalShare: number): number {
  if (!(scale >= 1 && scale < Infinity && nominalShare > 0 && nominalShare <= 1))
    throw new RangeError(`mixture: scale ${scale}, nominal share ${nominalShare}`)
  let squares = 0
  for (let i = 0; i < deviates.length; i++) squares += deviates[i]! ** 2
  const logWidened = (squares / 2) * (1 - scale ** -2) - deviates.length * Math.log(scale)
  return 1 / (nominalShare + (1 - nominalShare) * Math.exp(logWidened))
}

export interface WeightedOptions {
  /**
   * `unbiased`: mean of weight x indicator, best for what is rare. `self-normalised`: divided by the mean weight; the
   * shares of an event and of its opposite then sum to 1.
   */
  readonly estimate?: 'unbiased' | 'self-normalised'
  /** No weight is larger: 1 / nominalShare of a defensive mixture. By default the largest weight there is. */
  readonly bound?: number
  readonly confidence?: number
}

export interface WeightedFraction {
  /** In [0, 1]. */
  readonly fraction: number
  readonly interval: Interval
  /** Chips of plain sampling that would know the fraction as well. */
  readonly effective: number
  /** Effective number of events: so many of equal weight would vary as much. Below 10 the interval is the wide one. */
  readonly events: number
}

/** Below so many effective events their weights say too little of their own spread. */
const FEWEST_EVENTS = 10

/**
 * Share of an event under the nominal law, from chips of another law.
 *
 * The interval is Wilson's for the effective number of chips p (1 - p) / Var. Where weights vary, the variance is the
 * estimated one with Student's factor for the effective number of events; but with fewer than 10 of these, or where it
 * is smaller, the bound that the largest weight b gives: Var <= p (b - p) / n. With equal weights it is Wilson's interval.
 *
 * @param happened  1 (or true) where the event happened: the rarer of the two, for the unbiased estimate
 * @param weights   likelihood ratios, finite, >= 0, mean 1 in expectation; as many
 * @returns         all of [0, 1] for no chips, or no weight
 * @throws RangeError for other weights
 * Source: effective number: E. L. Korn, B. I. Graubard, Survey Methodology 24 (1998) 193; estimates: A. B. Owen,
 * "Monte Carlo theory, methods and examples", ch. 9
 */
export function weightedFraction(
  happened: ArrayLike<number | boolean>,
  weights: ArrayLike<number>,
  options: WeightedOptions = {},
): WeightedFraction {
  const { estimate = 'unbiased', confidence = 0.95 } = options
  const all = sumsOf(weights, happened.length)
  const n = happened.length
  if (all.sum === 0) return { fraction: Number.NaN, interval: { low: 0, high: 1 }, effective: 0, events: 0 }
  let sum = 0
  let squares = 0
  for (let i = 0; i < n; i++)
    if (happened[i]) {
      sum += weights[i]!
      squares += weights[i]! ** 2
    }
  const bound = Math.max(options.bound ?? 0, all.largest)
  const normalised = estimate === 'self-normalised'
  const p = Math.min(1, sum / (normalised ? all.sum : n))
  const ofEvent = kish(sum, squares)
  // The estimate of a share near 1 hangs on the few chips that lack the event.
  const events = normalised ? Math.min(ofEvent, kish(all.sum - sum, all.squares - squares)) : ofEvent
  const variance = normalised
    ? (squares * (1 - p) ** 2 + (all.squares - squares) * p ** 2) / all.sum ** 2
    : (squares / n - p ** 2) / n
  const atLeast = normalised ? all.sum / bound : bound > 1 ? (n * (1 - p)) / (bound - p) : n
  let effective = atLeast
  if (events >= FEWEST_EVENTS && variance > 0) {
    const level = (1 + confidence) / 2
    const factor = studentQuantile(level, events - 1) / normalQuantile(level)
    effective = Math.max(atLeast, (p * (1 - p)) / (variance * factor ** 2))
  }
  return { fraction: p, interval: wilson(p * effective, effective, confidence), effective, events }
}

/**
 * Mean of a score under the nominal law, self-normalised.
 *
 * @param values   one a chip
 * @param weights  as in `weightedFraction`
 * @returns        Student's interval with the effective number of chips; NaN ends where that is below 2
 */
export function weightedMean(
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
  confidence = 0.95,
): { readonly mean: number; readonly interval: Interval; readonly effective: number } {
  const all = sumsOf(weights, values.length)
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += weights[i]! * values[i]!
  const mean = sum / all.sum
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += (weights[i]! * (values[i]! - mean)) ** 2
  const effective = kish(all.sum, all.squares)
  if (!(effective >= 2)) return { mean, interval: { low: Number.NaN, high: Number.NaN }, effective }
  const spread = Math.sqrt(squares / (1 - 1 / effective)) / all.sum
  const half = studentQuantile((1 + confidence) / 2, effective - 1) * spread
  return { mean, interval: { low: mean - half, high: mean + half }, effective }
}

/**
 * Quantile of a score under the nominal law: the least value whose share of weight, with those below it, reaches p.
 *
 * @param values   one a chip, at least one
 * @param weights  as in `weightedFraction`
 * @param p        in (0, 1)
 * @returns        interval by inverting that of the share below the quantile; infinite where the sample is too small
 * Source: R. S. Woodruff, JASA 47 (1952) 635
 */
export function weightedQuantile(
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
  p: number,
  options: Pick<WeightedOptions, 'bound' | 'confidence'> = {},
): { readonly value: number; readonly interval: Interval } {
  const all = sumsOf(weights, values.length)
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]!)
  const at = (level: number): number => {
    // Rounding must not skip the value that reaches the level exactly.
    const wanted = level * all.sum * (1 - 1e-12)
    let below = 0
    for (const i of order) if ((below += weights[i]!) >= wanted) return values[i]!
    return values[order.at(-1)!]!
  }
  const value = at(p)
  const { interval, effective, fraction } = weightedFraction(
    Array.from(values as ArrayLike<number>, (x) => x <= value),
    weights,
    { ...options, estimate: 'self-normalised' },
  )
  const tail = (1 - (options.confidence ?? 0.95)) / 2
  return {
    value,
    interval: {
      low: (1 - p) ** effective > tail ? -Infinity : at(Math.max(0, p - (fraction - interval.low))),
      high: p ** effective > tail ? Infinity : at(Math.min(1, p + (interval.high - fraction))),
    },
  }
}

/** Effective number of weights of this sum and sum of squares: as many equal ones vary as much. */
function kish(sum: number, squares: number): number {
  return squares > 0 ? sum ** 2 / squares : 0
}

function sumsOf(weights: ArrayLike<number>, count: number) {
  if (weights.length !== count) throw new RangeError(`${weights.length} weights for ${count} chips`)
  let sum = 0
  let squares = 0
  let largest = 0
  for (let i = 0; i < count; i++) {
    const weight = weights[i]!
    if (!(weight >= 0 && weight < Infinity)) throw new RangeError(`weight ${weight} of chip ${i} of the sample`)
    sum += weight
    squares += weight * weight
    largest = Math.max(largest, weight)
  }
  return { sum, squares, largest }
}
