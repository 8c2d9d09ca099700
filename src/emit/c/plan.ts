import { fail } from '../../base/errors.ts'
import type { FixedDecoder, FixedLayer } from '../../decoder/fixed-decoder.ts'
import type { ActivationTable } from '../../decoder/table.ts'
import { type ColumnSums, columnSums, type FirstLayer, MOST_ENTRIES, multiplyBytes } from './first-layer.ts'
import { BYTES, type IntegerType, integerType, type Span, spanOf, sumType } from './integers.ts'

/** How one layer is written. */
export interface LayerPlan {
  readonly layer: FixedLayer
  /** The first layer as a table over codes; null: weights. */
  readonly columns: ColumnSums | null
  readonly weightType: IntegerType
  readonly biasType: 'int32_t' | 'int64_t'
  readonly accumulator: 'int32_t' | 'int64_t'
  /** Proved: every partial sum, with the rounding addend or after the left shift. */
  readonly span: Span
  /** Two's-complement width of that, and the output that needs it. */
  readonly bits: number
  readonly widest: number
  /** Right shift; one for all outputs, or one an output. */
  readonly shifts: number | Int32Array
}

/** How a decoder is written. */
export interface DecnetPlan {
  readonly decoder: FixedDecoder
  readonly channels: number
  readonly levels: number
  readonly outputs: number
  readonly layers: readonly LayerPlan[]
  readonly tables: readonly ActivationTable[]
  /** Words of the two buffers between layers. */
  readonly buffers: readonly [number, number]
}

/**
 * Choose C's types for a decoder, from its bounds.
 *
 * @throws OHM5004 a first layer as a table of more than 4194304 entries
 */
export function planDecnet(decoder: FixedDecoder, firstLayer: FirstLayer = 'auto'): DecnetPlan {
  const layers = decoder.layers.map((layer, l) => planLayer(layer, l === 0 ? firstColumns(decoder, firstLayer) : null))
  const channels = decoder.layers[0]!.inputs
  // Words between layers go to the two buffers in turn; the last layer writes to the caller's array.
  const stages = [
    ...(layers[0]!.columns === null ? [channels] : []),
    ...layers.slice(0, -1).map((p) => p.layer.outputs),
  ]
  const longest = (parity: number) => stages.reduce((m, n, k) => (k % 2 === parity ? Math.max(m, n) : m), 0)
  const used = new Set(decoder.layers.map((layer) => layer.table))
  return {
    decoder,
    channels,
    levels: decoder.levels.words.length,
    outputs: decoder.layers.at(-1)!.outputs,
    layers,
    tables: decoder.tables.filter((table) => used.has(table.id)),
    buffers: [longest(0), longest(1)],
  }
}

function firstColumns(decoder: FixedDecoder, wanted: FirstLayer): ColumnSums | null {
  if (wanted === 'multiply') return null
  const layer = decoder.layers[0]!
  const entries = layer.weights.length * (decoder.levels.words.length - 1)
  if (entries > MOST_ENTRIES) {
    if (wanted === 'auto') return null
    fail('OHM5004', `the first layer as a table has ${entries} entries; at most ${MOST_ENTRIES} are written`, {
      hint: 'use --first-layer multiply',
    })
  }
  const columns = columnSums(layer, decoder.levels.words)
  return wanted === 'table' || columns.bytes <= multiplyBytes(decoder) ? columns : null
}

function planLayer(layer: FixedLayer, columns: ColumnSums | null): LayerPlan {
  const span = {
    low: layer.bounds.reduce((m, b) => Math.min(m, b.low), 0),
    high: layer.bounds.reduce((m, b) => Math.max(m, b.high), 0),
  }
  const widest = layer.bounds.reduce((w, b, o) => (b.bits > layer.bounds[w]!.bits ? o : w), 0)
  // A sum that is always zero may have a left shift of any size.
  const shifts = layer.shifts.map((r, o) => (layer.bounds[o]!.low === 0 && layer.bounds[o]!.high === 0 ? 0 : r))
  return {
    layer,
    columns,
    weightType: integerType(spanOf(layer.weights)),
    biasType: sumType(spanOf(layer.biases)),
    accumulator: sumType(span, ...(columns === null ? [] : [columns.scaledSpan])),
    span,
    bits: layer.bounds[widest]!.bits,
    widest,
    shifts: shifts.every((r) => r === shifts[0]) ? shifts[0]! : shifts,
  }
}

/** Bytes of constants and of working memory. */
export interface Footprint {
  /** Weights, or the first layer's table in their place, with biases and shifts. */
  readonly weightBytes: number
  /** Activation tables and level words. */
  readonly tableBytes: number
  /** Thresholds, levels, DAC codes and scan order of the converter. */
  readonly adcTableBytes: number
  /** Golden vectors, absent with DECNET_SELFTEST 0. */
  readonly selftestBytes: number
  /** All of these and an estimate of the code on a Cortex-M4, within some hundred bytes. */
  readonly flashBytes: number
  /** Buffers of decnet_step on the stack; nothing is static or on a heap. */
  readonly stackBytes: number
}

export function weightBytesOf({ layers }: DecnetPlan): number {
  return layers.reduce((bytes, { layer, columns, weightType, biasType, shifts }) => {
    const matrix = columns?.bytes ?? layer.weights.length * BYTES[weightType] + layer.biases.length * BYTES[biasType]
    return bytes + matrix + (typeof shifts === 'number' ? 0 : shifts.length)
  }, 0)
}

export function tableBytesOf({ tables, layers, levels }: DecnetPlan): number {
  const levelBytes = layers[0]!.columns === null ? levels * BYTES.int16_t : 0
  return tables.reduce((bytes, table) => bytes + table.words.length * BYTES.int16_t, levelBytes)
}

export function stackBytesOf({ buffers }: DecnetPlan): number {
  return (buffers[0] + buffers[1]) * BYTES.int16_t
}
