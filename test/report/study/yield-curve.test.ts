import { describe, expect, it } from 'vitest'
import { drawArray, site } from '../../../src/numerics/random.ts'
import { limitOf } from '../../../src/report/study/requirement.ts'
import { rankCorrelation } from '../../../src/report/study/samples.ts'
import { yieldCurves } from '../../../src/report/study/yield-curve-data.ts'
import { ageing, grid, loosest, monteCarlo, point, ranges, spread, study } from './results.ts'

describe('the band', () => {
  it('holds the whole distribution in at least 93 % of samples', () => {
    const [samples, n] = [1000, 60]
    let held = 0
    const draws = drawArray('uniform', { seed: 4, chip: 0 }, site(0, 'programming'), samples, n)
    for (let s = 0; s < samples; s++) {
      const scores = [...draws.subarray(s * n, (s + 1) * n)].sort((a, b) => a - b)
      const result = study([{ ...point(0, { mean: 0, chips: n }), distribution: scores, metric: spread(scores) }])
      const [curve] = yieldCurves(result)!.curves
      // Of uniform scores the distribution is the identity: worst at a step, from either side.
      held += curve!.scores.every(
        (x, k) =>
          Math.abs(curve!.shares[k]! - x) <= curve!.half! && Math.abs(curve!.shares[k]! - 1 / n - x) <= curve!.half!,
      )
        ? 1
        : 0
    }
    expect(held / samples).toBeGreaterThanOrEqual(0.93)
    expect(held / samples).toBeLessThan(0.999)
  })

  it('is sqrt(ln(40) / 2n) high', () => {
    expect(yieldCurves(monteCarlo())!.curves[0]!.half).toBeCloseTo(Math.sqrt(Math.log(40) / 2000), 12)
  })
})

describe('curves', () => {
  it('of more chips than a result keeps have the shares of their ranks', () => {
    const [curve] = yieldCurves(monteCarlo())!.curves
    expect(curve!.scores).toHaveLength(512)
    expect([curve!.shares[0], curve!.shares.at(-1)]).toEqual([1 / 1000, 1])
    // The requirement lies where the curve has the yield.
    const k = curve!.scores.filter((x) => x <= curve!.limit!).length - 1
    expect(Math.abs(curve!.shares[k]! - curve!.met!.fraction)).toBeLessThan(3 / 1000)
  })

  it('are all points if few, else the first, the best and the worst', () => {
    expect(yieldCurves(ageing())!.curves).toHaveLength(6)
    const { curves, left } = yieldCurves(grid())!
    expect(curves.map(({ full }) => full)).toEqual([
      'wires word segment 500 mΩ, programming sigma 0.01',
      'wires word segment 5 Ω, programming sigma 0.1',
    ])
    expect(left.join()).toContain('of 16 points')
    expect(yieldCurves(loosest())!.curves.map(({ full }) => full)).toEqual(['wires word segment 2.74 Ω'])
  })

  it('of points that sample ranges are one, every chip counting the same', () => {
    const few = point(0, { mean: -9, chips: 2, values: { 'adc.dac.bits': 4 } })
    const many = point(1, { mean: -5, chips: 6, values: { 'adc.dac.bits': 8 } })
    const { curves } = yieldCurves(study([few, many], { kind: 'sobol', point: null }))!
    expect(curves).toHaveLength(1)
    expect(curves[0]!.shares).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((k) => k / 8))
    expect(curves[0]!.half).toBeNull()
    expect(yieldCurves(ranges())!.curves[0]!.shares.at(-1)).toBeCloseTo(1, 12)
  })

  it('of importance sampling have levels in place of ranks', () => {
    const result = study([point(0, { mean: -9, chips: 4 })], {
      importance: { path: 'adc.comparator.offsetSigma', scale: 2, effectiveChips: 3, plain: null, plainChips: 1 },
    })
    expect(yieldCurves(result)!.curves[0]).toMatchObject({ shares: [1 / 8, 3 / 8, 5 / 8, 7 / 8], half: null })
  })
})

it('a limited loss is measured from the ideal network', () => {
  const it_ = point(0, { mean: -8, ideal: -11 })
  const at = (requirement: string) => limitOf({ ...it_, yield: { ...it_.yield!, requirement } })
  expect(at('nmseDb <= -8.5')).toBe(-8.5)
  expect(at('nmseDb loss <= 2')).toBe(-9)
  expect(at('nmseDb <= 1e-7')).toBe(1e-7)
  expect(at('ber <= 0.1')).toBeNull()
  expect(at('anything else')).toBeNull()
  expect(limitOf({ ...it_, yield: null })).toBeNull()
})

it('ranks correlate as they should', () => {
  expect(rankCorrelation([1, 2, 3], [10, 20, 300])).toBeCloseTo(1, 12)
  expect(rankCorrelation([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12)
  expect(rankCorrelation([1, 2, 3], [5, 5, 5])).toBe(0)
  // scipy.stats.spearmanr([1, 2, 2, 4], [4, 1, 3, 2])
  expect(rankCorrelation([1, 2, 2, 4], [4, 1, 3, 2])).toBeCloseTo(-0.6324555320336759, 12)
})
