import { describe, expect, it } from 'vitest'
import { dacVolts, designAdc, lsb } from '../../src/adc/design.ts'
import { fabricateAdc } from '../../src/adc/instance.ts'
import type { Quantizer } from '../../src/network/network.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { average, expectLaw, expectMoments, expectUncorrelated, phi, variance } from '../support/distribution.ts'
import { profileWith } from '../support/profile.ts'

type Changes = Partial<Record<FieldPath, FieldValue>>
const CHIPS = 3000

const quantizer = (thresholds: ArrayLike<number>): Quantizer => ({
  thresholds: Float64Array.from(thresholds),
  levels: new Float64Array(thresholds.length + 1),
  compare: 'gt',
  levelRule: 'given',
})

const made = (thresholds: ArrayLike<number>, changes: Changes, chip: number) => {
  const profile = profileWith({ 'adc.fullScale': 1, ...changes })
  return fabricateAdc(designAdc(quantizer(thresholds), 1, profile.adc), profile, { seed: 9, chip })
}
const chips = <T>(f: (chip: number) => T) => Array.from({ length: CHIPS }, (_, chip) => f(chip))

describe('one fabricated converter', () => {
  it('without imperfections is its design, bit for bit', () => {
    for (const bits of [null, 6]) {
      const profile = profileWith({ 'adc.fullScale': 1, 'adc.dac.bits': bits })
      const design = designAdc(quantizer([-0.7, 0.1, 0.33]), 1, profile.adc)
      const adc = fabricateAdc(design, profile, { seed: 1, chip: 1 })
      expect(adc.thresholds).toEqual(design.nominal)
      expect([adc.comparatorOffset, adc.gain, adc.offset]).toEqual([0, 1, 0])
    }
  })

  it('comparator offset, front-end gain and offset are normal with their spread, one draw a chip each', () => {
    const all = chips((chip) =>
      made(
        [0],
        {
          'adc.comparator.offsetSigma': 5e-3,
          'adc.frontEnd.gainSigma': 0.02,
          'adc.frontEnd.offsetSigma': 3e-3,
        },
        chip,
      ),
    )
    const offset = all.map((a) => a.comparatorOffset)
    const gain = all.map((a) => a.gain - 1)
    const front = all.map((a) => a.offset)
    for (const [values, sigma] of [
      [offset, 5e-3],
      [gain, 0.02],
      [front, 3e-3],
    ] as const) {
      expectMoments(values, 0, sigma)
      expectLaw(values, (x) => phi(x / sigma))
    }
    expectUncorrelated(offset, gain)
    expectUncorrelated(offset, front)
    expectUncorrelated(gain, front)
  })

  it('threshold error: independent from threshold to threshold', () => {
    const all = chips((chip) => made([-0.5, 0.25], { 'adc.thresholdSigma': 0.01 }, chip).thresholds)
    const errors = [all.map((t) => t[0]! + 0.5), all.map((t) => t[1]! - 0.25)] as const
    for (const e of errors) {
      expectMoments(e, 0, 0.01)
      expectLaw(e, (x) => phi(x / 0.01))
    }
    expectUncorrelated(...errors)
  })

  it('one mechanism switched off leaves the draws of the others, bit for bit', () => {
    const on: Changes = {
      'adc.dac.bits': 8,
      'adc.dac.unitSigma': 0.01,
      'adc.comparator.offsetSigma': 5e-3,
      'adc.frontEnd.gainSigma': 0.02,
      'adc.frontEnd.offsetSigma': 3e-3,
    }
    const t = [-0.7, 0.1, 0.33]
    const full = made(t, on, 7)
    const noDac = made(t, { ...on, 'adc.dac.unitSigma': 0 }, 7)
    expect({ ...full, thresholds: 0 }).toEqual({ ...noDac, thresholds: 0 })
    expect(made(t, { ...on, 'adc.comparator.offsetSigma': 0 }, 7)).toEqual({ ...full, comparatorOffset: 0 })
    expect(made(t, { ...on, 'adc.frontEnd.gainSigma': 0 }, 7)).toEqual({ ...full, gain: 1 })
    expect(made(t, { ...on, 'adc.frontEnd.offsetSigma': 0 }, 7)).toEqual({ ...full, offset: 0 })
  })
})

describe('mismatch of the DAC array', () => {
  const bits = 6
  const codes = Array.from({ length: 2 ** bits }, (_, c) => dacVolts(c, 1, bits))
  const step = lsb(1, bits)
  const sigma = 0.01
  const transfers = chips((chip) => made(codes, { 'adc.dac.bits': bits, 'adc.dac.unitSigma': sigma }, chip).thresholds)

  it('integral non-linearity is zero at both ends', () => {
    for (const t of transfers) {
      expect(t[0]).toBe(-1)
      expect(t.at(-1)).toBeCloseTo(dacVolts(2 ** bits - 1, 1, bits), 12)
    }
  })

  it('the largest step error is at mid scale, with sigma_u sqrt(2^N - 1) LSB', () => {
    const dnl = (k: number) => transfers.map((t) => (t[k]! - t[k - 1]!) / step - 1)
    const mid = 2 ** (bits - 1)
    expectMoments(dnl(mid), 0, sigma * Math.sqrt(2 ** bits - 1))
    expectLaw(dnl(mid), (x) => phi(x / (sigma * Math.sqrt(2 ** bits - 1))))
    const spreads = codes.map((_, k) => (k === 0 ? 0 : variance(dnl(k))))
    expect(spreads.indexOf(Math.max(...spreads))).toBe(mid)
    // a quarter of the range: one bit less in front, one element more for the bit above
    expect(Math.sqrt(spreads[mid / 2]!)).toBeCloseTo(sigma * Math.sqrt(2 ** (bits - 1) - 1), 2)
  })

  it('integral non-linearity is largest about mid scale: sigma_u sqrt(2^N) / 2 LSB', () => {
    const inl = (k: number) => transfers.map((t) => (t[k]! - codes[k]!) / step)
    const mid = 2 ** (bits - 1)
    // code 2^(N-1): weight m (1 + e1) of total (m + m - 1): variance m (m - 1) / (2 m - 1) sigma^2
    expectMoments(inl(mid), 0, sigma * Math.sqrt((mid * (mid - 1)) / (2 * mid - 1)))
    expect(Math.abs(average(inl(mid)))).toBeLessThan(0.01)
  })
})
