/** Ridge regression of the last digital layer on codes, towards the weights it has. */
import type { Codes } from '../network/forward.ts'
import { matrix } from '../numerics/matrix.ts'
import type { DigitalHalf } from './decoder-machine.ts'
import { solveSymmetric } from './refit.ts'
import { outputOf } from './tune-decoder.ts'

const PIECE = 4000

/** Sums of products of features, and of features with what the layer leaves of the targets. */
export interface LastLayerSums {
  /** Features and the constant 1. */
  readonly n: number
  readonly gram: Float64Array
  /** n x outputs */
  readonly rest: Float64Array
}

export function lastLayerSums(half: DigitalHalf, codes: Codes, targets: Float32Array): LastLayerSums {
  const last = half.decoder.at(-1)!
  const { rows: outputs, cols } = last.weight
  const before = { ...half, decoder: half.decoder.slice(0, -1) }
  const n = cols + 1
  const gram = new Float64Array(n * n)
  const rest = new Float64Array(n * outputs)
  const row = new Float64Array(n).fill(1)
  const error = new Float64Array(outputs)
  for (let from = 0; from < codes.rows; from += PIECE) {
    const count = Math.min(PIECE, codes.rows - from)
    const part = {
      rows: count,
      cols: codes.cols,
      data: codes.data.subarray(from * codes.cols, (from + count) * codes.cols),
    }
    const features = outputOf(before, part)
    for (let v = 0; v < count; v++) {
      row.set(features.data.subarray(v * cols, (v + 1) * cols))
      for (let o = 0; o < outputs; o++) {
        let y = last.bias[o]!
        for (let i = 0; i < cols; i++) y += last.weight.data[o * cols + i]! * row[i]!
        error[o] = targets[(from + v) * outputs + o]! - y
      }
      for (let i = 0; i < n; i++) {
        const x = row[i]!
        for (let j = 0; j <= i; j++) gram[i * n + j]! += x * row[j]!
        for (let o = 0; o < outputs; o++) rest[i * outputs + o]! += x * error[o]!
      }
    }
  }
  return { n, gram, rest }
}

/**
 * The half with the last layer of least squares, its change penalised.
 *
 * @param ridge  in units of the mean square of a feature, as a number of vectors
 */
export function withRidge(
  half: DigitalHalf,
  { n, gram, rest }: LastLayerSums,
  ridge: number,
  count: number,
): DigitalHalf {
  const last = half.decoder.at(-1)!
  const { rows: outputs, cols } = last.weight
  const a = gram.slice()
  const b = rest.slice()
  let trace = 0
  for (let i = 0; i < n; i++) trace += a[i * n + i]!
  for (let i = 0; i < n; i++) a[i * n + i]! += ((ridge / count + 1e-9) * trace) / n
  solveSymmetric(a, n, b, outputs)
  const weight = matrix(outputs, cols, last.weight.data.slice())
  const bias = last.bias.slice()
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < cols; i++) weight.data[o * cols + i]! += b[i * outputs + o]!
    bias[o]! += b[cols * outputs + o]!
  }
  return { ...half, decoder: [...half.decoder.slice(0, -1), { ...last, weight, bias }] }
}
