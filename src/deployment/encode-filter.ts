/**
 * The noise-free encoder in float32 for the vectors whose codes that decides, and in float64 for the others: the codes
 * and counters of the float64 kernel, exactly.
 *
 * Every layer is written as p = W t + b with t = f(p of the layer before): gain, offset and unit of the amplifier, and
 * scale and offset of the activation stage before it, are folded into W and b; a sigmoid is 1/2 + tanh(p / 2) / 2. The
 * float32 pass computes p', and every threshold, clip and swing is turned into an edge on p itself.
 *
 * Bound. Let u = 2^-24, g = (n + 4) u / (1 - (n + 4) u), n inputs with |t| <= T and |t' - t| <= d; |W|, |b| are the sums
 * of the sizes of a row's entries and of the terms that were folded into b. Rounding of the entries, products and sums
 * in sequence, fused or not, gives
 *
 *   |p' - p| <= e = g (|b| + |W| T) + (1 + g) |W| d                                   Higham (2002), sec. 3.1
 *
 * and the next layer's d = max e + a, because tanh, relu and the identity have slope at most 1, with a = TANH_ERROR or
 * 0 for what float32 makes of the activation. The first layer's inputs are rounded: d = u T. The float64 path obeys the
 * same recurrence with 2 n + 15 roundings of 2^-53, less than 2^-10 of e, which u is widened by. Underflow adds at most
 * 2^-149 a product.
 *
 * A code is taken where p' is further than e from where the channel's voltage, widened by the rounding of the stages
 * behind the activation, meets a threshold; a vector on which any amplifier may be at its swing or any input clipped is
 * computed in float64, which so does all the counting.
 */
import { holdBehaviour } from '../adc/convert.ts'
import { ACTIVATIONS } from '../numerics/dense.ts'
import type { Kernel } from '../numerics/kernels/module.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'
import { measuredStage } from './activation-stage.ts'
import type { Chip } from './fabricate.ts'

/** Vectors a pass through all layers: their signals stay in the first-level cache. */
const BLOCK = 64
/** Vectors come in sixteens. */
const TILE = 16
/** Fewer vectors than this are not worth the preparation. */
const FEWEST = 64
/** Thresholds that are worth comparing with one by one. */
const MOST_THRESHOLDS = 64
/** Share of the vectors beyond which float64 alone is faster. */
const MOST_FLAGGED = 0.2

const UNIT = 2 ** -24 * (1 + 2 ** -10)
/**
 * |tanh of `filterActivate` - tanh| for every float32, with room for the 2^-47 of the float64 kernel's. Measured on all of
 * them, either build: 5.2e-7.
 */
export const TANH_ERROR = 2 ** -20
/** Sums beyond this are left to float64. */
const LARGEST = 1e30

/** Scale and offset of t in the voltage behind an activation stage: s t + c. */
interface Stage {
  readonly scale: Float64Array
  readonly offset: Float64Array
}

/** One layer's p = W t + b. */
interface Folded {
  readonly kind: number
  /** In the order of `filterSums`. */
  readonly weight: Float32Array
  readonly start: Float32Array
  /** e of each output. */
  readonly error: Float64Array
  /** |p| at the amplifier's swing. */
  readonly limit: number
  /** Of t = f(p). */
  readonly stage: Stage
  readonly largest: number
  readonly inexact: number
}

/** The outputs whose weights `filterSums` takes side by side: four, then two, then one. */
function tileOf(output: number, outputs: number): { readonly first: number; readonly size: number } {
  const size = output < outputs - (outputs % 4) ? 4 : output < outputs - (outputs % 2) ? 2 : 1
  return { first: output - (output % size), size }
}

