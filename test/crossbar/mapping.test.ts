import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { addTile, effectiveMatrix } from '../../src/crossbar/array.ts'
import { type MappedLayer, mapLayer, nearestLevel } from '../../src/crossbar/mapping.ts'
import { evenParts } from '../../src/crossbar/mapping-layout.ts'
import { fromRows, type Matrix, matrix } from '../../src/numerics/matrix.ts'
import type { Profile } from '../../src/profile/profile.ts'
import { profileWith } from '../support/profile.ts'

const weights = fc
  .record({ outputs: fc.integer({ min: 1, max: 9 }), words: fc.integer({ min: 1, max: 12 }) })
  .chain(({ outputs, words }) =>
    fc
      .array(
        fc.oneof(fc.integer({ min: -3000, max: 3000 }), fc.constant(0)).map((w) => w / 1024 + (w * Math.PI) / 1e6),
        {
          minLength: outputs * words,
          maxLength: outputs * words,
        },
      )
      .map((d) => matrix(outputs, words, Float64Array.from(d))),
  )
const mapping = fc.constantFrom('differential-one-sided', 'differential-two-sided')
const range = fc
  .tuple(fc.double({ min: 0, max: 50e-6, noNaN: true }), fc.double({ min: 1e-6, max: 200e-6, noNaN: true }))
  .map(([low, span]) => ({ low, high: low + span }))
const perSide = fc.integer({ min: 1, max: 4 })

/** Signed conductances of the whole layer: outputs x words, from its tiles without wires. */
function assembled(layer: MappedLayer, profile: Profile, outputs: number, words: number): Matrix {
  const whole = matrix(outputs, words)
  for (const tile of layer.tiles) {
    addTile(whole, effectiveMatrix(tile.target, tile, profile.crossbar.wires), tile, 1)
  }
  return whole
}

describe('differential pairs', () => {
  property.prop([weights, mapping, range, perSide])(
    '(G+ - G-) / scale is the weight, every target lies in the range',
    (w, kind, { low, high }, k) => {
      const profile = profileWith({
        'device.conductanceMin': low,
        'device.conductanceMax': high,
        'device.devicesPerSide': k,
        'crossbar.mapping': kind,
      })
      const layer = mapLayer(w, profile.device, profile.crossbar)
      const signed = assembled(layer, profile, w.rows, w.cols)
      for (const [i, s] of signed.data.entries())
        expect(Math.abs(s / layer.scale - w.data[i]!)).toBeLessThanOrEqual((1e-13 * high) / layer.scale)
      for (const tile of layer.tiles) for (const g of tile.target.data) expect(g >= low && g <= high).toBe(true)
      expect(layer.clipped).toBe(0)
    },
  )

  it('one-sided: the idle side rests at the minimum; two-sided: both sides mirror about the middle', () => {
    const w = fromRows([[1, -0.5, 0]])
    const targets = (kind: string) => {
      const { device, crossbar } = profileWith({
        'device.conductanceMin': 2e-6,
        'device.conductanceMax': 10e-6,
        'crossbar.mapping': kind,
      })
      return Array.from(mapLayer(w, device, crossbar).tiles[0]!.target.data, (g) => Number((g * 1e6).toFixed(9)))
    }
    // words x (+, -), microsiemens
    expect(targets('differential-one-sided')).toEqual([10, 2, 2, 6, 2, 2])
    expect(targets('differential-two-sided')).toEqual([10, 2, 4, 8, 6, 6])
  })

  it('a layer of zeros keeps a finite scale', () => {
    const { device, crossbar } = profileWith({ 'device.conductanceMin': 1e-6, 'device.conductanceMax': 5e-6 })
    const layer = mapLayer(matrix(2, 3), device, crossbar)
    expect(layer.scale).toBeCloseTo(4e-6, 18)
    expect(layer.excess).toBe(0)
    expect(layer.tiles[0]!.target.data.every((g) => g === 1e-6)).toBe(true)
    expect(mapLayer(fromRows([[5e-324]]), device, crossbar).scale).toBeCloseTo(4e-6, 18)
  })
})

describe('percentile scaling', () => {
  property.prop([weights, fc.double({ min: 1, max: 100, noNaN: true })])(
    'weights beyond the percentile clip to the end of the range and are counted',
    (w, percentile) => {
      const profile = profileWith({
        'device.conductanceMin': 1e-6,
        'device.conductanceMax': 20e-6,
        'crossbar.scaling': 'percentile',
        'crossbar.percentile': percentile,
      })
      const layer = mapLayer(w, profile.device, profile.crossbar)
      const sizes = Array.from(w.data, Math.abs)
      const beyond = sizes.filter((x) => x > layer.weightMaximum)
      expect(layer.clipped).toBe(beyond.length)
      expect(layer.excess).toBe(Math.max(...sizes) / layer.weightMaximum)
      // at most the share above the percentile, give or take the order statistic it falls between
      if (layer.weightMaximum < Math.max(...sizes))
        expect(beyond.length).toBeLessThanOrEqual(Math.ceil((1 - percentile / 100) * (sizes.length - 1)))
      const signed = assembled(layer, profile, w.rows, w.cols)
      for (const [i, s] of signed.data.entries()) {
        const clamped = Math.max(-layer.weightMaximum, Math.min(layer.weightMaximum, w.data[i]!))
        expect(Math.abs(s / layer.scale - clamped)).toBeLessThanOrEqual(1e-12 * layer.weightMaximum)
      }
    },
  )

  it('the 50th percentile of 1, 2, 3, 4, 5 is 3: two clip', () => {
    const { device, crossbar } = profileWith({ 'crossbar.scaling': 'percentile', 'crossbar.percentile': 50 })
    const layer = mapLayer(fromRows([[1, -2, 3, -4, 5]]), device, crossbar)
    expect([layer.weightMaximum, layer.clipped]).toEqual([3, 2])
    expect(layer.excess).toBeCloseTo(5 / 3, 15)
  })
})

