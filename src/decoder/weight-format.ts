import { activateInPlace } from '../network/activation.ts'
import type { DenseLayer } from '../network/network.ts'
import { affine, head, type Matrix, row } from '../numerics/matrix.ts'
import { fittingFormat, type NumberFormat, toWord, wordValue } from './format.ts'

/** Vectors that formats are compared on; with fewer than the minimum, chance would choose. */
const VECTORS = { most: 256, least: 32 } as const

/** How a layer's weights become words. */
export interface WeightRule {
  readonly bits: number
  readonly scale: 'per-tensor' | 'per-row'
  /** Most fractional bits row o may have. */
  readonly limit: (o: number) => number
}

/**
 * Formats of a layer's weights: one, or one a row.
 *
 * Starting from the format with most fractional bits at which no weight saturates, one bit fewer and one more are
 * tried; the least squared error of the layer's output on the calibration signal wins, the starting format on ties.
 * One more saturates the largest weights, which pays where they are few: at 8 bits, half a step less for all others.
 *
 * @param input   vectors x inputs, float signal before the layer
 * @param target  vectors x outputs, float signal after its activation
 */
export function weightFormats(layer: DenseLayer, rule: WeightRule, input: Matrix, target: Matrix): NumberFormat[] {
  const outputs = layer.weight.rows
  const rows = Array.from({ length: outputs }, (_, o) => o)
  const limit =
    rule.scale === 'per-row' ? rule.limit : () => rows.reduce((m, o) => Math.min(m, rule.limit(o)), Infinity)
  const start = fittingFormats(layer.weight, rule.bits, rule.scale)
  const moved = (by: number) => start.map((f, o) => ({ ...f, frac: Math.min(f.frac + by, limit(o)) }))
  const candidates = [moved(0), moved(-1), moved(1)]
  if (input.rows < VECTORS.least) return candidates[0]!
  const errors = candidates.map((formats) => {
    const error = outputErrors(layer, formats, head(input, VECTORS.most), target)
    return rule.scale === 'per-row' ? error : [error.reduce((a, b) => a + b, 0)]
  })
  return start.map((_, o) => {
    let best = 0
    for (const k of [1, 2]) if (errors[k]![o]! < errors[best]![o]!) best = k
    return candidates[best]![o]!
  })
}

/** The formats with most fractional bits at which no weight saturates: one, or one a row. */
export function fittingFormats(weight: Matrix, bits: number, scale: WeightRule['scale']): NumberFormat[] {
  return scale === 'per-tensor'
    ? [fittingFormat(weight.data, bits)]
    : Array.from({ length: weight.rows }, (_, o) => fittingFormat(row(weight, o), bits))
}

/** Squared error of each output, summed over vectors, when only the weights are quantized. */
function outputErrors(layer: DenseLayer, formats: readonly NumberFormat[], input: Matrix, target: Matrix): number[] {
  const { rows: outputs, cols: inputs, data } = layer.weight
  const rounded = data.map((w, k) => {
    const format = formats[formats.length === 1 ? 0 : Math.floor(k / inputs)]!
    return wordValue(toWord(w, format), format)
  })
  const out = activateInPlace(affine(input, { ...layer.weight, data: rounded }, layer.bias), layer.activation)
  const errors = new Array<number>(outputs).fill(0)
  for (let k = 0; k < out.data.length; k++) errors[k % outputs]! += (out.data[k]! - target.data[k]!) ** 2
  return errors
}
