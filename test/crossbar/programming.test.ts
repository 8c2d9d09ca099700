import { describe, expect, it } from 'vitest'
import { programmed, programmingFacts, programmingModels, programmingSigma } from '../../src/crossbar/programming.ts'
import { normalAt, site, uniformAt } from '../../src/numerics/random.ts'
import type { ProgrammingModel } from '../../src/profile/profile.ts'
import { expectLaw, expectMoments, phi } from '../support/distribution.ts'
import { profileWith } from '../support/profile.ts'

const US = 1e-6
const DAY = 86400

const deviceOf = (model: ProgrammingModel, maximum: number, more: Record<string, number> = {}) =>
  profileWith({
    'device.conductanceMin': 0,
    'device.conductanceMax': maximum * US,
    'device.programming.model': model,
    ...more,
  }).device

/** model, gMax (uS), seconds, [target (uS), standard deviation (uS)] worked out from the published fits by hand. */
const hand: [ProgrammingModel, number, number, [number, number][]][] = [
  // (gMax/25)(0.26348 + 1.965 x - 1.1731 x^2)
  [
    'pcm-nandakumar',
    25,
    1,
    [
      [2.5, 0.448249],
      [12.5, 0.952705],
      [25, 1.05538],
    ],
  ],
  [
    'pcm-nandakumar',
    50,
    1,
    [
      [5, 0.896498],
      [25, 1.90541],
      [50, 2.11076],
    ],
  ],
  // -0.00178767 g^2 + 0.07585724 g + 0.28638599
  [
    'pcm-joshi',
    25,
    1,
    [
      [0.25, 0.3052385706],
      [12.5, 0.9552780525],
      [25, 1.06552324],
    ],
  ],
  [
    'pcm-hermes-1',
    10.35,
    1,
    [
      [1.035, 0.3693194203],
      [5.175, 0.865312925],
      [10.35, 1.00756712],
    ],
  ],
  [
    'pcm-hermes-1',
    20.7,
    1,
    [
      [2.07, 0.7386388406],
      [10.35, 1.73062585],
      [20.7, 2.01513424],
    ],
  ],
  [
    'pcm-hermes-2',
    20.7,
    1,
    [
      [2.07, 0.557718177],
      [10.35, 0.9910132038],
      [20.7, 1.09269857],
    ],
  ],
  // scaled by gMax / 40, which the fit's first implementation forgot
  [
    'reram-wan2022-ibm',
    40,
    1,
    [
      [4, 1.5561815],
      [20, 2.0229375],
      [40, 1.103],
    ],
  ],
  [
    'reram-wan2022-ibm',
    80,
    1,
    [
      [8, 3.112363],
      [40, 4.045875],
      [80, 2.206],
    ],
  ],
  [
    'reram-wan2022-ibm',
    40,
    DAY,
    [
      [4, 2.4473192],
      [20, 3.909],
      [40, 2.651],
    ],
  ],
  [
    'reram-wan2022-ibm',
    40,
    2 * DAY,
    [
      [4, 2.4101986],
      [20, 3.929125],
      [40, 2.677],
    ],
  ],
  // half-way in log time between 1 s and 1 day; held beyond the last fit and before the first
  [
    'reram-wan2022-ibm',
    40,
    Math.sqrt(DAY),
    [
      [4, 2.00175035],
      [20, 2.96596875],
      [40, 1.877],
    ],
  ],
  [
    'reram-wan2022-ibm',
    40,
    1e9,
    [
      [4, 2.4101986],
      [20, 3.929125],
      [40, 2.677],
    ],
  ],
  [
    'reram-wan2022-ibm',
    40,
    0,
    [
      [4, 1.5561815],
      [20, 2.0229375],
      [40, 1.103],
    ],
  ],
  [
    'reram-wan2022-sandia',
    39.26,
    1,
    [
      [1, 1.2788836],
      [20, 2.3618],
      [39, 1.6729284],
    ],
  ],
  [
    'reram-milo2021',
    225,
    1,
    [
      [50, 4.326971],
      [137.5, 3.5301085],
      [225, 2.733246],
    ],
  ],
  [
    'reram-cmo-0.2',
    90,
    1,
    [
      [8, 0.00936139],
      [50, 0.05425057],
      [90, 0.09700217],
    ],
  ],
  [
    'reram-cmo-2',
    90,
    1,
    [
      [8, 0.1015407325],
      [50, 0.5757322481],
      [90, 1.027343215],
    ],
  ],
  [
    'state-independent',
    25,
    1,
    [
      [0, 0.2],
      [10, 0.2],
      [25, 0.2],
    ],
  ],
  // 0.1 V: 10, 50 and 160 nA
  [
    'sonos',
    1.6,
    0,
    [
      [0.1, 0.01096536486],
      [0.5, 0.049104891],
      [1.6, 0.1186163219],
    ],
  ],
  [
    'sonos',
    1.6,
    DAY,
    [
      [0.1, 0.0133355994],
      [0.5, 0.06008154548],
      [1.6, 0.1472147771],
    ],
  ],
  [
    'sonos',
    1.6,
    5 * DAY,
    [
      [0.1, 0.01628145591],
      [0.5, 0.07409374408],
      [1.6, 0.1859520069],
    ],
  ],
  [
    'sonos',
    1.6,
    3 * DAY,
    [
      [0.1, (0.0133355994 + 0.01628145591) / 2],
      [0.5, (0.06008154548 + 0.07409374408) / 2],
    ],
  ],
  [
    'normal-independent',
    50,
    1,
    [
      [1, 2.5],
      [50, 2.5],
    ],
  ],
  [
    'normal-proportional',
    50,
    1,
    [
      [1, 0.05],
      [50, 2.5],
    ],
  ],
  [
    'uniform-independent',
    50,
    1,
    [
      [1, 2.5],
      [50, 2.5],
    ],
  ],
  [
    'uniform-proportional',
    50,
    1,
    [
      [1, 0.05],
      [50, 2.5],
    ],
  ],
]

