import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { codesOf, goldenCodes, goldenVectors } from '../../src/decoder/golden.ts'
import { runFixedDecoder } from '../../src/decoder/run.ts'
import { wordDecoders } from './random-decoders.ts'

describe('golden codes', () => {
  property.prop([fc.integer({ min: 1, max: 40 }), fc.integer({ min: 2, max: 300 })])(
    'begin with the extremes, hold every level alone, and are codes',
    (channels, levels) => {
      const cases = goldenCodes(channels, levels, 7)
      expect(new Set(cases.map((c) => c.case)).size).toBe(cases.length)
      expect(cases.length).toBe(4 + Math.min(levels, 256) - 2 + 7)
      for (const { codes } of cases) {
        expect(codes.length).toBe(channels)
        expect(codes.every((c) => Number.isInteger(c) && c >= 0 && c < levels)).toBe(true)
      }
      const alone = new Set(cases.filter(({ codes }) => new Set(codes).size === 1).map(({ codes }) => codes[0]))
      if (levels <= 256) for (let c = 0; c < levels; c++) expect(alone.has(c)).toBe(true)
    },
  )

  it('a random vector does not depend on how many there are', () => {
    const many = goldenCodes(10, 4, 300)
    expect(goldenCodes(10, 4, 20)).toEqual(many.slice(0, 4 + 2 + 20))
  })

  it('random codes take every level equally often', () => {
    const counts = new Array<number>(5).fill(0)
    for (const { case: name, codes } of goldenCodes(50, 5, 1000))
      if (name.startsWith('random')) for (const c of codes) counts[c]!++
    // 50000 draws of 1/5: sigma = 89.4
    for (const n of counts) expect(Math.abs(n - 10000)).toBeLessThan(5 * 89.4)
  })
})

describe('golden vectors', () => {
  property.prop([wordDecoders], { numRuns: 30 })('end in the words of the decoder', ({ decoder }) => {
    const vectors = goldenVectors(decoder, 20)
    const { words } = runFixedDecoder(decoder, codesOf(vectors))
    expect(vectors.flatMap(({ output }) => output)).toEqual([...words.data])
    for (const { layers } of vectors)
      for (const { acc, pre, post } of layers)
        for (const word of [...acc, ...pre, ...post]) expect(Number.isSafeInteger(word)).toBe(true)
  })

  property.prop([wordDecoders], { numRuns: 5 })('refuses a number that is none', ({ decoder }) => {
    for (const random of [-1, 1.5, Number.NaN, 1e6])
      expect(() => goldenVectors(decoder, random)).toThrow(expect.objectContaining({ code: 'OHM5004' }))
  })
})
