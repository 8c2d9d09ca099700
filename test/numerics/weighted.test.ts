import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { drawArray, site, stages } from '../../src/numerics/random.ts'
import { mean, meanInterval, normalCdf, wilson } from '../../src/numerics/statistics.ts'
import {
  isWidened,
  weightedFraction,
  weightedMean,
  weightedQuantile,
  widenedRatio,
} from '../../src/numerics/weighted.ts'

const outcomes = fc.array(fc.boolean(), { minLength: 1, maxLength: 300 })
const ones = (n: number) => new Float64Array(n).fill(1)

/** Chips of a mixture: their deviates and likelihood ratios. */
function chipsOf(seed: number, n: number, deviates: number, scale: number, share: number) {
  return Array.from({ length: n }, (_, chip) => {
    const widened = isWidened({ seed, chip }, share)
    const z = drawArray('normal', { seed, chip }, site(stages.study, 'designJitter'), 1, deviates)
    if (widened) for (let i = 0; i < deviates; i++) z[i]! *= scale
    return { z, weight: widenedRatio(z, scale, share) }
  })
}

describe('likelihood ratio of a widened law', () => {
  const density = (x: number, sd: number) => Math.exp(-((x / sd) ** 2) / 2) / (sd * Math.sqrt(2 * Math.PI))

  property.prop([
    fc.array(fc.double({ min: -6, max: 6, noNaN: true }), { maxLength: 6 }),
    fc.double({ min: 1, max: 4, noNaN: true }),
    fc.double({ min: 0.01, max: 1, noNaN: true }),
  ])('is the ratio of the densities', (z, scale, share) => {
    const nominal = z.reduce((p, x) => p * density(x, 1), 1)
    const widened = z.reduce((p, x) => p * density(x, scale), 1)
    const ratio = widenedRatio(z, scale, share)
    expect(ratio / (nominal / (share * nominal + (1 - share) * widened))).toBeCloseTo(1, 9)
    expect(ratio).toBeLessThanOrEqual(1 / share)
  })

  it('is 1 without widening, and holds far out', () => {
    expect(widenedRatio([3, -1], 1, 0.3)).toBe(1)
    expect(widenedRatio([3, -1], 2, 1)).toBe(1)
    expect(widenedRatio([], 2, 0.5)).toBe(1)
    expect(widenedRatio([1e3], 2, 0.5)).toBe(0)
    for (const [scale, share] of [
      [0.5, 0.5],
      [2, 0],
      [2, 1.1],
      [Number.NaN, 0.5],
    ] as const)
      expect(() => widenedRatio([1], scale, share)).toThrow(RangeError)
  })

  it('has mean 1 over the chips of the mixture, and the coin its share', () => {
    const chips = chipsOf(3, 20000, 4, 1.8, 0.25)
    const { low, high } = meanInterval(
      chips.map(({ weight }) => weight),
      0.999,
    )
    expect(low).toBeLessThan(1)
    expect(high).toBeGreaterThan(1)
    expect(high - low).toBeLessThan(0.06)
    const widened = chips.filter((_, chip) => isWidened({ seed: 3, chip }, 0.25)).length
    expect(Math.abs(widened / 20000 - 0.75)).toBeLessThan(0.012)
  })
})

