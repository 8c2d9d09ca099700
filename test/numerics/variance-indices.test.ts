import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { drawArray, site, stages } from '../../src/numerics/random.ts'
import { indexDesign, type VarianceIndex, varianceIndices } from '../../src/numerics/variance-indices.ts'

function evaluate(points: Float64Array, d: number, f: (x: Float64Array) => number): Float64Array {
  return Float64Array.from({ length: points.length / d }, (_, k) => f(points.subarray(k * d, (k + 1) * d)))
}

/** Ishigami and Homma 1990, a = 7, b = 0.1, inputs uniform in (-pi, pi). */
const ishigami = (x: Float64Array) => {
  const [p, q, r] = Array.from(x, (u) => Math.PI * (2 * u - 1)) as [number, number, number]
  return Math.sin(p) + 7 * Math.sin(q) ** 2 + 0.1 * r ** 4 * Math.sin(p)
}
const ishigamiIndices = () => {
  const [a, b, pi4] = [7, 0.1, Math.PI ** 4]
  const v1 = (1 + (b * pi4) / 5) ** 2 / 2
  const v2 = a ** 2 / 8
  const v13 = b ** 2 * pi4 ** 2 * (1 / 18 - 1 / 50)
  const v = v1 + v2 + v13
  return { first: [v1 / v, v2 / v, 0], total: [(v1 + v13) / v, v2 / v, v13 / v], variance: v }
}

/** Sobol's g-function: prod (|4 x_i - 2| + a_i) / (1 + a_i). */
const a = [0, 1, 4.5, 9, 99, 99]
const g = (x: Float64Array) => x.reduce((f, u, i) => (f * (Math.abs(4 * u - 2) + a[i]!)) / (1 + a[i]!), 1)
const gIndices = (d: number) => {
  const alone = a.slice(0, d).map((ai) => 1 / 3 / (1 + ai) ** 2)
  const variance = alone.reduce((p, v) => p * (1 + v), 1) - 1
  return {
    first: alone.map((v) => v / variance),
    total: alone.map((v, i) => (v * alone.reduce((p, w, j) => (j === i ? p : p * (1 + w)), 1)) / variance),
  }
}

function expectNear(found: readonly VarianceIndex[], known: { first: number[]; total: number[] }, tolerance: number) {
  found.forEach((index, i) => {
    expect(Math.abs(index.first - known.first[i]!)).toBeLessThan(tolerance)
    expect(Math.abs(index.total - known.total[i]!)).toBeLessThan(tolerance)
  })
}

