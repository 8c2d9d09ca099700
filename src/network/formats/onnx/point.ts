import { type Matrix, matrix } from '../../../numerics/matrix.ts'
import type { Activation } from '../../network.ts'
import type { Lane } from './lane.ts'

/** What happened to the signal last. */
export type Stage =
  | { readonly kind: 'input'; readonly shape: readonly (number | null)[] | null }
  | { readonly kind: 'dense'; readonly weight: Matrix; readonly bias: Float64Array | null }
  | { readonly kind: 'activation'; readonly activation: Activation }
  /** One factor and one offset a channel. */
  | { readonly kind: 'diagonal'; readonly scale: Float64Array; readonly shift: Float64Array }
  /** A scalar function of every channel that is more than linear: a quantizer, or one scaled tanh. */
  | { readonly kind: 'scalar'; readonly lane: Lane }
  | { readonly kind: 'softmax' }

/** A place in the chain of layers: a vector of `width` channels, computed from the point before. */
export interface Point {
  readonly stage: Stage
  readonly parent: Point | null
  /** null: the graph has not said yet; filled in where an input without a shape first meets a constant. */
  width: number | null
  /** The operator that made it, for messages. */
  readonly node: string
  /** What was made of it so far, so that the same function of one signal is one signal again. */
  readonly made: Map<string | Lane, Point>
}

export function point(stage: Stage, parent: Point | null, width: number | null, node: string): Point {
  return { stage, parent, width, node, made: new Map() }
}

/** The point after an activation. */
export function activate(p: Point, activation: Activation, node: string): Point {
  return once(p, activation, () => point({ kind: 'activation', activation }, p, p.width, node))
}

/** The point that a function of p was made into before, or is made into now. */
export function once(p: Point, what: string | Lane, make: () => Point): Point {
  const known = p.made.get(what) ?? make()
  p.made.set(what, known)
  return known
}

/**
 * One factor and one offset a channel. Right behind a dense layer they go into its weights and bias, which is exact up to
 * rounding and free.
 */
export function diagonal(p: Point, scale: Float64Array, shift: Float64Array, node: string): Point {
  if (p.stage.kind !== 'dense') return point({ kind: 'diagonal', scale, shift }, p, scale.length, node)
  const { weight, bias } = scaleRows(p.stage.weight, p.stage.bias, scale, shift)
  return point({ kind: 'dense', weight, bias }, p.parent, p.width, p.node)
}

/** diag(scale) (W a + b) + shift as one dense layer. */
export function scaleRows(w: Matrix, b: Float64Array | null, scale: Float64Array, shift: Float64Array) {
  return {
    weight: matrix(
      w.rows,
      w.cols,
      w.data.map((x, i) => x * scale[Math.floor(i / w.cols)]!),
    ),
    bias: shift.map((x, i) => x + scale[i]! * (b?.[i] ?? 0)),
  }
}

/** W (scale * a + shift) + b as one dense layer. */
export function scaleColumns(w: Matrix, b: Float64Array | null, scale: Float64Array, shift: Float64Array) {
  const bias = new Float64Array(w.rows)
  for (let o = 0; o < w.rows; o++) {
    let sum = b?.[o] ?? 0
    for (let i = 0; i < w.cols; i++) sum += w.data[o * w.cols + i]! * shift[i]!
    bias[o] = sum
  }
  return {
    weight: matrix(
      w.rows,
      w.cols,
      w.data.map((x, i) => x * scale[i % w.cols]!),
    ),
    bias,
  }
}
