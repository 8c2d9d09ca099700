import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { conversionTime, convert } from '../../src/adc/convert.ts'
import { designAdc, lsb } from '../../src/adc/design.ts'
import { fabricateAdc } from '../../src/adc/instance.ts'
import type { Quantizer } from '../../src/network/network.ts'
import { fromRows } from '../../src/numerics/matrix.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { expectCount, expectLaw, expectMoments, expectUncorrelated, phi } from '../support/distribution.ts'
import { profileWith } from '../support/profile.ts'

type Changes = Partial<Record<FieldPath, FieldValue>>

const quantizer = (thresholds: ArrayLike<number>, compare: 'gt' | 'ge' = 'gt'): Quantizer => ({
  thresholds: Float64Array.from(thresholds),
  levels: new Float64Array(thresholds.length + 1),
  compare,
  levelRule: 'given',
})

function converter(thresholds: ArrayLike<number>, changes: Changes, chip = 0) {
  const profile = profileWith({ 'adc.fullScale': 1, ...changes })
  const design = designAdc(quantizer(thresholds), 1, profile.adc)
  const instance = fabricateAdc(design, profile, { seed: 7, chip })
  const codes = (v: readonly number[], noise = false) =>
    Array.from(convert(fromRows([v]), design, instance, profile, noise ? { seed: 7, chip } : null).codes.data)
  return { profile, design, instance, codes }
}

const ascending = fc
  .uniqueArray(fc.integer({ min: -60, max: 60 }), { minLength: 1, maxLength: 15 })
  .map((t) => t.sort((a, b) => a - b).map((x) => x / 64))
const volts = fc
  .array(fc.integer({ min: -90, max: 90 }), { minLength: 1, maxLength: 8 })
  .map((v) => v.map((x) => x / 64))
const kinds = fc.constantFrom<Changes>(
  {},
  { 'adc.search': 'linear' },
  { 'adc.search': 'ramp' },
  { 'adc.architecture': 'flash' },
)

describe('without imperfections', () => {
  property.prop([ascending, volts, kinds, fc.constantFrom(null, 7), fc.constantFrom('gt', 'ge')])(
    'every converter is the ideal quantizer code for code, ties included',
    (t, v, kind, bits, compare) => {
      const profile = profileWith({ 'adc.fullScale': 1, 'adc.dac.bits': bits, ...kind })
      const design = designAdc(quantizer(t, compare), 1, profile.adc)
      const instance = fabricateAdc(design, profile, { seed: 1, chip: 1 })
      const { codes } = convert(fromRows([v]), design, instance, profile, { seed: 1, chip: 1 })
      expect(Array.from(codes.data)).toEqual(
        v.map((x) => t.filter((edge) => (compare === 'gt' ? x > edge : x >= edge)).length),
      )
    },
  )

  property.prop([
    ascending,
    fc.array(fc.double({ min: -1.5, max: 1.5, noNaN: true }), { minLength: 2, maxLength: 20 }),
    kinds,
  ])(
    'and with offsets, mismatch, droop and settling still never falls with its input where thresholds ascend',
    (t, v, kind) => {
      const { codes, instance } = converter(t, {
        'adc.dac.bits': 10,
        'adc.dac.unitSigma': 0.01,
        'adc.comparator.offsetSigma': 0.02,
        'adc.frontEnd.gainSigma': 0.05,
        'adc.frontEnd.offsetSigma': 0.02,
        'adc.hold.droop': 1e5,
        ...kind,
      })
      if (instance.thresholds.some((x, k) => k > 0 && x < instance.thresholds[k - 1]!)) return
      const found = codes(v.sort((a, b) => a - b))
      expect(found).toEqual([...found].sort((a, b) => a - b))
    },
  )
})

describe('offsets', () => {
  const sigma = 5e-3
  const chips = 3000
  const thresholds = [-0.5, 0, 0.5]
  const errors = (changes: Changes) =>
    Array.from({ length: chips }, (_, chip) => {
      const { instance } = converter(thresholds, { 'adc.comparator.offsetSigma': sigma, ...changes }, chip)
      return Array.from(instance.thresholds, (t, k) => t + instance.comparatorOffset - thresholds[k]!)
    })

  it('of a serial converter: one, moving all thresholds alike', () => {
    const all = errors({})
    for (const e of all) expect(Math.max(...e) - Math.min(...e)).toBeLessThan(1e-15)
    expectMoments(
      all.map((e) => e[0]!),
      0,
      sigma,
    )
  })

  it('of a flash converter: one a threshold, independent', () => {
    const all = errors({ 'adc.architecture': 'flash' })
    const of = (k: number) => all.map((e) => e[k]!)
    for (const k of [0, 1, 2]) {
      expectMoments(of(k), 0, sigma)
      expectLaw(of(k), (x) => phi(x / sigma))
    }
    expectUncorrelated(of(0), of(1))
    expectUncorrelated(of(1), of(2))
    expectUncorrelated(of(0), of(2))
  })
})