describe("Sobol' indices", () => {
  it('of the Ishigami function', () => {
    const known = ishigamiIndices()
    // Published to four places: 0.3139, 0.4424, 0; 0.5576, 0.4424, 0.2437.
    expect(known.first.map((s) => s.toFixed(4))).toEqual(['0.3139', '0.4424', '0.0000'])
    expect(known.total.map((s) => s.toFixed(4))).toEqual(['0.5576', '0.4424', '0.2437'])
    const values = evaluate(indexDesign(4096, 3, 1), 3, ishigami)
    const found = varianceIndices(values, 3, { seed: 1, resamples: 200 })
    expectNear(found, known, 0.01)
    found.forEach((index, i) => {
      expect(index.firstInterval.low).toBeLessThan(known.first[i]!)
      expect(index.firstInterval.high).toBeGreaterThan(known.first[i]!)
      expect(index.totalInterval.low).toBeLessThan(known.total[i]!)
      expect(index.totalInterval.high).toBeGreaterThan(known.total[i]!)
    })
  })

  it('of the g-function', () => {
    const values = evaluate(indexDesign(4096, 6, 2), 6, g)
    expectNear(varianceIndices(values, 6, { seed: 1, resamples: 100 }), gIndices(6), 0.01)
  })

  it('have intervals that contain the truth, from independent base points', () => {
    // 300 repetitions of 128 points each; base points are independent, as the bootstrap takes them.
    const repetitions = 300
    const [n, d] = [128, 3]
    const known = gIndices(d)
    const hits = new Float64Array(2 * d)
    for (let seed = 0; seed < repetitions; seed++) {
      const base = drawArray('uniform', { seed, chip: 1 }, site(stages.study, 'designJitter'), n, 2 * d)
      const points = new Float64Array(n * (d + 2) * d)
      for (let block = 0; block < d + 2; block++)
        for (let k = 0; k < n; k++)
          for (let j = 0; j < d; j++)
            points[(block * n + k) * d + j] = base[k * 2 * d + (block === 1 || block === j + 2 ? d : 0) + j]!
      varianceIndices(evaluate(points, d, g), d, { seed, resamples: 400 }).forEach((index, i) => {
        hits[i]! += Number(index.firstInterval.low <= known.first[i]! && known.first[i]! <= index.firstInterval.high)
        hits[d + i]! += Number(
          index.totalInterval.low <= known.total[i]! && known.total[i]! <= index.totalInterval.high,
        )
      })
    }
    for (const hit of hits) expect(hit / repetitions).toBeGreaterThan(0.9)
  })

  property.prop([fc.integer({ min: 1, max: 5 }), fc.nat(4), fc.nat(1000)], { numRuns: 20 })(
    'are exactly zero of an input without effect, intervals too',
    (d, without, seed) => {
      const idle = without % d
      const f = (x: Float64Array) => x.reduce((s, u, i) => (i === idle ? s : s + Math.exp(u * (i + 1))), 0)
      const index = varianceIndices(evaluate(indexDesign(64, d, seed), d, f), d, { seed, resamples: 100 })[idle]!
      const nothing = { low: 0, high: 0 }
      expect(index).toEqual({ first: 0, firstInterval: nothing, total: 0, totalInterval: nothing })
    },
  )

  property.prop([fc.integer({ min: 1, max: 5 }), fc.nat(1000)], { numRuns: 20 })(
    'of a sum are shares that add to one, first and total alike',
    (d, seed) => {
      const f = (x: Float64Array) => x.reduce((s, u, i) => s + (i + 1) * u, 0)
      const found = varianceIndices(evaluate(indexDesign(1024, d, seed), d, f), d, { seed, resamples: 100 })
      const squares = Array.from({ length: d }, (_, i) => (i + 1) ** 2)
      const whole = squares.reduce((s, v) => s + v, 0)
      found.forEach((index, i) => {
        expect(Math.abs(index.first - squares[i]! / whole)).toBeLessThan(0.005)
        expect(Math.abs(index.total - squares[i]! / whole)).toBeLessThan(0.005)
      })
    },
  )

  it('do not change with the scale and the origin of the output', () => {
    const values = evaluate(indexDesign(256, 3, 1), 3, ishigami)
    const moved = values.map((value) => 1024 * value - 4096)
    const [x, y] = [values, moved].map((v) => varianceIndices(v, 3, { seed: 3, resamples: 100 })) as [
      readonly VarianceIndex[],
      readonly VarianceIndex[],
    ]
    x.forEach((index, i) => {
      expect(y[i]!.first).toBeCloseTo(index.first, 9)
      expect(y[i]!.totalInterval.high).toBeCloseTo(index.totalInterval.high, 9)
    })
  })

  it('of a constant are zero; other numbers of values are refused', () => {
    expect(varianceIndices(new Float64Array(40).fill(3), 2, { seed: 1 })[1]!.total).toBe(0)
    expect(() => varianceIndices(new Float64Array(41), 2, { seed: 1 })).toThrow(RangeError)
    expect(() => varianceIndices(new Float64Array(4), 2, { seed: 1 })).toThrow(RangeError)
    expect(() => indexDesign(8, 65, 1)).toThrow(RangeError)
  })
})

describe('design of the indices', () => {
  property.prop([fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 5 }), fc.nat(100)])(
    'takes one coordinate from B in each block',
    (n, d, seed) => {
      const points = indexDesign(n, d, seed)
      const at = (block: number, k: number, j: number) => points[(block * n + k) * d + j]!
      for (let i = 0; i < d; i++)
        for (let k = 0; k < n; k++) for (let j = 0; j < d; j++) expect(at(i + 2, k, j)).toBe(at(i === j ? 1 : 0, k, j))
    },
  )
})
