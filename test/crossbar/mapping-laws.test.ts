import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { addTile, effectiveMatrix } from '../../src/crossbar/array.ts'
import { type MappedLayer, mapLayer, nearestLevel } from '../../src/crossbar/mapping.ts'
import { fromRows, type Matrix, matrix } from '../../src/numerics/matrix.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { lineNeeds } from '../../src/profile/geometry.ts'
import type { Mapping, Profile } from '../../src/profile/profile.ts'
import { profileWith } from '../support/profile.ts'

const MAPPINGS: readonly Mapping[] = [
  'differential-one-sided',
  'differential-two-sided',
  'offset-column',
  'dual-pair',
  'bit-sliced',
]
const LAYOUTS = ['adjacent', 'separate', 'interleaved'] as const
const COMBINATIONS = MAPPINGS.flatMap((mapping) =>
  LAYOUTS.filter((layout) => !(mapping === 'offset-column' && layout === 'interleaved')).map(
    (layout) => [mapping, layout] as const,
  ),
)

const weights = fc
  .record({ outputs: fc.integer({ min: 1, max: 7 }), words: fc.integer({ min: 1, max: 9 }) })
  .chain(({ outputs, words }) =>
    fc
      .array(
        fc.oneof(
          fc.integer({ min: -3000, max: 3000 }).map((w) => w / 1024 + (w * Math.PI) / 1e6),
          fc.integer({ min: -63, max: 63 }),
          fc.constant(0),
        ),
        { minLength: outputs * words, maxLength: outputs * words },
      )
      .map((d) => matrix(outputs, words, Float64Array.from(d))),
  )

const LOW = 2e-6
const HIGH = 40e-6
const settings = fc.record({
  'device.conductanceMin': fc.constantFrom(0, LOW),
  'device.conductanceMax': fc.constant(HIGH),
  'device.devicesPerSide': fc.integer({ min: 1, max: 3 }),
  'crossbar.significance': fc.double({ min: 1.1, max: 64, noNaN: true }),
  'crossbar.slices': fc.integer({ min: 1, max: 4 }),
  'crossbar.sliceBits': fc.integer({ min: 1, max: 6 }),
  'crossbar.lineOrder': fc.constantFrom('natural', 'heavy-first'),
  'crossbar.partialSums.kind': fc.constantFrom('current', 'digitised'),
  /** Words and outputs of one array. */
  words: fc.integer({ min: 1, max: 10 }),
  outputs: fc.integer({ min: 1, max: 8 }),
})

/** A profile whose arrays take so many words and outputs, with some lines to spare. */
function sized(
  { words, outputs, ...values }: { words: number; outputs: number } & Partial<Record<FieldPath, FieldValue>>,
  mapping: Mapping,
  layout: string,
): Profile {
  const free = profileWith({ ...values, 'crossbar.mapping': mapping, 'crossbar.layout': layout })
  const needs = lineNeeds(free)
  return profileWith({
    ...values,
    'crossbar.mapping': mapping,
    'crossbar.layout': layout,
    'crossbar.wordLines': words * needs.wordLinesPerWord,
    'crossbar.bitLines': Math.max(2, outputs * needs.bitLinesPerOutput + needs.sharedBitLines),
  })
}

/** Signed conductances of the whole layer without wires: outputs x words. */
function assembled(layer: MappedLayer, profile: Profile, like: Matrix): Matrix {
  const whole = matrix(like.rows, like.cols)
  for (const tile of layer.tiles) addTile(whole, effectiveMatrix(tile.target, tile, profile.crossbar.wires), tile, 1)
  return whole
}

