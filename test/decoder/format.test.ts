import { fc, test as prop } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import {
  fittingFormat,
  floorWord,
  formatText,
  MAX_FRACTION,
  parseFormat,
  roundHalfEven,
  toWord,
  wordRange,
  wordValue,
} from '../../src/decoder/format.ts'

const s16 = (frac: number) => ({ signed: true, bits: 16, frac })

describe('text form', () => {
  test('sign, bits, fractional bits', () => {
    expect(formatText(s16(14))).toBe('s16/14')
    expect(parseFormat('s16/14')).toEqual(s16(14))
    expect(parseFormat('u8/-2')).toEqual({ signed: false, bits: 8, frac: -2 })
  })
  for (const bad of ['', 'Q1.14', 's16', 's016/3', 's16/1.5', '16/3', 's16/14 '])
    test(`"${bad}" is refused`, () => expect(() => parseFormat(bad)).toThrow(/number format/))
})

describe('rounding', () => {
  test('half to even', () => {
    expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4999999999999996, 2.5000000000000004].map(roundHalfEven)).toEqual([
      -2, -2, 0, 0, 2, 2, 2, 3,
    ])
    expect(roundHalfEven(2 ** 53 + 2)).toBe(2 ** 53 + 2)
  })

  prop.prop([fc.double({ min: -4, max: 4, noNaN: true }), fc.integer({ min: -2, max: 20 })])(
    'the word is the nearest, or the end of the range',
    (x, frac) => {
      const { low, high } = wordRange(s16(frac))
      const word = toWord(x, s16(frac))
      const error = Math.abs(wordValue(word, s16(frac)) - x)
      if (word > low && word < high) expect(error).toBeLessThanOrEqual(2 ** -frac / 2)
      expect(word).toBe(Math.min(high, Math.max(low, word)))
    },
  )

  prop.prop([fc.integer({ min: -32768, max: 32767 }), fc.double({ min: -1.9, max: 1.9, noNaN: true })])(
    'x > t for words is x > floor(t)',
    (word, t) => {
      expect(wordValue(word, s16(14)) > t).toBe(word > floorWord(t, s16(14)))
    },
  )
})

describe('fitting format', () => {
  test('known cases: 1 does not fit s16/15, -1 does; zeros take +-1', () => {
    expect(fittingFormat([1], 16)).toEqual(s16(14))
    expect(fittingFormat([-1], 16)).toEqual(s16(15))
    expect(fittingFormat([0, 0], 16)).toEqual(s16(15))
    expect(fittingFormat([], 16)).toEqual(s16(15))
    expect(fittingFormat([5.499], 8).frac).toBe(4)
    // 0.99999 rounds to 2^15
    expect(fittingFormat([0.99999], 16)).toEqual(s16(14))
    expect(fittingFormat([1e300], 16).frac).toBeLessThan(-900)
    expect(fittingFormat([1e-300], 16).frac).toBe(MAX_FRACTION)
  })

  prop.prop([
    fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 6 }),
    fc.integer({ min: 2, max: 24 }),
  ])('nothing saturates, and one more bit would', (values, bits) => {
    const format = fittingFormat(values, bits)
    const { low, high } = wordRange(format)
    const inside = (frac: number) =>
      values.every((x) => roundHalfEven(x * 2 ** frac) >= low && roundHalfEven(x * 2 ** frac) <= high)
    expect(inside(format.frac)).toBe(true)
    const zero = values.every((x) => x === 0)
    if (!zero && format.frac < MAX_FRACTION) expect(inside(format.frac + 1)).toBe(false)
  })
})
