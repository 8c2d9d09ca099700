/** The integer decoder on the WebAssembly kernel: the words of `runFixedDecoder`, exactly. */
import type { Codes } from '../network/forward.ts'
import { type Kernel, kernel } from '../numerics/kernels/module.ts'
import { accumulatorBound, type WordRange } from './bound.ts'
import type { FixedDecoder, FixedLayer } from './fixed-decoder.ts'
import { wordRange } from './format.ts'
import type { ActivationTable } from './table.ts'

/** A layer's arrays as assembly/_integer.ts `integerLayer` takes them. */
interface LayerPlan {
  readonly tiles: number
  readonly pairs: number
  readonly weights: Int16Array
  readonly ends: Int32Array
  readonly endStride: number
  readonly constants: Int32Array
  readonly table: Int16Array | null
  readonly indexShift: number
  readonly outputShift: number
  /** Arguments of `integerShape`. */
  readonly shape: readonly number[]
}

/** Sums of this many bits fit the kernel's pair of words with room to carry. */
const MOST_BITS = 47
/** A kernel's tile has four outputs; its vectors come in eights. */
const TILE = 4
/** Vectors a pass through all layers: their words stay in the first-level cache. */
const BLOCK = 128
/** Vectors in the kernel's memory at a time, which never shrinks. */
const MOST_VECTORS = 16384

const plans = new WeakMap<FixedDecoder, readonly LayerPlan[] | null>()

/** @returns null where the kernel's widths do not suffice: weights beyond 16 bits, sums beyond 47 */
function planOf(decoder: FixedDecoder): readonly LayerPlan[] | null {
  let plan = plans.get(decoder)
  if (plan === undefined) {
    plan = makePlan(decoder)
    plans.set(decoder, plan)
  }
  return plan
}

function makePlan(decoder: FixedDecoder): readonly LayerPlan[] | null {
  const levels = decoder.levels.words
  let range: WordRange = {
    low: levels.reduce((a, b) => Math.min(a, b)),
    high: levels.reduce((a, b) => Math.max(a, b)),
  }
  const layers: LayerPlan[] = []
  for (const layer of decoder.layers) {
    const table = layer.table === null ? null : decoder.tables.find((t) => t.id === layer.table)!
    const plan = planLayer(layer, table, range)
    if (plan === null) return null
    layers.push(plan)
    const { low, high } = table === null ? wordRange(layer.pre) : tableRange(table)
    range = { low: layer.activation === 'relu' ? 0 : low, high }
  }
  return layers
}

function tableRange(table: ActivationTable): WordRange {
  const high = 2 ** (table.output.bits - 1) - 1
  return { low: table.symmetry === 'odd' ? -high : 0, high }
}