describe.each(COMBINATIONS)('%s, %s', (mapping, layout) => {
  property.prop([weights, settings])(
    'with continuous levels the array is scale times the weights, and zero weights cancel exactly',
    (w, values) => {
      const profile = sized(values, mapping, layout)
      const layer = mapLayer(w, profile.device, profile.crossbar)
      const whole = assembled(layer, profile, w)
      for (const [k, s] of whole.data.entries()) {
        expect(Math.abs(s - layer.scale * w.data[k]!)).toBeLessThanOrEqual(1e-12 * layer.scale * layer.weightMaximum)
        if (w.data[k] === 0) expect(s).toBe(0)
      }
      expect(layer.clipped).toBe(0)
    },
  )

  property.prop([weights, settings])('every array keeps to its lines and its devices to their range', (w, values) => {
    const profile = sized(values, mapping, layout)
    const { device, crossbar } = profile
    const layer = mapLayer(w, device, crossbar)
    const covered = new Set<string>()
    for (const tile of layer.tiles) {
      expect(tile.target.rows).toBeLessThanOrEqual(crossbar.wordLines)
      expect(tile.target.cols).toBeLessThanOrEqual(crossbar.bitLines)
      expect([tile.words.length, tile.signs.length]).toEqual([tile.target.rows, tile.target.rows])
      expect([tile.lineOutputs.length, tile.lineWeights.length]).toEqual([tile.target.cols, tile.target.cols])
      expect(tile.target.data.every((g) => g >= device.conductanceMin && g <= device.conductanceMax)).toBe(true)
      expect(tile.part).toBeLessThan(layer.parts)
      for (const [j, o] of tile.lineOutputs.entries())
        for (const [i, word] of tile.words.entries())
          if (o >= 0) {
            const place = `${tile.outputs[o]} ${word} ${tile.lineWeights[j]} ${tile.signs[i]}`
            covered.add(place)
          }
      if (layout === 'separate') expect(new Set(tile.lineWeights.map(Math.sign)).size).toBe(1)
    }
    const columns = { 'offset-column': 1, 'dual-pair': 4, 'bit-sliced': 2 * crossbar.slices }[mapping as string] ?? 2
    expect(covered.size).toBe(columns * w.rows * w.cols)
    expect(new Set(layer.tiles.map(({ part }) => part)).size).toBe(layer.parts)
  })

  property.prop([weights, settings, fc.integer({ min: 2, max: 9 })])(
    'devices stand on their levels, and zero weights still cancel exactly',
    (w, values, levels) => {
      const profile = sized({ ...values, 'device.levels': levels }, mapping, layout)
      const layer = mapLayer(w, profile.device, profile.crossbar)
      for (const tile of layer.tiles) for (const g of tile.target.data) expect(nearestLevel(g, profile.device)).toBe(g)
      const whole = assembled(layer, profile, w)
      for (const [k, s] of whole.data.entries()) if (w.data[k] === 0) expect(s).toBe(0)
    },
  )
})

const plain = (changes: Partial<Record<FieldPath, FieldValue>>) =>
  profileWith({ 'device.conductanceMin': 0, 'device.conductanceMax': 1, ...changes })
const targets = (w: Matrix, changes: Partial<Record<FieldPath, FieldValue>>) => {
  const { device, crossbar } = plain(changes)
  return mapLayer(w, device, crossbar)
}

describe('offset column', () => {
  it('has one device a weight about the middle and a reference column in the middle', () => {
    const [tile] = targets(fromRows([[1, -0.5, 0]]), { 'crossbar.mapping': 'offset-column' }).tiles
    // words x (weight, reference)
    expect([...tile!.target.data]).toEqual([1, 0.5, 0.25, 0.5, 0.5, 0.5])
    expect([tile!.lineOutputs, tile!.lineWeights]).toEqual([
      [0, -1],
      [1, -1],
    ])
  })

  it('puts the reference in the middle of the array', () => {
    const [tile] = targets(matrix(5, 2), { 'crossbar.mapping': 'offset-column', 'device.devicesPerSide': 2 }).tiles
    expect(tile!.lineOutputs).toEqual([0, 0, 1, 1, 2, 2, -1, -1, 3, 3, 4, 4])
  })

  it('puts the reference on a level, and the weights about it', () => {
    const w = fromRows([[1, 0.5, 0, -0.5, -0.7]])
    const [tile] = targets(w, { 'crossbar.mapping': 'offset-column', 'device.levels': 4 }).tiles
    const thirds = [...tile!.target.data].map((g) => Math.round(3 * g))
    expect(thirds.filter((_, k) => k % 2 === 1)).toEqual([2, 2, 2, 2, 2])
    expect(thirds.filter((_, k) => k % 2 === 0)).toEqual([3, 3, 2, 1, 1])
  })
})

describe('dual pair', () => {
  it('fills the pair of low significance first', () => {
    const { tiles, scale } = targets(fromRows([[5, 1, 0.5, -3, 0]]), {
      'crossbar.mapping': 'dual-pair',
      'crossbar.significance': 4,
    })
    const [tile] = tiles
    expect(tile!.lineWeights).toEqual([1, -1, 4, -4])
    expect([...tile!.target.data]).toEqual([
      ...[1, 0, 1, 0],
      ...[1, 0, 0, 0],
      ...[0.5, 0, 0, 0],
      ...[0, 1, 0, 0.5],
      ...[0, 0, 0, 0],
    ])
    expect(scale).toBe(1)
  })
})

