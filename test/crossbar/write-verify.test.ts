import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { fabricateArray } from '../../src/crossbar/array.ts'
import { relaxationSigma, type WriteDraws, writeVerify } from '../../src/crossbar/write-verify.ts'
import { matrix } from '../../src/numerics/matrix.ts'
import { normalAt, site } from '../../src/numerics/random.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { average, expectMoments, expectUncorrelated, variance } from '../support/distribution.ts'
import { profileWith } from '../support/profile.ts'
import { pairs } from '../support/tile.ts'

const LOW = 10e-6
const HIGH = 90e-6
const SPAN = HIGH - LOW
type Loop = Partial<Record<string, FieldValue>>
const profileOf = (loop: Loop = {}, more: Partial<Record<FieldPath, FieldValue>> = {}) =>
  profileWith({
    'device.conductanceMin': LOW,
    'device.conductanceMax': HIGH,
    'device.programming.model': 'write-verify',
    ...Object.fromEntries(
      Object.entries({ pulseSigma: 0, ...loop }).map(([k, v]) => [`device.programming.writeVerify.${k}`, v]),
    ),
    ...more,
  })
const deviceOf = (...args: Parameters<typeof profileOf>) => profileOf(...args).device

const never = () => {
  throw new Error('drawn')
}
const NOTHING: WriteDraws = { pulse: never, read: never, relaxation: never }
const key = { seed: 3, chip: 1 }
const drawsOf = (i: number, j = 0): WriteDraws => ({
  pulse: (n) => normalAt(key, site(0, 'writePulse'), i, j, n),
  read: (n) => normalAt(key, site(0, 'verifyRead'), i, j, n),
  relaxation: () => normalAt(key, site(0, 'writeRelaxation'), i, j),
})

describe('pulses without spread', () => {
  it('follow G(P) = B (1 - exp(-P / A)) + gMin up to the target, and the mirrored curve down', () => {
    for (const curvature of [0.3, 1, 5]) {
      const a = curvature * 100
      const b = SPAN / (1 - Math.exp(-100 / a))
      // a window so small that the first conductance above the target ends the way up: one pulse below and one above
      const device = deviceOf({ curvature, tolerance: 1e-12, maximumPulses: 60 })
      for (const pulses of [1, 7, 40, 60]) {
        const up = writeVerify(HIGH, { ...device, programming: withPulses(device, pulses) }, 0, NOTHING)
        expect(up.pulses).toBe(pulses)
        expect(up.accepted).toBe(false)
        expect(up.conductance / (b * (1 - Math.exp(-pulses / a)) + LOW)).toBeCloseTo(1, 12)
      }
    }
  })

  it('one set pulse beyond the target is answered by one reset pulse, of the mirror image of the curve', () => {
    const a = 100
    const b = SPAN / (1 - Math.exp(-1))
    const first = b * (1 - Math.exp(-1 / a)) + LOW
    const device = deviceOf({ tolerance: 1e-12, maximumPulses: 2 })
    const { conductance } = writeVerify(LOW + 1e-9, device, 0, NOTHING)
    const step = (first - (HIGH - b)) * (1 - Math.exp(-1 / a))
    expect(conductance).toBeCloseTo(Math.max(LOW, first - step), 15)
  })

  it('fullRangePulses of them reach conductanceMax exactly', () => {
    for (const curvature of [0.2, 1, 100]) {
      const device = deviceOf({ curvature, fullRangePulses: 50, tolerance: 1e-9 })
      const { conductance, pulses, accepted } = writeVerify(HIGH, device, 0, NOTHING)
      expect(pulses).toBe(50)
      expect(accepted).toBe(true)
      expect(conductance / HIGH).toBeCloseTo(1, 12)
    }
  })

  it('a target at the erased state takes none', () => {
    expect(writeVerify(LOW, deviceOf(), 0, NOTHING)).toEqual({ conductance: LOW, pulses: 0, accepted: true })
  })
})

function withPulses(device: ReturnType<typeof deviceOf>, maximumPulses: number) {
  return { ...device.programming, writeVerify: { ...device.programming.writeVerify, maximumPulses } }
}

