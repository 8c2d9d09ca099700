/** Retention, temperature, and the noise of a column. */
import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { columnVariance, fabricateArray } from '../../src/crossbar/array.ts'
import { retained } from '../../src/crossbar/retention.ts'
import {
  acceleration,
  BOLTZMANN,
  columnNoise,
  ELEMENTARY_CHARGE,
  temperatureFactor,
} from '../../src/crossbar/temperature.ts'
import { fromRows, matrix } from '../../src/numerics/matrix.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { profileWith } from '../support/profile.ts'
import { pairs } from '../support/tile.ts'

const LOW = 10e-6
const HIGH = 90e-6
type Changes = Partial<Record<FieldPath, FieldValue>>
const profileOf = (changes: Changes = {}) =>
  profileWith({ 'device.conductanceMin': LOW, 'device.conductanceMax': HIGH, ...changes })
const fading: Changes = {
  'device.retention.model': 'stretched-exponential',
  'device.retention.timeConstant': 1000,
}

const target = matrix(20, 20)
for (let k = 0; k < target.data.length; k++) target.data[k] = LOW + (HIGH - LOW) * ((k * 0.618) % 1)
const tile = pairs(target, 1)
const made = (changes: Changes) => fabricateArray(tile, profileOf(changes), { seed: 1, chip: 2 }, 0, 0).conductance.data

