/** What a decoder takes: memory of its constants, multiplications, widths of its sums. */
import { signedBits } from './bound.ts'
import type { FixedDecoder, FixedLayer } from './fixed-decoder.ts'

export interface LayerSize {
  /** `decoder.0`, ... */
  readonly name: string
  /** Proved: a two's-complement sum of so many bits cannot overflow. */
  readonly accumulatorBits: number
  /** One a weight. */
  readonly multiplies: number
  /**
   * Weights, biases and shifts, packed to the bit: weights as wide as their format, biases as wide as the largest needs,
   * shifts beyond the least as wide as that; none where all are equal.
   */
  readonly weightBytes: number
}

export interface DecoderSize {
  readonly layers: readonly LayerSize[]
  /** The widest of the layers'. */
  readonly accumulatorBits: number
  /** A vector; tables of tanh and sigmoid take one more a neuron. */
  readonly multiplies: number
  readonly weightBytes: number
}

/** Memory is that of words packed to the bit, as in FPGA memories; C stores 8, 16 or 32 bits. */
export function decoderSize({ layers }: FixedDecoder): DecoderSize {
  const sizes = layers.map(layerSize)
  return {
    layers: sizes,
    accumulatorBits: Math.max(...sizes.map((s) => s.accumulatorBits)),
    multiplies: sizes.reduce((n, s) => n + s.multiplies, 0),
    weightBytes: sizes.reduce((n, s) => n + s.weightBytes, 0),
  }
}

function layerSize(layer: FixedLayer): LayerSize {
  const { name, weights, weightFormats, biases, shifts, bounds } = layer
  const biasBits = signedBits(
    biases.reduce((a, b) => Math.min(a, b), 0),
    biases.reduce((a, b) => Math.max(a, b), 0),
  )
  const spread = shifts.reduce((m, r) => Math.max(m, r), -Infinity) - shifts.reduce((m, r) => Math.min(m, r), Infinity)
  const bits = weights.length * weightFormats[0]!.bits + biases.length * (biasBits + Math.ceil(Math.log2(spread + 1)))
  return {
    name,
    accumulatorBits: bounds.reduce((m, b) => Math.max(m, b.bits), 0),
    multiplies: weights.length,
    weightBytes: Math.ceil(bits / 8),
  }
}
