/** Dense layers on the WebAssembly kernel: the numbers of `affine` and of the activation functions, bit for bit. */
import { type Kernel, kernel } from './kernels/module.ts'
import { type Matrix, matrix } from './matrix.ts'

/** An activation's number in assembly/_layers.ts `activate`. */
export const ACTIVATIONS = { linear: 0, tanh: 1, relu: 2, sigmoid: 3 } as const

/** y = f(W x + b). */
interface Layer {
  /** outputs x inputs */
  readonly weight: Matrix
  readonly bias: Float64Array
  readonly activation: keyof typeof ACTIVATIONS
}

/** Vectors a pass through all layers: their signals stay in the first-level cache. */
const BLOCK = 64
/** Vectors come in fours. */
export const LANES = 4

/**
 * Layers one after the other on a batch.
 *
 * @param x  vectors x inputs
 * @returns  vectors x outputs, or null for the reference engine
 */
export function denseLayers(layers: readonly Layer[], x: Matrix): Matrix | null {
  const k = kernel('chip')
  const last = layers.at(-1)
  if (k === null || last === undefined) return null
  let inputs = x.cols
  for (const { weight } of layers) {
    if (weight.cols !== inputs) throw new RangeError(`affine: ${inputs} inputs for a layer of ${weight.cols}`)
    inputs = weight.rows
  }
  const outputs = last.weight.rows
  const widest = layers.reduce((n, { weight }) => Math.max(n, weight.rows), x.cols)
  const [xAt, yAt, evenAt, oddAt, ...at] = k.layout([
    8 * BLOCK * x.cols,
    8 * BLOCK * outputs,
    8 * BLOCK * widest,
    8 * BLOCK * widest,
    ...layers.flatMap(({ weight, bias }) => [weight.data.byteLength, bias.byteLength]),
  ]) as [number, number, number, number, ...number[]]
  const y = matrix(x.rows, outputs)
  for (const [l, { weight, bias }] of layers.entries()) {
    k.f64(at[2 * l]!, weight.data.length).set(weight.data)
    k.f64(at[2 * l + 1]!, bias.length).set(bias)
  }
  const { activate, affine, gather, scatter } = k.exports as Required<Kernel['exports']>
  for (let from = 0; from < x.rows; from += BLOCK) {
    const count = Math.min(BLOCK, x.rows - from)
    const stride = Math.ceil(count / LANES) * LANES
    let input = evenAt
    let output = oddAt
    k.f64(xAt, count * x.cols).set(x.data.subarray(from * x.cols, (from + count) * x.cols))
    gather!(count, x.cols, stride, xAt, input)
    for (const [l, { weight, activation }] of layers.entries()) {
      const { rows, cols } = weight
      affine!(rows, cols, stride, at[2 * l], cols, at[2 * l + 1], 0, input, output)
      activate!(ACTIVATIONS[activation], rows * stride, output)
      ;[input, output] = [output, input]
    }
    scatter!(count, outputs, stride, input, yAt)
    y.data.set(k.f64(yAt, count * outputs), from * outputs)
  }
  return y
}
