import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { normalAt, site, stages, uniformAt } from '../../src/numerics/random.ts'
import {
  incompleteBeta,
  logGamma,
  mean,
  meanInterval,
  normalCdf,
  normalQuantile,
  quantile,
  quantileInterval,
  standardDeviation,
  studentQuantile,
  wilson,
} from '../../src/numerics/statistics.ts'
import { phi } from '../support/distribution.ts'

const relative = (a: number, b: number) => Math.abs(a / b - 1)

describe('normal law', () => {
  it.each([
    // Abramowitz and Stegun, table 26.1; tails of scipy 1.17
    [0, 0.5],
    [1, 0.841344746068543],
    [-1, 0.158655253931457],
    [2, 0.977249868051821],
    [-3, 1.349898031630095e-3],
    [-5, 2.866515718791939e-7],
    [-10, 7.61985302416047e-24],
    [-30, 4.906713927147908e-198],
  ])('Phi(%f)', (x, p) => {
    expect(relative(normalCdf(x), p)).toBeLessThan(1e-12)
  })

  property.prop([fc.double({ min: -8, max: 8, noNaN: true })])('Phi agrees with the error function', (x) => {
    expect(Math.abs(normalCdf(x) - phi(x))).toBeLessThan(1e-14)
  })

  it.each([
    [0.975, 1.959963984540054],
    [0.995, 2.5758293035489],
    [0.5, 0],
    [0.841344746068543, 1],
    [1e-10, -6.361340902404056],
    [1e-100, -21.273453560965322],
  ])('quantile of %d', (p, x) => {
    expect(Math.abs(normalQuantile(p) - x)).toBeLessThan(1e-12 * Math.max(1, Math.abs(x)))
  })

  property.prop([fc.double({ min: 1e-12, max: 0.5, noNaN: true })])('quantile inverts Phi and is odd', (p) => {
    expect(relative(normalCdf(normalQuantile(p)), p)).toBeLessThan(1e-12)
    // 1 - p is rounded: the odd partner moves by that rounding over the density
    const x = normalQuantile(p)
    const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
    expect(Math.abs(normalQuantile(1 - p) + x)).toBeLessThan(1e-13 + 1e-15 / density)
  })

  it('ends and nonsense', () => {
    expect(normalQuantile(0)).toBe(-Infinity)
    expect(normalQuantile(1)).toBe(Infinity)
    expect(normalQuantile(-0.1)).toBeNaN()
    expect(normalQuantile(1.1)).toBeNaN()
  })
})

describe('gamma and beta functions', () => {
  it.each([
    [1, 0],
    [2, 0],
    [5, Math.log(24)],
    [11, Math.log(3628800)],
    [0.5, Math.log(Math.PI) / 2],
    [1.5, Math.log(Math.sqrt(Math.PI) / 2)],
    [1 / 3, 0.9854206469277671],
    [0.1, 2.252712651734206],
    [100, 359.1342053695754],
  ])('ln Gamma(%f)', (x, y) => {
    expect(Math.abs(logGamma(x) - y)).toBeLessThan(1e-12 * Math.max(1, Math.abs(y)))
  })

  property.prop([fc.double({ min: 0.01, max: 200, noNaN: true })])('Gamma(x + 1) = x Gamma(x)', (x) => {
    expect(Math.abs(logGamma(x + 1) - logGamma(x) - Math.log(x))).toBeLessThan(1e-11)
  })

  const unit = fc.double({ min: 0.001, max: 0.999, noNaN: true })
  property.prop([unit, fc.double({ min: 0.1, max: 30, noNaN: true })])(
    'I_x(a, 1) = x^a, I_x(1, b) = 1 - (1 - x)^b',
    (x, a) => {
      expect(Math.abs(incompleteBeta(x, a, 1) - x ** a)).toBeLessThan(1e-12)
      expect(Math.abs(incompleteBeta(x, 1, a) - (1 - (1 - x) ** a))).toBeLessThan(1e-12)
    },
  )

  property.prop([unit])('I_x(1/2, 1/2) is the arcsine law', (x) => {
    expect(Math.abs(incompleteBeta(x, 0.5, 0.5) - (2 / Math.PI) * Math.asin(Math.sqrt(x)))).toBeLessThan(1e-12)
  })

  property.prop([unit, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })])(
    'I_x(a, b) of whole a, b is a binomial tail, and I_x(a, b) + I_1-x(b, a) = 1',
    (x, a, b) => {
      expect(Math.abs(incompleteBeta(x, a, b) - tail(a + b - 1, x, a))).toBeLessThan(1e-11)
      expect(Math.abs(incompleteBeta(x, a, b) + incompleteBeta(1 - x, b, a) - 1)).toBeLessThan(1e-11)
    },
  )
})

/** P(Bin(n, p) >= k), by its recurrence. */
function tail(n: number, p: number, k: number): number {
  const pmf = binomial(n, p)
  return pmf.slice(k).reduce((a, b) => a + b, 0)
}

function binomial(n: number, p: number): number[] {
  const pmf = Array.from({ length: n + 1 }, () => 0)
  pmf[0] = 1
  for (let i = 0; i < n; i++)
    for (let k = i + 1; k >= 0; k--) pmf[k] = pmf[k]! * (1 - p) + (k > 0 ? pmf[k - 1]! * p : 0)
  return pmf
}

