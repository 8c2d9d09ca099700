import { fc, test as prop } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { OhmbitError } from '../../src/base/errors.ts'
import { forward } from '../../src/network/forward.ts'
import type { Task } from '../../src/network/task.ts'
import { type Matrix, row, rowRange } from '../../src/numerics/matrix.ts'
import { generateSamples } from '../../src/task/generate.ts'
import { score } from '../../src/task/metric.ts'
import { channelMatrix, pilotMatrix, sensingMatrix } from '../../src/task/sensing.ts'
import {
  type FixtureName,
  fixtureArray,
  fixtureManifest,
  fixtureNetwork,
  fixtureTasks,
} from '../support/fixture-networks.ts'

const sparse: Task = { kind: 'sparse-recovery', N: 12, M: 6, S: 3, noiseVariance: 0.01, sensing: 'gaussian' }
const channel: Task = { kind: 'channel-estimation', antennas: 3, users: 2, pilots: 5, snr: [1, 10] }
const symbols: Task = { kind: 'symbol-detection', antennas: 5, users: 3, snrDb: [6, 14], csiError: 0.2 }

describe('a vector is its index', () => {
  for (const task of [sparse, channel, symbols])
    prop.prop([fc.nat(2 ** 32 - 1), fc.nat(2 ** 31), fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 })], {
      numRuns: 20,
    })(`${task.kind}: whatever the batch`, (seed, first, skip, count) => {
      const whole = generateSamples(task, { samples: skip + count, seed, first })
      const part = generateSamples(task, { samples: count, seed, first: first + skip })
      expect(part.inputs).toEqual(copy(rowRange(whole.inputs, skip, skip + count)))
      expect(part.truth).toEqual(copy(rowRange(whole.truth, skip, skip + count)))
    })

  test('another seed or index gives another vector', () => {
    const a = generateSamples(sparse, { samples: 2, seed: 1 })
    const b = generateSamples(sparse, { samples: 2, seed: 2 })
    expect(row(a.inputs, 0)).not.toEqual(row(a.inputs, 1))
    expect(row(a.inputs, 0)).not.toEqual(row(b.inputs, 0))
  })
})

const copy = (m: Matrix): Matrix => ({ ...m, data: m.data.slice() })

describe('sensing matrices', () => {
  test('the DCT with unit columns, against numbers worked by hand', () => {
    // N = 4, M = 2: rows 1/2 and cos(pi (2n + 1) / 8) / sqrt(2), columns scaled
    const phi = sensingMatrix({ kind: 'sparse-recovery', N: 4, M: 2, S: 1, noiseVariance: 0, sensing: 'dct' })
    const c = Math.cos(Math.PI / 8) / Math.SQRT2
    const s = Math.sin(Math.PI / 8) / Math.SQRT2
    const expected = [c, s, -s, -c].map((v) => [0.5 / Math.hypot(0.5, v), v / Math.hypot(0.5, v)])
    for (let n = 0; n < 4; n++) {
      expect(phi.data[n]).toBeCloseTo(expected[n]![0]!, 14)
      expect(phi.data[4 + n]).toBeCloseTo(expected[n]![1]!, 14)
    }
  })

  test('the gaussian matrix has unit columns and does not know the seed', () => {
    const task = { ...sparse, noiseVariance: 0, S: 1 } as const
    const phi = sensingMatrix(task)
    for (let n = 0; n < task.N; n++)
      expect(Math.hypot(...Array.from({ length: task.M }, (_, m) => phi.data[m * task.N + n]!))).toBeCloseTo(1, 14)
    for (const seed of [0, 7]) {
      const { inputs, truth } = generateSamples(task, { samples: 50, seed })
      for (let v = 0; v < 50; v++) {
        const n = row(truth, v).findIndex((x) => x !== 0)
        for (let m = 0; m < task.M; m++)
          expect(row(inputs, v)[m]).toBeCloseTo(phi.data[m * task.N + n]! * row(truth, v)[n]!, 14)
      }
    }
  })

  test('pilots are orthogonal: A^T A = pilots I', () => {
    const a = pilotMatrix(channel)
    expect([a.rows, a.cols]).toEqual([30, 12])
    for (let i = 0; i < a.cols; i++)
      for (let j = 0; j < a.cols; j++) {
        let dot = 0
        for (let r = 0; r < a.rows; r++) dot += a.data[r * a.cols + i]! * a.data[r * a.cols + j]!
        expect(dot).toBeCloseTo(i === j ? 5 : 0, 12)
      }
  })

  test('the channel decays from the diagonal', () => {
    const h = channelMatrix(symbols)
    expect(Array.from(row(h, 2))).toEqual([Math.exp(-2), Math.exp(-1), 1])
  })
})

