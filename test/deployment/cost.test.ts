import { describe, expect, it } from 'vitest'
import { estimateCost, sarEnergy } from '../../src/deployment/cost.ts'
import { deploy } from '../../src/deployment/deploy.ts'
import type { Network } from '../../src/network/network.ts'
import { fromRows } from '../../src/numerics/matrix.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { profileWith } from '../support/profile.ts'

const network = (thresholds: number[]): Network => ({
  name: 'two inputs, one channel',
  encoder: [{ weight: fromRows([[1, -0.5]]), bias: Float64Array.of(0.25), activation: 'linear' }],
  quantizer: {
    thresholds: Float64Array.from(thresholds),
    levels: Float64Array.from({ length: thresholds.length + 1 }, (_, k) => k),
    compare: 'gt',
    levelRule: 'given',
  },
  decoder: [{ weight: fromRows([[1]]), bias: Float64Array.of(0), activation: 'linear' }],
  task: null,
  provenance: {},
})

/** One vector of (1, -0.5); the input's full scale of 1.1 units is 0.22 V, so that a unit is 0.2 V. */
const costOf = (changes: Partial<Record<FieldPath, FieldValue>> = {}, thresholds = [-0.5, 0, 0.5]) =>
  estimateCost(
    deploy(
      network(thresholds),
      profileWith({
        'device.conductanceMin': 0,
        'device.conductanceMax': 100e-6,
        'periphery.input.fullScale': 0.22,
        'periphery.tia.readTime': 50e-9,
        'environment.temperature': 300,
        'adc.compareTime': 10e-9,
        ...changes,
      }),
      { calibration: fromRows([[1, -0.5]]) },
    ),
    { node: 65, cell: '1R' },
  )
const row = (cost: ReturnType<typeof costOf>, part: string) => cost.rows.find((r) => r.part.includes(part))!

describe('arrays', () => {
  // Devices of 100, 50 and 25 uS at 0.2, 0.1 and (the bias) 0.2 V
  const joule = (100e-6 * 0.2 ** 2 + 50e-6 * 0.1 ** 2 + 25e-6 * 0.2 ** 2) * 50e-9

  it('sum V^2 G t over the devices', () => {
    const { energyJoules, seconds, squareMetres } = row(costOf(), 'arrays')
    expect(energyJoules).toBeCloseTo(joule, 22)
    expect(seconds).toBe(50e-9)
    expect(squareMetres).toBeCloseTo(6 * 4 * 65e-9 ** 2, 22)
  })

  it('several devices a side cost as many times as much', () => {
    expect(row(costOf({ 'device.devicesPerSide': 3 }), 'arrays').energyJoules! / joule).toBeCloseTo(3, 12)
  })

  it('pulses cost full scale for their length', () => {
    const pulses = (100e-6 * 0.2 + 50e-6 * 0.1 + 25e-6 * 0.2) * 0.22 * 50e-9
    expect(row(costOf({ 'periphery.input.encoding': 'pulse-width' }), 'arrays').energyJoules).toBeCloseTo(pulses, 22)
  })

  it('bit-serial inputs take one read a bit of the magnitude', () => {
    const cost = costOf({ 'periphery.input.encoding': 'bit-serial', 'periphery.input.bits': 8 })
    expect(row(cost, 'arrays').seconds).toBeCloseTo(7 * 50e-9, 15)
    expect(row(cost, 'DACs').energyJoules).toBeNull()
  })
})

describe('converters', () => {
  it('follow the fit of the successive-approximation converter', () => {
    // (3.7506 x 6 + 25.844) uW + 0.121272 W ohm / 1 kohm, for 7 ns
    expect(sarEnergy(6, 1000, 65, 300)).toBeCloseTo((48.3476e-6 + 121.272e-6) * 7e-9, 20)
    expect(sarEnergy(6, 1000, 65, 400) / sarEnergy(6, 1000, 65, 300)).toBeCloseTo(1.13, 12)
    expect(sarEnergy(8, 1e9, 7, 300)).toBeLessThan(sarEnergy(8, 1e9, 130, 300))
  })

  it('of 1 to 3 bits are marked as outside every model, those of 4 are not', () => {
    const few = row(costOf(), 'serial ADC')
    expect(few.outsideRange).toBe(true)
    expect(few.note).toContain('outside the range of every public model')
    expect(few.seconds).toBeCloseTo(2 * 10e-9, 15)
    const many = row(
      costOf(
        {},
        Array.from({ length: 15 }, (_, k) => k / 16 - 0.5),
      ),
      'serial ADC',
    )
    expect(many.outsideRange).toBe(false)
    expect(many.note).not.toContain('outside')
    expect(row(costOf({ 'adc.search': 'linear' }), 'serial ADC').seconds).toBeCloseTo(3 * 10e-9, 15)
  })

  it('input DACs come from the table; 8 bits are half a milliwatt, not half a watt', () => {
    const dacs = row(costOf({ 'periphery.input.bits': 8 }), 'DACs')
    expect(dacs.energyJoules).toBeCloseTo(2 * 0.4992e-3 * 50e-9, 20)
    expect(row(costOf({ 'periphery.input.bits': 5 }), 'DACs').note).toContain('as 6 bits')
    expect(row(costOf({ 'periphery.input.bits': 12 }), 'DACs').energyJoules).toBeNull()
    expect(row(costOf(), 'DACs').energyJoules).toBeNull()
  })

  it('digitised partial sums have converters of their own', () => {
    const cost = costOf({
      'crossbar.partialSums.kind': 'digitised',
      'crossbar.partialSums.bits': 8,
      'crossbar.wordLines': 2,
    })
    expect(row(cost, 'partial sums').note).toContain('2 conversions of 8 bits')
    expect(row(cost, 'partial sums').outsideRange).toBe(false)
  })
})

it('the total is the sum of what is known, and every row has its source', () => {
  const { rows, total } = costOf({ 'periphery.input.bits': 8 })
  expect(total.energyJoules).toBe(rows.reduce((s, r) => s + (r.energyJoules ?? 0), 0))
  expect(total.seconds).toBe(rows.reduce((s, r) => s + (r.seconds ?? 0), 0))
  for (const { source, note } of rows) expect(Math.min(source.length, note.length)).toBeGreaterThan(10)
  expect(rows.filter((r) => r.energyJoules === null).map((r) => r.part)).toEqual(['1 amplifiers and activation stages'])
})
