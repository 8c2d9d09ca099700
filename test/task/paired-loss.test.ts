import { describe, expect, test } from 'vitest'
import { normalAt, site, stages } from '../../src/numerics/random.ts'
import { combine, type PerVector } from '../../src/task/metric.ts'
import { pairedLoss } from '../../src/task/paired-loss.ts'

const of = (error: readonly number[], energy: number): PerVector => ({
  error: Float64Array.from(error),
  energy: new Float64Array(error.length).fill(energy),
})

describe('paired loss', () => {
  test('is the difference of the two scores', () => {
    const before = of([1, 2, 0, 3], 4)
    const after = of([2, 2, 1, 3], 4)
    for (const name of ['nmseDb', 'mse', 'ber'] as const) {
      const scores = [before, after].map((p) => combine(name, p.error, p.energy).value)
      const { value, ci95 } = pairedLoss(name, before, after)
      expect(value).toBeCloseTo(scores[1]! - scores[0]!, 12)
      expect(ci95[0]).toBeLessThan(value)
      expect(ci95[1]).toBeGreaterThan(value)
    }
  })

  test('no change: nothing lost for certain, but bits that were not seen to flip may still do so', () => {
    const same = of([1, 0, 2, 0], 4)
    for (const name of ['nmseDb', 'mse'] as const) {
      const { value, ci95 } = pairedLoss(name, same, same)
      expect([value, ...ci95]).toEqual([0, expect.closeTo(0, 12), expect.closeTo(0, 12)])
    }
    const { value, ci95 } = pairedLoss('ber', same, same)
    expect(value).toBe(0)
    // Wilson's bound for none of n: z^2 / (n + z^2)
    expect(ci95[1]).toBeCloseTo(1.959964 ** 2 / (16 + 1.959964 ** 2), 6)
    expect(ci95[0]).toBe(-ci95[1])
  })

  test('nothing to lose, one vector', () => {
    expect(pairedLoss('nmseDb', of([0, 0], 1), of([0, 0], 1))).toEqual({ value: 0, ci95: [0, 0] })
    expect(pairedLoss('nmseDb', of([0, 0], 1), of([0, 1], 1)).value).toBe(Infinity)
    expect(pairedLoss('mse', of([1], 1), of([2], 1))).toEqual({ value: 1, ci95: [-Infinity, Infinity] })
  })

  test('95 % of intervals hold the true loss', () => {
    const where = site(stages.task, 'sampleSource')
    const trials = 400
    for (const name of ['nmseDb', 'mse'] as const) {
      let held = 0
      for (let t = 0; t < trials; t++) {
        const draw = (v: number, k: number) => normalAt({ seed: 5, chip: t }, where, v, k)
        const before: number[] = []
        const after: number[] = []
        for (let v = 0; v < 100; v++) {
          const [x, noise] = [draw(v, 0), draw(v, 1)]
          before.push(x ** 2)
          after.push((x + 0.3 * noise) ** 2)
        }
        // E after = 1.09, E before = 1
        const truth = name === 'mse' ? 0.09 : 10 * Math.log10(1.09)
        const { ci95 } = pairedLoss(name, of(before, 1), of(after, 1))
        if (ci95[0] <= truth && truth <= ci95[1]) held++
      }
      // 4 standard deviations, and a little for the approximation
      expect(held / trials).toBeGreaterThan(0.95 - 4 * Math.sqrt((0.95 * 0.05) / trials) - 0.01)
    }
  })
})
