/** Intervals of a share of chips. Wilson's, the shorter one, is in statistics.ts. */
import { type Interval, incompleteBeta } from './statistics.ts'

/**
 * Exact interval of a binomial proportion: whatever the proportion, it contains it with at least the confidence, most
 * often with more.
 *
 * low:  P(Bin(n, low) >= k) = (1 - confidence) / 2, high: P(Bin(n, high) <= k) = (1 - confidence) / 2
 *
 * @param successes   k, 0 <= k <= n; an effective number need not be whole
 * @param trials      n
 * @param confidence  in (0, 1)
 * @returns           0 <= low <= k / n <= high <= 1; all of [0, 1] for no trials
 * @throws RangeError for other numbers
 * Source: C. J. Clopper, E. S. Pearson, Biometrika 26 (1934) 404
 */
export function clopperPearson(successes: number, trials: number, confidence = 0.95): Interval {
  if (!(trials >= 0 && successes >= 0 && successes <= trials && trials < Infinity))
    throw new RangeError(`proportion: ${successes} of ${trials}`)
  if (!(confidence > 0 && confidence < 1)) throw new RangeError(`confidence: ${confidence}`)
  if (trials === 0) return { low: 0, high: 1 }
  const tail = (1 - confidence) / 2
  return { low: lowerEnd(successes, trials, tail), high: 1 - lowerEnd(trials - successes, trials, tail) }
}

/** The p with P(Bin(n, p) >= k) = I_p(k, n - k + 1) = tail. */
function lowerEnd(k: number, n: number, tail: number): number {
  if (k === 0) return 0
  if (k === n) return tail ** (1 / n)
  let low = 0
  let high = k / n
  for (;;) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) return middle
    if (incompleteBeta(middle, k, n - k + 1) < tail) low = middle
    else high = middle
  }
}
