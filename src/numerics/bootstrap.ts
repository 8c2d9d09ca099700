/** Intervals of statistics that have no formula for one: resampling with replacement. */
import { drawArray, site, stages } from './random.ts'
import { type Interval, normalCdf, normalQuantile } from './statistics.ts'

export interface BootstrapOptions {
  /** A whole number in [0, 2^32). */
  readonly seed: number
  /** Resamples, at least 100; 2000 by default. */
  readonly resamples?: number
  /** In (0, 1); 0.95 by default. */
  readonly confidence?: number
}

/** Groups that the jackknife leaves out one at a time, at most: their number bounds its cost. */
const MOST_GROUPS = 200

/**
 * Intervals of several statistics of the same independent observations, by the bias-corrected and accelerated bootstrap
 * (BCa). All statistics see the same resamples. The acceleration is from a jackknife over at most 200 groups.
 *
 * @param count       observations, at least 2
 * @param statistics  values of the statistics, given which observations (0 .. count - 1, with repetitions) are there.
 *                    The array of observations is used again: do not keep it.
 * @returns           one interval a statistic; a point where no resample changes it; NaN where it is not a number
 * @throws RangeError for fewer observations or resamples, or no proper confidence
 * Source: B. Efron, "Better bootstrap confidence intervals", JASA 82 (1987) 171, eqs. 2.3, 4.4 (delete-one jackknife of
 * Efron and Tibshirani 1993, eq. 14.15)
 */
export function bootstrapIntervals(
  count: number,
  statistics: (observations: Uint32Array) => ArrayLike<number>,
  options: BootstrapOptions,
): Interval[] {
  const { seed, resamples = 2000, confidence = 0.95 } = options
  if (!(Number.isInteger(count) && count >= 2)) throw new RangeError(`bootstrap of ${count} observations`)
  if (!(Number.isInteger(resamples) && resamples >= 100)) throw new RangeError(`bootstrap: ${resamples} resamples`)
  if (!(confidence > 0 && confidence < 1)) throw new RangeError(`confidence: ${confidence}`)
  const all = Uint32Array.from({ length: count }, (_, i) => i)
  const estimates = Array.from(statistics(all))
  const drawn = estimates.map(() => new Float64Array(resamples))
  const observations = new Uint32Array(count)
  for (let b = 0; b < resamples; b++) {
    resample(observations, seed, b)
    const values = statistics(observations)
    for (let s = 0; s < drawn.length; s++) drawn[s]![b] = values[s]!
  }
  const left = leaveGroupsOut(all, statistics)
  return estimates.map((estimate, s) =>
    bcaInterval(
      estimate,
      drawn[s]!,
      left.map((values) => values[s]!),
      confidence,
    ),
  )
}

/**
 * BCa interval of one statistic of independent values. For a median or another quantile, order statistics
 * (`quantileInterval`) are exact; the bootstrap is not meant for them.
 *
 * @param values     at least 2
 * @param statistic  of any sample of that many values; the array is used again: do not keep it
 * @throws RangeError as `bootstrapIntervals`
 */
export function bootstrapInterval(
  values: ArrayLike<number>,
  statistic: (sample: Float64Array) => number,
  options: BootstrapOptions,
): Interval {
  const sample = new Float64Array(values.length)
  const of = (observations: Uint32Array) => {
    const part = observations.length === sample.length ? sample : sample.subarray(0, observations.length)
    for (let i = 0; i < part.length; i++) part[i] = values[observations[i]!]!
    return [statistic(part)]
  }
  return bootstrapIntervals(values.length, of, options)[0]!
}

/** Widest row of a block of draws. */
const ROW = 65536

/** Observations of resample `index`, into `out`. */
function resample(out: Uint32Array, seed: number, index: number): void {
  const n = out.length
  const cols = Math.min(n, ROW)
  const u = drawArray('uniform', { seed, chip: index }, site(stages.study, 'resample'), Math.ceil(n / cols), cols)
  for (let i = 0; i < n; i++) out[i] = Math.floor(u[i]! * n)
}

/** Statistics without each group in turn. */
function leaveGroupsOut(
  all: Uint32Array,
  statistics: (observations: Uint32Array) => ArrayLike<number>,
): readonly number[][] {
  const n = all.length
  const groups = Math.min(n, MOST_GROUPS)
  const rest = new Uint32Array(n)
  return Array.from({ length: groups }, (_, g) => {
    const from = Math.floor((g * n) / groups)
    const to = Math.floor(((g + 1) * n) / groups)
    rest.set(all.subarray(0, from))
    rest.set(all.subarray(to), from)
    return Array.from(statistics(rest.subarray(0, n - to + from)))
  })
}

/**
 * @param estimate  of the observations themselves
 * @param drawn     of the resamples; sorted here
 * @param left      of the observations without one group each
 */
function bcaInterval(estimate: number, drawn: Float64Array, left: readonly number[], confidence: number): Interval {
  const bad = { low: Number.NaN, high: Number.NaN }
  if (Number.isNaN(estimate) || drawn.some(Number.isNaN)) return bad
  const count = drawn.length
  drawn.sort()
  if (drawn[0] === drawn[count - 1] && drawn[0] === estimate) return { low: estimate, high: estimate }
  let below = 0
  for (const value of drawn) below += value < estimate ? 1 : value === estimate ? 0.5 : 0
  const bias = normalQuantile(Math.min(count - 0.5, Math.max(0.5, below)) / count)
  const acceleration = accelerationOf(left)
  const end = (p: number) => {
    const z = bias + normalQuantile(p)
    const shrink = 1 - acceleration * z
    const level = shrink > 0 ? normalCdf(bias + z / shrink) : acceleration > 0 ? 1 : 0
    return sortedQuantile(drawn, level)
  }
  return { low: end((1 - confidence) / 2), high: end((1 + confidence) / 2) }
}

function accelerationOf(left: readonly number[]): number {
  const centre = left.reduce((s, value) => s + value, 0) / left.length
  let squares = 0
  let cubes = 0
  for (const value of left) {
    const d = centre - value
    squares += d * d
    cubes += d * d * d
  }
  const a = cubes / (6 * squares ** 1.5)
  return Number.isFinite(a) ? a : 0
}

/** Of B sorted values the (B + 1) p-th, between neighbours linearly; the outermost beyond them. */
function sortedQuantile(sorted: Float64Array, p: number): number {
  const at = Math.min(sorted.length - 1, Math.max(0, (sorted.length + 1) * p - 1))
  const i = Math.floor(at)
  const low = sorted[i]!
  const high = sorted[i + 1] ?? low
  return Number.isFinite(high - low) ? low + (at - i) * (high - low) : low
}
