import { describe, expect, it } from 'vitest'
import { convert } from '../../src/adc/convert.ts'
import type { Converter } from '../../src/adc/converter.ts'
import { dacVolts, designAdc, lsb } from '../../src/adc/design.ts'
import { fabricateAdc } from '../../src/adc/instance.ts'
import { measureTransitions } from '../../src/adc/measure.ts'
import { codesOf, programmed, reader } from '../../src/adc/program.ts'
import { transferMap, writeTable } from '../../src/adc/write-table.ts'
import type { Quantizer } from '../../src/network/network.ts'
import { fromRows } from '../../src/numerics/matrix.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { profileWith } from '../support/profile.ts'

type Changes = Partial<Record<FieldPath, FieldValue>>
const BITS = 8
const STEP = lsb(1, BITS)
const targets = [-0.5, 0.123, 0.4]

function converter(changes: Changes = {}, chip = 1): { bench: Converter; key: { seed: number; chip: number } } {
  const key = { seed: 5, chip }
  const profile = profileWith({ 'adc.fullScale': 1, 'adc.dac.bits': BITS, ...changes })
  const quantizer: Quantizer = {
    thresholds: Float64Array.from(targets),
    levels: new Float64Array(4),
    compare: 'gt',
    levelRule: 'given',
  }
  const design = designAdc(quantizer, 1, profile.adc)
  return { bench: { design, instance: fabricateAdc(design, profile, key), profile, channels: 4 }, key }
}

const rough: Changes = {
  'adc.dac.unitSigma': 0.1,
  'adc.comparator.offsetSigma': 0.05,
  'adc.frontEnd.gainSigma': 0.1,
  'adc.frontEnd.offsetSigma': 0.05,
  'adc.frontEnd.cubic': 0.1,
  'adc.comparator.noise': 2e-3,
}

describe('transitions measured through noise', () => {
  it.each([0, 1e-4, 1e-3, 1e-2])('noise %f V rms: within the interval that was asked for', (noise) => {
    const accuracy = 0.1 * STEP
    const misses = Array.from({ length: 12 }, (_, chip) => {
      const { bench, key } = converter({ 'adc.comparator.noise': noise, 'adc.comparator.offsetSigma': 0.05 }, chip)
      const { transitions } = measureTransitions(bench, bench.design.nominal, { key, accuracy, confidence: 0.99 })
      return Array.from(transitions, (u, k) => u - (bench.instance.thresholds[k]! + bench.instance.comparatorOffset))
    }).flat()
    // 36 transitions at 99 %, and the grid of the staircase: one may miss.
    expect(misses.filter((e) => Math.abs(e) > accuracy).length).toBeLessThanOrEqual(1)
    expect(Math.max(...misses.map(Math.abs))).toBeLessThan(2 * accuracy)
  })

  it('tells the noise', () => {
    const { bench, key } = converter({ 'adc.comparator.noise': 5e-3 })
    const { noise } = measureTransitions(bench, bench.design.nominal, { key, accuracy: 1e-4, confidence: 0.99 })
    expect(noise).toBeGreaterThan(4.5e-3)
    expect(noise).toBeLessThan(5.5e-3)
  })

  it('finds transitions far from where they were thought to be, and says where there is none', () => {
    const { bench, key } = converter({ 'adc.clip': true })
    const far = { ...bench, instance: { ...bench.instance, thresholds: Float64Array.of(-0.9, 0.8, 1.5) } }
    const { transitions } = measureTransitions(far, bench.design.nominal, { key, accuracy: 1e-4, confidence: 0.99 })
    expect(transitions[0]).toBeCloseTo(-0.9, 3)
    expect(transitions[1]).toBeCloseTo(0.8, 3)
    expect(transitions[2]).toBeNaN()
  })
})

describe('writing a table', () => {
  it('codes ascend, and equal ones are kept apart within their step', () => {
    expect(codesOf([0.1, 0.1001, 0.05], 1, 4)).toEqual([9, 9, 9])
    const { bench, key } = converter()
    const { design } = programmed(bench, key, [[9, 9, 10]], 4)
    expect(Array.from(design.nominal)).toEqual([9, 9, 10].map((c) => dacVolts(c, 1, 4)))
    expect(design.thresholds[0]!).toBeLessThan(design.thresholds[1]!)
    expect(design.thresholds[1]!).toBeLessThan(design.thresholds[2]!)
    expect(codesOf(design.thresholds, 1, 4)).toEqual([9, 9, 10])
  })

  for (const changes of [rough, { ...rough, 'adc.architecture': 'flash' }, { ...rough, 'adc.search': 'ramp' }] as const)
    it(`brings transitions within a step of where they are wanted: ${JSON.stringify(changes['adc.architecture' as never] ?? changes['adc.search' as never] ?? 'binary')}`, () => {
      for (let chip = 0; chip < 5; chip++) {
        const { bench, key } = converter(changes, chip)
        const measure = (of: Converter, guess: Float64Array) =>
          measureTransitions(of, guess, { key, accuracy: 0.1 * STEP, confidence: 0.99 })
        const map = transferMap(bench, BITS, measure, key)
        const wanted = Float64Array.from(targets)
        const { converter: written, residual } = writeTable(bench, [wanted], map, BITS, key, measure)
        const { transitions } = measure(written, wanted)
        // Mismatch leaves steps of up to 1 + 4 x 0.1 sqrt(255) of the nominal one.
        for (const [k, u] of transitions.entries()) expect(Math.abs(u - wanted[k]!)).toBeLessThan(1.5 * STEP)
        expect(residual).toBeLessThan(STEP)
      }
    })

  it('each channel its own', () => {
    const { bench, key } = converter()
    const made = programmed(
      bench,
      key,
      [0, 1, 2, 3].map((n) => [100 + n, 140, 180]),
      BITS,
    )
    const v = [99.5, 100.5, 101.5, 102.5].map((c) => dacVolts(0, 1, BITS) + c * STEP + 0.6 * STEP)
    const { codes } = convert(fromRows([v, v.map(() => v[1]!)]), made.design, made.instance, made.profile, key)
    // channel n passes code 100 + n; the voltages lie 0.1 of a step above each, or all above that of channel 1
    expect(Array.from(codes.data)).toEqual([1, 1, 1, 1, 1, 1, 0, 0])
  })
})

it('the converter as a voltmeter reads to half a step, and stays at its ends', () => {
  const { bench, key } = converter()
  const meter = reader(bench, key, BITS)
  const v = [-0.77, -0.001, 0.3333, 0.98]
  const { codes } = convert(fromRows([[...v, -2, 2]]), meter.design, meter.instance, meter.profile, key)
  for (const [i, x] of v.entries())
    expect(Math.abs(meter.volts(codes.data[i]!) - x)).toBeLessThanOrEqual(STEP / 2 + 1e-12)
  expect([codes.data[4]!, codes.data[5]!].map(meter.volts)).toEqual([-1 - STEP / 2, 1 - STEP / 2])
})
