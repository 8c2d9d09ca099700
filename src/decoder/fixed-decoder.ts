import type { Activation } from '../network/network.ts'
import type { NumberFormat } from './format.ts'
import type { ActivationTable, TableId } from './table.ts'

/** What the accumulator of one output can hold in the worst case. */
export interface AccumulatorBound {
  /** Bounds of every partial sum, of the rounding addend and of a left shift. */
  readonly low: number
  readonly high: number
  /** Width of a two's-complement accumulator that cannot overflow. */
  readonly bits: number
}

/** y = f(requantize(W x + b)), in integers. */
export interface FixedLayer {
  /** `decoder.0`, ... */
  readonly name: string
  readonly outputs: number
  readonly inputs: number
  readonly activation: Activation
  /** outputs x inputs, row-major */
  readonly weights: Int32Array
  /** One, or one an output. */
  readonly weightFormats: readonly NumberFormat[]
  /** Weights set to the end of their format because that lowers the error of the layer's output. */
  readonly saturatedWeights: number
  /** Accumulator words, one an output: whole numbers below 2^52 in absolute value. */
  readonly biases: Float64Array
  /** Right shift from accumulator to pre-activation, one an output; negative = left. */
  readonly shifts: Int32Array
  readonly input: NumberFormat
  /** After requantization, before the activation. */
  readonly pre: NumberFormat
  readonly output: NumberFormat
  /** Table of tanh and sigmoid layers. */
  readonly table: TableId | null
  /** One an output. */
  readonly bounds: readonly AccumulatorBound[]
}

/** DecNet in integers, word for word. */
export interface FixedDecoder {
  /** Reproduction levels, one a code: the first layer's input words. */
  readonly levels: { readonly format: NumberFormat; readonly words: Int32Array }
  readonly layers: readonly FixedLayer[]
  /** Those that layers refer to. */
  readonly tables: readonly ActivationTable[]
  readonly accumulatorBits: number
}
