import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { drifted, driftModels } from '../../src/crossbar/drift.ts'
import { normalAt, site } from '../../src/numerics/random.ts'
import type { DriftModel } from '../../src/profile/profile.ts'
import { expectLaw, expectMoments, phi } from '../support/distribution.ts'
import { profileWith } from '../support/profile.ts'

const US = 1e-6
const MODELS: DriftModel[] = [
  'pcm-nandakumar',
  'pcm-hermes-1',
  'pcm-hermes-2',
  'state-independent',
  'fixed',
  'reram-cmo',
]

const deviceOf = (model: DriftModel, maximum: number, more: Record<string, number> = {}) =>
  profileWith({
    'device.conductanceMin': 0,
    'device.conductanceMax': maximum * US,
    'device.drift.model': model,
    ...more,
  }).device

/** The exponent that a draw of xi gives, read off g(t) at one time. */
function exponent(device: ReturnType<typeof deviceOf>, t0: number, x: number, xi: number): number {
  const g = device.conductanceMax / 2
  const t = 1e4
  return -Math.log(drifted(g, x * device.conductanceMax, device, t, () => xi) / g) / Math.log((t + t0) / t0)
}

describe('power laws: exponent |mu + sigma xi| at x = g / gMax, worked out by hand', () => {
  it.each([
    // clamp(-0.0155 ln x + 0.0244, 0.049, 0.1), clamp(-0.0125 ln x - 0.0059, 0.008, 0.045)
    ['pcm-nandakumar', 25, 20, 0, 0.1, 0.045],
    ['pcm-nandakumar', 25, 20, 0.02, 0.08503635658, 0.04300028757],
    ['pcm-nandakumar', 25, 20, 0.3, 0.049, 0.009149660054],
    ['pcm-nandakumar', 25, 20, 1, 0.049, 0.008],
    ['pcm-hermes-1', 10.35, 200, 0.02, 0.13, 0.04],
    ['pcm-hermes-1', 10.35, 200, 0.09, 0.07498749505, 0.0265953473],
    ['pcm-hermes-1', 10.35, 200, 0.2, 0.069336, 0.01701325495],
    ['pcm-hermes-1', 10.35, 200, 0.5, 0.0564, 0.012075],
    ['pcm-hermes-1', 10.35, 200, 1, 0.0174, 0.0055],
    ['pcm-hermes-2', 20.7, 300, 0.02, 0.13, 0.04],
    ['pcm-hermes-2', 20.7, 300, 0.09, 0.07498749505, 0.02247296362],
    ['pcm-hermes-2', 20.7, 300, 0.2, 0.069336, 0.01313042358],
    ['pcm-hermes-2', 20.7, 300, 1, 0.0174, 0.0048],
    ['state-independent', 25, 20, 0.1, 0.1, 0.05],
    ['state-independent', 25, 20, 1, 0.1, 0.05],
  ] as const)('%s, gMax %f uS, t0 %i s, x = %f', (model, maximum, t0, x, mu, sigma) => {
    const device = deviceOf(model, maximum)
    expect(exponent(device, t0, x, 0)).toBeCloseTo(mu, 9)
    expect(exponent(device, t0, x, 1)).toBeCloseTo(mu + sigma, 9)
    expect(exponent(device, t0, x, -1)).toBeCloseTo(Math.abs(mu - sigma), 9)
    // a strongly negative draw is folded: devices never gain conductance
    expect(exponent(device, t0, x, -10)).toBeCloseTo(Math.abs(mu - 10 * sigma), 9)
  })

  it('fixed: exponent, spread and reference time of the profile', () => {
    const device = deviceOf('fixed', 25, {
      'device.drift.exponent': 0.06,
      'device.drift.exponentSigma': 0.01,
      'device.drift.referenceTime': 2,
    })
    expect(exponent(device, 2, 0.5, 0)).toBeCloseTo(0.06, 12)
    expect(exponent(device, 2, 0.5, 2)).toBeCloseTo(0.08, 12)
    // (t + t0) / t0 = 1000 at t = 1998 s
    expect(drifted(1e-5, 1e-5, device, 1998, () => 0)).toBeCloseTo(1e-5 * 1000 ** -0.06, 18)
  })

  it('the spread over devices is normal about mu', () => {
    const device = deviceOf('pcm-nandakumar', 25)
    const at = site(0, 'driftExponent')
    const nu = Float64Array.from({ length: 100_000 }, (_, i) =>
      exponent(device, 20, 0.3, normalAt({ seed: 5, chip: 0 }, at, i >> 8, i & 255)),
    )
    // 0.049 is 5.4 sigma from zero: folding does not show
    expectMoments(nu, 0.049, 0.009149660054)
    expectLaw(nu, (v) => phi((v - 0.049) / 0.009149660054))
  })

  it.each([
    ['pcm-hermes-1', 10.35, 200, 0.02, 0.13, 0.04],
    ['pcm-hermes-2', 20.7, 300, 0.2, 0.069336, 0.01313042358],
    ['state-independent', 25, 20, 0.1, 0.1, 0.05],
    ['fixed', 25, 2, 0.5, 0.02, 0.03],
  ] as const)('%s: 1e5 exponents follow |mu + sigma xi|', (model, maximum, t0, x, mu, sigma) => {
    const device = deviceOf(model, maximum, {
      'device.drift.exponent': 0.02,
      'device.drift.exponentSigma': 0.03,
      'device.drift.referenceTime': 2,
    })
    const at = site(0, 'driftExponent')
    const nu = Float64Array.from({ length: 100_000 }, (_, i) =>
      exponent(device, t0, x, normalAt({ seed: 6, chip: 0 }, at, i >> 8, i & 255)),
    )
    // folded normal law
    const r = mu / sigma
    const mean = sigma * Math.sqrt(2 / Math.PI) * Math.exp((-r * r) / 2) + mu * (1 - 2 * phi(-r))
    expectMoments(nu, mean, Math.sqrt(mu * mu + sigma * sigma - mean * mean))
    expectLaw(nu, (v) => phi((v - mu) / sigma) - phi((-v - mu) / sigma))
  })

  it('the scale multiplies the exponent', () => {
    const half = deviceOf('pcm-nandakumar', 25, { 'device.drift.scale': 0.5 })
    expect(exponent(half, 20, 0.3, 1)).toBeCloseTo((0.049 + 0.009149660054) / 2, 9)
  })
})

