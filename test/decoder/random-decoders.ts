import { fc } from '@fast-check/vitest'
import { accumulatorBound } from '../../src/decoder/bound.ts'
import type { FixedDecoder, FixedLayer } from '../../src/decoder/fixed-decoder.ts'
import { wordRange } from '../../src/decoder/format.ts'
import { activationTable } from '../../src/decoder/table.ts'
import type { Codes } from '../../src/network/forward.ts'
import type { Activation, Network } from '../../src/network/network.ts'
import { matrix } from '../../src/numerics/matrix.ts'

const activations = fc.constantFrom<Activation>('tanh', 'relu', 'sigmoid', 'linear')

/** Integers that lie at the ends as often as inside. */
function words(low: number, high: number): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(low, high, 0, -1, 1), fc.integer({ min: low, max: high }))
}

export function codesFor(channels: number, levels: number): fc.Arbitrary<Codes> {
  return fc
    .array(fc.array(fc.nat(levels - 1), { minLength: channels, maxLength: channels }), { minLength: 1, maxLength: 9 })
    .map((rows) => ({ rows: rows.length, cols: channels, data: Uint16Array.from(rows.flat()) }))
}

/**
 * Decoders made of words directly: small shifts and narrow formats, so that ties, left shifts and saturation are
 * common. The accumulator is as narrow as the bounds allow.
 */
export const wordDecoders: fc.Arbitrary<{ decoder: FixedDecoder; codes: Codes }> = fc
  .record({
    widths: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 4 }),
    levels: fc.array(words(-32768, 32767), { minLength: 2, maxLength: 5 }),
    bits: fc.constantFrom(8, 12, 16),
    tableWords: fc.constantFrom(3, 17, 257, 32769),
  })
  .chain(({ widths, levels, bits, tableWords }) =>
    fc
      .tuple(
        codesFor(widths[0]!, levels.length),
        ...widths.slice(1).map((outputs, l) =>
          fc.record({
            activation: activations,
            weights: fc.array(words(-32768, 32767), {
              minLength: outputs * widths[l]!,
              maxLength: outputs * widths[l]!,
            }),
            biases: fc.array(words(-(2 ** 34), 2 ** 34), { minLength: outputs, maxLength: outputs }),
            shifts: fc.array(fc.integer({ min: -2, max: 20 }), { minLength: outputs, maxLength: outputs }),
          }),
        ),
      )
      .map(([codes, ...parts]) => {
        let range = { low: Math.min(...levels), high: Math.max(...levels) }
        let input = { signed: true, bits: 16, frac: 0 }
        const layers: FixedLayer[] = []
        for (const [l, part] of parts.entries()) {
          const isTable = part.activation === 'tanh' || part.activation === 'sigmoid'
          const pre = isTable
            ? { signed: true, bits: 16, frac: part.activation === 'tanh' ? 12 : 11 }
            : { signed: true, bits, frac: 3 }
          const output = isTable ? { signed: true, bits, frac: bits - 1 } : pre
          const inputs = widths[l]!
          layers.push({
            name: `decoder.${l}`,
            outputs: widths[l + 1]!,
            inputs,
            activation: part.activation,
            weights: Int32Array.from(part.weights),
            weightFormats: [{ signed: true, bits: 16, frac: 0 }],
            saturatedWeights: 0,
            biases: Float64Array.from(part.biases),
            shifts: Int32Array.from(part.shifts),
            input,
            pre,
            output,
            table: part.activation === 'tanh' || part.activation === 'sigmoid' ? part.activation : null,
            bounds: part.biases.map((b, o) =>
              accumulatorBound(part.weights.slice(o * inputs, (o + 1) * inputs), b, range, part.shifts[o]!),
            ),
          })
          input = output
          const { low, high } = wordRange(output)
          range = { low: part.activation === 'linear' ? low : part.activation === 'tanh' ? -high : 0, high }
        }
        const decoder: FixedDecoder = {
          levels: { format: { signed: true, bits: 16, frac: 0 }, words: Int32Array.from(levels) },
          layers,
          tables: (['tanh', 'sigmoid'] as const).map((id) => activationTable(id, tableWords, bits)),
          accumulatorBits: Math.max(...layers.flatMap((layer) => layer.bounds.map((bound) => bound.bits))),
        }
        return { decoder, codes }
      }),
  )

const entries = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: -2, max: 2, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 0.5, -1, 1, 1e-9, -1e-4, 30) },
)

/** Float networks of any shape; only the quantizer's levels and the decoder matter. */
export const networks: fc.Arbitrary<Network> = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 4 }),
    fc.uniqueArray(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 2, maxLength: 5 }),
  )
  .chain(([widths, levels]) =>
    fc
      .tuple(
        ...widths.slice(1).map((outputs, l) =>
          fc.record({
            activation: activations,
            weight: fc
              .array(entries, { minLength: outputs * widths[l]!, maxLength: outputs * widths[l]! })
              .map((data) => matrix(outputs, widths[l]!, Float64Array.from(data))),
            bias: fc.array(entries, { minLength: outputs, maxLength: outputs }).map((b) => Float64Array.from(b)),
          }),
        ),
      )
      .map((decoder) => networkOf(decoder, levels)),
  )

/** A network around a decoder; its encoder is one layer that is never run. */
export function networkOf(decoder: Network['decoder'], levels: readonly number[]): Network {
  const channels = decoder[0]!.weight.cols
  return {
    name: 'random',
    encoder: [{ weight: matrix(channels, 1), bias: new Float64Array(channels), activation: 'linear' }],
    quantizer: {
      thresholds: Float64Array.from({ length: levels.length - 1 }, (_, k) => k),
      levels: Float64Array.from(levels),
      compare: 'gt',
      levelRule: 'given',
    },
    decoder,
    task: null,
    provenance: {},
  }
}