describe('retention', () => {
  it.each([
    // g_end + (g - g_end) exp(-(t / tau)^stretch), by hand
    [50e-6, 1, 0, 1000, 10e-6 + 40e-6 * Math.exp(-1)],
    [50e-6, 1, 1, 1000, 90e-6 - 40e-6 * Math.exp(-1)],
    [50e-6, 0.5, 0.5, 250, 50e-6],
    [80e-6, 0.5, 0.5, 250, 50e-6 + 30e-6 * Math.exp(-0.5)],
    [80e-6, 2, 0.25, 2000, 30e-6 + 50e-6 * Math.exp(-4)],
  ])('%f S, stretch %f, end %f, %i s', (g, stretch, end, seconds, expected) => {
    const { device } = profileOf({ ...fading, 'device.retention.stretch': stretch, 'device.retention.end': end })
    expect(retained(g, device, seconds)).toBeCloseTo(expected, 15)
  })

  const time = fc.double({ min: 0, max: 1e9, noNaN: true })
  property.prop([
    fc.double({ min: 0, max: 1e-4, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    time,
    time,
  ])('moves monotonically from what it was towards its end, never past it', (g, end, t1, t2) => {
    const { device } = profileOf({ ...fading, 'device.retention.end': end })
    const [early, late] = t1 < t2 ? [t1, t2] : [t2, t1]
    const last = LOW + end * (HIGH - LOW)
    const away = (t: number) => Math.abs(retained(g, device, t) - last)
    expect(retained(g, device, 0)).toBe(g)
    expect(away(late)).toBeLessThanOrEqual(away(early) * (1 + 1e-12))
    expect((retained(g, device, late) - last) * (g - last)).toBeGreaterThanOrEqual(0)
    expect(retained(g, device, late)).toBeGreaterThanOrEqual(0)
  })
})

describe('temperature', () => {
  it('scales every conductance by 1 + coefficient (T - reference), and never below 0', () => {
    const hot = { 'device.temperature.coefficient': 0.002, 'environment.temperature': 350 }
    const [cold, warm] = [made({}), made(hot)]
    for (const [k, g] of warm.entries()) expect(g).toBeCloseTo(1.1 * cold[k]!, 18)
    expect(made({ ...hot, 'environment.temperature': 300 })).toEqual(cold)
    expect(made({ ...hot, 'device.temperature.reference': 350 })).toEqual(cold)
    expect(made({ 'device.temperature.coefficient': -0.1, 'environment.temperature': 400 }).every((g) => g === 0)).toBe(
      true,
    )
  })

  it('Arrhenius: 1 eV between 300 K and 358.15 K is a factor of about 500', () => {
    const eV = ELEMENTARY_CHARGE
    const at = (T: number, Ea = eV) =>
      acceleration(profileOf({ 'device.temperature.activationEnergy': Ea, 'environment.temperature': T }))
    // exp(11604.518 (1/300 - 1/358.15)) = exp(6.28058)
    expect(at(358.15)).toBeCloseTo(Math.exp(11604.5181 * (1 / 300 - 1 / 358.15)), 4)
    expect(at(358.15)).toBeGreaterThan(500)
    expect(at(300)).toBe(1)
    expect(at(250)).toBeLessThan(1)
    expect(at(0)).toBe(0)
    expect(at(1000, 1e-18)).toBeLessThanOrEqual(1e30 * (1 + 1e-9))
    expect(at(0, 0)).toBe(1)
    for (let T = 10; T < 990; T += 10) expect(at(T + 10)).toBeGreaterThan(at(T))
  })

  it('drift and retention at the accelerated age are those of an older chip at the reference', () => {
    const drift: Changes = { 'device.drift.model': 'pcm-nandakumar', ...fading }
    const hot: Changes = {
      ...drift,
      'device.temperature.activationEnergy': 1e-19,
      'environment.temperature': 340,
      'environment.timeSinceProgramming': 100,
    }
    const factor = acceleration(profileOf(hot))
    expect(factor).toBeGreaterThan(5)
    expect(made(hot)).toEqual(made({ ...drift, 'environment.timeSinceProgramming': 100 * factor }))
  })

  it('stuck devices keep their conductance', () => {
    const stuck: Changes = { 'device.faults.stuckAtMax': 1 }
    const aged: Changes = { ...stuck, ...fading, 'environment.timeSinceProgramming': 1e4 }
    expect(made(aged).every((g) => g === HIGH)).toBe(true)
  })
})

describe('ageing one array is a trajectory', () => {
  it('towards its end, device by device, whatever else is drawn', () => {
    const times = [0, 1, 100, 1e4, 1e6, 1e8]
    const series = times.map((t) =>
      made({
        ...fading,
        'device.drift.model': 'pcm-hermes-1',
        'device.programming.model': 'pcm-joshi',
        'environment.timeSinceProgramming': t,
      }),
    )
    for (let t = 1; t < times.length; t++)
      // A device programmed below the end rises to it; drift alone would only fall.
      for (const [k, g] of series[t]!.entries())
        if (series[t - 1]![k]! >= LOW) expect(g).toBeLessThanOrEqual(series[t - 1]![k]! * (1 + 1e-12))
    expect(Math.max(...series.at(-1)!)).toBeCloseTo(LOW, 12)
  })
})

describe('noise of a column', () => {
  const g = fromRows([
    [10e-6, 20e-6, 30e-6, 40e-6],
    [50e-6, 5e-6, 0, 1e-6],
  ])
  const loud: Changes = { 'periphery.tia.bandwidth': 1e7, 'environment.temperature': 300 }

  it('4 k T B of the conductances of the output, both lines of the pair', () => {
    const { thermal, shot } = columnVariance({ conductance: g }, pairs(g, 1), profileOf(loud))!
    expect(shot).toBeNull()
    const density = 4 * 1.380649e-23 * 300 * 1e7
    expect(thermal[0]! / (density * 85e-6)).toBeCloseTo(1, 12)
    expect(thermal[1]! / (density * 71e-6)).toBeCloseTo(1, 12)
    // 85 uS, 10 MHz, 300 K: 3.75 nA
    expect(Math.sqrt(thermal[0]!)).toBeCloseTo(3.75e-9, 11)
  })

  it('counts a line that weighs twice four times', () => {
    const tiled = { ...pairs(g, 1), lineWeights: [2, -2, 1, -1] }
    const once = columnVariance({ conductance: g }, pairs(g, 1), profileOf(loud))!
    const twice = columnVariance({ conductance: g }, tiled, profileOf(loud))!
    expect(twice.thermal[0]! / once.thermal[0]!).toBeCloseTo(4, 12)
    expect(twice.thermal[1]!).toBe(once.thermal[1]!)
  })

  it('shot noise: 2 q B g a volt of every device', () => {
    const { shot } = columnVariance(
      { conductance: g },
      pairs(g, 1),
      profileOf({ ...loud, 'periphery.tia.shotNoise': true }),
    )!
    const density = 2 * 1.602176634e-19 * 1e7
    const expected = [30e-6, 55e-6, 70e-6, 1e-6]
    for (const [k, s] of shot!.data.entries()) expect(s / (density * expected[k]!)).toBeCloseTo(1, 12)
  })

  it('is absent without a bandwidth, and thermal noise at 0 K', () => {
    expect(columnNoise(profileOf())).toBeNull()
    expect(columnNoise(profileOf({ ...loud, 'environment.temperature': 0 }))).toEqual({ thermal: 0, shot: 0 })
    expect(BOLTZMANN * 300).toBeCloseTo(4.14e-21, 23)
    expect(temperatureFactor(profileOf())).toBe(1)
  })
})