describe('standard deviation at the target, against the published fits', () => {
  it.each(hand)('%s, gMax %f uS, %f s', (model, maximum, seconds, points) => {
    const device = deviceOf(model, maximum, {
      'device.programming.sigma': 0.05,
      'device.programming.referenceVoltage': 0.1,
    })
    for (const [g, sigma] of points) expect(programmingSigma(g * US, device, seconds) / US).toBeCloseTo(sigma, 8)
  })

  it('every model stands in the list, with a source', () => {
    const seen = new Set<string>([...hand.map(([model]) => model), 'none', 'lognormal', 'table', 'write-verify'])
    expect(Object.keys(programmingModels).filter((model) => !seen.has(model))).toEqual([])
    for (const facts of Object.values(programmingModels)) expect(facts.source.length).toBeGreaterThan(3)
  })

  it.each(hand)('%s, gMax %f uS: the scale multiplies it', (model, maximum, seconds, points) => {
    const [one, third] = [1, 1 / 3].map((scale) =>
      deviceOf(model, maximum, {
        'device.programming.sigma': 0.05,
        'device.programming.referenceVoltage': 0.1,
        'device.programming.scale': scale,
      }),
    )
    for (const [g] of points)
      expect(programmingSigma(g * US, third!, seconds)).toBeCloseTo(programmingSigma(g * US, one!, seconds) / 3, 18)
  })

  it('a fit that falls below zero is zero there', () => {
    expect(programmingSigma(600 * US, deviceOf('reram-milo2021', 600), 1)).toBe(0)
  })
})

const key = { seed: 11, chip: 0 }
const at = site(0, 'programming')
const N = 100_000
const sample = (device: ReturnType<typeof deviceOf>, target: number, seconds = 1) =>
  Float64Array.from({ length: N }, (_, i) =>
    programmed(
      target * US,
      device,
      seconds,
      () => normalAt(key, at, i >> 8, i & 255),
      () => uniformAt(key, at, i >> 8, i & 255),
    ),
  )

const never = () => {
  throw new Error('drawn')
}