describe('weighted share', () => {
  it('by hand', () => {
    const happened = [1, 0, 1, 0]
    const weights = [0.5, 2, 1, 0.5]
    const unbiased = weightedFraction(happened, weights)
    expect(unbiased.fraction).toBe(1.5 / 4)
    expect(unbiased.events).toBe(1.5 ** 2 / 1.25)
    // Two events: the bound by the largest weight, 4 (1 - p) / (2 - p)
    expect(unbiased.effective).toBeCloseTo((4 * 0.625) / 1.625, 14)
    const normalised = weightedFraction(happened, weights, { estimate: 'self-normalised' })
    expect(normalised.fraction).toBe(1.5 / 4)
    expect(normalised.effective).toBe(2)
    expect(weightedFraction(happened, weights, { bound: 4 }).effective).toBeCloseTo((4 * 0.625) / 3.625, 14)
  })

  it('takes the variance of the weights when there are events enough', () => {
    // 40 of 400 chips fail, each with weight 0.01: p = 0.001, Var = (40 (0.01)^2 / 400 - p^2) / 400.
    const happened = Array.from({ length: 400 }, (_, i) => i < 40)
    const weights = happened.map((failed) => (failed ? 0.01 : 1.11))
    const found = weightedFraction(happened, weights)
    expect(found.fraction).toBeCloseTo(0.001, 15)
    expect(found.events).toBeCloseTo(40, 9)
    const variance = (1e-5 - 1e-6) / 400
    // Student with 39 degrees of freedom over normal: 2.022690920 / 1.959963985
    expect(found.effective / (0.000999 / variance / (2.02269092 / 1.959963985) ** 2)).toBeCloseTo(1, 8)
    expect(found.interval.low).toBeGreaterThan(0.0006)
    expect(found.interval.high).toBeLessThan(0.0016)
  })

  property.prop([outcomes])("of equal weights is Wilson's, either estimate", (happened) => {
    const count = happened.filter(Boolean).length
    for (const estimate of ['unbiased', 'self-normalised'] as const) {
      const found = weightedFraction(happened, ones(happened.length), { estimate })
      const plain = wilson(count, happened.length)
      expect(found.effective).toBeCloseTo(happened.length, 8)
      expect(found.interval.low).toBeCloseTo(plain.low, 9)
      expect(found.interval.high).toBeCloseTo(plain.high, 9)
    }
  })

  property.prop([fc.array(fc.tuple(fc.boolean(), fc.double({ min: 0.01, max: 3, noNaN: true })), { minLength: 1 })])(
    'self-normalised: an event and its opposite sum to 1, with mirrored intervals; in [0, 1]',
    (chips) => {
      const weights = chips.map((chip) => chip[1])
      const estimate = 'self-normalised'
      const event = weightedFraction(
        chips.map((chip) => chip[0]),
        weights,
        { estimate },
      )
      const other = weightedFraction(
        chips.map((chip) => !chip[0]),
        weights,
        { estimate },
      )
      expect(event.fraction + other.fraction).toBeCloseTo(1, 12)
      expect(event.interval.low).toBeCloseTo(1 - other.interval.high, 9)
      expect(event.interval.low).toBeGreaterThanOrEqual(0)
      expect(event.interval.low).toBeLessThanOrEqual(event.fraction + 1e-12)
      expect(event.interval.high).toBeGreaterThanOrEqual(event.fraction - 1e-12)
    },
  )

  it('nothing seen is not nothing', () => {
    const none = weightedFraction(new Array(1000).fill(false), ones(1000).fill(0.9), { bound: 2 })
    expect(none.fraction).toBe(0)
    expect(none.interval.low).toBe(0)
    // About 3.8 chips of the 500 that are nominal.
    expect(none.interval.high).toBeCloseTo(3.84 / 503.84, 4)
    expect(weightedFraction([], []).interval).toEqual({ low: 0, high: 1 })
    expect(weightedFraction([1], [0]).interval).toEqual({ low: 0, high: 1 })
  })

  it('refuses weights that are none', () => {
    for (const weights of [[1], [1, -1], [1, Number.NaN], [1, Infinity]])
      expect(() => weightedFraction([1, 0], weights)).toThrow(RangeError)
  })

  it.each([
    // deviates, failure beyond, scale, nominal share, chips; with 32 deviates the weights are hopeless
    [1, 3.5, 2, 0.3, 500, 20],
    [8, 4, 1.5, 0.3, 1000, 10],
    [32, 4.2, 1.3, 0.3, 300, 0],
  ])('%i deviates, any beyond %f: intervals contain a rare failure', (k, limit, scale, share, n, gain) => {
    const truth = 1 - (2 * normalCdf(limit) - 1) ** k
    const repetitions = 200
    const hits = { unbiased: 0, 'self-normalised': 0 }
    const estimates: number[] = []
    const effective: number[] = []
    for (let seed = 0; seed < repetitions; seed++) {
      const chips = chipsOf(seed, n, k, scale, share)
      const failed = chips.map(({ z }) => z.some((x) => Math.abs(x) > limit))
      const weights = chips.map(({ weight }) => weight)
      for (const estimate of ['unbiased', 'self-normalised'] as const) {
        const found = weightedFraction(failed, weights, { estimate, bound: 1 / share })
        if (found.interval.low <= truth && truth <= found.interval.high) hits[estimate]++
        if (estimate === 'unbiased') {
          estimates.push(found.fraction)
          effective.push(found.effective)
        }
      }
    }
    // 0.95 less three standard deviations of 200 repetitions
    expect(hits.unbiased / repetitions).toBeGreaterThan(0.9)
    expect(hits['self-normalised'] / repetitions).toBeGreaterThan(0.9)
    const around = meanInterval(estimates, 0.999)
    expect(around.low).toBeLessThan(truth)
    expect(around.high).toBeGreaterThan(truth)
    expect(mean(effective)).toBeGreaterThan(gain * n)
  })
})

