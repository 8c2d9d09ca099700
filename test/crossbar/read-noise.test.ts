import { describe, expect, it } from 'vitest'
import { effectiveMatrix, readVariance } from '../../src/crossbar/array.ts'
import { readNoiseModels, readSigma } from '../../src/crossbar/read-noise.ts'
import { fromRows, toRows } from '../../src/numerics/matrix.ts'
import type { ReadNoiseModel } from '../../src/profile/profile.ts'
import { profileWith } from '../support/profile.ts'
import { pairs } from '../support/tile.ts'

const US = 1e-6

const profileOf = (model: ReadNoiseModel, maximum: number, more: Record<string, number | string> = {}) =>
  profileWith({
    'device.conductanceMin': 0,
    'device.conductanceMax': maximum * US,
    'device.readNoise.model': model,
    'device.readNoise.sigma': 0.02,
    'device.programming.referenceVoltage': 0.1,
    ...more,
  })

/** model, gMax (uS), seconds since programming, [g (uS), standard deviation of one read (uS)] */
const hand: [ReadNoiseModel, number, number, [number, number][]][] = [
  // g min(0.2, 0.0088 x^-0.65) sqrt(ln((t + 20 s + 250 ns) / 500 ns))
  [
    'pcm-nandakumar',
    25,
    0,
    [
      [0.25, 0.18365221538],
      [12.5, 0.72216373081],
    ],
  ],
  ['pcm-nandakumar', 25, 80, [[25, 0.96182600904]]],
  [
    'pcm-hermes-1',
    10.35,
    1000,
    [
      [0.5175, 0.06424393463],
      [5.175, 0.51316235658],
      [10.35, 0.79457397148],
    ],
  ],
  [
    'pcm-hermes-2',
    20.7,
    1000,
    [
      [1.035, 0.13339368035],
      [10.35, 0.79194903345],
      [20.7, 1.16571106794],
    ],
  ],
  // 0.0277316483 log10(g) sqrt(ln((t + 1 us) / 2 us))
  [
    'reram-cmo',
    90,
    100,
    [
      [8, 0.10544618434],
      [50, 0.19837436673],
      [90, 0.22818037944],
    ],
  ],
  [
    'sonos',
    1.6,
    1,
    [
      [0.1, 0.00570786148],
      [0.5, 0.02606444114],
      [1.6, 0.06595618445],
    ],
  ],
  [
    'proportional',
    50,
    1,
    [
      [1, 0.02],
      [50, 1],
    ],
  ],
  [
    'independent',
    50,
    1,
    [
      [1, 1],
      [50, 1],
    ],
  ],
  [
    'none',
    50,
    1,
    [
      [1, 0],
      [50, 0],
    ],
  ],
]

describe('standard deviation of a read, against the published fits', () => {
  it.each(hand)('%s, gMax %f uS, %f s', (model, maximum, seconds, points) => {
    const { device } = profileOf(model, maximum)
    const twice = profileOf(model, maximum, { 'device.readNoise.scale': 2 }).device
    const off = profileOf(model, maximum, { 'device.readNoise.scale': 0 }).device
    for (const [g, sigma] of points) {
      expect(readSigma(g * US, device, seconds) / US).toBeCloseTo(sigma, 9)
      expect(readSigma(g * US, twice, seconds) / US).toBeCloseTo(2 * sigma, 9)
      expect(readSigma(g * US, off, seconds)).toBe(0)
    }
  })

  it('every model stands in the list, with a source', () => {
    expect(Object.keys(readNoiseModels).sort()).toEqual([...new Set(hand.map(([model]) => model))].sort())
    for (const facts of Object.values(readNoiseModels)) expect(facts.source.length).toBeGreaterThan(3)
  })

  it('a device that conducts nothing is finite, never NaN', () => {
    for (const [model, maximum, seconds] of hand) {
      const sigma = readSigma(0, profileOf(model, maximum).device, seconds)
      expect(Number.isFinite(sigma) && sigma >= 0).toBe(true)
    }
  })
})

describe('variance of an output', () => {
  const g = fromRows([
    [10, 20, 30, 40],
    [50, 5, 0, 1],
  ]).data.map((x) => x * US)
  const conductance = { rows: 2, cols: 4, data: g }

  it('adds over all devices of a pair, whatever their sign', () => {
    const variance = readVariance({ conductance, open: null }, pairs(conductance, 1), profileOf('proportional', 50))!
    // outputs x words; (0.02 g)^2 of the positive and the negative line
    const expected = [
      [500, 2525],
      [2500, 1],
    ].map((row) => row.map((q) => q * 4e-4 * US * US))
    expect([variance.rows, variance.cols]).toEqual([2, 2])
    for (const [o, row] of toRows(variance).entries())
      for (const [i, q] of row.entries()) expect(q / expected[o]![i]!).toBeCloseTo(1, 12)
  })

  it('is absent without noise', () => {
    expect(readVariance({ conductance, open: null }, pairs(conductance, 1), profileOf('none', 50))).toBeNull()
    expect(
      readVariance(
        { conductance, open: null },
        pairs(conductance, 1),
        profileOf('proportional', 50, { 'device.readNoise.scale': 0 }),
      ),
    ).toBeNull()
  })

  it('leaves out open devices, which the additive model would otherwise make noisy', () => {
    const open = Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0])
    const noisy = readVariance({ conductance, open: null }, pairs(conductance, 1), profileOf('independent', 50))!
    const quiet = readVariance({ conductance, open }, pairs(conductance, 1), profileOf('independent', 50))!
    expect(quiet.data[0]! / noisy.data[0]!).toBeCloseTo(0.5, 12)
    expect(quiet.data.slice(1)).toEqual(noisy.data.slice(1))
  })

  it('k devices a side: k times the signal, k times the variance, so the relative error falls by sqrt(k)', () => {
    for (const k of [1, 2, 4]) {
      const row = [...new Array(k).fill(30 * US), ...new Array(k).fill(10 * US)]
      const profile = profileOf('proportional', 50, { 'device.devicesPerSide': k })
      const array = { rows: 1, cols: 2 * k, data: Float64Array.from(row) }
      expect(effectiveMatrix(array, pairs(array, k), profile.crossbar.wires).data[0]! / US).toBeCloseTo(20 * k, 10)
      expect(
        readVariance({ conductance: array, open: null }, pairs(array, k), profile)!.data[0]! / (US * US),
      ).toBeCloseTo(k * 4e-4 * 1000, 10)
    }
  })
})
