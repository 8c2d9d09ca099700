import { activationFunctions } from '../network/activation.ts'
import { type NumberFormat, toWord } from './format.ts'

export type TableId = 'tanh' | 'sigmoid'

/**
 * An activation function on words: `words` at evenly spaced arguments from 0 to the end of the input format, straight
 * lines between, and a symmetry for negative arguments.
 */
export interface ActivationTable {
  readonly id: TableId
  /** Of the argument; its magnitude 2^(bits - 1) is the last entry. */
  readonly input: NumberFormat
  readonly entry: NumberFormat
  /** Of the result. */
  readonly output: NumberFormat
  /** 2^m + 1 entries. */
  readonly words: Int32Array
  /** Bits of the argument's magnitude below the index: the weight between two entries. */
  readonly indexShift: number
  /** Right shift, rounding half up, from interpolated entry to output. */
  readonly outputShift: number
  /** f(-x) = -f(x), or 1 - f(x). */
  readonly symmetry: 'odd' | 'complement'
}

/** Bits of a table's argument and of its entries, whatever the width of the activations. */
const TABLE_BITS = 16

/** Fractional bits of the argument: tanh on +-8, sigmoid(x) = (1 + tanh(x / 2)) / 2 on +-16. Beyond, words saturate. */
const ARGUMENT_FRACTION: Readonly<Record<TableId, number>> = { tanh: 12, sigmoid: 11 }

/**
 * @param tableWords  2^m + 1, m = 1 .. 15
 * @param outputBits  8 .. 16; the output format is s<bits>/<bits - 1>
 */
export function activationTable(id: TableId, tableWords: number, outputBits: number): ActivationTable {
  const input = { signed: true, bits: TABLE_BITS, frac: ARGUMENT_FRACTION[id] }
  const entry = { signed: true, bits: TABLE_BITS, frac: TABLE_BITS - 1 }
  const output = { signed: true, bits: outputBits, frac: outputBits - 1 }
  const indexShift = TABLE_BITS - 1 - Math.log2(tableWords - 1)
  const step = 2 ** (indexShift - input.frac)
  const f = activationFunctions[id]
  return {
    id,
    input,
    entry,
    output,
    words: Int32Array.from({ length: tableWords }, (_, i) => toWord(f(i * step), entry)),
    indexShift,
    outputShift: indexShift + entry.frac - output.frac,
    symmetry: id === 'tanh' ? 'odd' : 'complement',
  }
}

/**
 * One word through a table. Rounds once; results are clamped to +-(2^(bits - 1) - 1), which keeps the symmetry.
 *
 * Every intermediate value is below 2^31.
 */
export function tableWord(table: ActivationTable, word: number): number {
  const { words, indexShift, outputShift, output } = table
  const size = Math.abs(word)
  const index = size >> indexShift
  const weight = size - (index << indexShift)
  // The last entry is met only exactly: |word| = 2^15.
  const slope = weight === 0 ? 0 : words[index + 1]! - words[index]!
  const sum = (words[index]! << indexShift) + slope * weight
  const rounded = outputShift > 0 ? (sum + (1 << (outputShift - 1))) >> outputShift : sum
  const result = word >= 0 ? rounded : table.symmetry === 'odd' ? 0 - rounded : (1 << output.frac) - rounded
  const limit = (1 << (output.bits - 1)) - 1
  return Math.max(-limit, Math.min(limit, result))
}
