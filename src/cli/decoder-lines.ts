import type { FixedDecoder } from '../decoder/fixed-decoder.ts'
import { formatText } from '../decoder/format.ts'
import { decoderSize } from '../decoder/size.ts'
import { columns, count } from './style.ts'

/** An integer decoder's formats, proofs and sizes. */
export function decoderFacts(decoder: FixedDecoder) {
  const { layers, weightBytes, multiplies } = decoderSize(decoder)
  return {
    accumulatorBits: decoder.accumulatorBits,
    weightBytes,
    multiplies,
    layers: decoder.layers.map((layer, l) => ({
      inputs: layer.inputs,
      outputs: layer.outputs,
      activation: layer.activation,
      weights: [...new Set(layer.weightFormats.toSorted((a, b) => a.frac - b.frac).map(formatText))],
      output: formatText(layer.output),
      ...layers[l]!,
    })),
  }
}

/** One line a layer, then the sums. */
export function decoderLines(decoder: FixedDecoder): string[] {
  const { layers, weightBytes, multiplies, accumulatorBits } = decoderFacts(decoder)
  return [
    columns(
      layers.map((l) => [
        `  ${l.name}`,
        `${l.inputs} -> ${l.outputs} ${l.activation}`,
        `weights ${l.weights.length > 2 ? `${l.weights[0]} .. ${l.weights.at(-1)}` : l.weights.join(', ')}`,
        `${l.weightBytes} bytes`,
        `output ${l.output}`,
        `sums need ${l.accumulatorBits} bits (proved)`,
      ]),
      'lllrll',
    ),
    `  decoder: fixed point, ${count(weightBytes, 'byte')} of weights and biases, ${count(multiplies, 'multiplication')} a vector, no sum overflows ${accumulatorBits} bits`,
  ]
}