describe('relaxation of CMO / HfOx devices', () => {
  const device = deviceOf('reram-cmo', 90)
  it.each([
    // g - 0.08900206 ln t + (0.04201137 ln t + 0.41183342) xi, microsiemens
    [50, 1, 0, 50],
    [50, 1, 1, 50.41183342],
    [50, Math.E, 0, 49.91099794],
    [50, Math.E, -2, 49.91099794 - 2 * 0.45384479],
    [50, Math.E ** 10, 1, 50 - 0.8900206 + 0.83194712],
    // starts at one second, stays within the physical range
    [50, 0.01, 0, 50],
    [8, Math.E ** 10, -1, 8],
    [90, 1, 3, 90],
  ])('%f uS after %f s, xi = %f: %f uS', (g, seconds, xi, expected) => {
    expect(drifted(g * US, g * US, device, seconds, () => xi) / US).toBeCloseTo(expected, 9)
  })
})

describe('relaxation of 1e5 CMO / HfOx devices', () => {
  it.each([1, 3600, 30 * 86400])('after %i s is normal, of the stated mean and spread', (seconds) => {
    const device = deviceOf('reram-cmo', 90)
    const at = site(0, 'driftExponent')
    const g = Float64Array.from(
      { length: 100_000 },
      (_, i) =>
        drifted(50 * US, 50 * US, device, seconds, () => normalAt({ seed: 6, chip: 1 }, at, i >> 8, i & 255)) / US,
    )
    const mean = 50 - 0.08900206 * Math.log(seconds)
    const sigma = 0.04201137 * Math.log(seconds) + 0.41183342
    expectMoments(g, mean, sigma)
    expectLaw(g, (v) => phi((v - mean) / sigma))
  })
})

describe('laws of every drift model', () => {
  const draw = fc.double({ min: -6, max: 6, noNaN: true })
  const share = fc.double({ min: 0.2, max: 1, noNaN: true })
  const time = fc.double({ min: 0, max: 1e9, noNaN: true })

  property.prop([fc.constantFrom(...MODELS), share, share, time, draw])(
    'scale 0 is bit-identical; conductance stays >= 0 and finite',
    (model, g, target, seconds, xi) => {
      const maximum = 40 * US
      const off = deviceOf(model, 40, { 'device.drift.scale': 0 })
      expect(drifted(g * maximum, target * maximum, off, seconds, () => xi)).toBe(g * maximum)
      const on = drifted(g * maximum, target * maximum, deviceOf(model, 40), seconds, () => xi)
      expect(on >= 0 && Number.isFinite(on)).toBe(true)
    },
  )

  property.prop([fc.constantFrom(...MODELS.slice(0, 5)), share, time, time, draw])(
    'power laws: ageing one device is a monotone trajectory from what was programmed',
    (model, target, t1, t2, xi) => {
      const device = deviceOf(model, 40)
      const [early, late] = t1 < t2 ? [t1, t2] : [t2, t1]
      const g = (t: number) => drifted(20 * US, target * 40 * US, device, t, () => xi)
      expect(g(0)).toBe(20 * US)
      expect(g(early)).toBeLessThanOrEqual(g(0))
      expect(g(late)).toBeLessThanOrEqual(g(early))
    },
  )

  it('no drift: nothing is drawn', () => {
    const never = () => {
      throw new Error('drawn')
    }
    expect(drifted(3e-6, 3e-6, deviceOf('none', 40), 1e6, never)).toBe(3e-6)
    for (const model of ['none', ...MODELS] as const) expect(driftModels[model].source.length).toBeGreaterThan(3)
  })
})