describe('finite levels', () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true })

  property.prop([range, fc.integer({ min: 2, max: 300 }), unit], { numRuns: 1000 })(
    'even: on the grid, within half a step, within the range',
    ({ low, high }, levels, x) => {
      const { device } = profileWith({
        'device.conductanceMin': low,
        'device.conductanceMax': high,
        'device.levels': levels,
      })
      const g = Math.min(high, low + x * (high - low))
      const step = (high - low) / (levels - 1)
      const q = nearestLevel(g, device)
      const index = (q - low) / step
      expect(Math.abs(index - Math.round(index))).toBeLessThan(1e-6)
      expect(Math.abs(q - g)).toBeLessThanOrEqual((step / 2) * (1 + 1e-6))
      expect(q >= low && q <= high).toBe(true)
    },
  )

  it('both ends are levels, halfway goes up', () => {
    const { device } = profileWith({
      'device.conductanceMin': 0,
      'device.conductanceMax': 4,
      'device.levels': 5,
    })
    expect([0, 0.5, 1.4999, 1.5, 3.5, 4].map((g) => nearestLevel(g, device))).toEqual([0, 1, 1, 2, 4, 4])
  })

  property.prop([fc.uniqueArray(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 20 }), unit])(
    'listed: no level is nearer, of two equally near the higher one',
    (list, g) => {
      const levels = list.map((x) => x + 0).sort((a, b) => a - b)
      const { device } = profileWith({
        'device.conductanceMin': levels[0]!,
        'device.conductanceMax': levels.at(-1)!,
        'device.levels': levels,
      })
      const q = nearestLevel(g, device)
      expect(levels).toContain(q)
      const distances = levels.map((level) => Math.abs(level - g))
      const least = Math.min(...distances)
      expect(q).toBe(levels[distances.lastIndexOf(least)])
    },
  )

  it('continuous devices take any conductance', () => {
    expect(nearestLevel(1.2345e-6, profileWith().device)).toBe(1.2345e-6)
  })
})

describe('tiling', () => {
  property.prop([fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 60 })])(
    'the fewest parts within the limit, as equal as can be',
    (total, limit) => {
      const parts = evenParts(total, limit)
      expect(parts.length).toBe(Math.ceil(total / limit))
      const sizes = parts.map((p) => p.count)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      expect(Math.max(...sizes)).toBeLessThanOrEqual(limit)
      let next = 0
      for (const { from, count } of parts) {
        expect(from).toBe(next)
        next += count
      }
      expect(next).toBe(total)
    },
  )

  property.prop([weights, fc.integer({ min: 1, max: 13 }), fc.integer({ min: 1, max: 10 }), perSide])(
    'every weight stands on exactly one tile, no tile exceeds the array, and their sum is the untiled layer',
    (w, wordLines, outputsThatFit, k) => {
      const sized = (words: number, bits: number) =>
        profileWith({
          'device.conductanceMin': 1e-6,
          'device.conductanceMax': 20e-6,
          'device.devicesPerSide': k,
          'crossbar.wordLines': words,
          'crossbar.bitLines': bits,
        })
      const small = sized(wordLines, 2 * k * outputsThatFit + (2 * k - 1))
      const layer = mapLayer(w, small.device, small.crossbar)
      const cover = new Uint8Array(w.rows * w.cols)
      for (const { words, outputs, target } of layer.tiles) {
        expect(target.rows).toBeLessThanOrEqual(small.crossbar.wordLines)
        expect(target.cols).toBeLessThanOrEqual(small.crossbar.bitLines)
        expect(target.cols).toBe(2 * k * outputs.length)
        for (const o of outputs) for (const i of words) cover[o * w.cols + i]!++
      }
      expect(cover.every((count) => count === 1)).toBe(true)

      const large = sized(1000, 1000)
      const whole = mapLayer(w, large.device, large.crossbar)
      expect(whole.tiles.length).toBe(1)
      expect(whole.scale).toBe(layer.scale)
      expect(assembled(layer, small, w.rows, w.cols).data).toEqual(assembled(whole, large, w.rows, w.cols).data)
    },
  )
})
