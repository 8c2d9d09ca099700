import { denseLayers } from '../numerics/dense.ts'
import { affine, type Matrix, matrix } from '../numerics/matrix.ts'
import { activateInPlace } from './activation.ts'
import type { DenseLayer, Network, Quantizer } from './network.ts'

/** Codes of a batch: vectors x channels, each 0 .. I - 1. */
export interface Codes {
  readonly rows: number
  readonly cols: number
  /** row-major */
  readonly data: Uint16Array
}

/** Dense layers on a batch; the same bits with the engines reference and simd. @param x vectors x inputs */
export function applyLayers(layers: readonly DenseLayer[], x: Matrix): Matrix {
  const fast = denseLayers(layers, x)
  if (fast !== null) return fast
  return layers.reduce((a, layer) => activateInPlace(affine(a, layer.weight, layer.bias), layer.activation), x)
}

/** code = #{k : x > t_k} (or >=): the number of thresholds below x. Thresholds ascend; NaN counts none. */
export function codeOf(quantizer: Pick<Quantizer, 'thresholds' | 'compare'>, x: number): number {
  const t = quantizer.thresholds
  let low = 0
  let high = t.length
  while (low < high) {
    const mid = (low + high) >> 1
    if (quantizer.compare === 'gt' ? x > t[mid]! : x >= t[mid]!) low = mid + 1
    else high = mid
  }
  return low
}

/** The hard quantizer on a batch. */
export function quantize(quantizer: Quantizer, x: Matrix): Codes {
  const data = new Uint16Array(x.data.length)
  for (let i = 0; i < data.length; i++) data[i] = codeOf(quantizer, x.data[i]!)
  return { rows: x.rows, cols: x.cols, data }
}

/** Reproduction levels of codes: vectors x channels. */
export function dequantize(quantizer: Quantizer, codes: Codes): Matrix {
  const out = matrix(codes.rows, codes.cols)
  for (let i = 0; i < codes.data.length; i++) out.data[i] = quantizer.levels[codes.data[i]!]!
  return out
}

/**
 * The ideal network with its hard quantizer, in float64.
 *
 * @param y  vectors x measurements
 * @returns  the encoder's output before the ADC, the codes, and the estimate
 */
export function forward(network: Network, y: Matrix): { analog: Matrix; codes: Codes; estimate: Matrix } {
  const analog = applyLayers(network.encoder, y)
  const codes = quantize(network.quantizer, analog)
  return { analog, codes, estimate: applyLayers(network.decoder, dequantize(network.quantizer, codes)) }
}
