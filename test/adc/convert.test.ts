import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { comparesNeeded, convert, holdBehaviour, presented } from '../../src/adc/convert.ts'
import type { AdcDesign } from '../../src/adc/design.ts'
import type { AdcInstance } from '../../src/adc/instance.ts'
import { fromRows, matrix } from '../../src/numerics/matrix.ts'
import { normalAt, site, stages, uniformAt } from '../../src/numerics/random.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { expectCount, expectLaw, expectMoments, phi } from '../support/distribution.ts'
import { profileWith } from '../support/profile.ts'

type Changes = Partial<Record<FieldPath, FieldValue>>
const key = { seed: 31, chip: 2 }

const designOf = (thresholds: readonly number[], compare: 'gt' | 'ge' = 'gt'): AdcDesign => {
  const t = Float64Array.from(thresholds)
  return { thresholds: t, dacCodes: null, nominal: t, compare, merged: 0, outside: 0 }
}
const instanceOf = (thresholds: readonly number[], more: Partial<AdcInstance> = {}): AdcInstance => ({
  thresholds: Float64Array.from(thresholds),
  comparatorOffset: 0,
  gain: 1,
  offset: 0,
  ...more,
})

/** Codes of rows of voltages. */
function codes(
  rows: readonly (readonly number[])[],
  thresholds: readonly number[],
  changes: Changes = {},
  more: { instance?: Partial<AdcInstance>; compare?: 'gt' | 'ge'; noise?: boolean; first?: number } = {},
) {
  const profile = profileWith(changes)
  const { codes: c } = convert(
    fromRows(rows),
    designOf(thresholds, more.compare),
    instanceOf(thresholds, more.instance),
    profile,
    more.noise === true ? key : null,
    more.first,
  )
  return Array.from({ length: c.rows }, (_, v) => Array.from(c.data.subarray(v * c.cols, (v + 1) * c.cols)))
}
/** Codes of one vector. */
const code = (...given: [readonly number[], readonly number[], Changes?, object?]) => {
  const [v, ...rest] = given
  return codes([v], ...rest)[0]!
}

const ascending = fc
  .uniqueArray(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 20 })
  .map((t) => t.sort((a, b) => a - b).map((x) => x / 64))
const volts = fc
  .array(fc.integer({ min: -400, max: 400 }), { minLength: 1, maxLength: 8 })
  .map((v) => v.map((x) => x / 256))

describe('an ideal converter', () => {
  property.prop([ascending, volts, fc.constantFrom('gt', 'ge'), fc.constantFrom('binary', 'linear')])(
    'gives the number of thresholds below the input (ties as compare says), by either search',
    (t, v, compare, search) => {
      expect(code(v, t, { 'adc.search': search }, { compare })).toEqual(
        v.map((x) => t.filter((edge) => (compare === 'gt' ? x > edge : x >= edge)).length),
      )
    },
  )

  it('a tie is below for gt, above for ge', () => {
    expect(code([0.5, 1], [0.5, 1], {}, { compare: 'gt' })).toEqual([0, 1])
    expect(code([0.5, 1], [0.5, 1], {}, { compare: 'ge' })).toEqual([1, 2])
  })

  it('NaN and infinities end in the end codes', () => {
    for (const search of ['binary', 'linear'])
      expect(code([Number.NaN, Infinity, -Infinity], [-1, 0, 1], { 'adc.search': search })).toEqual([0, 3, 0])
  })

  property.prop([fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 12 }), volts])(
    'thresholds out of order: linear search stops at the first one not passed',
    (t, v) => {
      expect(code(v, t, { 'adc.search': 'linear' })).toEqual(
        v.map((x) => {
          const stop = t.findIndex((edge) => !(x > edge))
          return stop < 0 ? t.length : stop
        }),
      )
    },
  )

  it('thresholds out of order: the two searches disagree', () => {
    expect(code([1], [2, 0, 3], { 'adc.search': 'linear' })).toEqual([0])
    expect(code([1], [2, 0, 3], { 'adc.search': 'binary' })).toEqual([2])
  })

  it.each([
    [2, 1, 1],
    [3, 2, 2],
    [4, 2, 3],
    [16, 4, 15],
    [17, 5, 16],
  ])('%i levels need %i compares in binary, %i in linear search', (levels, binary, linear) => {
    expect(comparesNeeded(levels, { architecture: 'serial', search: 'binary' })).toBe(binary)
    expect(comparesNeeded(levels, { architecture: 'serial', search: 'linear' })).toBe(linear)
  })

  it('clips at full scale where asked, and counts', () => {
    const t = [-0.9, 0.9, 1.5]
    const run = (clip: boolean) =>
      convert(
        fromRows([[2, -2, 1, 0.95]]),
        designOf(t),
        instanceOf(t),
        profileWith({ 'adc.fullScale': 1, 'adc.clip': clip }),
        null,
      )
    expect(Array.from(run(false).codes.data)).toEqual([3, 0, 2, 2])
    expect(Array.from(run(true).codes.data)).toEqual([2, 0, 2, 2])
    expect([run(false).clipped, run(true).clipped]).toEqual([0, 2])
  })
})