describe('weighted mean and quantile', () => {
  const scores = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 2, maxLength: 100 })

  property.prop([scores])("of equal weights: Student's interval", (values) => {
    const found = weightedMean(values, ones(values.length))
    const plain = meanInterval(values)
    expect(found.mean).toBeCloseTo(mean(values), 9)
    expect(found.interval.low).toBeCloseTo(plain.low, 6)
    expect(found.interval.high).toBeCloseTo(plain.high, 6)
    expect(found.effective).toBeCloseTo(values.length, 9)
  })

  property.prop([scores, fc.constantFrom(0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)])(
    'a quantile is the least value that its share reaches, inside its interval',
    (values, p) => {
      const found = weightedQuantile(values, ones(values.length), p)
      const sorted = [...values].sort((a, b) => a - b)
      expect(found.value).toBe(sorted[Math.ceil(p * values.length - 1e-9) - 1])
      expect(found.interval.low).toBeLessThanOrEqual(found.value)
      expect(found.interval.high).toBeGreaterThanOrEqual(found.value)
    },
  )

  property.prop([fc.array(fc.tuple(fc.integer(), fc.integer({ min: 1, max: 4 })), { minLength: 1, maxLength: 50 })])(
    'whole weights are repetitions',
    (pairs) => {
      const values = pairs.map((pair) => pair[0])
      const weights = pairs.map((pair) => pair[1])
      const repeated = pairs.flatMap(([value, times]) => new Array<number>(times).fill(value))
      for (const p of [0.1, 0.5, 0.8])
        expect(weightedQuantile(values, weights, p).value).toBe(
          weightedQuantile(repeated, ones(repeated.length), p).value,
        )
      expect(weightedMean(values, weights).mean).toBeCloseTo(mean(repeated), 3)
    },
  )

  it('few chips do not know the ends', () => {
    const values = Array.from({ length: 20 }, (_, i) => i)
    expect(weightedQuantile(values, ones(20), 0.95).interval.high).toBe(Infinity)
    expect(weightedQuantile(values, ones(20), 0.05).interval.low).toBe(-Infinity)
    expect(weightedQuantile(values, ones(20), 0.5).interval.high).toBeLessThan(19)
    expect(weightedMean([1], [1]).interval.low).toBeNaN()
  })

  it('intervals of chips of a mixture contain the nominal mean and median', () => {
    // Score z^2 of one deviate: mean 1, median 0.454936.
    const repetitions = 400
    let means = 0
    let medians = 0
    for (let seed = 0; seed < repetitions; seed++) {
      const chips = chipsOf(seed, 200, 1, 1.5, 0.4)
      const values = chips.map(({ z }) => z[0]! ** 2)
      const weights = chips.map(({ weight }) => weight)
      const m = weightedMean(values, weights).interval
      const q = weightedQuantile(values, weights, 0.5, { bound: 1 / 0.4 }).interval
      means += Number(m.low <= 1 && 1 <= m.high)
      medians += Number(q.low <= 0.454936 && 0.454936 <= q.high)
    }
    expect(means / repetitions).toBeGreaterThan(0.92)
    expect(medians / repetitions).toBeGreaterThan(0.92)
  })
})
