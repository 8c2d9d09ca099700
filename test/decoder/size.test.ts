import { expect, test } from 'vitest'
import { buildFixedDecoder } from '../../src/decoder/build.ts'
import { decoderSize } from '../../src/decoder/size.ts'
import { fromRows } from '../../src/numerics/matrix.ts'
import { networkOf } from './random-decoders.ts'

const profile = {
  arithmetic: 'fixed',
  weightBits: 16,
  weightScale: 'per-tensor',
  activationBits: 16,
  accumulatorBits: 40,
  tableWords: 257,
} as const

test('of a small decoder, worked by hand', () => {
  const layer = { weight: fromRows([[1.5, -0.25]]), bias: Float64Array.of(0.5), activation: 'tanh' } as const
  const codes = { rows: 2, cols: 2, data: Uint16Array.of(0, 0, 1, 1) }
  const decoder = buildFixedDecoder(networkOf([layer], [-0.75, 0.5]), profile, codes)
  // Weights s16/14, bias 0.5 2^(14 + 15) = 2^28: 30 bits; 2 x 16 + 30 = 62 bits.
  expect(decoderSize(decoder)).toEqual({
    layers: [{ name: 'decoder.0', accumulatorBits: 31, multiplies: 2, weightBytes: 8 }],
    accumulatorBits: 31,
    multiplies: 2,
    weightBytes: 8,
  })
})

test('shifts count where they differ', () => {
  const layer = { weight: fromRows([[1.5], [0.01]]), bias: Float64Array.of(0, 0), activation: 'tanh' } as const
  const codes = { rows: 2, cols: 1, data: Uint16Array.of(0, 1) }
  const network = networkOf([layer], [-1, 1])
  const decoder = buildFixedDecoder(network, { ...profile, weightScale: 'per-row' }, codes)
  // s16/14 and s16/21: shifts 7 apart take 3 bits each, biases of zero one bit: 32 + 2 + 6 = 40 bits.
  expect(decoder.layers[0]!.shifts[1]! - decoder.layers[0]!.shifts[0]!).toBe(7)
  expect(decoderSize(decoder).weightBytes).toBe(5)
})