describe('bit slices', () => {
  const sliced = (slices: number, bits: number, levels: number | null = null) => ({
    'crossbar.mapping': 'bit-sliced',
    'crossbar.slices': slices,
    'crossbar.sliceBits': bits,
    'device.levels': levels,
  })

  property.prop([fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(), { minLength: 6 })])(
    'of whole numbers are their digits, on 2^bits levels',
    (slices, bits, numbers) => {
      const largest = 2 ** (slices * bits) - 1
      const whole = [largest, ...numbers.map((n) => n % (largest + 1))]
      for (const levels of [null, 2 ** bits]) {
        const { tiles, scale } = targets(fromRows([whole]), {
          ...sliced(slices, bits, levels),
          'crossbar.wordLines': 65536,
        })
        expect(tiles).toHaveLength(1)
        const { target, lineWeights } = tiles[0]!
        expect(lineWeights).toEqual(
          Array.from({ length: slices }, (_, s) => [2 ** (bits * s), -(2 ** (bits * s))]).flat(),
        )
        for (const [i, n] of whole.entries())
          for (let s = 0; s < slices; s++) {
            const digit = Math.floor(n / 2 ** (bits * s)) % 2 ** bits
            expect(target.data[i * target.cols + 2 * s]! * (2 ** bits - 1)).toBeCloseTo(digit, 6)
            expect(target.data[i * target.cols + 2 * s + 1]).toBe(0)
          }
        expect(scale * (2 ** bits - 1)).toBeCloseTo(1, 12)
      }
    },
  )

  it('of other numbers leave the remainder to the lowest slice, of either sign', () => {
    const { tiles } = targets(fromRows([[15, 4.5, 3.25, -3.25]]), sliced(2, 2))
    const digits = [...tiles[0]!.target.data].map((g) => Number((3 * g).toFixed(9)))
    expect(digits).toEqual([...[3, 0, 3, 0], ...[0.5, 0, 1, 0], ...[0, 0.75, 1, 0], ...[0.75, 0, 0, 1]])
  })
})

describe('layouts', () => {
  const w = fromRows([
    [1, -0.5],
    [0.25, 0],
  ])

  it('separate: positive devices on one array, negative on another', () => {
    const { tiles } = targets(w, { 'crossbar.layout': 'separate' })
    expect(tiles.map(({ lineWeights }) => lineWeights)).toEqual([
      [1, 1],
      [-1, -1],
    ])
    expect(tiles.map(({ target }) => [...target.data])).toEqual([
      [1, 0.25, 0, 0],
      [0, 0, 0.5, 0],
    ])
  })

  it('interleaved: a pair on one bit line at word lines of both signs', () => {
    const { tiles } = targets(w, { 'crossbar.layout': 'interleaved' })
    expect(tiles).toHaveLength(1)
    const [{ words, signs, lineWeights, target }] = tiles as [(typeof tiles)[number]]
    expect([words, signs, lineWeights]).toEqual([
      [0, 0, 1, 1],
      [1, -1, 1, -1],
      [1, 1],
    ])
    expect([...target.data]).toEqual([1, 0.25, 0, 0, 0, 0, 0.5, 0])
  })

  it('interleaved: the limit of word lines counts physical lines', () => {
    const { tiles } = targets(matrix(1, 5), { 'crossbar.layout': 'interleaved', 'crossbar.wordLines': 5 })
    expect(tiles.map(({ target }) => target.rows)).toEqual([2, 4, 4])
  })
})

describe('heavy lines first', () => {
  it('words by ascending, outputs by descending conductance', () => {
    const w = fromRows([
      [0, 3, 0.5],
      [1, -4, 0],
      [0, 0.5, 0.25],
    ])
    const { tiles } = targets(w, { 'crossbar.lineOrder': 'heavy-first' })
    expect(tiles[0]!.words).toEqual([2, 0, 1])
    expect(tiles[0]!.outputs).toEqual([1, 0, 2])
  })

  it('by the weights where all lines conduct equally', () => {
    const w = fromRows([
      [0.125, -3, 0.375],
      [0.125, 0.5, 0],
    ])
    const { tiles } = targets(w, { 'crossbar.lineOrder': 'heavy-first', 'crossbar.mapping': 'differential-two-sided' })
    expect(tiles[0]!.words).toEqual([0, 2, 1])
    expect(tiles[0]!.outputs).toEqual([0, 1])
  })
})

describe('digitised partial sums', () => {
  const w = matrix(2, 5)
  it('make a part of every row tile, and of every slice', () => {
    const digitised = { 'crossbar.partialSums.kind': 'digitised', 'crossbar.wordLines': 2 }
    const rows = targets(w, digitised)
    expect([rows.parts, rows.tiles.map(({ part }) => part)]).toEqual([3, [0, 1, 2]])
    const slices = targets(w, { ...digitised, 'crossbar.mapping': 'bit-sliced', 'crossbar.slices': 2 })
    expect([slices.parts, slices.tiles.map(({ part }) => part)]).toEqual([6, [0, 1, 2, 3, 4, 5]])
    expect(slices.tiles.map(({ lineWeights }) => lineWeights[0])).toEqual([1, 4, 1, 4, 1, 4])
    const sides = targets(w, { ...digitised, 'crossbar.layout': 'separate' })
    expect(sides.tiles.map(({ part }) => part)).toEqual([0, 0, 1, 1, 2, 2])
  })
})