describe('what a write ends at', () => {
  // targets far enough from zero that none is cut off
  const normal = hand.filter(([model, , , points]) => {
    const [g, sigma] = points.at(-1)!
    return programmingModels[model].shape === 'normal' && g > 6 * sigma
  })
  it.each(normal)('%s, gMax %f uS, %f s: normal about the target', (model, maximum, seconds, points) => {
    const device = deviceOf(model, maximum, {
      'device.programming.sigma': 0.05,
      'device.programming.referenceVoltage': 0.1,
    })
    const [g, sigma] = points.at(-1)!
    const x = sample(device, g, seconds)
    expectMoments(x, g * US, sigma * US)
    expectLaw(x, (v) => phi((v / US - g) / sigma))
  })

  it('uniform: flat over +- sqrt(3) sigma', () => {
    const x = sample(deviceOf('uniform-independent', 50, { 'device.programming.sigma': 0.1 }), 25)
    const half = Math.sqrt(3) * 5
    expectMoments(x, 25 * US, 5 * US, 9 / 5)
    expectLaw(x, (v) => Math.min(1, Math.max(0, (v / US - 25 + half) / (2 * half))))
    expect(Math.min(...x)).toBeGreaterThanOrEqual((25 - half) * US)
    expect(Math.max(...x)).toBeLessThanOrEqual((25 + half) * US * (1 + 1e-12))
  })

  it('lognormal: ln g is normal about ln of the target', () => {
    const x = sample(deviceOf('lognormal', 50, { 'device.programming.sigma': 0.3 }), 20).map((v) => Math.log(v / US))
    expectMoments(x, Math.log(20), 0.3)
    expectLaw(x, (v) => phi((v - Math.log(20)) / 0.3))
  })

  it('table: mean shift and spread interpolated between the rows, held beyond them', () => {
    const table = [
      [10 * US, 11 * US, 0.5 * US],
      [20 * US, 20 * US, 1 * US],
      [40 * US, 37 * US, 2 * US],
    ] as const
    const device = profileWith({
      'device.conductanceMax': 50 * US,
      'device.programming.model': 'table',
      'device.programming.table': table,
    }).device
    for (const [target, mean, sigma] of [
      [10, 11, 0.5],
      [12.5, 13.25, 0.625],
      [20, 20, 1],
      [30, 28.5, 1.5],
      [40, 37, 2],
      // beyond the rows
      [5, 6, 0.5],
      [50, 47, 2],
    ] as const) {
      expect(programmingSigma(target * US, device, 1) / US).toBeCloseTo(sigma, 12)
      const x = sample(device, target)
      expectMoments(x, mean * US, sigma * US)
      expectLaw(x, (v) => phi((v / US - mean) / sigma))
      const half = { ...device, programming: { ...device.programming, scale: 0.5 } }
      expectMoments(sample(half, target), ((target + mean) / 2) * US, (sigma / 2) * US)
      const off = { ...device, programming: { ...device.programming, scale: 0 } }
      expect(programmed(target * US, off, 1, never, never)).toBe(target * US)
    }
    const exact = profileWith({
      'device.programming.model': 'table',
      'device.programming.table': [[20 * US, 20 * US, 0]],
    }).device
    expect(programmed(33 * US, exact, 1, never, never)).toBe(33 * US)
    expect(programmingFacts(device.programming).valid).toEqual({ low: 10, high: 40 })
  })

  it('never negative: the normal law below zero is gathered at zero', () => {
    const x = sample(deviceOf('normal-independent', 50, { 'device.programming.sigma': 0.1 }), 5)
    expect(Math.min(...x)).toBe(0)
    const atZero = x.filter((v) => v === 0).length
    expect(Math.abs(atZero / N - phi(-1))).toBeLessThan(4 * Math.sqrt((phi(-1) * phi(1)) / N))
  })

  it.each(hand)('%s, gMax %f uS, %f s: scale 0 is the target bit for bit', (model, maximum, seconds, points) => {
    const device = deviceOf(model, maximum, {
      'device.programming.scale': 0,
      'device.programming.referenceVoltage': 0.1,
    })
    const draw = () => 2.5
    for (const [g] of points) expect(programmed(g * US, device, seconds, draw, draw)).toBe(g * US)
  })
})
