import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { pairedDifference } from '../../src/numerics/paired.ts'
import { drawArray, site, stages } from '../../src/numerics/random.ts'
import { meanInterval } from '../../src/numerics/statistics.ts'

const values = fc.array(fc.tuple(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: -1000, max: 1000 })), {
  minLength: 2,
  maxLength: 60,
})

describe('paired difference', () => {
  it('by hand', () => {
    // Differences 1, 2, 3, 4, 10: mean 4, sd sqrt(12.5), t = 2.776445105 with 4 degrees of freedom
    const d = pairedDifference([1, 3, 5, 7, 14], [0, 1, 2, 3, 4])
    expect(d.mean).toBe(4)
    expect(d.median).toBe(3)
    expect(d.ci.high - 4).toBeCloseTo((2.776445105 * Math.sqrt(12.5)) / Math.sqrt(5), 8)
    // Five values are too few for a 95 % interval of the median: 1 - 2 / 32 = 93.75 %.
    expect(d.medianCi).toEqual({ low: -Infinity, high: Infinity })
  })

  property.prop([values])('changes sign with the order of its arguments', (pairs) => {
    const a = pairs.map((pair) => pair[0])
    const b = pairs.map((pair) => pair[1])
    const there = pairedDifference(a, b)
    const back = pairedDifference(b, a)
    expect(back.mean).toBeCloseTo(-there.mean, 9)
    expect(back.median).toBeCloseTo(-there.median, 9)
    expect(back.ci.low).toBeCloseTo(-there.ci.high, 9)
    expect(back.medianCi.low + there.medianCi.high || 0).toBe(0)
  })

  property.prop([values, fc.integer({ min: -50, max: 50 })])('of a shift is the shift, exactly', (pairs, shift) => {
    const b = pairs.map((pair) => pair[1])
    const a = b.map((value) => value + shift)
    const d = pairedDifference(a, b)
    expect([d.mean, d.median, d.ci.low, d.ci.high]).toEqual([shift, shift, shift, shift])
  })

  it('is much narrower than two samples when the chips are the same', () => {
    const draw = (chip: number, n: number) =>
      drawArray('normal', { seed: 1, chip }, site(stages.study, 'resample'), 1, n)
    const chips = draw(0, 200)
    const own = draw(1, 200)
    const a = chips.map((c, i) => c + 0.1 * own[i]! + 0.5)
    const paired = pairedDifference(a, chips)
    const apart = meanInterval(a)
    expect((paired.ci.high - paired.ci.low) * 5).toBeLessThan(apart.high - apart.low)
    expect(paired.ci.low).toBeGreaterThan(0.45)
    expect(paired.ci.high).toBeLessThan(0.55)
  })

  it('needs pairs', () => {
    expect(() => pairedDifference([1, 2], [1])).toThrow(RangeError)
    expect(pairedDifference([], []).median).toBeNaN()
  })
})
