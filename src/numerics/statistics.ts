/** Summaries with honest intervals. */

export interface Interval {
  readonly low: number
  readonly high: number
}

/** Arithmetic mean; NaN for no values. */
export function mean(values: ArrayLike<number>): number {
  let s = 0
  for (let i = 0; i < values.length; i++) s += values[i]!
  return s / values.length
}

/** Sample standard deviation with n - 1; 0 for fewer than two values. */
export function standardDeviation(values: ArrayLike<number>): number {
  const n = values.length
  if (n < 2) return 0
  const m = mean(values)
  let s = 0
  for (let i = 0; i < n; i++) s += (values[i]! - m) ** 2
  return Math.sqrt(s / (n - 1))
}

/**
 * Standard normal quantile. Relative error below 1e-15 after one Halley step on erfc.
 *
 * Source: start value by Acklam's rational approximation (relative error 1.15e-9).
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : Number.NaN
  const a = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
  ]
  const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572]
  const c = [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ]
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416]
  const tail = (q: number) =>
    (((((c[0]! * q + c[1]!) * q + c[2]!) * q + c[3]!) * q + c[4]!) * q + c[5]!) /
    ((((d[0]! * q + d[1]!) * q + d[2]!) * q + d[3]!) * q + 1)
  let x: number
  if (p < 0.02425) x = tail(Math.sqrt(-2 * Math.log(p)))
  else if (p > 0.97575) x = -tail(Math.sqrt(-2 * Math.log1p(-p)))
  else {
    const q = p - 0.5
    const r = q * q
    x =
      ((((((a[0]! * r + a[1]!) * r + a[2]!) * r + a[3]!) * r + a[4]!) * r + a[5]!) * q) /
      (((((b[0]! * r + b[1]!) * r + b[2]!) * r + b[3]!) * r + b[4]!) * r + 1)
  }
  const e = normalCdf(x) - p
  const u = e * Math.sqrt(2 * Math.PI) * Math.exp((x * x) / 2)
  return x - u / (1 + (x * u) / 2)
}

/** Standard normal distribution function, through the incomplete gamma function. */
export function normalCdf(x: number): number {
  const t = (x * x) / 2
  if (x === 0) return 0.5
  const upper = x < 0 ? gammaUpper(0.5, t) / 2 : 1 - gammaUpper(0.5, t) / 2
  return upper
}

/** ln Gamma(x), x > 0 (Lanczos, g = 7, nine terms). */
export function logGamma(x: number): number {
  const c = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ]
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const z = x - 1
  let s = c[0]!
  for (let i = 1; i < 9; i++) s += c[i]! / (z + i)
  const t = z + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(s)
}

/** Regularized upper incomplete gamma function Q(a, x), series below a + 1, continued fraction above. */
function gammaUpper(a: number, x: number): number {
  if (x <= 0) return 1
  const front = Math.exp(a * Math.log(x) - x - logGamma(a))
  if (x < a + 1) {
    let term = 1 / a
    let sum = term
    for (let n = 1; n < 500 && Math.abs(term) > 1e-17 * Math.abs(sum); n++) sum += term *= x / (a + n)
    return 1 - front * sum
  }
  let b = x + 1 - a
  let c = 1e300
  let d = 1 / b
  let h = d
  for (let i = 1; i < 500; i++) {
    const an = -i * (i - a)
    b += 2
    d = 1 / (an * d + b)
    c = b + an / c
    const step = c * d
    h *= step
    if (Math.abs(step - 1) < 1e-16) break
  }
  return front * h
}

/** Regularized incomplete beta function I_x(a, b) by its continued fraction (Lentz). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a)
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a
  let c = 1
  let d = 1 / (1 - ((a + b) * x) / (a + 1))
  let h = d
  // Takes some sqrt(max(a, b)) terms where x is near the mean.
  const most = 500 + 10 * Math.sqrt(a + b)
  for (let m = 1; m < most; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / (1 + even * d)
    c = 1 + even / c
    h *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / (1 + odd * d)
    c = 1 + odd / c
    const step = d * c
    h *= step
    if (Math.abs(step - 1) < 1e-15) break
  }
  return front * h
}

/** Solve f(x) = p for increasing f by bisection. */
function bisect(f: (x: number) => number, p: number, low: number, high: number): number {
  let a = low
  let b = high
  for (let i = 0; i < 200 && b - a > 1e-15 * Math.max(1, Math.abs(a)); i++) {
    const m = (a + b) / 2
    if (f(m) < p) a = m
    else b = m
  }
  return (a + b) / 2
}

