import { fail } from '../../base/errors.ts'
import type { FixedDecoder, FixedLayer } from '../../decoder/fixed-decoder.ts'
import type { ActivationTable } from '../../decoder/table.ts'

/** Clocks from word to word of the modules behind the sums, and of the one before them. */
const CLOCKS = { levels: 1, multiply: 3, requantize: 3, activation: 5 } as const

/** How one layer is written. */
export interface LayerPlan {
  readonly layer: FixedLayer
  /** P: rows that are summed at the same time. */
  readonly multipliers: number
  readonly inputBits: number
  readonly weightBits: number
  /** Proved for every sum; at least one more than a word or a weight has. */
  readonly accumulatorBits: number
  /** One for all rows, or one a row. */
  readonly shifts: number | Int32Array
  readonly table: ActivationTable | null
  /** Clocks between vectors where this layer is the slowest. */
  readonly intervalCycles: number
  /** Clocks from a vector's last word in to its last word in of the next layer. */
  readonly latencyCycles: number
}

/** How a decoder is written. */
export interface VerilogPlan {
  readonly decoder: FixedDecoder
  /** Channel of each code of the stream. */
  readonly scanOrder: readonly number[]
  readonly codeBits: number
  readonly levels: number
  readonly outputs: number
  readonly outputBits: number
  readonly layers: readonly LayerPlan[]
  /** From the clock that takes the first code to the clock that gives the last word, codes and words unhindered. */
  readonly latencyCycles: number
  /** Clocks between vectors, once all layers are busy. */
  readonly intervalCycles: number
}

/**
 * Widths and clocks of a decoder on P multipliers a layer (fewer where a layer has fewer outputs).
 *
 * N inputs, M outputs, G = ceil(M / P) groups, of which the last has R rows:
 * interval = max over layers of (G - 1) max(N, P) + max(N, R)
 * latency = channels + sum over layers of 3 + N + (G - 1) max(N, P) + R + 3, and 5 with a table
 *
 * @throws OHM5004 P not a whole number from 1 to the outputs of the widest layer
 */
export function planVerilog(decoder: FixedDecoder, scanOrder: readonly number[], multipliers?: number): VerilogPlan {
  const widest = decoder.layers.reduce((m, layer) => Math.max(m, layer.outputs), 1)
  const p = multipliers ?? Math.min(DEFAULT_MULTIPLIERS, widest)
  if (!(Number.isInteger(p) && p >= 1 && p <= widest))
    fail(
      'OHM5004',
      `multipliers are ${p}; they must be a whole number from 1 to ${widest}, the outputs of the widest layer`,
    )
  const layers = decoder.layers.map((layer) => planLayer(decoder, layer, Math.min(p, layer.outputs)))
  const last = decoder.layers.at(-1)!
  return {
    decoder,
    scanOrder,
    codeBits: Math.ceil(Math.log2(decoder.levels.words.length)),
    levels: decoder.levels.words.length,
    outputs: last.outputs,
    outputBits: last.output.bits,
    layers,
    latencyCycles: layers.reduce((sum, l) => sum + l.latencyCycles, scanOrder.length - 1 + CLOCKS.levels),
    intervalCycles: layers.reduce((most, l) => Math.max(most, l.intervalCycles), 0),
  }
}

const DEFAULT_MULTIPLIERS = 4

function planLayer(decoder: FixedDecoder, layer: FixedLayer, multipliers: number): LayerPlan {
  const { inputs, outputs, input, weightFormats, bounds } = layer
  const groups = Math.ceil(outputs / multipliers)
  const rest = outputs - (groups - 1) * multipliers
  const before = (groups - 1) * Math.max(inputs, multipliers)
  const weightBits = weightFormats.reduce((m, f) => Math.max(m, f.bits), 0)
  const table = layer.table === null ? null : decoder.tables.find((t) => t.id === layer.table)!
  // A sum that is always zero may have a left shift of any size.
  const shifts = layer.shifts.map((r, o) => (bounds[o]!.low === 0 && bounds[o]!.high === 0 ? 0 : r))
  return {
    layer,
    multipliers,
    inputBits: input.bits,
    weightBits,
    accumulatorBits: bounds.reduce((m, b) => Math.max(m, b.bits), Math.max(input.bits, weightBits) + 1),
    shifts: shifts.every((r) => r === shifts[0]) ? shifts[0]! : shifts,
    table,
    intervalCycles: before + Math.max(inputs, rest),
    latencyCycles:
      CLOCKS.multiply + inputs + before + rest + CLOCKS.requantize + (table === null ? 0 : CLOCKS.activation),
  }
}
