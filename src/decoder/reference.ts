import type { Codes } from '../network/forward.ts'
import type { FixedDecoder, FixedLayer } from './fixed-decoder.ts'
import type { ActivationTable } from './table.ts'

/** Words of one layer for one vector, as golden vectors record them. */
export interface LayerTrace {
  /** Sum with bias, before rounding. */
  readonly acc: readonly bigint[]
  /** After requantization. */
  readonly pre: readonly bigint[]
  /** After the activation. */
  readonly post: readonly bigint[]
}

/**
 * The integer decoder written once more, slowly, in unbounded integers and straight from its definition: the oracle of
 * `runFixedDecoder` and of emitted code.
 *
 * @returns for each vector, the trace of each layer; the last `post` is the output
 * @throws RangeError when a sum leaves the declared accumulator, which the bounds exclude
 */
export function runFixedDecoderReference(decoder: FixedDecoder, codes: Codes): LayerTrace[][] {
  return Array.from({ length: codes.rows }, (_, v) => {
    let x = Array.from({ length: codes.cols }, (_, n) => BigInt(decoder.levels.words[codes.data[v * codes.cols + n]!]!))
    return decoder.layers.map((layer) => {
      const trace = runLayer(decoder, layer, x)
      x = [...trace.post]
      return trace
    })
  })
}

function runLayer(decoder: FixedDecoder, layer: FixedLayer, x: readonly bigint[]): LayerTrace {
  const hold = (value: bigint): bigint => {
    if (BigInt.asIntN(decoder.accumulatorBits, value) !== value)
      throw new RangeError(`${layer.name}: ${value} leaves the accumulator of ${decoder.accumulatorBits} bits`)
    return value
  }
  const acc = Array.from({ length: layer.outputs }, (_, o) => {
    let sum = hold(BigInt(layer.biases[o]!))
    for (let i = 0; i < layer.inputs; i++) sum = hold(sum + BigInt(layer.weights[o * layer.inputs + i]!) * x[i]!)
    return sum
  })
  const pre = acc.map((sum, o) => {
    const r = layer.shifts[o]!
    const shifted = r > 0 ? hold(sum + (1n << BigInt(r - 1))) >> BigInt(r) : hold(sum << BigInt(-r))
    return clamp(shifted, -(1n << BigInt(layer.pre.bits - 1)), (1n << BigInt(layer.pre.bits - 1)) - 1n)
  })
  const post = pre.map((y) => {
    if (layer.activation === 'relu') return y < 0n ? 0n : y
    if (layer.table === null) return y
    return lookUp(decoder.tables.find((t) => t.id === layer.table)!, y)
  })
  return { acc, pre, post }
}

/** Straight line between two entries, rounded half up once, for a magnitude; then the symmetry; then the clamp. */
function lookUp(table: ActivationTable, word: bigint): bigint {
  const size = word < 0n ? -word : word
  const step = 1n << BigInt(table.indexShift)
  const index = Number(size / step)
  const weight = size % step
  const left = BigInt(table.words[index]!)
  const right = BigInt(table.words[Math.min(index + 1, table.words.length - 1)]!)
  const sum = left * (step - weight) + right * weight
  const divisor = 1n << BigInt(table.outputShift)
  const rounded = (sum + divisor / 2n) / divisor
  const one = 1n << BigInt(table.output.frac)
  const limit = (1n << BigInt(table.output.bits - 1)) - 1n
  return clamp(word >= 0n ? rounded : table.symmetry === 'odd' ? -rounded : one - rounded, -limit, limit)
}

function clamp(x: bigint, low: bigint, high: bigint): bigint {
  return x < low ? low : x > high ? high : x
}
