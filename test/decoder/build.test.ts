import { fc, test as prop } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { OhmbitError } from '../../src/base/errors.ts'
import { accumulatorBound, signedBits } from '../../src/decoder/bound.ts'
import { buildFixedDecoder } from '../../src/decoder/build.ts'
import { formatText } from '../../src/decoder/format.ts'
import { runFixedDecoderReference } from '../../src/decoder/reference.ts'
import { runFixedDecoder } from '../../src/decoder/run.ts'
import { applyLayers, type Codes, dequantize, forward } from '../../src/network/forward.ts'
import type { Activation, DenseLayer } from '../../src/network/network.ts'
import { fromRows, matrix } from '../../src/numerics/matrix.ts'
import { normalAt, site, stages } from '../../src/numerics/random.ts'
import type { Profile } from '../../src/profile/profile.ts'
import { generateSamples } from '../../src/task/generate.ts'
import { defaultMetric, score } from '../../src/task/metric.ts'
import { type FixtureName, fixtureArray, fixtureNames, fixtureNetwork } from '../support/fixture-networks.ts'
import { networkOf } from './random-decoders.ts'

const plain: Profile['decoder'] = {
  arithmetic: 'fixed',
  weightBits: 16,
  weightScale: 'per-tensor',
  activationBits: 16,
  accumulatorBits: 40,
  tableWords: 257,
}

const layer = (rows: number[][], bias: number[], activation: Activation): DenseLayer => ({
  weight: fromRows(rows),
  bias: Float64Array.from(bias),
  activation,
})

