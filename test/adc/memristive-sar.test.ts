import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { convert } from '../../src/adc/convert.ts'
import { designAdc } from '../../src/adc/design.ts'
import { fabricateAdc } from '../../src/adc/instance.ts'
import { fitSar, sarThresholds } from '../../src/adc/memristive-sar.ts'
import { OhmbitError } from '../../src/base/errors.ts'
import type { Quantizer } from '../../src/network/network.ts'
import { fromRows } from '../../src/numerics/matrix.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { expectMoments } from '../support/distribution.ts'
import { fixtureNames, fixtureNetwork } from '../support/fixture-networks.ts'
import { profileWith } from '../support/profile.ts'

type Changes = Partial<Record<FieldPath, FieldValue>>
const sar = (changes: Changes = {}) =>
  profileWith({
    'adc.architecture': 'memristive-sar',
    'adc.fullScale': 1,
    'adc.memristor.residualLimit': 1000,
    ...changes,
  })
const fitted = (t: readonly number[], changes: Changes = {}) => fitSar(Float64Array.from(t), sar(changes).adc)
const code = (f: () => unknown): string | null => {
  try {
    f()
    return null
  } catch (e) {
    return e instanceof OhmbitError ? e.problems[0]!.code : String(e)
  }
}

describe('thresholds of a memristive SAR', () => {
  property.prop([fc.uniqueArray(fc.integer({ min: -8, max: 7 }), { minLength: 3, maxLength: 3 })])(
    'two bits: any three thresholds on the grid of the stored levels, exactly',
    (grid) => {
      const t = grid.sort((a, b) => a - b).map((x) => x / 8)
      expect(Array.from(fitted(t).thresholds)).toEqual(t)
    },
  )

  property.prop([
    fc.tuple(...[1, 2, 3].map((n) => fc.array(fc.integer({ min: 0, max: 12 }), { minLength: n, maxLength: n }))),
  ])('a set that stored levels make is found again', (words) => {
    const stored = words.map((w) => w.map((x) => x / 16))
    const t = sarThresholds(stored)
    const { thresholds, residual } = fitSar(t, sar({ 'adc.memristor.levelBits': 5 }).adc)
    expect(Array.from(thresholds)).toEqual(Array.from(t))
    expect(residual).toEqual({ rms: 0, largest: 0 })
  })

  it('three bits: evenly spaced thresholds need no more than binary weights', () => {
    const { stored, thresholds } = fitted([-6, -4, -2, 0, 2, 4, 6].map((x) => x / 8))
    expect(Array.from(thresholds)).toEqual([-6, -4, -2, 0, 2, 4, 6].map((x) => x / 8))
    expect(stored).toEqual([[0], [-0.5, 1], [-0.75, 1, 0.5]])
  })

  it('what no such set can be is fitted in the least-squares sense: the interaction of two decisions stays', () => {
    // last step: four thresholds whose pattern +1 -1 -1 +1 three levels cannot make
    const t = [-0.75, -0.5, -0.3, 0, 0.2, 0.5, 0.8]
    const { thresholds, residual } = fitted(t, { 'adc.memristor.levelBits': 16 })
    const interaction = (t[0]! - t[2]! - t[4]! + t[6]!) / 4
    for (const [place, sign] of [
      [0, -1],
      [2, 1],
      [4, 1],
      [6, -1],
    ] as const)
      expect(thresholds[place]! - t[place]!).toBeCloseTo(sign * interaction, 4)
    expect(residual.largest).toBeCloseTo(Math.abs(interaction), 4)
  })

  it('more bits a level never lose much: the residual falls to that of the structure', () => {
    const t = fixtureNetwork('vqcs_n20_I16').quantizer.thresholds
    const scale = 1 / (1.25 * Math.max(...Array.from(t, Math.abs)))
    const volts = t.map((x) => x * scale)
    const rms = [3, 4, 6, 8, 12, 16].map((levelBits) => {
      const { residual } = fitSar(volts, sar({ 'adc.memristor.levelBits': levelBits }).adc)
      return residual.rms
    })
    expect(rms[0]!).toBeGreaterThan(rms[2]!)
    expect(rms.at(-1)!).toBeLessThan(1.001 * rms.at(-2)!)
  })

  it('is refused beyond its limit and without a power of two of levels', () => {
    expect(code(() => fitted([-0.5, 0.3]))).toBe('OHM3007')
    const t = [-0.55, -0.05, 0.45]
    expect(code(() => fitted(t, { 'adc.memristor.levelBits': 3, 'adc.memristor.residualLimit': 0.5 }))).toBeNull()
    expect(code(() => fitted(t, { 'adc.memristor.levelBits': 3, 'adc.memristor.residualLimit': 0.05 }))).toBe('OHM3007')
  })

  it('serves all networks whose levels are a power of two with fine levels', () => {
    for (const name of fixtureNames) {
      const { quantizer } = fixtureNetwork(name)
      const { adc } = sar({ 'adc.memristor.levelBits': 12, 'adc.memristor.residualLimit': 0.5 })
      const scale = 1 / (1.25 * Math.max(0.1, ...Array.from(quantizer.thresholds, Math.abs)))
      expect(
        code(() => designAdc(quantizer, scale, adc)),
        name,
      ).toBeNull()
    }
  })
})

it('a chip has its stored levels off by their spread, and searches with what they make', () => {
  const t = [-0.5, 0, 0.5]
  const quantizer: Quantizer = {
    thresholds: Float64Array.from(t),
    levels: new Float64Array(4),
    compare: 'gt',
    levelRule: 'given',
  }
  const profile = sar({ 'adc.memristor.sigma': 0.01 })
  const design = designAdc(quantizer, 1, profile.adc)
  const chips = Array.from({ length: 3000 }, (_, chip) => fabricateAdc(design, profile, { seed: 2, chip }))
  expectMoments(
    chips.map((c) => c.thresholds[1]!),
    0,
    0.01,
  )
  expectMoments(
    chips.map((c) => c.thresholds[0]!),
    -0.5,
    0.01,
  )
  // base and difference are two levels
  expectMoments(
    chips.map((c) => c.thresholds[2]!),
    0.5,
    0.01 * Math.SQRT2,
  )
  const { codes } = convert(fromRows([[-0.6, -0.1, 0.1, 0.6]]), design, chips[0]!, profile, null)
  expect(Array.from(codes.data)).toEqual([0, 1, 2, 3])
})
