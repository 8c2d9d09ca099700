import { fc, test as prop } from '@fast-check/vitest'
import { afterEach, describe, expect, test } from 'vitest'
import { OhmbitError } from '../../src/base/errors.ts'
import { buildFixedDecoder } from '../../src/decoder/build.ts'
import type { FixedDecoder } from '../../src/decoder/fixed-decoder.ts'
import { runFixedDecoderReference } from '../../src/decoder/reference.ts'
import { runFixedDecoder } from '../../src/decoder/run.ts'
import { applyLayers, type Codes, dequantize } from '../../src/network/forward.ts'
import type { Activation } from '../../src/network/network.ts'
import { useEngine } from '../../src/numerics/kernels/module.ts'
import { matrix } from '../../src/numerics/matrix.ts'
import { codesFor, networkOf, networks, wordDecoders } from './random-decoders.ts'

function expectSameWords(decoder: FixedDecoder, codes: Codes): void {
  const { words, estimate } = runFixedDecoder(decoder, codes)
  const reference = runFixedDecoderReference(decoder, codes).flatMap((layers) => layers.at(-1)!.post.map(Number))
  expect(Array.from(words.data)).toEqual(reference)
  const scale = 2 ** -decoder.layers.at(-1)!.output.frac
  expect(Array.from(estimate.data)).toEqual(reference.map((w) => w * scale))
}

describe('the fast decoder gives the words of the definition', () => {
  prop.prop([wordDecoders], { numRuns: 200 })(
    'words, shifts and formats of any kind, in the narrowest accumulator the bounds allow',
    ({ decoder, codes }) => {
      fc.pre(decoder.accumulatorBits <= 53)
      expectSameWords(decoder, codes)
    },
  )

  prop.prop(
    [
      networks.chain((network) =>
        fc.tuple(
          fc.constant(network),
          codesFor(network.decoder[0]!.weight.cols, network.quantizer.levels.length),
          codesFor(network.decoder[0]!.weight.cols, network.quantizer.levels.length),
        ),
      ),
      fc.constantFrom(4, 8, 16),
      fc.constantFrom(8, 11, 16),
      fc.constantFrom<'per-tensor' | 'per-row'>('per-tensor', 'per-row'),
    ],
    { numRuns: 150 },
  )('decoders built from float networks', ([network, calibration, codes], weightBits, activationBits, weightScale) => {
    const profile = {
      arithmetic: 'fixed',
      weightBits,
      activationBits,
      weightScale,
      accumulatorBits: 53,
      tableWords: 257,
    } as const
    const decoder = buildFixedDecoder(network, profile, calibration)
    expectSameWords(decoder, codes)
    if (weightBits === 16 && activationBits === 16) {
      const exact = applyLayers(network.decoder, dequantize(network.quantizer, calibration))
      const { estimate } = runFixedDecoder(decoder, calibration)
      // Errors of a few 2^-12 a layer, times at most 12 for each further layer (weights up to 2, six inputs; one 30).
      const size = exact.data.reduce((m, x) => Math.max(m, Math.abs(x)), 1)
      const gain = network.decoder.slice(1).reduce((g, layer) => g * Math.max(1, rowSum(layer.weight)), 1)
      for (let i = 0; i < exact.data.length; i++)
        expect(Math.abs(exact.data[i]! - estimate.data[i]!)).toBeLessThan(2e-3 * size * gain)
    }
  })
})

function rowSum(weight: { rows: number; cols: number; data: Float64Array }): number {
  let most = 0
  for (let o = 0; o < weight.rows; o++)
    most = Math.max(
      most,
      weight.data.subarray(o * weight.cols, (o + 1) * weight.cols).reduce((s, w) => s + Math.abs(w), 0),
    )
  return most
}