function planLayer(layer: FixedLayer, table: ActivationTable | null, range: WordRange): LayerPlan | null {
  const { inputs, outputs } = layer
  const short = (word: number) => word >= -32768 && word <= 32767
  if (!layer.weights.every(short) || !short(range.low) || !short(range.high) || layer.pre.bits > 16) return null
  if (table !== null && layer.pre.bits !== 16) return null
  const tiles = Math.ceil(outputs / TILE)
  const pairs = Math.ceil(inputs / 2)
  const weights = new Int16Array(tiles * pairs * TILE * 2)
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++)
      weights[((((o / TILE) | 0) * pairs + (i >> 1)) * TILE + (o % TILE)) * 2 + (i & 1)] =
        layer.weights[o * inputs + i]!

  const constants = new Int32Array(tiles * TILE * 3)
  const ends: number[][] = []
  for (let t = 0; t < tiles; t++) {
    const rows = Array.from({ length: Math.min(TILE, outputs - t * TILE) }, (_, k) => t * TILE + k)
    for (const o of rows) {
      const bias = layer.biases[o]!
      const shift = layer.shifts[o]!
      const row = layer.weights.subarray(o * inputs, (o + 1) * inputs)
      // Left shifts happen after the pair is one word again.
      if (accumulatorBound(row, bias, range, Math.max(shift, 0)).bits > MOST_BITS) return null
      const start = bias + (shift > 0 ? 2 ** (shift - 1) : 0)
      const high = Math.floor(start / 65536)
      constants.set([high, start - 65536 * high, shift], o * 3)
    }
    const end = chunkEnds(layer, rows, range)
    if (end === null) return null
    ends.push(end)
  }
  const endStride = 1 + ends.reduce((n, e) => Math.max(n, e.length), 0)
  const packed = new Int32Array(tiles * endStride)
  for (const [t, end] of ends.entries()) packed.set([end.length, ...end], t * endStride)

  const { low, high } = wordRange(layer.pre)
  const relu = layer.activation === 'relu'
  const common = { tiles, pairs, weights, ends: packed, endStride, constants }
  if (table === null)
    return {
      ...common,
      table: null,
      indexShift: 0,
      outputShift: 0,
      shape: [relu ? 0 : low, high, relu ? 0 : -1, 0, 0, 0, 0, 0],
    }
  const steps = new Int16Array(2 * table.words.length)
  for (let i = 0; i < table.words.length; i++) {
    steps[2 * i] = table.words[i]!
    steps[2 * i + 1] = i + 1 < table.words.length ? table.words[i + 1]! - table.words[i]! : 0
  }
  const { indexShift, outputShift, output } = table
  const addend = outputShift > 0 ? 2 ** (outputShift - 1) : 0
  const complement = table.symmetry === 'odd' ? 0 : 2 ** output.frac
  const limit = 2 ** (output.bits - 1) - 1
  const step = 2 ** indexShift
  const shape = [low, high, 0, step - 1, step, addend, complement, limit]
  return { ...common, table: steps, indexShift, outputShift, shape }
}

/** Pair indices up to which 32-bit sums of all rows are safe, one after the other; null where one pair is too much. */
function chunkEnds(layer: FixedLayer, rows: readonly number[], range: WordRange): number[] | null {
  const { inputs, weights } = layer
  const pairs = Math.ceil(inputs / 2)
  const high = new Float64Array(rows.length)
  const low = new Float64Array(rows.length)
  const ends: number[] = []
  let from = 0
  for (let p = 0; p < pairs; ) {
    let fits = true
    for (const [k, o] of rows.entries()) {
      const part = weights.subarray(o * inputs + 2 * p, o * inputs + Math.min(2 * p + 2, inputs))
      const bound = accumulatorBound(part, 0, range, 0)
      high[k]! += bound.high
      low[k]! += bound.low
      // The low 16 bits of the sum before are still there.
      if (high[k]! > 2 ** 31 - 65536 || low[k]! < -(2 ** 31)) fits = false
    }
    if (fits) p++
    else {
      if (p === from) return null
      ends.push(p)
      from = p
      high.fill(0)
      low.fill(0)
    }
  }
  ends.push(pairs)
  return ends
}

/** Output words times `scale`, and saturated words. */
export interface KernelRun {
  /** vectors x components */
  readonly values: Float64Array
  readonly saturated: number[]
  readonly saturatedByVector: Uint32Array
}

/**
 * @param codes  checked: every code has a level
 * @param scale  what an output word stands for
 * @returns      null for the reference engine, and where the kernel's widths do not suffice
 */
export function runOnKernel(decoder: FixedDecoder, codes: Codes, scale: number): KernelRun | null {
  const k = kernel('chip')
  if (k === null) return null
  const plan = planOf(decoder)
  if (plan === null) return null
  if (codes.rows <= MOST_VECTORS) return runPlan(k, plan, decoder, codes, scale)
  const outputs = decoder.layers.at(-1)!.outputs
  const values = new Float64Array(codes.rows * outputs)
  const saturatedByVector = new Uint32Array(codes.rows)
  const saturated = plan.map(() => 0)
  for (let from = 0; from < codes.rows; from += MOST_VECTORS) {
    const rows = Math.min(MOST_VECTORS, codes.rows - from)
    const data = codes.data.subarray(from * codes.cols, (from + rows) * codes.cols)
    const part = runPlan(k, plan, decoder, { rows, cols: codes.cols, data }, scale)
    values.set(part.values, from * outputs)
    saturatedByVector.set(part.saturatedByVector, from)
    for (const [l, n] of part.saturated.entries()) saturated[l]! += n
  }
  return { values, saturated, saturatedByVector }
}

