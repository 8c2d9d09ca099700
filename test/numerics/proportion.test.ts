import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { clopperPearson } from '../../src/numerics/proportion.ts'
import { incompleteBeta, wilson } from '../../src/numerics/statistics.ts'

const relative = (a: number, b: number) => Math.abs(a / b - 1)
const counts = fc.integer({ min: 1, max: 5000 }).chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)))

/** P(Bin(n, p) = k), by the recurrence from the most likely k. */
function binomial(n: number, p: number): number[] {
  const terms = new Array<number>(n + 1).fill(0)
  const mode = Math.floor((n + 1) * p)
  terms[mode] = 1
  for (let k = mode; k < n; k++) terms[k + 1] = (terms[k]! * (n - k) * p) / ((k + 1) * (1 - p))
  for (let k = mode; k > 0; k--) terms[k - 1] = (terms[k]! * k * (1 - p)) / ((n - k + 1) * p)
  const sum = terms.reduce((a, b) => a + b, 0)
  return terms.map((term) => term / sum)
}

describe('Clopper and Pearson', () => {
  it.each([
    // scipy 1.10: beta.ppf(.025, k, n - k + 1), beta.ppf(.975, k + 1, n - k)
    [0, 10, 0, 0.3084971078187608],
    [1, 10, 0.0025285785444617848, 0.4450161170281954],
    [5, 10, 0.18708602844739855, 0.8129139715526015],
    [9, 10, 0.5549838829718047, 0.9974714214555382],
    [10, 10, 0.6915028921812392, 1],
    [7, 50, 0.0581917003403721, 0.2673960024970084],
    [81, 263, 0.2527367455852713, 0.36762192260135146],
    [999, 1000, 0.9944410757201734, 0.9999746825125088],
    [99990, 100000, 0.9998161041546233, 0.999952045104861],
    [1, 100000, 2.531780477933314e-7, 5.571516034774275e-5],
    [500000, 1000000, 0.49901951919531184, 0.5009804808046882],
  ])('%i of %i', (k, n, low, high) => {
    const interval = clopperPearson(k, n)
    if (low === 0) expect(interval.low).toBe(0)
    else expect(relative(interval.low, low)).toBeLessThan(1e-8)
    expect(relative(interval.high, high)).toBeLessThan(1e-8)
  })

  it.each([
    [1, 10, 0.0005011285754646338, 0.5442870568996868],
    [15, 20, 0.4402390922415632, 0.9416660639410481],
  ])('%i of %i at 99 %%', (k, n, low, high) => {
    const interval = clopperPearson(k, n, 0.99)
    expect(relative(interval.low, low)).toBeLessThan(1e-10)
    expect(relative(interval.high, high)).toBeLessThan(1e-10)
  })

  property.prop([counts])('is symmetric, contains the share, and its ends have the tails', ([k, n]) => {
    const { low, high } = clopperPearson(k, n)
    const other = clopperPearson(n - k, n)
    expect(Math.abs(other.low - (1 - high))).toBeLessThan(1e-15)
    expect(low).toBeLessThanOrEqual(k / n)
    expect(high).toBeGreaterThanOrEqual(k / n)
    if (k > 0) expect(relative(incompleteBeta(low, k, n - k + 1), 0.025)).toBeLessThan(1e-9)
    if (k < n) expect(relative(1 - incompleteBeta(high, k + 1, n - k), 0.025)).toBeLessThan(1e-9)
  })

  property.prop([counts, fc.double({ min: 0.5, max: 0.99, noNaN: true })])(
    'is wider at a higher confidence',
    ([k, n], confidence) => {
      const narrow = clopperPearson(k, n, confidence)
      const wide = clopperPearson(k, n, confidence + 0.005)
      expect(wide.high - wide.low).toBeGreaterThan(narrow.high - narrow.low)
    },
  )

  it('knows nothing from no trials and refuses nonsense', () => {
    expect(clopperPearson(0, 0)).toEqual({ low: 0, high: 1 })
    for (const [k, n] of [
      [2, 1],
      [-1, 3],
      [Number.NaN, 3],
      [1, Infinity],
    ] as const)
      expect(() => clopperPearson(k, n)).toThrow(RangeError)
    expect(() => clopperPearson(1, 2, 1)).toThrow(RangeError)
  })

  it('covers every proportion at least as often as it says; Wilson in the mean over proportions', () => {
    // Not sampled: the exact sum over all outcomes of n trials.
    const n = 60
    const exact = Array.from({ length: n + 1 }, (_, k) => clopperPearson(k, n))
    const short = Array.from({ length: n + 1 }, (_, k) => wilson(k, n))
    const proportions = Array.from({ length: 499 }, (_, i) => (i + 1) / 500)
    const coverage = (intervals: readonly { low: number; high: number }[]) =>
      proportions.map((p) =>
        binomial(n, p).reduce(
          (sum, term, k) => sum + (intervals[k]!.low <= p && p <= intervals[k]!.high ? term : 0),
          0,
        ),
      )
    const ofExact = coverage(exact)
    const ofWilson = coverage(short)
    const average = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
    expect(Math.min(...ofExact)).toBeGreaterThanOrEqual(0.95)
    expect(average(ofExact)).toBeGreaterThan(0.965)
    expect(Math.min(...ofWilson)).toBeLessThan(0.94)
    expect(Math.abs(average(ofWilson) - 0.95)).toBeLessThan(0.005)
  })
})
