import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { type CharacteriseOptions, characteriseAdc, linearity, samplesPerCode } from '../../src/adc/characterise.ts'
import { convert } from '../../src/adc/convert.ts'
import { type Converter, transitions } from '../../src/adc/converter.ts'
import { codeLawAt } from '../../src/adc/decision.ts'
import { designAdc } from '../../src/adc/design.ts'
import { fabricateAdc } from '../../src/adc/instance.ts'
import type { Quantizer } from '../../src/network/network.ts'
import { fromRows } from '../../src/numerics/matrix.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { expectCount } from '../support/distribution.ts'
import { profileWith } from '../support/profile.ts'

type Changes = Partial<Record<FieldPath, FieldValue>>
const KEY = { seed: 11, chip: 4 }

function converter(thresholds: ArrayLike<number>, changes: Changes = {}, channels = 2): Converter {
  const profile = profileWith({ 'adc.fullScale': 1, ...changes })
  const quantizer: Quantizer = {
    thresholds: Float64Array.from(thresholds),
    levels: new Float64Array(thresholds.length + 1),
    compare: 'gt',
    levelRule: 'given',
  }
  const design = designAdc(quantizer, 1, profile.adc)
  return { design, instance: fabricateAdc(design, profile, KEY), profile, channels }
}
const run = (c: Converter, options: Partial<CharacteriseOptions> = {}) => characteriseAdc(c, { key: KEY, ...options })

const four = [-0.6, 0.05, 0.3, 0.7]

describe('transitions', () => {
  property.prop([
    fc
      .uniqueArray(fc.integer({ min: -60, max: 60 }), { minLength: 1, maxLength: 9 })
      .map((t) => t.sort((a, b) => a - b).map((x) => x / 64)),
    fc.constantFrom<Changes>({}, { 'adc.search': 'linear' }, { 'adc.search': 'ramp' }, { 'adc.architecture': 'flash' }),
  ])('of an ideal converter are its thresholds to the last bit', (t, kind) => {
    for (const [k, x] of transitions(converter(t, kind), 1).entries()) {
      expect(x).toBeGreaterThan(t[k]!)
      expect(x - t[k]!).toBeLessThanOrEqual(2 ** -52 * Math.max(Math.abs(t[k]!), 2 ** -1000))
    }
  })

  it('take offset, gain, droop and hysteresis into account: against a hand calculation', () => {
    const made = converter(four, {
      'adc.search': 'linear',
      'adc.hold.droop': -1e6,
      'adc.compareTime': 1e-9,
      'adc.comparator.hysteresis': 0.01,
    })
    const bench = { ...made, instance: { ...made.instance, gain: 1.1, offset: 0.02, comparatorOffset: 0.003 } }
    const found = transitions(bench, 0)
    for (const [k, t] of four.entries()) {
      const hysteresis = k === 0 ? 0.005 : -0.005
      expect(found[k]).toBeCloseTo((t + 0.003 + hysteresis + 1e-3 * (k + 1) - 0.02) / 1.1, 12)
    }
  })

  it('null where the range of a clipping converter ends before', () => {
    const { thresholds, missingCodes } = run(converter([0, 0.5, 1.2], { 'adc.clip': true }))
    expect(thresholds.exact[2]).toBeNull()
    expect(missingCodes).toEqual([3])
  })
})

describe('the law of codes', () => {
  const changes: Changes = {
    'adc.comparator.noise': 0.02,
    'adc.hold.capacitance': 1e-18,
    'environment.temperature': 30,
  }
  it.each<[string, Changes]>([
    ['binary', {}],
    ['linear', { 'adc.search': 'linear' }],
    ['ramp', { 'adc.search': 'ramp', 'adc.dac.bits': 6, 'adc.hold.droop': 1e5 }],
    ['flash', { 'adc.architecture': 'flash', 'adc.comparator.hysteresis': 0.02 }],
    [
      'window, settling and hysteresis',
      { 'adc.comparator.metaWindow': 0.03, 'adc.dac.settlingError': 0.05, 'adc.comparator.hysteresis': 0.02 },
    ],
    ['without comparator noise', { 'adc.comparator.noise': 0 }],
  ])('is what conversions draw from: %s', (_, more) => {
    const bench = converter([0, 0.03, 0.06], { ...changes, 'adc.hold.switchResistance': 0, ...more }, 1)
    const n = 20_000
    const volts = fromRows(Array.from({ length: n }, () => [0.031]))
    const { codes } = convert(volts, bench.design, bench.instance, bench.profile, KEY)
    for (const [c, p] of codeLawAt(bench, 0, 0.031).entries())
      expectCount(codes.data.filter((x) => x === c).length, n, p)
  })
})

