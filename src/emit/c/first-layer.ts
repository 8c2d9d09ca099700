import type { FixedDecoder, FixedLayer } from '../../decoder/fixed-decoder.ts'
import { BYTES, type IntegerType, integerType, type Span, spanOf, sumType } from './integers.ts'

/** `auto`: the table where it takes no more bytes than weights, biases and levels. */
export type FirstLayer = 'table' | 'multiply' | 'auto'

/**
 * The first layer without a multiplication a weight. Its inputs are the level words g_c, so
 *
 * acc_o = base_o + step sum over channels n of entry[o][n][code_n - 1], where code 0 adds nothing,
 *
 * base_o = b_o + sum_n w_on g_0, entry[o][n][c - 1] = w_on (g_c - g_0) / step, step = gcd of all g_c - g_0.
 *
 * With two levels the entries are the weights themselves.
 */
export interface ColumnSums {
  /** outputs */
  readonly base: Float64Array
  /** outputs x channels x (levels - 1) */
  readonly entries: Float64Array
  readonly step: number
  readonly entryType: IntegerType
  readonly baseType: 'int32_t' | 'int64_t'
  /** Of every partial sum of entries. */
  readonly sumSpan: Span
  readonly sumType: 'int32_t' | 'int64_t'
  /** Of step times those sums. */
  readonly scaledSpan: Span
  readonly bytes: number
}

/** Entries beyond this make no sensible table. */
export const MOST_ENTRIES = 1 << 22

export function columnSums(layer: FixedLayer, levels: Int32Array): ColumnSums {
  const { outputs, inputs, weights, biases } = layer
  const differences = Array.from(levels.subarray(1), (g) => g - levels[0]!)
  const step = differences.reduce(gcd, 0) || 1
  const multiples = differences.map((d) => d / step)
  const base = Float64Array.from(biases, (b, o) => {
    let sum = b
    for (let n = 0; n < inputs; n++) sum += weights[o * inputs + n]! * levels[0]!
    return sum
  })
  const entries = new Float64Array(outputs * inputs * multiples.length)
  let k = 0
  for (const w of weights) for (const m of multiples) entries[k++] = w * m + 0 // no -0
  let low = 0
  let high = 0
  for (let o = 0; o < outputs; o++) {
    let least = 0
    let most = 0
    for (let n = 0; n < inputs; n++) {
      const at = (o * inputs + n) * multiples.length
      const span = spanOf(entries.subarray(at, at + multiples.length))
      least += span.low
      most += span.high
    }
    low = Math.min(low, least)
    high = Math.max(high, most)
  }
  const sumSpan = { low, high }
  const entryType = integerType(spanOf(entries))
  const baseType = sumType(spanOf(base))
  return {
    base,
    entries,
    step,
    entryType,
    baseType,
    sumSpan,
    sumType: sumType(sumSpan),
    scaledSpan: { low: low * step, high: high * step },
    bytes: entries.length * BYTES[entryType] + base.length * BYTES[baseType],
  }
}

/** What the same layer takes with weights. */
export function multiplyBytes({ levels, layers }: FixedDecoder): number {
  const { weights, biases } = layers[0]!
  return (
    weights.length * BYTES[integerType(spanOf(weights))] +
    biases.length * BYTES[sumType(spanOf(biases))] +
    levels.words.length * BYTES.int16_t
  )
}

function gcd(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)]
  while (y !== 0) [x, y] = [y, x % y]
  return x
}
