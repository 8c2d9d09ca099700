import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { mapLayer } from '../../src/crossbar/mapping.ts'
import { correctWires, layerEffective, wireError } from '../../src/crossbar/wire-correction.ts'
import { engine, useEngine } from '../../src/numerics/kernels/module.ts'
import { type Matrix, matrix } from '../../src/numerics/matrix.ts'
import { profileWith } from '../support/profile.ts'

const LOW = 1e-6
const HIGH = 40e-6
type Changes = Parameters<typeof profileWith>[0]

function random(outputs: number, words: number, seed = 1): Matrix {
  return matrix(
    outputs,
    words,
    Float64Array.from({ length: outputs * words }, (_, k) => Math.sin((k + 1) * 12.9898 + seed) ** 3),
  )
}

function corrected(weights: Matrix, ohms: number, changes: Changes) {
  const profile = profileWith({
    'device.conductanceMin': LOW,
    'device.conductanceMax': HIGH,
    'crossbar.wires.wordSegment': ohms,
    'crossbar.wires.bitSegment': ohms,
    ...changes,
  })
  const mapped = mapLayer(weights, profile.device, profile.crossbar)
  const result = correctWires(mapped, weights, profile.device, profile.crossbar)
  const effective = layerEffective(
    result.mapped.tiles,
    result.mapped.tiles.map((t) => t.target.data),
    weights.rows,
    weights.cols,
    { wires: profile.crossbar.wires, seriesOhms: profile.device.accessTransistor.resistance },
  )
  const error = () =>
    wireError(effective, { ...weights, data: weights.data.map((w) => mapped.scale * w) }, result.outputGain)
  return { profile, mapped, result, effective, error }
}

describe('programming around the wires', () => {
  const cases = fc.record({
    outputs: fc.integer({ min: 1, max: 8 }),
    words: fc.integer({ min: 1, max: 8 }),
    seed: fc.integer({ min: 0, max: 1e6 }),
    mapping: fc.constantFrom(
      'differential-one-sided',
      'differential-two-sided',
      'offset-column',
      'dual-pair',
      'bit-sliced',
    ),
    layout: fc.constantFrom('adjacent', 'separate', 'interleaved'),
    devices: fc.integer({ min: 1, max: 2 }),
    order: fc.constantFrom('natural', 'heavy-first'),
    drive: fc.constantFrom('one-end', 'both-ends'),
    wordLines: fc.constantFrom(128, 4),
    kind: fc.constantFrom('current', 'digitised'),
    transistor: fc.constantFrom(0, 15e3),
  })
  property.prop([cases], { numRuns: 60 })('the effective matrix becomes the weights, in every arrangement', (c) => {
    const { result, error, mapped } = corrected(random(c.outputs, c.words, c.seed), 3, {
      'crossbar.wireCorrection': 'programming',
      'device.devicesPerSide': c.devices,
      'crossbar.mapping': c.mapping,
      'crossbar.layout': c.mapping === 'offset-column' && c.layout === 'interleaved' ? 'adjacent' : c.layout,
      'crossbar.lineOrder': c.order,
      'crossbar.wires.drive': c.drive,
      'crossbar.wordLines': c.wordLines,
      'crossbar.partialSums.kind': c.kind,
      'device.accessTransistor.resistance': c.transistor,
    })
    const report = result.wireReport!
    expect(report.converged).toBe(true)
    expect(error().largest).toBeLessThan(1.1e-8)
    expect(report.after.relative).toBeLessThan(report.before.relative)
    expect(result.mapped.scale).toBe(mapped.scale)
    expect(report.headroom).toBe(1 / Math.max(...result.outputGain!))
    expect(report.headroom).toBeLessThanOrEqual(1)
    for (const { target } of result.mapped.tiles) for (const g of target.data) expect(g >= LOW && g <= HIGH).toBe(true)
  })

  it('uses the range: an output has gain only where the device of one of its weights is at the end', () => {
    const { result } = corrected(random(6, 9), 20, { 'crossbar.wireCorrection': 'programming' })
    const { target, lineOutputs } = result.mapped.tiles[0]!
    const gains = result.outputGain!
    for (const [o, gain] of gains.entries()) {
      const most = target.data.filter((_, k) => lineOutputs[k % target.cols] === o).reduce((a, b) => Math.max(a, b), 0)
      if (gain > 1) expect(most).toBeCloseTo(HIGH, 11)
      else expect(most).toBeLessThanOrEqual(HIGH)
    }
    expect(Math.max(...gains)).toBeGreaterThan(1)
    expect(new Set(gains).size).toBeGreaterThan(1)
  })

  it('ends on the levels of the device, better than without', () => {
    const { result, profile } = corrected(random(10, 20), 10, {
      'crossbar.wireCorrection': 'programming',
      'device.levels': 40,
    })
    for (const g of result.mapped.tiles[0]!.target.data) {
      const steps = (g - LOW) / 1e-6
      expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-9)
    }
    expect(profile.device.levels).toBe(40)
    expect(result.wireReport!.after.relative).toBeLessThan(result.wireReport!.before.relative)
  })

  it('says so when the wires take too much', () => {
    const { result } = corrected(random(20, 40), 2000, {
      'crossbar.wireCorrection': 'programming',
      'crossbar.mapping': 'differential-two-sided',
    })
    expect(result.wireReport!.converged).toBe(false)
    expect(result.wireReport!.after.relative).toBeGreaterThan(0.01)
    expect(result.wireReport!.after.relative).toBeLessThan(result.wireReport!.before.relative)
  })

  it('is the same bit for bit, again and whatever the engine', () => {
    const once = corrected(random(5, 7), 5, { 'crossbar.wireCorrection': 'programming' }).result
    const before = engine()
    try {
      useEngine('reference')
      const again = corrected(random(5, 7), 5, { 'crossbar.wireCorrection': 'programming' }).result
      expect(again).toEqual(once)
      expect(engine()).toBe('reference')
    } finally {
      useEngine(before)
    }
  })
})

describe('one gain an output', () => {
  it('is the least-squares one', () => {
    const weights = random(6, 9)
    const { result, mapped, effective } = corrected(weights, 5, { 'crossbar.wireCorrection': 'output-gain' })
    const wanted = { ...weights, data: weights.data.map((w) => mapped.scale * w) }
    const at = (factor: number) => {
      const data = effective.data.map((x, k) => x * result.outputGain![Math.floor(k / 9)]! * factor)
      return wireError({ ...effective, data }, wanted).relative
    }
    expect(at(1)).toBe(result.wireReport!.after.relative)
    expect(at(1)).toBeLessThan(result.wireReport!.before.relative)
    for (const factor of [0.999, 1.001]) expect(at(factor)).toBeGreaterThan(at(1))
    expect(result.mapped).toBe(mapped)
  })

  it('stays 1 where a row conducts nothing', () => {
    const weights = matrix(2, 2, Float64Array.of(1, 0.5, 0, 0))
    const { result } = corrected(weights, 5, { 'crossbar.wireCorrection': 'output-gain', 'device.conductanceMin': 0 })
    expect(result.outputGain![1]).toBe(1)
    expect(result.outputGain![0]).toBeGreaterThan(1)
  })
})

describe('without wires nothing changes', () => {
  for (const correction of ['none', 'output-gain', 'programming'] as const)
    it(correction, () => {
      const { result, mapped } = corrected(random(4, 4), 0, { 'crossbar.wireCorrection': correction })
      expect(result).toEqual({ mapped, outputGain: null, wireReport: null })
      expect(result.mapped).toBe(mapped)
    })
})
