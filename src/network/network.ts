import type { Matrix } from '../numerics/matrix.ts'
import type { Task } from './task.ts'

export type Activation = 'tanh' | 'relu' | 'sigmoid' | 'linear'

/** y = f(W x + b). */
export interface DenseLayer {
  /** outputs x inputs */
  readonly weight: Matrix
  /** one entry an output */
  readonly bias: Float64Array
  readonly activation: Activation
}

/** How levels came about: eq. (33) of [0], eq. (5) of [1], or given as numbers. */
export type LevelRule = 'saturated' | 'soft-midpoint' | 'given'

/** One scalar quantizer, the same for every channel: code = #{k : x > t_k} (gt) or #{k : x >= t_k} (ge). */
export interface Quantizer {
  /** I - 1 strictly ascending numbers, in units of the encoder's output. */
  readonly thresholds: Float64Array
  /** I reproduction levels, what the decoder sees for codes 0 .. I - 1. */
  readonly levels: Float64Array
  readonly compare: 'gt' | 'ge'
  readonly levelRule: LevelRule
}

/** What training gives: encoder, quantizer, decoder, and what they are for. */
export interface Network {
  readonly name: string
  readonly encoder: readonly DenseLayer[]
  readonly quantizer: Quantizer
  readonly decoder: readonly DenseLayer[]
  readonly task: Task | null
  /** Free text from the file: training run, seed, origin. Strings and numbers only. */
  readonly provenance: Readonly<Record<string, string | number>>
}

/** Numbers of inputs, channels (= ADC conversions a vector) and estimate components. */
export function dimensions(network: Network): { inputs: number; channels: number; outputs: number; levels: number } {
  return {
    inputs: network.encoder[0]!.weight.cols,
    channels: network.decoder[0]!.weight.cols,
    outputs: network.decoder.at(-1)!.weight.rows,
    levels: network.quantizer.levels.length,
  }
}
