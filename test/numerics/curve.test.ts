import { test as check } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { curveAt, curveOf, isBeyond } from '../../src/numerics/curve.ts'

const points = fc
  .uniqueArray(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
    minLength: 2,
    maxLength: 40,
    comparator: 'SameValueZero',
  })
  .chain((x) =>
    fc
      .array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: x.length, maxLength: x.length })
      .map((y) => x.sort((a, b) => a - b).map((at, k): [number, number] => [at + 0, y[k]! + 0])),
  )

describe('a curve', () => {
  check.prop([points])('goes through its points, and is constant beyond them', (given) => {
    const curve = curveOf(given)
    for (const [x, y] of given) expect(curveAt(curve, x)).toBe(y)
    for (const [k, [x, y]] of given.slice(1).entries()) {
      const [x0, y0] = given[k]!
      const at = x0 + (x - x0) * 0.375
      // The line between these two points and no others.
      if (at > x0 && at < x) expect(curveAt(curve, at)).toBe(y0 + (y - y0) * ((at - x0) / (x - x0)))
    }
    const [first, last] = [given[0]!, given.at(-1)!]
    expect(curveAt(curve, -Infinity)).toBe(first[1])
    expect(curveAt(curve, first[0] - 1)).toBe(first[1])
    expect(curveAt(curve, last[0] + 1)).toBe(last[1])
    expect(isBeyond(curve, first[0])).toBe(false)
    expect(isBeyond(curve, last[0])).toBe(false)
    expect(isBeyond(curve, last[0] + 1)).toBe(true)
    expect(isBeyond(curve, first[0] - 1)).toBe(true)
  })

  check.prop([points, fc.double({ min: -1e6, max: 1e6, noNaN: true })])(
    'stays between the neighbouring points',
    (given, x) => {
      const y = curveAt(curveOf(given), x)
      const next = given.findIndex(([at]) => at >= x)
      const ends = next < 0 ? [given.at(-1)![1]] : next === 0 ? [given[0]![1]] : [given[next - 1]![1], given[next]![1]]
      const slack = 1e-15 * Math.max(...ends.map(Math.abs))
      expect(y).toBeGreaterThanOrEqual(Math.min(...ends) - slack)
      expect(y).toBeLessThanOrEqual(Math.max(...ends) + slack)
    },
  )

  it('is a straight line between two points, also where they nearly meet', () => {
    const line = curveOf([
      [-1, 3],
      [3, -5],
    ])
    for (const x of [-0.5, 0, 1.25, 2.9]) expect(curveAt(line, x)).toBeCloseTo(1 - 2 * x, 14)
    const steep = curveOf([
      [0, -1e6],
      [5e-324, 1e6],
    ])
    expect([curveAt(steep, 0), curveAt(steep, 5e-324)]).toEqual([-1e6, 1e6])
    expect(curveAt(steep, Number.NaN)).toBeNaN()
  })
})
