import { fail } from '../base/errors.ts'
import type { Codes } from '../network/forward.ts'
import { affine, type Matrix, matrix } from '../numerics/matrix.ts'
import type { FixedDecoder, FixedLayer } from './fixed-decoder.ts'
import { wordRange } from './format.ts'
import { runOnKernel } from './run-kernel.ts'
import { type ActivationTable, tableWord } from './table.ts'

export interface FixedEstimate {
  /** vectors x components: what the output words stand for */
  readonly estimate: Matrix
  /**
   * One a layer: words that came out differently because they were set to the end of their format. A relu does not
   * mind the lower end, and tanh and sigmoid are flat to the last bit at both.
   */
  readonly saturated: readonly number[]
  /** The same, one a vector, over all layers. */
  readonly saturatedByVector: Uint32Array
}

export interface FixedRun extends FixedEstimate {
  /** vectors x components: output words, whole numbers */
  readonly words: Matrix
}

/**
 * The integer decoder on a batch.
 *
 * The reference's sums run in float64: all are whole numbers below 2^53, as the accumulator bounds prove, so they are
 * exact; so are the kernel's, in pairs of 32-bit words.
 *
 * @param codes  vectors x channels, each 0 .. I - 1
 * @throws OHM1110 on the wrong number of channels or a code out of range
 */
export function estimateFixed(decoder: FixedDecoder, codes: Codes): FixedEstimate {
  checkCodes(decoder, codes)
  const last = decoder.layers.at(-1)!
  const scale = 2 ** -last.output.frac
  const fast = runOnKernel(decoder, codes, scale)
  if (fast !== null) {
    const { values, saturated, saturatedByVector } = fast
    return { estimate: matrix(codes.rows, last.outputs, values), saturated, saturatedByVector }
  }
  const saturated: number[] = []
  const saturatedByVector = new Uint32Array(codes.rows)
  let words = levelWords(decoder, codes)
  for (const layer of decoder.layers) {
    words = affine(words, matrix(layer.outputs, layer.inputs, Float64Array.from(layer.weights)), layer.biases)
    saturated.push(requantizeInPlace(words, layer, saturatedByVector))
    if (layer.table !== null) tableInPlace(words, decoder.tables.find((t) => t.id === layer.table)!)
  }
  return { estimate: { ...words, data: words.data.map((w) => w * scale) }, saturated, saturatedByVector }
}

/** As `estimateFixed`, with the output words. */
export function runFixedDecoder(decoder: FixedDecoder, codes: Codes): FixedRun {
  const run = estimateFixed(decoder, codes)
  // A power of two: exact.
  const scale = 2 ** decoder.layers.at(-1)!.output.frac
  return { ...run, words: { ...run.estimate, data: run.estimate.data.map((x) => x * scale) } }
}

function checkCodes(decoder: FixedDecoder, codes: Codes): void {
  const channels = decoder.layers[0]!.inputs
  const levels = decoder.levels.words.length
  if (codes.cols !== channels) fail('OHM1110', `there are ${codes.cols} codes a vector; the decoder takes ${channels}`)
  for (let i = 0; i < codes.data.length; i++)
    if (codes.data[i]! >= levels) fail('OHM1110', `code ${codes.data[i]} at entry ${i}; there are ${levels} levels`)
}

function levelWords(decoder: FixedDecoder, codes: Codes): Matrix {
  const { words } = decoder.levels
  const out = matrix(codes.rows, codes.cols)
  for (let i = 0; i < out.data.length; i++) out.data[i] = words[codes.data[i]!]!
  return out
}

/**
 * y = sat((acc + 2^(r - 1)) >> r): round half up; r = 0 keeps, r < 0 shifts left. A relu is the lower end 0.
 *
 * @returns number of words whose saturation the activation lets through
 */
function requantizeInPlace(z: Matrix, layer: FixedLayer, byVector: Uint32Array): number {
  const { low, high } = wordRange(layer.pre)
  const floor = layer.activation === 'relu' ? 0 : low
  const counted = layer.table === null
  const outputs = layer.outputs
  const addends = Float64Array.from(layer.shifts, (r) => (r > 0 ? 2 ** (r - 1) : 0))
  const scales = Float64Array.from(layer.shifts, (r) => 2 ** -r)
  const d = z.data
  let saturated = 0
  for (let from = 0, v = 0; from < d.length; from += outputs, v++) {
    const before = saturated
    for (let o = 0; o < outputs; o++) {
      let y = Math.floor((d[from + o]! + addends[o]!) * scales[o]!) + 0 // no -0
      if (y > high) {
        y = high
        if (counted) saturated++
      } else if (y < floor) {
        if (counted && floor === low) saturated++
        y = floor
      }
      d[from + o] = y
    }
    byVector[v]! += saturated - before
  }
  return saturated
}

/** All results of a table, for words low .. high of its input: a table of a table, for speed. */
const expanded = new WeakMap<ActivationTable, Int16Array>()

function tableInPlace(z: Matrix, table: ActivationTable): void {
  const { low, high } = wordRange(table.input)
  let all = expanded.get(table)
  if (all === undefined) {
    all = Int16Array.from({ length: high - low + 1 }, (_, i) => tableWord(table, low + i))
    expanded.set(table, all)
  }
  const d = z.data
  for (let i = 0; i < d.length; i++) d[i] = all[d[i]! - low]!
}