describe('laws of the draws', () => {
  test('supports: S nonzeros, every pair equally often', () => {
    const samples = 20_000
    const task: Task = { kind: 'sparse-recovery', N: 6, M: 3, S: 2, noiseVariance: 0, sensing: 'dct' }
    const { truth } = generateSamples(task, { samples, seed: 3 })
    const counts = new Map<string, number>()
    for (let v = 0; v < samples; v++) {
      const support = Array.from(row(truth, v).entries()).filter(([, x]) => x !== 0)
      expect(support.length).toBe(2)
      const key = support.map(([n]) => n).join()
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    expect(counts.size).toBe(15)
    const expected = samples / 15
    const chiSquare = [...counts.values()].reduce((s, c) => s + (c - expected) ** 2 / expected, 0)
    expect(chiSquare).toBeLessThan(36.1) // 99.9 % of chi-square with 14 degrees of freedom
  })

  test('an SNR range is drawn for each vector: noise variance is the mean over the range', () => {
    const task: Task = { kind: 'symbol-detection', antennas: 1, users: 1, snrDb: [0, 10] }
    const { inputs, truth } = generateSamples(task, { samples: 40_000, seed: 1 })
    const noise = inputs.data.map((y, i) => (y - truth.data[i]!) ** 2)
    // mean of 10^(-d/10) over d uniform in [0, 10]
    expectMean(noise, (1 - 0.1) / Math.log(10))
  })

  test('a power range scales the pilots: E y^2 = (E P + 1) / 2 for one user', () => {
    const task: Task = { kind: 'channel-estimation', antennas: 1, users: 1, pilots: 1, snr: [1, 10] }
    const { inputs } = generateSamples(task, { samples: 40_000, seed: 2 })
    expectMean(
      inputs.data.filter((_, i) => i % 2 === 0).map((y) => y * y),
      (5.5 + 1) / 2,
    )
  })

  test('channel error is relative and fresh for each vector', () => {
    const task: Task = { kind: 'symbol-detection', antennas: 2, users: 1, snrDb: 300, csiError: 0.2 }
    const { inputs, truth } = generateSamples(task, { samples: 40_000, seed: 4 })
    for (const [i, h] of [1, Math.exp(-1)].entries()) {
      const gains = Float64Array.from(truth.data, (s, v) => (inputs.data[2 * v + i]! * s) / h)
      expectMean(gains, 1)
      expectMean(
        gains.map((g) => (g - 1) ** 2),
        0.2,
      )
    }
  })
})

/** The mean of independent values lies within 4.5 standard errors of what it should be. */
function expectMean(values: Float64Array, expected: number): void {
  const n = values.length
  const m = values.reduce((a, b) => a + b, 0) / n
  const variance = values.reduce((a, b) => a + (b - m) ** 2, 0) / (n - 1)
  expect(Math.abs(m - expected)).toBeLessThan(4.5 * Math.sqrt(variance / n))
}

describe('generated data is distributed as the data of the trained networks', () => {
  for (const name of ['vqcs_n20_I4', 'vqcs_n7_K10_1bit', 'det_R1_shq_snr12', 'chanest_M4'] as const)
    test(`second moments of (truth, measurements): ${name}`, () => {
      const held = join(fixtureArray(name, 'test_x'), fixtureArray(name, 'test_y'))
      const samples = name === 'chanest_M4' ? 2000 : 10_000
      const { truth, inputs } = generateSamples(fixtureTasks[name], { samples, seed: 11 })
      const a = secondMoments(held)
      const b = secondMoments(join(truth, inputs))
      let worst = 0
      let sum = 0
      let count = 0
      for (let k = 0; k < a.mean.length; k++) {
        const variance = a.variance[k]! / held.rows + b.variance[k]! / samples
        // products that never occur (two nonzeros in a 1-sparse vector) or never vary (s^2 = 1)
        if (variance === 0) {
          expect(a.mean[k]).toBe(b.mean[k])
          continue
        }
        const z = (a.mean[k]! - b.mean[k]!) / Math.sqrt(variance)
        worst = Math.max(worst, Math.abs(z))
        sum += z * z
        count++
      }
      expect(worst).toBeLessThan(6)
      expect(sum / count).toBeGreaterThan(0.7)
      expect(sum / count).toBeLessThan(1.3)
    })

  const cases: [FixtureName, 'nmseDb' | 'ber' | 'mse', number][] = [
    ['vqcs_n20_I2', 'nmseDb', 20_000],
    ['vqcs_n20_I4', 'nmseDb', 20_000],
    ['vqcs_n20_I16', 'nmseDb', 20_000],
    ['vqcs_n7_K10_1bit', 'nmseDb', 30_000],
    ['det_R1_shq_snr12', 'ber', 100_000],
    ['chanest_M4', 'mse', 4000],
  ]
  for (const [name, metric, samples] of cases)
    test(`the ideal network scores on it as in training: ${name}`, () => {
      const network = fixtureNetwork(name)
      const { inputs, truth } = generateSamples(network.task!, { samples, seed: 21 })
      const found = score(metric, forward(network, inputs).estimate, truth)
      const manifest = fixtureManifest(name) as Record<string, number>
      const error = (found.ci95[1] - found.ci95[0]) / 2 / 1.96
      const [held, heldError] = {
        nmseDb: [manifest['nmse_db_300k']!, manifest['nmse_db_se']!],
        ber: [manifest['ber_200k']!, error * Math.sqrt(samples / 200_000)],
        mse: [manifest['mse_8192']!, error * Math.sqrt(samples / 8192)],
      }[metric] as [number, number]
      expect(Math.abs(found.value - held)).toBeLessThan(4 * Math.hypot(error, heldError))
    })
})

/** Columns of a, then columns of b. */
function join(a: Matrix, b: Matrix): Matrix {
  const cols = a.cols + b.cols
  const data = new Float64Array(a.rows * cols)
  for (let v = 0; v < a.rows; v++) {
    data.set(row(a, v), v * cols)
    data.set(row(b, v), v * cols + a.cols)
  }
  return { rows: a.rows, cols, data }
}

/** Mean and variance of every product z_i z_j, i <= j. */
function secondMoments(z: Matrix): { mean: Float64Array; variance: Float64Array } {
  const n = z.cols
  const sum = new Float64Array((n * (n + 1)) / 2)
  const squares = new Float64Array(sum.length)
  for (let v = 0; v < z.rows; v++) {
    const x = row(z, v)
    let k = 0
    for (let i = 0; i < n; i++)
      for (let j = i; j < n; j++) {
        const p = x[i]! * x[j]!
        sum[k]! += p
        squares[k++]! += p * p
      }
  }
  const mean = sum.map((s) => s / z.rows)
  return { mean, variance: squares.map((s, k) => s / z.rows - mean[k]! ** 2) }
}

describe('refusals', () => {
  const bad: [string, Task, string][] = [
    ['more nonzeros than entries', { ...sparse, S: 13 }, '/S'],
    ['more DCT rows than columns', { ...sparse, sensing: 'dct', M: 13 }, '/M'],
    ['no measurement', { ...sparse, M: 0 }, '/M'],
    ['negative noise', { ...sparse, noiseVariance: -1 }, '/noiseVariance'],
    ['NaN noise', { ...sparse, noiseVariance: Number.NaN }, '/noiseVariance'],
    ['fractional users', { ...channel, users: 1.5 }, '/users'],
    ['a range upside down', { ...channel, snr: [10, 1] }, '/snr'],
    ['a negative power', { ...channel, snr: -1 }, '/snr'],
    ['infinite dB', { ...symbols, snrDb: Number.POSITIVE_INFINITY }, '/snrDb'],
    ['negative channel error', { ...symbols, csiError: -0.1 }, '/csiError'],
    ['too many classes', { ...symbols, users: 16 }, '/users'],
    ['too many measurements', { ...channel, antennas: 20_000 }, '/'],
  ]
  for (const [what, task, pointer] of bad)
    test(what, () => {
      const error = caught(() => generateSamples(task, { samples: 1, seed: 0 }))
      expect([error.code, error.at?.pointer]).toEqual(['OHM1109', pointer])
    })

  test('options out of range', () => {
    for (const options of [
      { samples: -1, seed: 0 },
      { samples: 1.5, seed: 0 },
      { samples: 1e9, seed: 0 },
      { samples: 1, seed: 2 ** 32 },
      { samples: 1, seed: 0, first: -1 },
      { samples: 2, seed: 0, first: 2 ** 32 - 1 },
    ])
      expect(caught(() => generateSamples(sparse, options)).code).toBe('OHM5004')
  })
})

function caught(f: () => unknown): OhmbitError {
  try {
    f()
  } catch (error) {
    if (error instanceof OhmbitError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