describe('a flash converter', () => {
  it('counts: thresholds out of order change nothing', () => {
    const { design, instance, profile } = converter([-0.5, 0, 0.5], { 'adc.architecture': 'flash' })
    const swapped = { ...instance, thresholds: Float64Array.of(0.5, -0.5, 0) }
    const codes = convert(fromRows([[-0.6, -0.1, 0.1, 0.6]]), design, swapped, profile, null).codes
    expect(Array.from(codes.data)).toEqual([0, 1, 2, 3])
  })

  it('decides at once: no settling, one compare of droop', () => {
    const { codes } = converter([0, 0.5], {
      'adc.architecture': 'flash',
      'adc.dac.settlingError': 0.5,
      'adc.hold.droop': -1e6,
      'adc.compareTime': 1e-8,
    })
    expect(codes([0.009, 0.011, 0.509, 0.511])).toEqual([0, 1, 1, 2])
  })

  it('noise of its comparators is independent', () => {
    const noise = { 'adc.architecture': 'flash', 'adc.comparator.noise': 1e-3 } as const
    const { design, instance, profile } = converter([0.25, 0.25 + 1e-9], noise)
    const n = 20_000
    const { codes } = convert(fromRows(Array.from({ length: n }, () => [0.25])), design, instance, profile, {
      seed: 3,
      chip: 0,
    })
    for (const [code, p] of [0.25, 0.5, 0.25].entries()) expectCount(codes.data.filter((c) => c === code).length, n, p)
  })
})

describe('a ramp', () => {
  it('droops with the DAC code it has come to, not with the thresholds passed', () => {
    // 4 bits on 1 V: 0.5 V is code 12, reached after 13 cycles of 10 ns at 1 mV each
    const ramp = { 'adc.search': 'ramp', 'adc.dac.bits': 4, 'adc.hold.droop': -1e5, 'adc.compareTime': 1e-8 } as const
    const { codes } = converter([0.5], ramp)
    expect(codes([0.5125, 0.5135])).toEqual([0, 1])
  })

  it('lags by single steps of the DAC, not by the distance between thresholds', () => {
    const ramp = { 'adc.search': 'ramp', 'adc.dac.bits': 8, 'adc.dac.settlingError': 0.1 } as const
    const { codes } = converter([-0.5, 0.5], ramp)
    const lag = (lsb(1, 8) * 0.1) / 0.9
    expect(codes([0.5 - lag - 1e-6, 0.5 - lag + 1e-6])).toEqual([1, 2])
  })

  it('has its hysteresis from above: the comparator was high before', () => {
    const { codes } = converter([0.5], { 'adc.search': 'ramp', 'adc.dac.bits': 4, 'adc.comparator.hysteresis': 0.02 })
    expect(codes([0.489, 0.491])).toEqual([0, 1])
  })
})

describe('conversion time of K channels', () => {
  it.each([
    [{}, 2],
    [{ 'adc.search': 'linear' }, 3],
    [{ 'adc.search': 'ramp' }, 3],
    [{ 'adc.search': 'ramp', 'adc.dac.bits': 6 }, 64],
    [{ 'adc.architecture': 'flash' }, 1],
    [{ 'adc.architecture': 'memristive-sar' }, 2],
  ] as const)('%j: %i cycles a channel of 4 levels', (changes, cycles) => {
    const { adc } = profileWith({ 'adc.compareTime': 1e-8, ...changes })
    expect(conversionTime(4, 15, adc)).toEqual({ cycles, totalCycles: 15 * cycles, seconds: 15 * cycles * 1e-8 })
  })

  it('counts sampling where there is a hold capacitor', () => {
    const { adc } = profileWith({ 'adc.hold.capacitance': 1e-13, 'adc.hold.sampleTime': 2e-8, 'adc.compareTime': 1e-8 })
    expect(conversionTime(4, 10, adc).seconds).toBeCloseTo(10 * 4e-8, 20)
  })
})