const codes = (...rows: number[][]): Codes => ({
  rows: rows.length,
  cols: rows[0]!.length,
  data: Uint16Array.from(rows.flat()),
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

describe('accumulator bound', () => {
  const weights = fc.array(fc.integer({ min: -128, max: 127 }), { minLength: 1, maxLength: 6 })
  const range = fc.tuple(fc.integer({ min: -9, max: 9 }), fc.nat(9)).map(([low, width]) => ({ low, high: low + width }))

  prop.prop([
    weights,
    fc.integer({ min: -500, max: 500 }),
    range,
    fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
  ])('holds every partial sum in every order', (w, bias, input, draws) => {
    const bound = accumulatorBound(w, bias, input, 0)
    const at = () => draws.next().value as number
    const order = w.map((v) => [at(), v] as const).sort((a, b) => a[0] - b[0])
    let sum = bias
    for (const [, v] of order) {
      sum += v * Math.round(input.low + at() * (input.high - input.low))
      expect(sum).toBeGreaterThanOrEqual(bound.low)
      expect(sum).toBeLessThanOrEqual(bound.high)
    }
  })

  prop.prop([weights, fc.integer({ min: -500, max: 500 }), fc.nat(20)])(
    'is reached: the worst input in the worst order',
    (w, bias, end) => {
      const worst = w.reduce((s, v) => s + Math.abs(v) * end, 0)
      const bound = accumulatorBound(w, bias, { low: -end, high: end }, 0)
      expect(bound).toMatchObject({ low: Math.min(bias, 0) - worst, high: Math.max(bias, 0) + worst })
    },
  )

  test('counts the rounding addend and a left shift', () => {
    const input = { low: -1, high: 1 }
    expect(accumulatorBound([3], 0, input, 4)).toEqual({ low: -3, high: 11, bits: 5 })
    expect(accumulatorBound([3], 0, input, -2)).toEqual({ low: -12, high: 12, bits: 5 })
  })

  test('bits of a two-complement word', () => {
    const cases: [number, number, number][] = [
      [0, 0, 1],
      [-1, 0, 1],
      [0, 1, 2],
      [-128, 127, 8],
      [-129, 0, 9],
      [0, 128, 9],
      [-(2 ** 52), 2 ** 52 - 1, 53],
      [0, 2 ** 52, 54],
      [0, Infinity, Infinity],
    ]
    for (const [low, high, bits] of cases) expect(signedBits(low, high)).toBe(bits)
  })
})

describe('formats', () => {
  test('of a small decoder, worked by hand', () => {
    const network = networkOf(
      [layer([[1.5, -0.25]], [0.5], 'tanh'), layer([[2], [-4]], [0, 1], 'linear')],
      [-0.75, 0.5],
    )
    const decoder = buildFixedDecoder(network, plain, codes([0, 0], [1, 1]))
    expect(formatText(decoder.levels.format)).toBe('s16/15')
    expect(Array.from(decoder.levels.words)).toEqual([-24576, 16384])
    const [first, second] = decoder.layers
    expect(first!.weightFormats.map(formatText)).toEqual(['s16/14'])
    expect(Array.from(first!.weights)).toEqual([24576, -4096])
    expect(Array.from(first!.biases)).toEqual([2 ** 28])
    expect([formatText(first!.pre), formatText(first!.output)]).toEqual(['s16/12', 's16/15'])
    expect(Array.from(first!.shifts)).toEqual([17])
    // tanh(1.125) = 0.809: outputs up to 1 + 4 0.4 = 2.6 or 1.6; times 1.1 below 4
    const exact = applyLayers(network.decoder, dequantize(network.quantizer, codes([0, 0], [1, 1])))
    expect(1.1 * Math.max(...exact.data.map(Math.abs))).toBeLessThan(4)
    expect(formatText(second!.output)).toBe('s16/13')
    expect(second!.weightFormats.map(formatText)).toEqual(['s16/13']) // -4 fits, 4 would not
    const top = 24576 * 16384 + 4096 * 24576 + 2 ** 28 + 2 ** 16
    expect(first!.bounds[0]).toMatchObject({ high: top, bits: 31 })
  })

  test('a row at a time', () => {
    const network = networkOf([layer([[1.5], [0.01], [0]], [0, 0, 0], 'linear')], [-1, 1])
    const decoder = buildFixedDecoder(network, { ...plain, weightScale: 'per-row' }, codes([0], [1]))
    expect(decoder.layers[0]!.weightFormats.map((f) => f.frac)).toEqual([14, 21, 15])
    expect(Array.from(decoder.layers[0]!.weights)).toEqual([24576, 20972, 0])
    expect(Array.from(runFixedDecoder(decoder, codes([1])).estimate.data)).toEqual([1.5, expect.closeTo(0.01, 4), 0])
  })

  test('all-zero layers and dead outputs do not break it', () => {
    const network = networkOf([layer([[0], [0]], [0, -1], 'relu'), layer([[0, 0]], [0], 'linear')], [0, 0])
    const decoder = buildFixedDecoder(network, plain, codes([0], [1]))
    expect(Array.from(runFixedDecoder(decoder, codes([0], [1])).estimate.data)).toEqual([0, 0])
  })

  test('weights far below their bias give way to it', () => {
    const network = networkOf([layer([[1e-12], [1]], [100, 0], 'linear')], [-1, 1])
    const decoder = buildFixedDecoder(network, { ...plain, weightScale: 'per-row' }, codes([0], [1]))
    expect(runFixedDecoder(decoder, codes([1])).estimate.data[0]).toBeCloseTo(100, 2)
  })

  test('activations of other widths', () => {
    const network = networkOf([layer([[1]], [0], 'sigmoid'), layer([[1]], [0], 'tanh')], [-1, 1])
    const decoder = buildFixedDecoder(network, { ...plain, activationBits: 10 }, codes([0], [1]))
    expect(formatText(decoder.levels.format)).toBe('s10/8')
    expect(decoder.layers.map((l) => [formatText(l.pre), formatText(l.output)])).toEqual([
      ['s16/11', 's10/9'],
      ['s16/12', 's10/9'],
    ])
    expect(decoder.tables.map((t) => t.id)).toEqual(['sigmoid', 'tanh'])
  })

  test('values beyond the calibration saturate and are counted', () => {
    const network = networkOf([layer([[1]], [0], 'linear')], [-4, 0.5, 4])
    const decoder = buildFixedDecoder(network, plain, codes([1]))
    expect(formatText(decoder.layers[0]!.output)).toBe('s16/15')
    const run = runFixedDecoder(decoder, codes([0], [1], [2], [2]))
    expect(run.saturated).toEqual([3])
    expect(Array.from(run.estimate.data)).toEqual([-1, 0.5, 32767 / 32768, 32767 / 32768])
  })
})

describe('refusals', () => {
  test('an accumulator one bit short names layer, row and bits; the bits it names suffice', () => {
    const network = fixtureNetwork('vqcs_n20_I4')
    const calibration = calibrationCodes('vqcs_n20_I4')
    const wide = buildFixedDecoder(network, plain, calibration)
    const needed = Math.max(...wide.layers.flatMap((l) => l.bounds.map((b) => b.bits)))
    expect(needed).toBe(35)
    const error = caught(() => buildFixedDecoder(network, { ...plain, accumulatorBits: needed - 1 }, calibration))
    expect(error.code).toBe('OHM4001')
    expect(error.kind).toBe('infeasible')
    expect(error.problems.length).toBe(1)
    expect(error.message).toMatch(/^decoder\.1 row \d+ needs an accumulator of 35 bits .* is 34$/)
    expect(() => buildFixedDecoder(network, { ...plain, accumulatorBits: needed }, calibration)).not.toThrow()
    const narrow = caught(() => buildFixedDecoder(network, { ...plain, accumulatorBits: 24 }, calibration))
    expect(narrow.problems.map((p) => p.at?.pointer)).toEqual([0, 1, 2, 3].map((l) => `decoder.${l}.weight`))
  })

  test('an accumulator that leaves weights no bits; the bits it names are the fewest that suffice', () => {
    for (const name of fixtureNames) {
      const network = fixtureNetwork(name)
      const build = (accumulatorBits: number) => () =>
        buildFixedDecoder(network, { ...plain, accumulatorBits }, calibrationCodes(name))
      const { code, message, hint } = caught(build(8))
      expect(code).toBe('OHM4001')
      expect(message).toContain('an accumulator of 8 bits leaves its weights fewer than 4 bits')
      const bits = Number(hint!.match(/accumulatorBits to (\d+),/)![1])
      expect(build(bits)).not.toThrow()
      expect(build(bits - 1)).toThrow(OhmbitError)
    }
  })

  test('a bias no accumulator holds', () => {
    const network = networkOf([layer([[1]], [1e300], 'tanh')], [-1, 1])
    expect(caught(() => buildFixedDecoder(network, { ...plain, weightScale: 'per-row' }, codes([0]))).code).toBe(
      'OHM4001',
    )
  })

  test('widths the arithmetic is not made for', () => {
    const network = networkOf([layer([[1]], [0], 'tanh')], [-1, 1])
    for (const wrong of [
      { accumulatorBits: 54 },
      { accumulatorBits: 7 },
      { weightBits: 1 },
      { weightBits: 25 },
      { activationBits: 7 },
      { activationBits: 17 },
      { activationBits: 8.5 },
      { tableWords: 256 },
      { tableWords: 2 },
      { tableWords: Number.NaN },
    ]) {
      const error = caught(() => buildFixedDecoder(network, { ...plain, ...wrong }, codes([0])))
      expect([error.code, error.at?.pointer]).toEqual(['OHM1202', `/decoder/${Object.keys(wrong)[0]}`])
    }
  })

  test('codes that do not fit, outputs that overflow', () => {
    const network = networkOf([layer([[1]], [0], 'tanh')], [-1, 1])
    expect(caught(() => buildFixedDecoder(network, plain, codes([0, 1]))).code).toBe('OHM1110')
    expect(caught(() => buildFixedDecoder(network, plain, codes([2]))).code).toBe('OHM1110')
    expect(caught(() => buildFixedDecoder(network, plain, { rows: 0, cols: 1, data: new Uint16Array(0) })).code).toBe(
      'OHM1110',
    )
    const huge = networkOf([layer([[1e300]], [0], 'linear')], [1e20, 2e20])
    expect(caught(() => buildFixedDecoder(huge, plain, codes([0]))).code).toBe('OHM1103')
  })
})

function calibrationCodes(name: FixtureName): Codes {
  const network = fixtureNetwork(name)
  return forward(network, generateSamples(network.task!, { samples: 256, seed: 0 }).inputs).codes
}

/** Loss of fixed point on a fixture's held vectors, in the unit of its metric. */
function loss(name: FixtureName, profile: Partial<Profile['decoder']>): { loss: number; saturated: number } {
  const network = fixtureNetwork(name)
  const decoder = buildFixedDecoder(network, { ...plain, ...profile }, calibrationCodes(name))
  const { codes, estimate } = forward(network, fixtureArray(name, 'test_y'))
  const truth = fixtureArray(name, 'test_x')
  const metric = defaultMetric(network.task, estimate.cols, truth)
  const run = runFixedDecoder(decoder, codes)
  return {
    loss: score(metric, run.estimate, truth).value - score(metric, estimate, truth).value,
    saturated: run.saturated.reduce((a, b) => a + b, 0),
  }
}

describe('what fixed point costs the trained networks', () => {
  for (const name of fixtureNames)
    test(`16-bit words cost nothing: ${name}`, () => {
      for (const weightScale of ['per-tensor', 'per-row'] as const) {
        const found = loss(name, { weightScale })
        // measured: at most 0.002 dB; no bit of the detector; 2e-7 of the channel estimate's 0.0697
        expect(Math.abs(found.loss)).toBeLessThan(
          name.startsWith('vqcs') ? 0.005 : name === 'chanest_M4' ? 1e-5 : 1e-12,
        )
        expect(found.saturated).toBe(0)
      }
    })

  test('8-bit weights: 0 / 1.7 / 7 dB at 2, 4, 16 levels; 12 bits at most 0.1 dB', () => {
    expect(loss('vqcs_n20_I2', { weightBits: 8 }).loss).toBeLessThan(0.1)
    expect(Math.abs(loss('vqcs_n20_I4', { weightBits: 8 }).loss - 1.7)).toBeLessThan(0.3)
    expect(Math.abs(loss('vqcs_n20_I16', { weightBits: 8 }).loss - 7.2)).toBeLessThan(1)
    for (const name of ['vqcs_n20_I2', 'vqcs_n20_I4', 'vqcs_n20_I16'] as const)
      expect(loss(name, { weightBits: 12 }).loss).toBeLessThan(0.1)
  })

  test('a scale for each row saves a factor of three at 8 bits', () => {
    const tensor = loss('vqcs_n20_I4', { weightBits: 8 }).loss
    expect(loss('vqcs_n20_I4', { weightBits: 8, weightScale: 'per-row' }).loss).toBeLessThan(tensor / 2.5)
  })

  test('8-bit activations cost at most 0.1 dB at 4 levels', () => {
    expect(loss('vqcs_n20_I4', { activationBits: 8 }).loss).toBeLessThan(0.1)
  })
})

test('wide layers of every activation: words of the definition, close to float', () => {
  const where = site(stages.task, 'sampleSource')
  const dense = (l: number, outputs: number, inputs: number, activation: Activation): DenseLayer => {
    const draw = (row: number, col: number) => normalAt({ seed: 9, chip: l }, where, row, col)
    const weight = matrix(outputs, inputs)
    for (let o = 0; o < outputs; o++)
      for (let i = 0; i < inputs; i++) weight.data[o * inputs + i] = (2 * draw(o, i)) / Math.sqrt(inputs)
    return { weight, bias: Float64Array.from({ length: outputs }, (_, o) => 0.3 * draw(o, inputs)), activation }
  }
  const network = networkOf(
    [dense(0, 300, 40, 'sigmoid'), dense(1, 250, 300, 'relu'), dense(2, 200, 250, 'tanh'), dense(3, 30, 200, 'linear')],
    [-1.2, -0.4, 0.3, 1.1],
  )
  const vectors = 300
  const drawn: Codes = {
    rows: vectors,
    cols: 40,
    data: Uint16Array.from(
      { length: vectors * 40 },
      (_, k) => Math.floor(2 + normalAt({ seed: 1, chip: 7 }, where, k)) & 3,
    ),
  }
  for (const weightScale of ['per-tensor', 'per-row'] as const) {
    const decoder = buildFixedDecoder(network, { ...plain, weightScale }, drawn)
    const run = runFixedDecoder(decoder, drawn)
    const few = { ...drawn, rows: 3, data: drawn.data.subarray(0, 120) }
    expect(runFixedDecoderReference(decoder, few).flatMap((l) => l.at(-1)!.post.map(Number))).toEqual(
      Array.from(run.words.data.subarray(0, 90)),
    )
    const exact = applyLayers(network.decoder, dequantize(network.quantizer, drawn))
    expect(score('nmseDb', run.estimate, exact).value).toBeLessThan(-60)
    expect(run.saturated).toEqual([0, 0, 0, 0])
  }
})