describe('the acceptance window', () => {
  const n = 20_000
  const target = 50e-6
  const written = (loop: Loop) => {
    const device = deviceOf({ pulseSigma: 0.035, ...loop })
    return Array.from({ length: n }, (_, i) => writeVerify(target, device, 1, drawsOf(i >> 8, i & 255)))
  }

  it('truncates the error: nobody accepted lies outside, and a narrow window is filled evenly', () => {
    for (const tolerance of [0.003, 0.005, 0.02, 0.05]) {
      const devices = written({ tolerance })
      const error = devices.map(({ conductance }) => conductance - target)
      const window = tolerance * HIGH
      expect(devices.every(({ accepted }) => accepted)).toBe(true)
      expect(Math.max(...error.map(Math.abs))).toBeLessThanOrEqual(window)
      // Pulses are spread by 2.8 uS: a window much narrower than that is hit anywhere with equal chance.
      if (window > 0.5e-6) continue
      for (let bin = 0; bin < 8; bin++) {
        const share = error.filter((e) => Math.floor(((e + window) / (2 * window)) * 8) === bin).length / n
        expect(Math.abs(share - 1 / 8)).toBeLessThan(0.02)
      }
    }
  })

  it('a noisy verifying read widens it by the noise that was accepted', () => {
    const clean = written({ tolerance: 0.02 }).map((w) => w.conductance)
    const noisy = written({ tolerance: 0.02, readSigma: 0.01 }).map((w) => w.conductance)
    const window = 0.02 * HIGH
    expect(variance(noisy)).toBeGreaterThan(variance(clean))
    const outside = noisy.filter((g) => Math.abs(g - target) > window).length / n
    expect(outside).toBeGreaterThan(0.02)
    expect(Math.max(...noisy.map((g) => Math.abs(g - target)))).toBeLessThan(window + 6 * 0.01 * HIGH)
  })

  it('relaxation comes after it: independent, normal, of the named spread at the target', () => {
    const still = written({ tolerance: 0.02 }).map((w) => w.conductance)
    const relaxed = written({ tolerance: 0.02, relaxation: 'reram-cmo-2' }).map((w) => w.conductance)
    const shift = relaxed.map((g, i) => g - still[i]!)
    const sigma = (0.0112185391 + 0.01129027418 * 50) * 1e-6
    expect(relaxationSigma(target, deviceOf({ relaxation: 'reram-cmo-2' }), 1)).toBeCloseTo(sigma, 18)
    expectMoments(shift, 0, sigma)
    expectUncorrelated(
      shift,
      still.map((g) => g - target),
    )
  })

  it('takes more pulses the narrower it is', () => {
    const pulses = [0.05, 0.02, 0.01, 0.005].map((tolerance) => average(written({ tolerance }).map((w) => w.pulses)))
    for (let k = 1; k < pulses.length; k++) expect(pulses[k]!).toBeGreaterThan(pulses[k - 1]!)
  })
})

describe('laws', () => {
  property.prop(
    [
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      fc.double({ min: 0, max: 0.2, noNaN: true }),
      fc.double({ min: 0.05, max: 50, noNaN: true }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 1000 }),
    ],
    { numRuns: 300 },
  )(
    'never negative, never beyond the range, never beyond the limit of pulses',
    (share, pulse, read, curvature, most, i) => {
      const device = deviceOf({ pulseSigma: pulse, readSigma: read, curvature, maximumPulses: most })
      const { conductance, pulses, accepted } = writeVerify(LOW + share * SPAN, device, 1, drawsOf(i))
      expect(conductance).toBeGreaterThanOrEqual(LOW)
      expect(conductance).toBeLessThanOrEqual(HIGH)
      expect(pulses).toBeLessThanOrEqual(most)
      if (!accepted) expect(pulses).toBe(most)
    },
  )

  const target = matrix(40, 40)
  for (let k = 0; k < target.data.length; k++) target.data[k] = LOW + SPAN * ((k * 0.618) % 1)
  const tile = pairs(target, 1)
  const made = (profile: ReturnType<typeof profileOf>, k = key) => fabricateArray(tile, profile, k, 0, 0)

  it('scale 0 is the target bit for bit, and nothing is written', () => {
    const { conductance, writes } = made(profileOf({ pulseSigma: 0.035 }, { 'device.programming.scale': 0 }))
    expect(conductance.data).toEqual(target.data)
    expect(writes.devices).toBe(0)
  })

  it('scale multiplies what is missed', () => {
    const once = made(profileOf({ pulseSigma: 0.035 })).conductance.data
    const thrice = made(profileOf({ pulseSigma: 0.035 }, { 'device.programming.scale': 3 })).conductance.data
    for (const [k, g] of thrice.entries()) expect(g).toBeCloseTo(target.data[k]! + 3 * (once[k]! - target.data[k]!), 15)
  })

  it('counts pulses and failures, of every device', () => {
    const profile = profileOf({ pulseSigma: 0.035, tolerance: 0.003, maximumPulses: 30 })
    const { writes, conductance } = made(profile)
    const single = Array.from(target.data, (g, k) =>
      writeVerify(g, profile.device, 1, drawsOf(Math.floor(k / 40), k % 40)),
    )
    expect(Array.from(conductance.data)).toEqual(single.map((w) => w.conductance))
    expect(writes).toEqual({
      devices: 1600,
      pulses: single.reduce((n, w) => n + w.pulses, 0),
      mostPulses: 30,
      failures: single.filter((w) => !w.accepted).length,
    })
    expect(writes.failures).toBeGreaterThan(0)
    const wide = made(profileOf({ pulseSigma: 0.035, tolerance: 0.05 })).writes
    expect(wide.failures).toBe(0)
    expect(wide.mostPulses).toBeLessThan(1000)
  })

  it('the same chip is the same again, another is another', () => {
    const profile = profileOf({ pulseSigma: 0.035 })
    expect(made(profile)).toEqual(made(profile))
    const error = (k: typeof key) => made(profile, k).conductance.data.map((g, i) => g - target.data[i]!)
    expectUncorrelated(error(key), error({ seed: 3, chip: 2 }))
  })

  it('the mean error after an accurate loop is small against the window', () => {
    const error = made(profileOf({ pulseSigma: 0.035, tolerance: 0.01 })).conductance.data.map(
      (g, k) => g - target.data[k]!,
    )
    expect(Math.abs(average(error))).toBeLessThan(0.2 * 0.01 * HIGH)
  })
})