/** @returns null where the numbers leave the range of float32 */
function fold(chip: Chip, l: number, before: Stage | null, largest: number, inexact: number): Folded | null {
  const layer = chip.deployment.layers[l]!
  const made = chip.layers[l]!
  const { inputs, outputs, amplifierVoltsPerUnit: unit } = layer
  const { data, cols } = made.parts[0]!.effective
  const sigmoid = layer.activation === 'sigmoid'
  const half = sigmoid ? 0.5 : 1
  const weight = new Float32Array(outputs * inputs)
  const start = new Float32Array(outputs)
  const error = new Float64Array(outputs)
  const g = ((inputs + 4) * UNIT) / (1 - (inputs + 4) * UNIT)
  const tiny = inputs * 2 ** -149
  let most = 0
  let worst = 0
  for (let o = 0; o < outputs; o++) {
    const gain = (made.amplifierGain[o]! * layer.feedbackOhms * half) / unit
    const row = o * cols
    const tile = tileOf(o, outputs)
    const at = tile.first * inputs + o - tile.first
    const own = data[row + inputs]! * layer.biasVolts * gain
    const shift = (made.amplifierOffset[o]! * half) / unit
    let b = own + shift
    let terms = Math.abs(own) + Math.abs(shift)
    let size = 0
    for (let i = 0; i < inputs; i++) {
      let w = gain * data[row + i]!
      if (before !== null) {
        const c = w * before.offset[i]!
        b += c
        terms += Math.abs(c)
        w *= before.scale[i]!
      }
      weight[at + i * tile.size] = w
      size += Math.abs(w)
    }
    start[o] = b
    const reach = terms + size * largest
    const e = g * reach + (1 + g) * size * inexact + tiny * (1 + largest + size)
    // Also where one is no number.
    if (!(reach < LARGEST && size < LARGEST && terms < LARGEST)) return null
    error[o] = e
    most = Math.max(most, reach * (1 + g) + e)
    worst = Math.max(worst, e)
  }
  const bounded = sigmoid || layer.activation === 'tanh'
  const scale = made.activationGain.map((x) => x * layer.outputVoltsPerUnit * half)
  return {
    kind: sigmoid ? ACTIVATIONS.tanh : ACTIVATIONS[layer.activation],
    weight,
    start,
    error,
    limit: ((chip.deployment.profile.periphery.tia.swing ?? Number.POSITIVE_INFINITY) * half) / unit,
    stage: { scale, offset: sigmoid ? made.activationOffset.map((x, o) => x + scale[o]!) : made.activationOffset },
    largest: bounded ? 1 + TANH_ERROR : most,
    inexact: worst + (bounded ? TANH_ERROR : 0),
  }
}

/** Where f passes a value: f(p) < value below it and f(p) > value above it; an infinity where that is everywhere. */
function inverse(kind: number, value: number): number {
  if (kind === ACTIVATIONS.tanh) return value <= -1 ? -Infinity : value >= 1 ? Infinity : Math.atanh(value)
  return value
}

/** The float32 next to x or at it, towards an infinity. */
const below = (x: number) => Math.fround(x - Math.abs(x) * 2 ** -22)
const above = (x: number) => Math.fround(x + Math.abs(x) * 2 ** -22)

/**
 * Edges on p of every channel, as `filterDecide` takes them.
 *
 * @param thresholds  ascending, comparator offset included
 * @returns           null where the voltage does not rise with p
 */
function edgesOf(chip: Chip, last: Folded, thresholds: Float64Array): Float32Array | null {
  const { adc } = chip.deployment.profile
  const { gain, offset } = chip.adc
  const { kind, stage, error, limit } = last
  const channels = error.length
  const width = 2 + 2 * thresholds.length
  const edges = new Float32Array(channels * width)
  const relu = kind === ACTIVATIONS.relu
  for (let n = 0; n < channels; n++) {
    const s = stage.scale[n]!
    const c = stage.offset[n]!
    if (!(s > 0 && gain > 0)) return null
    const e = error[n]!
    // Roundings of float64 behind the activation, and of the inversion here: fewer than 2^9 of 2^-53.
    const volts = s * (1 + last.largest) + Math.abs(c)
    const slack = 2 ** -44 * (gain * volts + Math.abs(offset))
    /** Surely below: p < low(value). */
    const low = (volt: number) => {
      const value = (volt - c) / s
      return relu && value <= 0 ? -Infinity : inverse(kind, value)
    }
    /** Surely above: p > high(value). */
    const high = (volt: number) => {
      const value = (volt - c) / s
      return relu && value < 0 ? -Infinity : inverse(kind, value)
    }
    let lowest = -limit
    let highest = limit
    if (adc.clip) {
      const margin = 2 ** -44 * (volts + adc.fullScale)
      lowest = Math.max(lowest, high(margin - adc.fullScale))
      highest = Math.min(highest, low(adc.fullScale - margin))
    }
    let k = n * width
    edges[k++] = above(lowest + e)
    edges[k++] = below(highest - e)
    for (const t of thresholds) {
      const margin = slack + 2 ** -44 * Math.abs(t)
      edges[k++] = below(low((t - margin - offset) / gain) - e)
      edges[k++] = above(high((t + margin - offset) / gain) + e)
    }
  }
  return edges
}

/** Input vectors as float32, block after block of inputs x stride. */
interface Inputs {
  readonly data: Float32Array
  readonly largest: number
}

const known = new WeakMap<Matrix, Inputs>()

function inputsOf(volts: Matrix): Inputs {
  const found = known.get(volts)
  if (found !== undefined) return found
  const { rows, cols } = volts
  const data = new Float32Array(strideOf(rows) * cols)
  let largest = 0
  let at = 0
  for (let from = 0; from < rows; from += BLOCK) {
    const count = Math.min(BLOCK, rows - from)
    const stride = strideOf(count)
    for (let i = 0; i < cols; i++)
      for (let v = 0; v < count; v++) {
        const x = volts.data[(from + v) * cols + i]!
        data[at + i * stride + v] = x
        largest = Math.max(largest, Math.abs(x))
      }
    at += cols * stride
  }
  const inputs = { data, largest }
  known.set(volts, inputs)
  return inputs
}