describe('every engine gives the same words and counts', () => {
  afterEach(() => useEngine('simd'))

  function expectSameRuns(decoder: FixedDecoder, codes: Codes): void {
    useEngine('reference')
    const wanted = runFixedDecoder(decoder, codes)
    useEngine('simd')
    expect(runFixedDecoder(decoder, codes)).toEqual(wanted)
    expect(wanted.saturatedByVector.reduce((a, b) => a + b, 0)).toBe(wanted.saturated.reduce((a, b) => a + b, 0))
  }

  test('more vectors than the kernel holds at a time', () => {
    const { decoder } = fc.sample(
      wordDecoders.filter((w) => w.decoder.accumulatorBits <= 46),
      { numRuns: 1, seed: 5 },
    )[0]!
    const cols = decoder.layers[0]!.inputs
    const data = Uint16Array.from({ length: 40_000 * cols }, (_, i) => (i * 7 + (i >> 5)) % decoder.levels.words.length)
    expectSameRuns(decoder, { rows: 40_000, cols, data })
  })

  prop.prop([wordDecoders], { numRuns: 100 })('words of any kind', ({ decoder, codes }) => {
    fc.pre(decoder.accumulatorBits <= 53)
    expectSameRuns(decoder, codes)
  })

  prop.prop(
    [
      fc.array(fc.integer({ min: 1, max: 37 }), { minLength: 2, maxLength: 4 }),
      fc.integer({ min: 0, max: 300 }),
      fc.constantFrom<'per-tensor' | 'per-row'>('per-tensor', 'per-row'),
      fc.constantFrom(8, 16, 20),
      fc.constantFrom(0.02, 1, 8),
      fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })),
      fc.infiniteStream(fc.constantFrom<Activation>('tanh', 'relu', 'sigmoid', 'linear')),
    ],
    { numRuns: 60 },
  )('layers of any width, batches of any length', (widths, vectors, weightScale, weightBits, size, numbers, kinds) => {
    const take = (n: number) => Float64Array.from({ length: n }, () => size * numbers.next().value)
    const layers = widths.slice(1).map((outputs, l) => ({
      weight: matrix(outputs, widths[l]!, take(outputs * widths[l]!)),
      bias: take(outputs),
      activation: kinds.next().value,
    }))
    const network = networkOf(layers, [-1, -0.25, 0.3, 1])
    const codesOf = (rows: number): Codes => ({
      rows,
      cols: widths[0]!,
      data: Uint16Array.from({ length: rows * widths[0]! }, () => Math.floor(2 + 1.99 * numbers.next().value)),
    })
    const decoder = buildFixedDecoder(
      network,
      { arithmetic: 'fixed', weightBits, activationBits: 16, weightScale, accumulatorBits: 53, tableWords: 257 },
      codesOf(3),
    )
    expectSameRuns(decoder, codesOf(vectors))
  })
})

/** One channel, one linear output: y = sat((w g + b + half) >> r). */
function single(weight: number, bias: number, shift: number, level: number): FixedDecoder {
  const format = { signed: true, bits: 8, frac: 0 }
  return {
    levels: { format: { signed: true, bits: 16, frac: 0 }, words: Int32Array.of(0, level) },
    layers: [
      {
        name: 'decoder.0',
        outputs: 1,
        inputs: 1,
        activation: 'linear',
        weights: Int32Array.of(weight),
        weightFormats: [format],
        saturatedWeights: 0,
        biases: Float64Array.of(bias),
        shifts: Int32Array.of(shift),
        input: format,
        pre: format,
        output: format,
        table: null,
        bounds: [],
      },
    ],
    tables: [],
    accumulatorBits: 32,
  }
}

const one = (decoder: FixedDecoder) => runFixedDecoder(decoder, { rows: 1, cols: 1, data: Uint16Array.of(1) })

describe('requantization', () => {
  test('rounds half up, once', () => {
    const cases: [acc: number, shift: number, word: number][] = [
      [2, 2, 1], // 0.5
      [-2, 2, 0], // -0.5
      [6, 2, 2], // 1.5
      [-6, 2, -1], // -1.5
      [-7, 2, -2], // -1.75
      [5, 2, 1],
      [5, 0, 5],
      [5, -3, 40],
      [-5, -3, -40],
      // rounding first to 1/2 and then to 1 would give 1
      [1, 2, 0],
    ]
    for (const [acc, shift, word] of cases) expect(Array.from(one(single(0, acc, shift, 0)).words.data)).toEqual([word])
  })

  test('saturates and counts', () => {
    for (const [acc, word, count] of [
      [127, 127, 0],
      [128, 127, 1],
      [-128, -128, 0],
      [-129, -128, 1],
      [1e9, 127, 1],
    ] as const) {
      const run = one(single(0, acc, 0, 0))
      expect([run.words.data[0], run.saturated]).toEqual([word, [count]])
    }
  })

  test('a relu counts only its upper end', () => {
    const relu = (bias: number): FixedDecoder => {
      const linear = single(0, bias, 0, 0)
      return { ...linear, layers: [{ ...linear.layers[0]!, activation: 'relu' }] }
    }
    expect(one(relu(-1000))).toMatchObject({ saturated: [0] })
    expect(Array.from(one(relu(-1000)).words.data)).toEqual([0])
    expect(one(relu(1000))).toMatchObject({ saturated: [1] })
  })
})

test('codes that do not fit are refused', () => {
  const decoder = single(1, 0, 0, 5)
  for (const codes of [
    { rows: 1, cols: 2, data: Uint16Array.of(0, 0) },
    { rows: 1, cols: 1, data: Uint16Array.of(2) },
  ])
    expect(() => runFixedDecoder(decoder, codes)).toThrow(OhmbitError)
  expect(runFixedDecoder(decoder, { rows: 0, cols: 1, data: new Uint16Array(0) }).words.rows).toBe(0)
})