describe("Student's t", () => {
  it.each([
    [1, 12.706204736174694],
    [2, 4.302652729749462],
    [5, 2.5705818356363146],
    [10, 2.228138851986274],
    [30, 2.0422724563012378],
    [1000, 1.9623390808264083],
  ])('0.975 quantile at %i degrees of freedom', (df, t) => {
    expect(relative(studentQuantile(0.975, df), t)).toBeLessThan(1e-10)
  })

  property.prop([fc.double({ min: 0.001, max: 0.999, noNaN: true })])('closed forms for one and two degrees', (p) => {
    const a = 2 * p - 1
    expect(Math.abs(studentQuantile(p, 1) - Math.tan(Math.PI * (p - 0.5)))).toBeLessThan(1e-8 / Math.min(p, 1 - p))
    expect(Math.abs(studentQuantile(p, 2) - a * Math.sqrt(2 / (1 - a * a)))).toBeLessThan(1e-8)
  })
})

describe('summaries', () => {
  it('mean and standard deviation with n - 1', () => {
    expect(mean([1, 2, 3, 4])).toBe(2.5)
    expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 14)
    expect(standardDeviation([3])).toBe(0)
    expect(mean([])).toBeNaN()
  })

  it('standard deviation of large, close values does not cancel', () => {
    expect(standardDeviation([1e9 + 1, 1e9 + 2, 1e9 + 3])).toBe(1)
  })

  it('quantile: type 7 of Hyndman and Fan', () => {
    expect([0, 0.25, 0.5, 0.75, 1].map((p) => quantile([4, 1, 3, 2], p))).toEqual([1, 1.75, 2.5, 3.25, 4])
    expect(quantile([5], 0.3)).toBe(5)
  })
})

describe('Wilson interval', () => {
  it.each([
    // Newcombe, Stat. Med. 17 (1998) 857, table I, method 3
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%i of %i', (k, n, low, high) => {
    const interval = wilson(k, n)
    expect(Math.abs(interval.low - low)).toBeLessThan(5e-5)
    expect(Math.abs(interval.high - high)).toBeLessThan(5e-5)
  })

  property.prop([fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true })])(
    'its ends solve |k / n - p| = z sqrt(p (1 - p) / n); it mirrors; it holds k / n',
    (n, share) => {
      const k = Math.round(share * n)
      const { low, high } = wilson(k, n)
      const z = 1.959963984540054
      for (const p of [low, high])
        if (p > 0 && p < 1) expect(Math.abs(Math.abs(k / n - p) - z * Math.sqrt((p * (1 - p)) / n))).toBeLessThan(1e-9)
      const mirror = wilson(n - k, n)
      expect(mirror.low).toBeCloseTo(1 - high, 12)
      expect(mirror.high).toBeCloseTo(1 - low, 12)
      expect(low <= k / n && k / n <= high && low >= 0 && high <= 1).toBe(true)
    },
  )

  it('no trials say nothing', () => {
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 })
  })
})

describe('coverage', () => {
  const at = site(stages.task, 'sampleNoise')
  const key = { seed: 3, chip: 0 }

  it('mean interval: 93 to 97 % of 4000 samples of five normal values', () => {
    const runs = 4000
    let held = 0
    for (let r = 0; r < runs; r++) {
      const { low, high } = meanInterval(Float64Array.from({ length: 5 }, (_, i) => 7 + 2 * normalAt(key, at, i, 0, r)))
      if (low <= 7 && 7 <= high) held++
    }
    expect(held / runs).toBeGreaterThan(0.93)
    expect(held / runs).toBeLessThan(0.97)
  })

  it('mean interval of one value is unknown, of equal values a point', () => {
    expect(meanInterval([4]).low).toBeNaN()
    expect(meanInterval([4, 4, 4])).toEqual({ low: 4, high: 4 })
  })

  it.each([
    [0.5, 20],
    [0.9, 60],
    [0.1, 60],
  ])('quantile interval: at least 95 %% for the %f quantile of %i exponential values', (p, n) => {
    const runs = 2000
    const truth = -Math.log(1 - p)
    let held = 0
    for (let r = 0; r < runs; r++) {
      const values = Float64Array.from({ length: n }, (_, i) => -Math.log(uniformAt(key, at, i, 1, r)))
      const { low, high } = quantileInterval(values, p)
      if (low <= truth && truth <= high) held++
    }
    // true coverage is at least 0.95; three standard errors of the simulation
    expect(held / runs).toBeGreaterThanOrEqual(0.95 - 3 * Math.sqrt((0.95 * 0.05) / runs))
  })

  property.prop([fc.integer({ min: 2, max: 80 }), fc.double({ min: 0.02, max: 0.98, noNaN: true })])(
    'quantile interval: each side misses at most 2.5 %, and one order statistic less would miss more',
    (n, p) => {
      const ranks = Array.from({ length: n }, (_, i) => i)
      const { low, high } = quantileInterval(ranks, p)
      const below = (k: number) => 1 - tail(n, p, k)
      // `low` is the value of rank low + 1: it lies above the quantile when at most `low` values lie below that
      const missLow = (rank: number) => below(rank + 1)
      const missHigh = (rank: number) => tail(n, p, rank + 1)
      const slack = 1e-9
      if (low >= 0) expect(missLow(low)).toBeLessThanOrEqual(0.025 + slack)
      expect(missLow(low >= 0 ? low + 1 : 0)).toBeGreaterThan(0.025 - slack)
      if (high < n) expect(missHigh(high)).toBeLessThanOrEqual(0.025 + slack)
      expect(missHigh(high < n ? high - 1 : n - 1)).toBeGreaterThan(0.025 - slack)
    },
  )

  it('too few values for an end: infinite', () => {
    expect(quantileInterval([1, 2, 3, 4, 5], 0.9).high).toBe(Infinity)
    expect(quantileInterval([1, 2, 3, 4, 5], 0.1).low).toBe(-Infinity)
  })
})
