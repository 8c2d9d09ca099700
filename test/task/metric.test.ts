import { fc, test as prop } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import type { OhmbitError } from '../../src/base/errors.ts'
import { fromRows, type Matrix, matrix } from '../../src/numerics/matrix.ts'
import { normalAt, site, stages } from '../../src/numerics/random.ts'
import { wilson } from '../../src/numerics/statistics.ts'
import { combine, defaultMetric, type MetricName, perVector, score } from '../../src/task/metric.ts'
import { fixtureArray, fixtureTasks } from '../support/fixture-networks.ts'

/** vectors x cols of independent normals. */
function normals(seed: number, rows: number, cols: number): Matrix {
  const out = matrix(rows, cols)
  const where = site(stages.task, 'sampleSource')
  for (let v = 0; v < rows; v++)
    for (let k = 0; k < cols; k++) out.data[v * cols + k] = normalAt({ seed, chip: 0 }, where, k, 0, v)
  return out
}

describe('values', () => {
  test('nmseDb is the ratio of sums, not the mean of ratios', () => {
    const truth = fromRows([
      [1, 0],
      [3, 0],
    ])
    const estimate = fromRows([
      [0, 0],
      [3, 0],
    ])
    expect(score('nmseDb', estimate, truth).value).toBeCloseTo(-10, 12) // 1 / (1 + 9)
    expect(score('mse', estimate, truth).value).toBe(1 / 4)
  })

  test('ber: argmax, first of ties, class = sum of (s_j + 1)/2 2^j', () => {
    const scores = fromRows([
      [0, 5, 1, 2], // class 1 = (+1, -1)
      [0, 0, 7, 7], // class 2 first = (-1, +1)
    ])
    const symbols = fromRows([
      [1, -1],
      [1, -1],
    ])
    expect(perVector('ber', scores, symbols).error).toEqual(Float64Array.of(0, 2))
    expect(score('ber', scores, symbols)).toMatchObject({ name: 'ber', value: 0.5, samples: 2 })
    expect(score('ber', scores, fromRows([[1], [1]])).value).toBe(0.5)
  })

  test('two classes: labels 0 and 1 read as symbols -1 and 1', () => {
    const scores = fromRows([
      [1, 0],
      [0, 1],
    ])
    expect(score('ber', scores, fromRows([[-1], [1]])).value).toBe(0)
    expect(score('ber', scores, fromRows([[0], [1]])).value).toBe(0)
  })

  test('the held scores of the trained networks', () => {
    const held = (name: 'vqcs_n20_I4' | 'det_R1_shq_snr12' | 'chanest_M4', metric: 'nmseDb' | 'ber' | 'mse') =>
      score(metric, fixtureArray(name, 'ref_xhat'), fixtureArray(name, 'test_x'))
    expect(held('vqcs_n20_I4', 'nmseDb').value).toBeCloseTo(-11.034794416813284, 5)
    expect(held('chanest_M4', 'mse').value).toBeCloseTo(0.06967903479385602, 6)
    const ber = held('det_R1_shq_snr12', 'ber')
    expect(ber.value).toBe(0.001875)
    // 15 wrong bits in 11 vectors: clustered, so wider than for independent bits
    const independent = wilson(15, 8000)
    expect(ber.ci95[0]).toBeLessThan(independent.low)
    expect(ber.ci95[1]).toBeGreaterThan(independent.high)
  })

  prop.prop([fc.integer({ min: 1, max: 20 }), fc.nat(1000)])('changed vectors can be rescored alone', (rows, seed) => {
    const truth = normals(seed, rows, 3)
    const first = normals(seed + 1, rows, 3)
    const second = { ...first, data: first.data.slice() }
    second.data.fill(0.5, 0, 3)
    const sums = perVector('nmseDb', first, truth)
    const changed = perVector(
      'nmseDb',
      { ...second, rows: 1, data: second.data.subarray(0, 3) },
      { ...truth, rows: 1, data: truth.data.subarray(0, 3) },
    )
    sums.error[0] = changed.error[0]!
    expect(combine('nmseDb', sums.error, sums.energy)).toEqual(score('nmseDb', second, truth))
  })
})

