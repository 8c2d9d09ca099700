import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { bootstrapInterval, bootstrapIntervals } from '../../src/numerics/bootstrap.ts'
import { withEngine } from '../../src/numerics/kernels/module.ts'
import { mean, meanInterval } from '../../src/numerics/statistics.ts'

/** Neurological test scores, group A: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), table 14.1. */
const scores = [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41]
const variance = (x: ArrayLike<number>) => {
  const m = mean(x)
  return mean(Float64Array.from(x, (value) => (value - m) ** 2))
}
const samples = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 3, maxLength: 40 })

describe('BCa interval', () => {
  it('of the variance of the test scores is the one in the book', () => {
    // Table 14.2: (115.8, 259.6) at 90 % from 2000 resamples. From 200 000, scipy 1.10 `bootstrap(method='BCa')` gives
    // 115.4 .. 115.9 and 260.7 .. 261.8 over three seeds.
    expect(variance(scores)).toBeCloseTo(171.5, 1)
    const { low, high } = bootstrapInterval(scores, variance, { seed: 1, resamples: 60000, confidence: 0.9 })
    expect(Math.abs(low - 115.7)).toBeLessThan(1)
    expect(Math.abs(high - 261.1)).toBeLessThan(1.5)
  })

  it('of the mean of many symmetric values is close to Student', () => {
    const values = Array.from({ length: 401 }, (_, i) => i - 200)
    const t = meanInterval(values)
    const { low, high } = bootstrapInterval(values, mean, { seed: 2, resamples: 20000 })
    expect(Math.abs(low / t.low - 1)).toBeLessThan(0.03)
    expect(Math.abs(high / t.high - 1)).toBeLessThan(0.03)
  })

  it('leans to the long tail', () => {
    const values = Array.from({ length: 50 }, (_, i) => -Math.log((i + 0.5) / 50))
    const { low, high } = bootstrapInterval(values, mean, { seed: 1 })
    expect(high - mean(values)).toBeGreaterThan(1.15 * (mean(values) - low))
  })

  property.prop([samples, fc.integer({ min: 1, max: 9 }), fc.integer({ min: -50, max: 50 }), fc.nat()], {
    numRuns: 30,
  })('moves with the values', (values, scale, shift, seed) => {
    const options = { seed, resamples: 200 }
    const there = bootstrapInterval(values, mean, options)
    const moved = bootstrapInterval(
      values.map((x) => scale * x + shift),
      mean,
      options,
    )
    expect(moved.low).toBeCloseTo(scale * there.low + shift, 6)
    expect(moved.high).toBeCloseTo(scale * there.high + shift, 6)
  })

  property.prop([samples, fc.nat()], { numRuns: 30 })('is the same again, from any engine', (values, seed) => {
    const options = { seed, resamples: 100 }
    const once = bootstrapInterval(values, mean, options)
    expect(once.low).toBeLessThanOrEqual(once.high)
    expect(bootstrapInterval(values, mean, options)).toEqual(once)
    expect(withEngine('reference', () => bootstrapInterval(values, mean, options))).toEqual(once)
  })

  it('gives several statistics the same resamples', () => {
    const both = bootstrapIntervals(
      scores.length,
      (rows) => {
        const x = Array.from(rows, (i) => scores[i]!)
        return [mean(x), variance(x), 3]
      },
      { seed: 4 },
    )
    expect(both[0]).toEqual(bootstrapInterval(scores, mean, { seed: 4 }))
    expect(both[1]).toEqual(bootstrapInterval(scores, variance, { seed: 4 }))
    expect(both[2]).toEqual({ low: 3, high: 3 })
  })

  it('takes jackknife groups of more than 200 values', () => {
    const values = Array.from({ length: 1003 }, (_, i) => (i % 17) ** 2)
    const t = meanInterval(values)
    const { low, high } = bootstrapInterval(values, mean, { seed: 2, resamples: 4000 })
    expect(Math.abs((high - low) / (t.high - t.low) - 1)).toBeLessThan(0.05)
  })

  it('is a point without variation, not a number with one that is not, and refuses nonsense', () => {
    expect(bootstrapInterval([2, 2, 2], mean, { seed: 1 })).toEqual({ low: 2, high: 2 })
    expect(bootstrapInterval([2, Number.NaN, 2], mean, { seed: 1 }).low).toBeNaN()
    expect(() => bootstrapInterval([1], mean, { seed: 1 })).toThrow(RangeError)
    expect(() => bootstrapInterval([1, 2], mean, { seed: 1, resamples: 10 })).toThrow(RangeError)
    expect(() => bootstrapInterval([1, 2], mean, { seed: 1, confidence: 95 })).toThrow(RangeError)
  })
})
