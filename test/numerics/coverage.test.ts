/**
 * How often 95 % intervals contain the truth, over 1000 synthetic studies. Beside each count stands the coverage that
 * theory gives, where it does.
 */
import { describe, expect, it } from 'vitest'
import { bootstrapInterval } from '../../src/numerics/bootstrap.ts'
import { clopperPearson } from '../../src/numerics/proportion.ts'
import { type Draw, drawArray, site, stages } from '../../src/numerics/random.ts'
import {
  type Interval,
  incompleteBeta,
  mean,
  meanInterval,
  quantileInterval,
  standardDeviation,
  wilson,
} from '../../src/numerics/statistics.ts'

const REPETITIONS = 1000
const sampleOf = (draw: Draw, repetition: number, n: number) =>
  drawArray(draw, { seed: 2024, chip: repetition }, site(stages.study, 'designJitter'), 1, n)

/** Share of the repetitions whose interval contains the truth. */
function coverage(truth: number, intervalOf: (repetition: number) => Interval): number {
  let hits = 0
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    const { low, high } = intervalOf(repetition)
    if (low <= truth && truth <= high) hits++
  }
  return hits / REPETITIONS
}

/** Exact coverage of an interval of a proportion p from n trials: a sum over the outcomes. */
function exactCoverage(n: number, p: number, intervalOf: (k: number) => Interval): number {
  const upTo = (k: number) => (k < 0 ? 0 : k >= n ? 1 : incompleteBeta(1 - p, n - k, k + 1))
  let sum = 0
  for (let k = 0; k <= n; k++) {
    const { low, high } = intervalOf(k)
    if (low <= p && p <= high) sum += upTo(k) - upTo(k - 1)
  }
  return sum
}

describe('coverage of 95 % intervals', () => {
  it.each([
    // Distribution-free: the same for any scores. Chips; exact coverage P(l <= Bin(n, 1/2) < u).
    ['normal', 25, 0.9567],
    ['exponential', 100, 0.9648],
    ['two humps', 101, 0.954],
    ['exponential', 500, 0.9559],
  ] as const)('median by order statistics, %s scores of %i chips', (law, n, theory) => {
    const of = { normal: 0, exponential: Math.LN2, 'two humps': 0 }
    const found = coverage(of[law], (repetition) => {
      const values = sampleOf(law === 'normal' ? 'normal' : 'uniform', repetition, n)
      if (law === 'exponential') for (let i = 0; i < n; i++) values[i] = -Math.log(values[i]!)
      // Two branches of chips, hardly any at the median: u^(1/9) sign.
      if (law === 'two humps') for (let i = 0; i < n; i++) values[i] = Math.cbrt(Math.cbrt(2 * values[i]! - 1))
      return quantileInterval(values, 0.5)
    })
    expect(found).toBeGreaterThanOrEqual(0.93)
    expect(Math.abs(found - theory)).toBeLessThan(0.021)
  })

  it.each([
    // Chips, yield, exact coverage of Wilson's interval and of Clopper and Pearson's there
    [500, 0.95, 0.9499, 0.9605],
    [200, 0.9, 0.9561, 0.9669],
    [1000, 0.97, 0.9494, 0.9592],
  ])("yield, %i chips of which %f meet the requirement: Wilson's, and the exact one", (n, p, ofWilson, ofExact) => {
    expect(exactCoverage(n, p, (k) => wilson(k, n))).toBeCloseTo(ofWilson, 4)
    expect(exactCoverage(n, p, (k) => clopperPearson(k, n))).toBeCloseTo(ofExact, 4)
    const met = (repetition: number) =>
      sampleOf('uniform', repetition, n).reduce((count, u) => count + Number(u < p), 0)
    const short = coverage(p, (repetition) => wilson(met(repetition), n))
    const exact = coverage(p, (repetition) => clopperPearson(met(repetition), n))
    expect(short).toBeGreaterThanOrEqual(0.93)
    expect(short).toBeLessThanOrEqual(0.97)
    // The exact interval is at least as wide, and conservative: no upper bound.
    expect(exact).toBeGreaterThanOrEqual(Math.max(0.93, short))
  })

  it.each([
    // The bootstrap is right to order 1 / n only: a little short at 150 chips.
    ['mean', 'exponential', 1, mean],
    ['standard deviation', 'normal', 1, standardDeviation],
  ] as const)('%s by the bootstrap (BCa), %s scores of 150 chips', (_, law, truth, statistic) => {
    const found = coverage(truth, (repetition) => {
      const values = sampleOf(law === 'normal' ? 'normal' : 'uniform', repetition, 150)
      if (law === 'exponential') for (let i = 0; i < values.length; i++) values[i] = -Math.log(values[i]!)
      return bootstrapInterval(values, statistic, { seed: repetition, resamples: 800 })
    })
    expect(found).toBeGreaterThanOrEqual(0.93)
    expect(found).toBeLessThanOrEqual(0.97)
  })

  it('mean by Student, normal scores of 8 chips: exact', () => {
    const found = coverage(0, (repetition) => meanInterval(sampleOf('normal', repetition, 8)))
    expect(Math.abs(found - 0.95)).toBeLessThan(0.021)
  })
})
