import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { dacVolts, designAdc, lsb, nearestDacCode } from '../../src/adc/design.ts'
import type { Quantizer } from '../../src/network/network.ts'
import { profileWith } from '../support/profile.ts'

const bits = fc.integer({ min: 1, max: 16 })
const fullScale = fc.double({ min: 1e-3, max: 10, noNaN: true })

const quantizer = (thresholds: readonly number[], compare: 'gt' | 'ge' = 'gt'): Quantizer => ({
  thresholds: Float64Array.from(thresholds),
  levels: Float64Array.from({ length: thresholds.length + 1 }, (_, i) => i),
  compare,
  levelRule: 'given',
})

describe('the threshold DAC', () => {
  property.prop([bits, fullScale])('offset binary: 0 V is exact, the lowest code is -full scale', (n, fs) => {
    expect(nearestDacCode(0, fs, n)).toBe(2 ** (n - 1))
    expect(dacVolts(2 ** (n - 1), fs, n)).toBe(0)
    expect(dacVolts(0, fs, n)).toBe(-fs)
    expect(lsb(fs, n)).toBe(fs / 2 ** (n - 1))
  })

  property.prop([bits, fullScale, fc.double({ min: -1.5, max: 1.5, noNaN: true })])(
    'the code is the nearest one, clamped to the ends',
    (n, fs, share) => {
      const v = share * fs
      const code = nearestDacCode(v, fs, n)
      expect(Number.isInteger(code) && code >= 0 && code < 2 ** n).toBe(true)
      const error = Math.abs(dacVolts(code, fs, n) - v)
      for (const other of [code - 1, code + 1])
        if (other >= 0 && other < 2 ** n)
          expect(error).toBeLessThanOrEqual(Math.abs(dacVolts(other, fs, n) - v) * (1 + 1e-12))
      const top = dacVolts(2 ** n - 1, fs, n)
      if (v >= -fs && v <= top) expect(error).toBeLessThanOrEqual((lsb(fs, n) / 2) * (1 + 1e-12))
    },
  )

  property.prop([fc.integer({ min: 2, max: 16 }), fc.nat()])('a tie goes down', (n, k) => {
    const code = k % (2 ** n - 1)
    const half = (dacVolts(code, 1, n) + dacVolts(code + 1, 1, n)) / 2
    expect(nearestDacCode(half, 1, n)).toBe(code)
  })
})

describe('thresholds on the DAC', () => {
  const adc = profileWith({ 'adc.fullScale': 1, 'adc.dac.bits': 3 }).adc

  it('3 bits on +-1 V: steps of 0.25 V from -1 to 0.75 V', () => {
    const design = designAdc(quantizer([-2, -0.6, -0.1, 0.13, 0.4]), 0.5, adc)
    // -1, -0.3, -0.05, 0.065, 0.2 V
    expect(Array.from(design.dacCodes!)).toEqual([0, 3, 4, 4, 5])
    expect(Array.from(design.nominal)).toEqual([-1, -0.25, 0, 0, 0.25])
    expect([design.merged, design.outside]).toEqual([1, 0])
  })

  it('thresholds beyond the range take the end codes and are counted', () => {
    const design = designAdc(quantizer([-1.2, -1.01, 0, 0.76, 3]), 1, adc)
    expect(Array.from(design.dacCodes!)).toEqual([0, 0, 4, 7, 7])
    expect([design.merged, design.outside]).toEqual([2, 4])
  })

  it('an unquantized DAC gives what was asked for', () => {
    const design = designAdc(quantizer([-0.3, 0.7], 'ge'), 0.5, profileWith().adc)
    expect(design.dacCodes).toBeNull()
    expect(Array.from(design.nominal)).toEqual([-0.15, 0.35])
    expect(design.compare).toBe('ge')
  })

  property.prop([
    fc.uniqueArray(fc.integer({ min: -5000, max: 5000 }), { minLength: 1, maxLength: 30 }),
    fc.integer({ min: 1, max: 14 }),
  ])('nominal thresholds ascend, weakly, and merged counts the equal neighbours', (grid, n) => {
    const thresholds = grid.sort((a, b) => a - b).map((t) => t / 4096)
    const design = designAdc(quantizer(thresholds), 1, adc, n)
    let equal = 0
    for (let k = 1; k < thresholds.length; k++) {
      expect(design.nominal[k]!).toBeGreaterThanOrEqual(design.nominal[k - 1]!)
      if (design.nominal[k] === design.nominal[k - 1]) equal++
    }
    expect(design.merged).toBe(equal)
  })
})