describe('the path to the comparator, against a hand calculation', () => {
  const shown = (v: readonly number[], changes: Changes, more: Partial<AdcInstance> = {}) =>
    Array.from(
      presented(Float64Array.from(v), instanceOf([], more), profileWith(changes), null, new Float64Array(v.length)),
    )

  it('without imperfections presents its input, bit for bit', () => {
    expect(shown([0.1, -0.7, 1 / 3], {})).toEqual([0.1, -0.7, 1 / 3])
    expect(shown([0.1, -0.7], { 'adc.hold.capacitance': 1e-13, 'adc.hold.switchResistance': 0 })).toEqual([0.1, -0.7])
  })

  it('crosstalk: a share of the channel before; the first channel has none', () => {
    expect(shown([1, 0, 0.5], { 'adc.crosstalk': 0.1 })).toEqual([1, 0.1, 0.45])
  })

  it('hold memory: the step from the sample before settles by 1 - exp(-t / RC), from 0 V at the start', () => {
    // RC = 10 ns, t = 10 ns ln 4: three quarters of each step
    const hold = {
      'adc.hold.capacitance': 1e-11,
      'adc.hold.switchResistance': 1000,
      'adc.hold.sampleTime': 1e-8 * Math.log(4),
    }
    expect(holdBehaviour(profileWith(hold)).settled).toBeCloseTo(0.75, 14)
    const [a, b, c] = shown([1, 0, -1], hold) as [number, number, number]
    expect([a, b, c].map((x) => Number(x.toFixed(12)))).toEqual([0.75, 0.1875, -0.703125])
  })

  it('front end: gain, offset and cube of the held voltage, the cube before neither', () => {
    // 1.1 x 0.5 + 0.02 + 0.4 x 0.125
    expect(shown([0.5], { 'adc.frontEnd.cubic': 0.4 }, { gain: 1.1, offset: 0.02 })[0]).toBeCloseTo(0.62, 14)
  })

  it('kT/C noise: 204 uV rms at 300 K on 100 fF', () => {
    const profile = profileWith({ 'adc.hold.capacitance': 100e-15, 'environment.temperature': 300 })
    expect(holdBehaviour(profile).noise).toBeCloseTo(203.5e-6, 7)
    expect(holdBehaviour(profile).noise).toBeCloseTo(Math.sqrt((1.380649e-23 * 300) / 100e-15), 18)
    const at = site(stages.adc, 'samplingNoise')
    const n = 20_000
    const held = Float64Array.from({ length: n }, (_, v) => {
      const out = new Float64Array(1)
      presented(Float64Array.of(0.2), instanceOf([]), profile, () => normalAt(key, at, 0, 0, v), out)
      return out[0]!
    })
    const settled = 0.2 * (1 - Math.exp(-20e-9 / (1000 * 100e-15)))
    expectMoments(held, settled, 203.5e-6)
    expectLaw(held, (x) => phi((x - settled) / 203.51e-6))
  })
})

