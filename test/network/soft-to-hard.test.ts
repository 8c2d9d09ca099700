import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../../src/network/forward.ts'
import { hardQuantizer } from '../../src/network/soft-to-hard.ts'

describe('a soft quantizer made hard', () => {
  const h = 25
  const example = { amplitudes: [0.15, 0.4, 0.45], shifts: [-0.2 * h, 0, (2 / 3) * h], scale: h }

  test('Fig. 2 of [0]', () => {
    const q = hardQuantizer(example, 'saturated')
    ;[-0.2, 0, 2 / 3].forEach((t, i) => {
      expect(q.thresholds[i]).toBeCloseTo(t, 15)
    })
    ;[-1, -0.7, 0.1, 1].forEach((g, i) => {
      expect(q.levels[i]).toBeCloseTo(g, 15)
    })
    expect(q.compare).toBe('gt')
  })

  test('the order of the terms is of no matter: they are sorted together', () => {
    const shuffled = { amplitudes: [0.45, 0.15, 0.4], shifts: [(2 / 3) * h, -0.2 * h, 0], scale: h }
    expect(hardQuantizer(shuffled, 'saturated')).toEqual(hardQuantizer(example, 'saturated'))
  })

  test('sorting amplitudes and shifts apart would be another quantizer', () => {
    const q = hardQuantizer({ amplitudes: [0.5, 0.1], shifts: [0, 1], scale: 1 }, 'saturated')
    expect(Array.from(q.levels, (g) => Number(g.toFixed(12)))).toEqual([-0.6, 0.4, 0.6])
  })

  test('eq. (5) of [1]: the soft value half-way between two thresholds, the sums outside', () => {
    const soft = { amplitudes: [1, 2], shifts: [-3, 8], scale: [3, 4] }
    const q = hardQuantizer(soft, 'soft-midpoint')
    expect(Array.from(q.thresholds)).toEqual([-1, 2])
    expect(q.levels[0]).toBe(-3)
    expect(q.levels[1]).toBeCloseTo(Math.tanh(3 * 0.5 + 3) + 2 * Math.tanh(4 * 0.5 - 8), 15)
    expect(q.levels[2]).toBe(3)
  })

  const terms = fc.uniqueArray(
    fc.record({
      v: fc.double({ min: -2, max: 2, noNaN: true }),
      t: fc.integer({ min: -50, max: 50 }),
      h: fc.integer({ min: 1, max: 8 }),
    }),
    { minLength: 1, maxLength: 12, selector: (term) => term.t },
  )
  property.prop([terms, fc.boolean()])('is the limit of the soft one as the scale grows', (list, flipped) => {
    // At scale 1e4 h every tanh is saturated half a unit from its threshold.
    const k = flipped ? -1e4 : 1e4
    const soft = {
      amplitudes: list.map(({ v }) => v * Math.sign(k)),
      shifts: list.map(({ t, h }) => t * h * k),
      scale: list.map(({ h }) => h * k),
    }
    for (const rule of ['saturated', 'soft-midpoint'] as const) {
      const q = hardQuantizer(soft, rule)
      for (let a = -50.5; a < 51; a++) {
        const value = list.reduce((sum, { v, t }) => sum + v * Math.sign(a - t), 0)
        expect(q.levels[codeOf(q, a)]).toBeCloseTo(value, 9)
      }
    }
  })

  test.each([
    ['no term', { amplitudes: [], shifts: [], scale: 1 }, /equally many/],
    ['unequal numbers', { amplitudes: [1, 2], shifts: [0], scale: 1 }, /equally many/],
    ['scale 0', { amplitudes: [1], shifts: [0], scale: 0 }, /scale 0/],
    ['equal thresholds', { amplitudes: [1, 2], shifts: [1, 2], scale: [1, 2] }, /coincide at 1/],
    ['not finite', { amplitudes: [Number.NaN], shifts: [0], scale: 1 }, /not finite/],
  ])('%s is refused', (_, soft, message) => {
    expect(() => hardQuantizer(soft, 'saturated')).toThrow(message)
  })
})