function runPlan(k: Kernel, plan: readonly LayerPlan[], decoder: FixedDecoder, codes: Codes, scale: number): KernelRun {
  const vectors = codes.rows
  const padded = Math.ceil(vectors / 8) * 8
  const outputs = decoder.layers.at(-1)!.outputs
  const widest = plan.reduce((n, { tiles, pairs }) => Math.max(n, 2 * tiles, pairs), 0)
  const arrays = plan.flatMap(({ weights, ends, constants, table }) => [
    weights.byteLength,
    ends.byteLength,
    constants.byteLength,
    table === null ? 0 : table.byteLength,
  ])
  const [codesAt, levelsAt, valuesAt, saturatedAt, evenAt, oddAt, ...at] = k.layout([
    codes.data.byteLength,
    decoder.levels.words.byteLength,
    8 * vectors * outputs,
    4 * padded * plan.length,
    4 * BLOCK * widest,
    4 * BLOCK * widest,
    ...arrays,
  ]) as [number, number, number, number, number, number, ...number[]]
  k.u16(codesAt, codes.data.length).set(codes.data)
  k.i32(levelsAt, decoder.levels.words.length).set(decoder.levels.words)
  const counts = k.i32(saturatedAt, padded * plan.length).fill(0)
  // Lanes without a vector and the missing half of an odd input must hold some words: zeros, or those left over.
  k.i32(evenAt, BLOCK * widest).fill(0)
  for (const [l, { weights, ends, constants, table }] of plan.entries()) {
    k.i16(at[4 * l]!, weights.length).set(weights)
    k.i32(at[4 * l + 1]!, ends.length).set(ends)
    k.i32(at[4 * l + 2]!, constants.length).set(constants)
    if (table !== null) k.i16(at[4 * l + 3]!, table.length).set(table)
  }
  const { integerLayer, integerShape, levelWords, wordValues } = k.exports as Required<Kernel['exports']>
  const channels = codes.cols
  for (let from = 0; from < vectors; from += BLOCK) {
    const count = Math.min(BLOCK, vectors - from)
    const lanes = Math.ceil(count / 8) * 8
    levelWords!(count, channels, lanes, codesAt + 2 * from * channels, levelsAt, evenAt)
    let x = evenAt
    let y = oddAt
    for (const [l, { tiles, pairs, endStride, table, indexShift, outputShift, shape }] of plan.entries()) {
      const [weightsAt, endsAt, constantsAt, tableAt] = at.slice(4 * l, 4 * l + 4)
      integerShape!(...shape)
      integerLayer!(
        tiles,
        pairs,
        lanes,
        weightsAt,
        endsAt,
        endStride,
        constantsAt,
        x,
        y,
        saturatedAt + 4 * (l * padded + from),
        table === null ? 0 : tableAt,
        indexShift,
        outputShift,
      )
      ;[x, y] = [y, x]
    }
    wordValues!(count, outputs, lanes, x, scale, valuesAt + 8 * from * outputs)
  }
  const saturatedByVector = new Uint32Array(vectors)
  const saturated = plan.map((_, l) => {
    let sum = 0
    for (let v = 0; v < vectors; v++) {
      const n = counts[l * padded + v]!
      saturatedByVector[v]! += n
      sum += n
    }
    return sum
  })
  return { values: k.f64(valuesAt, vectors * outputs).slice(), saturated, saturatedByVector }
}