describe('the decision, against a hand calculation', () => {
  it('comparator offset moves every threshold alike', () => {
    expect(code([0.04, 0.06, 1.04, 1.06], [0, 1], {}, { instance: { comparatorOffset: 0.05 } })).toEqual([0, 1, 1, 2])
  })

  it('hysteresis: against the decision before; every channel starts from "below"', () => {
    const h = { 'adc.comparator.hysteresis': 0.2, 'adc.search': 'linear' }
    // first compare 0.1 higher; after a "yes" the next is 0.1 lower
    expect(code([0.05, 0.11], [0], h)).toEqual([0, 1])
    expect(code([0.95, 0.85], [0, 1], h)).toEqual([2, 1])
    // binary search on three thresholds: -1 V is asked second, after a "no" at 0 V
    const b = { ...h, 'adc.search': 'binary' }
    expect(code([-0.95, -0.85, 0.95, 0.85], [-1, 0, 1], b)).toEqual([0, 1, 3, 2])
  })

  it('droop: the held voltage has moved by droop x (compares so far) x compare time', () => {
    const d = { 'adc.hold.droop': -1e6, 'adc.compareTime': 1e-7, 'adc.search': 'linear' }
    // 0.1 V lower at the first compare, 0.2 V at the second, 0.3 V at the third
    expect(code([0.09, 0.11], [0, 5], d)).toEqual([0, 1])
    expect(code([1.19, 1.21], [0, 1, 5], d)).toEqual([1, 2])
    expect(code([2.29, 2.31], [0, 1, 2], d)).toEqual([2, 3])
  })

  it('settling: a share of the step from the threshold before remains; the first of a channel is settled', () => {
    const s = { 'adc.dac.settlingError': 0.1, 'adc.search': 'linear' }
    // 0, then 1 + 0.1 (0 - 1) = 0.9, then 2 + 0.1 (0.9 - 2) = 1.89
    expect(code([-0.01, 0.01, 0.89, 0.91, 1.88, 1.9], [0, 1, 2], s)).toEqual([0, 1, 1, 2, 2, 3])
    // binary: 1 first, then 0 + 0.1 (1 - 0) = 0.1 or 2 + 0.1 (1 - 2) = 1.9
    const b = { ...s, 'adc.search': 'binary' }
    expect(code([0.09, 0.11, 1.89, 1.91], [0, 1, 2], b)).toEqual([0, 1, 2, 3])
  })

  it('metastability: inside the window a fair coin, outside the plain decision', () => {
    const n = 10_000
    const rows = Array.from({ length: n }, () => [0.0009, -0.0009, 0.0011, -0.0011])
    const profile = profileWith({ 'adc.comparator.metaWindow': 1e-3 })
    const { codes: c, metastable } = convert(fromRows(rows), designOf([0]), instanceOf([0]), profile, key)
    const count = [0, 0, 0, 0]
    for (const [i, x] of c.data.entries()) count[i % 4]! += x
    expectCount(count[0]!, n, 0.5)
    expectCount(count[1]!, n, 0.5)
    expect(count.slice(2)).toEqual([n, 0])
    expect(metastable).toBe(2 * n)
    const at = site(stages.adc, 'metastability')
    for (let v = 0; v < 100; v++) expect(c.data[4 * v]).toBe(uniformAt(key, at, 0, 0, v) < 0.5 ? 1 : 0)
  })
})

describe('comparator noise', () => {
  const sigma = 1e-3
  it.each([-2, -1, -0.3, 0, 0.5, 1.5])(
    '%f sigma from the threshold: decided "above" with the normal probability',
    (d) => {
      const n = 10_000
      const rows = Array.from({ length: n }, () => [0.25 + d * sigma])
      const all = codes(rows, [0.25], { 'adc.comparator.noise': sigma }, { noise: true })
      expectCount(
        all.flat().reduce((a, b) => a + b, 0),
        n,
        phi(d),
      )
    },
  )

  it('is fresh in every compare: two thresholds on one voltage are passed with the product of probabilities', () => {
    const n = 20_000
    const rows = Array.from({ length: n }, () => [0.25])
    const changes = { 'adc.comparator.noise': sigma, 'adc.search': 'linear' }
    const all = codes(rows, [0.25, 0.25 + 1e-9], changes, { noise: true }).flat()
    for (const [level, p] of [0.5, 0.25, 0.25].entries()) expectCount(all.filter((c) => c === level).length, n, p)
  })

  it('a batch cut in two draws the same noise', () => {
    const rows = Array.from({ length: 200 }, (_, v) => Array.from({ length: 5 }, (_, n) => Math.sin(v * 7 + n) / 500))
    const changes: Changes = {
      'adc.comparator.noise': sigma,
      'adc.comparator.metaWindow': 1e-4,
      'adc.hold.capacitance': 1e-13,
      'adc.crosstalk': 0.01,
    }
    const t = [-1e-3, 0, 1e-3]
    const whole = codes(rows, t, changes, { noise: true })
    expect([
      ...codes(rows.slice(0, 77), t, changes, { noise: true }),
      ...codes(rows.slice(77), t, changes, { noise: true, first: 77 }),
    ]).toEqual(whole)
    expect(codes(rows, t, changes, { noise: true, first: 1 })).not.toEqual(whole)
  })

  it('without a key a chip is a deterministic circuit', () => {
    const rows = Array.from({ length: 50 }, (_, v) => [v / 1e4 - 0.0025])
    const noisy = { 'adc.comparator.noise': 1, 'adc.comparator.metaWindow': 1, 'adc.hold.capacitance': 1e-18 }
    expect(codes(rows, [0], { ...noisy, 'adc.hold.switchResistance': 0 })).toEqual(codes(rows, [0]))
  })

  it('one noise switched off leaves the draws of the other', () => {
    // the sampling noise alone decides here, far from where comparator noise could
    const rows = Array.from({ length: 500 }, () => [0])
    const hold = { 'adc.hold.capacitance': 1e-13 }
    const alone = codes(rows, [0], hold, { noise: true })
    expect(codes(rows, [0], { ...hold, 'adc.comparator.noise': 1e-12 }, { noise: true })).toEqual(alone)
  })
})

it('an empty batch is an empty result', () => {
  const { codes: c } = convert(matrix(0, 4), designOf([0]), instanceOf([0]), profileWith(), key)
  expect([c.rows, c.cols, c.data.length]).toEqual([0, 4, 0])
})