describe('figures', () => {
  it('a gain and an offset are found as their inverse, and leave no INL', () => {
    const made = converter(four)
    const { gain, offset, inl, dnl, thresholds } = run({
      ...made,
      instance: { ...made.instance, gain: 1.25, offset: 0.05 },
    })
    // T = (t - 0.05) / 1.25, so t = 1.25 T + 0.05
    expect(gain).toBeCloseTo(1.25, 12)
    expect(offset).toBeCloseTo(0.05, 12)
    for (const x of [...inl!, ...dnl!]) expect(Math.abs(x!)).toBeLessThan(1e-12)
    expect(thresholds.error[0]).toBeCloseTo((-0.6 - 0.05) / 1.25 + 0.6, 12)
  })

  it('INL and DNL of one threshold that is off, by hand', () => {
    // fit of (-1, 0, 1, 2) + (0, 0, e, 0) on (-1, 0, 1, 2): closed form of simple regression
    const e = 0.1
    const { inl, dnl, gain, offset } = linearity([-1, 0, 1, 2], [-1, 0, 1 + e, 2], 0.5)
    const x = [-1, 0, 1 + e, 2]
    const mean = (2 + e) / 4
    const g = x.reduce((s, v, k) => s + (v - mean) * (k - 1 - 0.5), 0) / x.reduce((s, v) => s + (v - mean) ** 2, 0)
    expect(gain).toBeCloseTo(g, 12)
    expect(offset).toBeCloseTo(0.5 - g * mean, 12)
    expect(inl!.reduce<number>((s, v) => s + v!, 0)).toBeCloseTo(0, 12)
    expect(dnl![1]).toBeCloseTo((g * (1 + e) - 1) / 0.5, 12)
  })

  it('one threshold: no gain, INL, DNL; two: no INL, DNL', () => {
    expect(run(converter([0.1]))).toMatchObject({ gain: null, inl: null, dnl: null })
    expect(run(converter([0.1])).offset).toBeCloseTo(0, 12)
    const two = run(converter([-0.1, 0.4]))
    expect(two.gain).toBeCloseTo(1, 12)
    expect(two).toMatchObject({ inl: null, dnl: null })
  })

  it('missing codes: cells below a tenth of their target, and codes never given', () => {
    const made = converter(four)
    const with_ = (t: readonly number[]) =>
      run({ ...made, instance: { ...made.instance, thresholds: Float64Array.from(t) } })
    expect(with_([-0.6, 0.05, 0.08, 0.7]).missingCodes).toEqual([])
    expect(with_([-0.6, 0.05, 0.07, 0.7]).missingCodes).toEqual([2])
    // out of order: binary search (0.3 before 0.05 and 0.7) never ends between
    expect(with_([-0.6, 0.4, 0.3, 0.7]).missingCodes).toEqual([2])
    expect(with_([-0.6, 0.4, 0.3, 0.7]).monotone).toBe(true)
  })

  it('monotone no longer where the front end turns back', () => {
    expect(run(converter([0, 0.35], { 'adc.frontEnd.cubic': -1 })).monotone).toBe(true)
    const turned = converter([0, 0.35])
    expect(run({ ...turned, instance: { ...turned.instance, gain: -1 } }).monotone).toBe(false)
  })
})

describe('the ramp histogram', () => {
  it('needs 2654 samples a code for 0.05 LSB with 99 % confidence', () => {
    expect(samplesPerCode(0.99, 0.05)).toBe(2654)
    expect(samplesPerCode(0.95, 0.1)).toBe(385)
  })

  it('finds noisy thresholds where half of the conversions pass, closer than it promises', () => {
    const bench = converter(four, { 'adc.comparator.noise': 0.01, 'adc.search': 'linear' })
    const { thresholds, ramp, lsb } = run(bench)
    expect(ramp).toMatchObject({ confidence: 0.99, accuracy: 0.05, samplesPerCode: 2654 })
    for (const [k, t] of thresholds.ramp.entries()) {
      expect(thresholds.halfway[k]).toBeCloseTo(four[k]!, 9)
      expect(Math.abs(t! - thresholds.halfway[k]!)).toBeLessThan(0.05 * lsb)
    }
  })

  it('without noise is exact to a step', () => {
    const { thresholds, ramp } = run(converter(four), { key: null })
    for (const [k, t] of thresholds.ramp.entries()) expect(Math.abs(t! - four[k]!)).toBeLessThanOrEqual(ramp.step)
  })

  it('noise moves the 50 % point of close thresholds: both must be passed', () => {
    const bench = converter([0, 0.001], { 'adc.comparator.noise': 0.01, 'adc.search': 'linear' })
    const [low, high] = run(bench).thresholds.halfway as [number, number]
    expect(low).toBeCloseTo(0, 9)
    expect(high).toBeGreaterThan(0.004)
  })
})