/** The last quantile: a simulation asks for the same one chip after chip. */
let lastStudent = { p: 0.5, df: 1, t: 0 }

/** Quantile of Student's t with `df` degrees of freedom. */
export function studentQuantile(p: number, df: number): number {
  if (p !== lastStudent.p || df !== lastStudent.df) lastStudent = { p, df, t: findStudent(p, df) }
  return lastStudent.t
}

function findStudent(p: number, df: number): number {
  if (p === 0.5) return 0
  if (p < 0.5) return -findStudent(1 - p, df)
  const cdf = (t: number) => 1 - incompleteBeta(df / (df + t * t), df / 2, 0.5) / 2
  let high = 2
  while (cdf(high) < p) high *= 2
  return bisect(cdf, p, 0, high)
}

/** Two-sided interval of the mean of independent values (Student's t). A point for equal values; NaN for one value. */
export function meanInterval(values: ArrayLike<number>, confidence = 0.95): Interval {
  const n = values.length
  const m = mean(values)
  if (n < 2) return { low: Number.NaN, high: Number.NaN }
  const half = (studentQuantile((1 + confidence) / 2, n - 1) * standardDeviation(values)) / Math.sqrt(n)
  return { low: m - half, high: m + half }
}

/**
 * Interval of a binomial proportion.
 *
 * Source: Wilson, JASA 22 (1927) 209.
 */
export function wilson(successes: number, trials: number, confidence = 0.95): Interval {
  if (trials === 0) return { low: 0, high: 1 }
  const z = normalQuantile((1 + confidence) / 2)
  const p = successes / trials
  const centre = p + (z * z) / (2 * trials)
  const half = z * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials))
  const scale = 1 + (z * z) / trials
  return {
    low: successes === 0 ? 0 : Math.max(0, (centre - half) / scale),
    high: successes === trials ? 1 : Math.min(1, (centre + half) / scale),
  }
}

/** Sample quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan). */
export function quantile(values: ArrayLike<number>, p: number): number {
  const sorted = Float64Array.from(values).sort()
  const h = (sorted.length - 1) * p
  const i = Math.floor(h)
  return sorted[i]! + (h - i) * ((sorted[i + 1] ?? sorted[i]!) - sorted[i]!)
}

/** The last ranks: an analysis asks for the same ones point after point. */
const ranks = new Map<string, readonly [low: number, high: number]>()

/**
 * Ranks of the order statistics that hold a quantile, from 0: l, u with P(X_(l) <= q_p < X_(u)) >= confidence under
 * the binomial law of the number of values below the quantile. -1 and n where the sample is too small for that end.
 */
export function quantileRanks(n: number, p: number, confidence = 0.95): readonly [low: number, high: number] {
  const name = `${n} ${p} ${confidence}`
  const known = ranks.get(name)
  if (known !== undefined) return known
  const alpha = (1 - confidence) / 2
  // P(Bin(n, p) <= k) = I_{1-p}(n - k, k + 1)
  const cdf = (k: number) => (k < 0 ? 0 : k >= n ? 1 : incompleteBeta(1 - p, n - k, k + 1))
  /** The first of 0 .. n for which `is` holds, as it does for all after it; n where it does for none before. */
  const first = (is: (k: number) => boolean) => {
    let from = 0
    let to = n
    while (from < to) {
      const middle = (from + to) >> 1
      if (is(middle)) to = middle
      else from = middle + 1
    }
    return from
  }
  const found = [first((k) => cdf(k) > alpha) - 1, first((k) => 1 - cdf(k) <= alpha)] as const
  if (ranks.size >= 64) ranks.clear()
  ranks.set(name, found)
  return found
}

/** Distribution-free interval of a quantile, by `quantileRanks`. Infinite where the sample is too small. */
export function quantileInterval(values: ArrayLike<number>, p: number, confidence = 0.95): Interval {
  const sorted = Float64Array.from(values).sort()
  const [low, high] = quantileRanks(sorted.length, p, confidence)
  return { low: low < 0 ? -Infinity : sorted[low]!, high: high >= sorted.length ? Infinity : sorted[high]! }
}
