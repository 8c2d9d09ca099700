import { describe, expect, it } from 'vitest'
import { normalAt, site } from '../../../src/numerics/random.ts'
import { meanInterval } from '../../../src/numerics/statistics.ts'
import { type Crossed, designEffect, pooledSpread, pooledYield } from '../../../src/study/analysis/pooled.ts'

const z = (repetition: number, row: number, col: number) =>
  normalAt({ seed: 9, chip: repetition }, site(0, 'calibration'), row, col)

/** Scores of points and chips that are both drawn: standard deviations of each, and of what is left. */
function crossed(repetition: number, points: number, chips: number, [a, b, c]: readonly [number, number, number]) {
  const values: number[] = []
  const at = { points: [] as number[], chips: [] as number[] }
  for (let p = 0; p < points; p++)
    for (let k = 0; k < chips; k++) {
      values.push(a * z(repetition, 1, p) + b * z(repetition, 2, k) + c * z(repetition, 3 + p, k))
      at.points.push(p)
      at.chips.push(k)
    }
  return {
    values: Float64Array.from(values),
    points: Uint32Array.from(at.points),
    chips: Uint32Array.from(at.chips),
  } satisfies Crossed
}

describe('design effect', () => {
  it('is 1 for independent scores, the chips of a point where only points differ', () => {
    expect(designEffect(crossed(0, 40, 25, [0, 0, 1]).values, crossed(0, 40, 25, [0, 0, 1]))).toBeLessThan(1.5)
    const points = crossed(0, 40, 25, [1, 0, 0])
    expect(designEffect(points.values, points)).toBeCloseTo((25 * 40) / 39, 6)
    const chips = crossed(0, 40, 25, [0, 1, 0])
    expect(designEffect(chips.values, chips)).toBeCloseTo((40 * 25) / 24, 6)
    expect(designEffect(new Float64Array(4).fill(1), crossed(0, 2, 2, [1, 1, 1]))).toBe(1)
  })
})

describe('intervals of all points together', () => {
  const repetitions = 300

  it.each([
    ['points and chips', [1, 1, 1]],
    ['points', [1, 0.1, 0.3]],
    ['nothing', [0, 0, 1]],
  ] as const)('contain the truth as often as they say, with %s in common', (_, spreads) => {
    let mean = 0
    let median = 0
    let share = 0
    let naive = 0
    for (let r = 0; r < repetitions; r++) {
      const scores = crossed(r, 40, 25, spreads)
      const holds = ([low, high]: readonly [number, number], truth: number) => (low <= truth && truth <= high ? 1 : 0)
      const spread = pooledSpread('nmseDb', scores)
      mean += holds(spread.ci95, 0)
      median += holds(spread.quantiles[3]!.ci95, 0)
      const met = Uint8Array.from(scores.values, (x) => (x <= 0 ? 1 : 0))
      share += holds(pooledYield({ metric: 'nmseDb', loss: false, limit: 0 }, met, scores).ci95, 0.5)
      const { low, high } = meanInterval(scores.values)
      naive += holds([low, high], 0)
    }
    // 95 % less four standard deviations of 300 trials; clusters are few, so intervals are a little short.
    const least = repetitions * 0.95 - 4 * Math.sqrt(repetitions * 0.05 * 0.95)
    expect(mean).toBeGreaterThan(least)
    expect(median).toBeGreaterThan(least)
    expect(share).toBeGreaterThan(least)
    // The interval of independent chips does not, where chips or points are shared.
    if (spreads[0] > 0) expect(naive).toBeLessThan(0.6 * repetitions)
  })

  it('where all meet the requirement, count no more than the fewer of points and chips', () => {
    const scores = crossed(0, 30, 50, [1, 1, 1])
    const found = pooledYield({ metric: 'nmseDb', loss: false, limit: 99 }, new Uint8Array(1500).fill(1), scores)
    expect(found).toMatchObject({ fraction: 1, method: 'clopper-pearson' })
    expect(found.ci95[0]).toBeCloseTo(0.025 ** (1 / 30), 12)
  })
})