const strideOf = (vectors: number) => Math.ceil(vectors / TILE) * TILE

function suits(chip: Chip, rows: number, thresholds: Float64Array): boolean {
  const { layers, profile } = chip.deployment
  return (
    rows >= FEWEST &&
    chip.layers.every(({ parts }) => parts.length === 1) &&
    // A table has neither the slope nor the inverse that the bound is made of.
    layers.every((layer) => measuredStage(layer, profile) === null) &&
    layers[0]!.encoding.kind !== 'bit-serial' &&
    profile.adc.crosstalk === 0 &&
    profile.adc.frontEnd.cubic === 0 &&
    holdBehaviour(profile).settled === 1 &&
    thresholds.length <= MOST_THRESHOLDS &&
    thresholds.every((t, i) => i === 0 || t >= thresholds[i - 1]!)
  )
}

/** Codes of most vectors, and which the others are. */
export interface Filtered {
  /** vectors x channels; of no meaning for the others */
  readonly codes: Uint16Array
  /** Ascending. */
  readonly others: Int32Array
}

/**
 * Codes by float32 of a chip without noise whose compares are all with the same voltage.
 *
 * @param volts       vectors x inputs, on the word lines of the first layer
 * @param thresholds  realised, volts, comparator offset included
 * @returns           null where that does not apply, or does not pay because too many vectors are near an edge
 */
export function filterCodes(k: Kernel, chip: Chip, volts: Matrix, thresholds: Float64Array): Filtered | null {
  if (!suits(chip, volts.rows, thresholds)) return null
  const inputs = inputsOf(volts)
  const folded: Folded[] = []
  let { largest } = inputs
  let inexact = UNIT * largest
  for (let l = 0; l < chip.layers.length; l++) {
    const made = fold(chip, l, folded.at(-1)?.stage ?? null, largest, inexact)
    if (made === null) return null
    folded.push(made)
    ;({ largest, inexact } = made)
  }
  const last = folded.at(-1)!
  const edges = edgesOf(chip, last, thresholds)
  return edges === null ? null : run(k, chip, volts, inputs, folded, edges, thresholds.length)
}

function run(
  k: Kernel,
  chip: Chip,
  { rows, cols }: Matrix,
  inputs: Inputs,
  folded: readonly Folded[],
  edges: Float32Array,
  top: number,
): Filtered | null {
  const { layers } = chip.deployment
  const channels = layers.at(-1)!.outputs
  const signal = 4 * BLOCK * Math.max(...layers.map(({ outputs }) => outputs))
  const limited = Number.isFinite(folded[0]!.limit)
  const [x, even, odd, edgesAt, flags, codes, list, ...at] = k.layout([
    inputs.data.byteLength,
    signal,
    signal,
    edges.byteLength,
    4 * BLOCK,
    2 * strideOf(rows) * channels,
    4 * rows,
    ...folded.flatMap(({ weight, start }) => [weight.byteLength, start.byteLength, start.byteLength]),
  ]) as [number, number, number, number, number, number, number, ...number[]]
  const put = (address: number, values: Float32Array) => k.f32(address, values.length).set(values)
  put(x, inputs.data)
  put(edgesAt, edges)
  put(flags, new Float32Array(BLOCK))
  for (const [l, { weight, start, error, limit }] of folded.entries()) {
    put(at[3 * l]!, weight)
    put(at[3 * l + 1]!, start)
    if (limited) k.f32(at[3 * l + 2]!, error.length).set(error.map((e) => below(limit - e)))
  }
  const { filterSums, filterActivate, filterLimit, filterDecide } = k.exports as Required<Kernel['exports']>
  let near = 0
  for (let from = 0; from < rows; from += BLOCK) {
    const count = Math.min(BLOCK, rows - from)
    const stride = strideOf(count)
    let source = x + 4 * from * cols
    let target = even
    if (limited) k.i32(flags, BLOCK).fill(0)
    for (const [l, { outputs, inputs: width }] of layers.entries()) {
      filterSums!(outputs, width, stride, at[3 * l], at[3 * l + 1], source, target)
      if (l === layers.length - 1) break
      if (limited) filterLimit!(outputs, stride, at[3 * l + 2], target, flags)
      filterActivate!(folded[l]!.kind, outputs * stride, target)
      source = target
      target = target === even ? odd : even
    }
    const to = codes + 2 * from * channels
    near += filterDecide!(channels, count, stride, target, top, edgesAt, flags, to, from, list + 4 * near)
    if (near > BLOCK / 2 + MOST_FLAGGED * (from + count)) return null
  }
  return { codes: k.u16(codes, rows * channels).slice(), others: k.i32(list, near).slice() }
}

/** The rows that are named. */
export function pickRows({ cols, data }: Matrix, which: Int32Array): Matrix {
  const out = matrix(which.length, cols)
  for (const [k, row] of which.entries()) out.data.set(data.subarray(row * cols, (row + 1) * cols), k * cols)
  return out
}
