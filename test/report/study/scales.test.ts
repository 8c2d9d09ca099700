import { test } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apart, axisDefinition, drawnAxis, roundDomain } from '../../../src/report/study/scales.ts'

describe('labels apart', () => {
  const places = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { minLength: 1, maxLength: 6 })

  test.prop([places])('stand a gap from each other, inside, in order', (wanted) => {
    const at = apart(wanted, 13, 0, 300)
    const order = wanted.map((_, k) => k).sort((a, b) => wanted[a]! - wanted[b]! || a - b)
    for (const [i, k] of order.entries()) {
      expect(at[k]).toBeGreaterThanOrEqual(-1e-9)
      expect(at[k]).toBeLessThanOrEqual(300 + 1e-9)
      if (i > 0) expect(at[k]! - at[order[i - 1]!]!).toBeGreaterThanOrEqual(13 - 1e-6)
    }
  })

  it('stay where they are when there is room, and move as little as they can', () => {
    expect(apart([10, 100, 50], 13, 0, 300)).toEqual([10, 100, 50])
    expect(apart([100, 100], 10, 0, 300)).toEqual([95, 105])
    expect(apart([0, 0], 10, 0, 300)).toEqual([0, 10])
    expect(apart([300, 298], 10, 0, 300)).toEqual([300, 290])
    // More labels than room: as far apart as there is.
    expect(apart([5, 5, 5], 13, 0, 20)).toEqual([0, 10, 20])
  })
})

test.prop([fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 8 })])(
  'round ends hold all values',
  (values) => {
    const [low, high] = roundDomain(values)
    const room = 1e-6 * (high - low)
    expect(room).toBeGreaterThan(0)
    for (const x of values) {
      expect(x).toBeGreaterThanOrEqual(low - room)
      expect(x).toBeLessThanOrEqual(high + room)
    }
    expect(high).toBeGreaterThan(low)
  },
)

it('round ends are round', () => {
  expect(roundDomain([-9.87, -5.1])).toEqual([-10, -5])
  expect(roundDomain([0.012, 0.034])).toEqual([0.01, 0.035])
})

describe('an axis', () => {
  const wires = { name: 'wires', unit: 'ohm', logarithmic: true }
  const age = { name: 'age', unit: 's', logarithmic: true }

  it('has a tick at each of a few values', () => {
    const axis = drawnAxis(wires, [0.5, 1, 2, 5])
    expect(axis.title).toBe('wires [Ω]')
    expect(axis.ticks).toEqual([0.5, 1, 2, 5].map((x) => ({ at: x, text: String(x) })))
    expect(axisDefinition(axis, 500)).toMatchObject({ values: [0.5, 1, 2, 5] })
  })

  it('puts a zero a step before the least value of a logarithmic one, and says so', () => {
    const axis = drawnAxis(age, [0, 1, 100, 10_000])
    expect(axis.place(0)).toBeCloseTo(0.01, 12)
    expect(axis.ticks![0]!.text).toBe('0')
    expect(axis.domain[0]).toBeGreaterThan(0)
  })

  it('marks long times with their own units', () => {
    const axis = drawnAxis(age, [1, 3600, 86400, 3650 * 86400])
    expect(axis.ticks!.map(({ text }) => text)).toEqual(['1 s', '1 h', '1 day', '10 y'])
    expect(axis.title).toBe('age [s, h, day, y]')
    const many = drawnAxis(
      age,
      Array.from({ length: 40 }, (_, k) => 1.5 ** k),
    )
    expect(many.ticks!.map(({ text }) => text)).toEqual(['1 s', '1 min', '1 h', '1 day', '30 days'])
  })

  it('leaves many values to powers, or to the renderer', () => {
    const values = Array.from({ length: 30 }, (_, k) => 0.1 * 1.2 ** k)
    expect(axisDefinition(drawnAxis(wires, values), 500)).toMatchObject({ values: [0.1, 0.2, 0.5, 1, 2, 5, 10, 20] })
    expect(axisDefinition(drawnAxis({ ...wires, logarithmic: false }, values), 500)).not.toHaveProperty('values')
  })

  it('keeps all its texts where they have room, and breaks a title that is too long', () => {
    const axis = drawnAxis(age, [1, 3600, 86400, 30 * 86400])
    expect(axisDefinition(axis, 185)).toMatchObject({ labelOverlap: false, title: 'age [s, h, day]' })
    expect(axisDefinition(axis, 90)).toMatchObject({ labelOverlap: 'greedy', title: ['age', '[s, h, day]'] })
  })

  it('of a single value is still one', () => {
    const axis = drawnAxis({ ...wires, logarithmic: false }, [2])
    expect(axis.domain[0]).toBeLessThan(2)
    expect(axis.domain[1]).toBeGreaterThan(2)
  })
})
