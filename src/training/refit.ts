/** Least squares for the last digital layer, on the codes of the hard quantizer. */
import { fail } from '../base/errors.ts'
import { applyLayers, dequantize, quantize } from '../network/forward.ts'
import type { Network } from '../network/network.ts'
import { matrix } from '../numerics/matrix.ts'
import type { TrainingData } from './data.ts'

const PIECE = 4000

/**
 * The network with the weights and biases of its last layer that have least squared error on the data. A ridge of 1e-9
 * of the mean square keeps features that never change from making it singular.
 *
 * @throws OHM7002 when the last layer is not linear
 */
export function refitLastLayer(network: Network, data: TrainingData): Network {
  const last = network.decoder.at(-1)!
  if (last.activation !== 'linear')
    fail('OHM7002', `the last layer is ${last.activation}; least squares needs a linear one`, {
      hint: 'leave out "refit"',
    })
  const { rows: outputs, cols } = last.weight
  const n = cols + 1
  const a = new Float64Array(n * n)
  const b = new Float64Array(n * outputs)
  const row = new Float64Array(n).fill(1)
  for (let first = 0; first < data.count; first += PIECE) {
    const count = Math.min(PIECE, data.count - first)
    const y = matrix(count, data.inputs.width)
    y.data.set(data.inputs.data.subarray(first * y.cols, (first + count) * y.cols))
    const codes = quantize(network.quantizer, applyLayers(network.encoder, y))
    const features = applyLayers(network.decoder.slice(0, -1), dequantize(network.quantizer, codes))
    for (let v = 0; v < count; v++) {
      row.set(features.data.subarray(v * cols, (v + 1) * cols))
      const target = (first + v) * outputs
      for (let i = 0; i < n; i++) {
        const x = row[i]!
        for (let j = 0; j <= i; j++) a[i * n + j]! += x * row[j]!
        for (let o = 0; o < outputs; o++) b[i * outputs + o]! += x * data.targets.data[target + o]!
      }
    }
  }
  let trace = 0
  for (let i = 0; i < n; i++) trace += a[i * n + i]!
  for (let i = 0; i < n; i++) a[i * n + i]! += (1e-9 * trace) / n
  solveSymmetric(a, n, b, outputs)
  const weight = matrix(outputs, cols)
  for (let o = 0; o < outputs; o++) for (let i = 0; i < cols; i++) weight.data[o * cols + i] = b[i * outputs + o]!
  const bias = Float64Array.from({ length: outputs }, (_, o) => b[cols * outputs + o]!)
  return { ...network, decoder: [...network.decoder.slice(0, -1), { weight, bias, activation: 'linear' }] }
}

/** In place: b <- A^-1 b for a positive definite A, of which the lower triangle is read and overwritten. */
export function solveSymmetric(a: Float64Array, n: number, b: Float64Array, columns: number): void {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let s = a[i * n + j]!
      for (let k = 0; k < j; k++) s -= a[i * n + k]! * a[j * n + k]!
      a[i * n + j] = i === j ? Math.sqrt(s) : s / a[j * n + j]!
    }
  }
  for (let c = 0; c < columns; c++) {
    for (let i = 0; i < n; i++) {
      let s = b[i * columns + c]!
      for (let k = 0; k < i; k++) s -= a[i * n + k]! * b[k * columns + c]!
      b[i * columns + c] = s / a[i * n + i]!
    }
    for (let i = n - 1; i >= 0; i--) {
      let s = b[i * columns + c]!
      for (let k = i + 1; k < n; k++) s -= a[k * n + i]! * b[k * columns + c]!
      b[i * columns + c] = s / a[i * n + i]!
    }
  }
}