describe('intervals', () => {
  test('hold the true value in 95 % of repetitions', () => {
    const repetitions = 400
    let nmse = 0
    let mse = 0
    for (let r = 0; r < repetitions; r++) {
      const truth = normals(2 * r, 200, 2)
      const noise = normals(2 * r + 1, 200, 2)
      const estimate = { ...truth, data: truth.data.map((x, i) => x + 0.1 * noise.data[i]! * (1 + Math.abs(x))) }
      // E(1 + |x|)^2 = 2 + 2 sqrt(2 / pi) for x ~ N(0, 1)
      const expected = 0.01 * (2 + 2 * Math.sqrt(2 / Math.PI))
      const a = score('nmseDb', estimate, truth).ci95
      if (a[0] <= 10 * Math.log10(expected) && 10 * Math.log10(expected) <= a[1]) nmse++
      const b = score('mse', estimate, truth).ci95
      if (b[0] <= expected && expected <= b[1]) mse++
    }
    for (const held of [nmse, mse]) {
      expect(held / repetitions).toBeGreaterThan(0.9)
      expect(held / repetitions).toBeLessThan(0.99)
    }
  })

  test('ber of independent bits is Wilson', () => {
    // one wrong bit in each of two of ten vectors of two bits: spread below binomial, so no design effect
    const error = Float64Array.of(1, 1, 0, 0, 0, 0, 0, 0, 0, 0)
    const { low, high } = wilson(2, 20)
    expect(combine('ber', error, new Float64Array(10).fill(2)).ci95).toEqual([low, high])
  })

  test('ber without errors has an upper end', () => {
    const s = combine('ber', new Float64Array(100), new Float64Array(100).fill(4))
    expect(s.value).toBe(0)
    expect(s.ci95[0]).toBe(0)
    expect(s.ci95[1]).toBeCloseTo(3.841 / (400 + 3.841), 5)
  })
})

describe('edges', () => {
  const some = fromRows([
    [1, 2],
    [3, 4],
  ])
  const zero = matrix(2, 2)

  test('a perfect estimate is -Infinity dB with itself as interval', () => {
    expect(score('nmseDb', some, some)).toMatchObject({ value: -Infinity, ci95: [-Infinity, -Infinity] })
    expect(score('nmseDb', zero, zero)).toMatchObject({ value: -Infinity, ci95: [-Infinity, -Infinity] })
    expect(score('mse', some, some)).toMatchObject({ value: 0, ci95: [0, 0] })
  })

  test('error on all-zero truth is +Infinity dB', () => {
    expect(score('nmseDb', some, zero)).toMatchObject({ value: Infinity, ci95: [Infinity, Infinity] })
  })

  test('one vector bounds nothing', () => {
    const one = fromRows([[1, 2]])
    const off = fromRows([[1, 3]])
    expect(score('nmseDb', off, one).ci95).toEqual([-Infinity, Infinity])
    expect(score('mse', off, one).ci95).toEqual([0, Infinity])
    expect(score('nmseDb', one, one).ci95).toEqual([-Infinity, -Infinity])
  })

  prop.prop([
    fc.constantFrom<MetricName>('nmseDb', 'mse', 'ber'),
    fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1, maxLength: 5 }),
  ])('never NaN', (name, pairs) => {
    const error = Float64Array.from(pairs, (p) => p[0])
    const energy = name === 'nmseDb' ? Float64Array.from(pairs, (p) => p[1]) : error.map(() => 4)
    const { value, ci95 } = combine(name, error, energy)
    expect(Number.isNaN(value)).toBe(false)
    expect(ci95[0]).toBeLessThanOrEqual(value)
    expect(ci95[1]).toBeGreaterThanOrEqual(value)
  })
})

describe('which metric', () => {
  test('the task says it', () => {
    expect(defaultMetric(fixtureTasks.vqcs_n20_I4, 20, { cols: 20 })).toBe('nmseDb')
    expect(defaultMetric(fixtureTasks.chanest_M4, 80, { cols: 80 })).toBe('mse')
    expect(defaultMetric(fixtureTasks.det_R1_shq_snr12, 16, { cols: 4 })).toBe('ber')
    expect(defaultMetric(fixtureTasks.det_R1_shq_snr12, 16, { cols: 1 })).toBe('ber')
  })

  test('else the shapes', () => {
    expect(defaultMetric(null, 7, { cols: 7 })).toBe('nmseDb')
    expect(defaultMetric(null, 16, { cols: 4 })).toBe('ber')
    expect(defaultMetric(null, 8, { cols: 1 })).toBe('ber')
    expect(defaultMetric(null, 1, { cols: 1 })).toBe('nmseDb')
  })

  test('data that fits no metric is refused', () => {
    const codes = [
      () => defaultMetric(null, 16, { cols: 3 }),
      () => defaultMetric(null, 15, { cols: 1 }),
      () => defaultMetric(fixtureTasks.vqcs_n20_I4, 20, { cols: 7 }),
      () => score('ber', matrix(1, 4), fromRows([[2, 1]])),
      () => score('ber', matrix(1, 4), fromRows([[4]])),
      () => score('ber', matrix(1, 4), fromRows([[0.5]])),
      () => score('mse', matrix(2, 4), matrix(3, 4)),
      () => score('mse', matrix(0, 4), matrix(0, 4)),
      () => score('mse', matrix(1, 1), fromRows([[Number.NaN]])),
      () => score('ber', fromRows([[1, Number.NaN]]), fromRows([[1]])),
    ].map((f) => {
      try {
        f()
        return 'nothing'
      } catch (error) {
        return (error as OhmbitError).code
      }
    })
    expect(codes).toEqual([...Array(6).fill('OHM5003'), ...Array(4).fill('OHM1110')])
  })
})
