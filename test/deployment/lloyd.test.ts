import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { bestLevels, bestThresholds, type Sample } from '../../src/deployment/lloyd.ts'

const cost = (samples: readonly Sample[], t: ArrayLike<number>, g: readonly number[]) =>
  samples.reduce((s, { read, level }) => s + (level - g[Array.from(t).filter((x) => read > x).length]!) ** 2, 0)

describe('thresholds for what outputs really are', () => {
  const levels = [-1, 0, 1]
  const samples = fc.array(fc.record({ read: fc.integer({ min: -50, max: 50 }), level: fc.constantFrom(...levels) }), {
    minLength: 3,
    maxLength: 40,
  })

  property.prop([samples, fc.tuple(fc.integer({ min: -40, max: 0 }), fc.integer({ min: 1, max: 40 }))])(
    'are never worse than those they started from, and ascend',
    (list, start) => {
      const t = bestThresholds(list, Float64Array.from(start), levels)
      expect(cost(list, t, levels)).toBeLessThanOrEqual(cost(list, start, levels) + 1e-9)
      expect(t[1]!).toBeGreaterThanOrEqual(t[0]!)
    },
  )

  property.prop([samples, fc.integer({ min: -50, max: 50 })])('one threshold: the best there is', (list, start) => {
    const two = [-1, 1]
    const t = bestThresholds(list, Float64Array.of(start), two)
    const least = Math.min(...Array.from({ length: 103 }, (_, i) => cost(list, [i - 51.5], two)))
    expect(cost(list, t, two)).toBeCloseTo(least, 9)
  })

  it('clean but shifted outputs are told apart again', () => {
    const list = Array.from({ length: 300 }, (_, i) => {
      const x = i / 100 - 1.5
      return { read: 0.5 * x + 0.2, level: x > 0.5 ? 1 : x > -0.5 ? 0 : -1 }
    })
    const t = bestThresholds(list, Float64Array.of(-0.5, 0.5), levels)
    expect(cost(list, t, levels)).toBe(0)
  })
})

it('levels are the means of what each code should have been; rare codes keep theirs', () => {
  const codes = [...Array<number>(20).fill(0), ...Array<number>(20).fill(1), 2]
  const wanted = codes.map((c, i) => c + (i % 2))
  expect(Array.from(bestLevels(codes, wanted, Float64Array.of(-9, -9, 7)))).toEqual([0.5, 1.5, 7])
})
