import { fail } from '../../../base/errors.ts'
import { type Matrix, matrix } from '../../../numerics/matrix.ts'
import { checkQuantizer } from '../../check.ts'
import type { DenseLayer, Quantizer } from '../../network.ts'
import { hardQuantizer } from '../../soft-to-hard.ts'
import { type Budget, spend } from './budget.ts'
import { cells, type Lane } from './lane.ts'
import { type Point, type Stage, scaleColumns, scaleRows } from './point.ts'

/** The layers of a graph, in order; the quantizer stands behind `before`. */
export interface Chain {
  readonly before: readonly DenseLayer[]
  readonly quantizer: Quantizer | null
  readonly after: readonly DenseLayer[]
}

/** One scaled tanh: a quantizer of two levels, or an activation. */
const isSingleTanh = ({ jumps, soft }: Lane) => jumps.length === 0 && soft.length === 1

/**
 * The chain of points as layers and quantizer.
 *
 * A staircase or a sum of several tanh is the quantizer. A single scaled tanh is it only if there is no other candidate
 * and one is wanted.
 *
 * @param last     the output's point
 * @param single   whether all tensors are float32: levels that are sums of steps are then rounded to float32, as the
 *                 graph itself computes them
 * @param wanted   whether a single tanh may be a quantizer
 * @throws OHM1105 several quantizers, activations that belong to no layer
 */
export function assemble(
  last: Point,
  options: { single: boolean; wanted: boolean; note: (text: string) => void; budget: Budget },
): Chain {
  const points: Point[] = []
  for (let p: Point | null = last; p !== null; p = p.parent) points.unshift(p)
  if (points.at(-1)!.stage.kind === 'softmax') {
    points.pop()
    options.note('the Softmax at the end is left out: estimates are class scores before it')
  }
  const scalars = points.filter((p) => p.stage.kind === 'scalar')
  const laneOf = (p: Point) => (p.stage as Stage & { kind: 'scalar' }).lane
  const certain = scalars.filter((p) => !isSingleTanh(laneOf(p)))
  const candidates = certain.length > 0 || !options.wanted ? certain : scalars
  if (candidates.length > 1)
    fail('OHM1105', `the graph has ${candidates.length} quantizers: at ${candidates.map((p) => p.node).join(', ')}`, {
      at: { pointer: candidates[1]!.node },
    })
  const chosen = candidates[0] ?? null

  const before = new LayerList(options.budget)
  const after = new LayerList(options.budget)
  let quantizer: Quantizer | null = null
  for (const p of points) {
    const list = quantizer === null ? before : after
    if (p === chosen) {
      const { scale, shift } = before.takeUniform()
      before.flush()
      quantizer = quantizerOf(through(laneOf(p), scale, shift), p.node, options.single, options.note)
    } else append(list, p)
  }
  before.flush()
  after.flush()
  return { before: before.layers, quantizer, after: after.layers }
}

function append(list: LayerList, p: Point): void {
  const { stage } = p
  if (stage.kind === 'dense') list.dense(stage.weight, stage.bias)
  else if (stage.kind === 'diagonal') list.diagonal(stage.scale, stage.shift)
  else if (stage.kind === 'activation') list.activation(stage.activation, p.node)
  else if (stage.kind === 'scalar') {
    const uniform = (x: number) => new Float64Array(p.width ?? 0).fill(x)
    const { v, h, s } = stage.lane.soft[0]!
    list.diagonal(uniform(h), uniform(0 - s))
    list.activation('tanh', p.node)
    list.diagonal(uniform(v), uniform(stage.lane.shift))
  } else if (stage.kind === 'softmax')
    fail('OHM1104', `Softmax (node "${p.node}") is read only at the very end`, { at: { pointer: p.node } })
}

/** Layers in the making; a diagonal waits for the next dense layer to take it in. */
class LayerList {
  readonly layers: DenseLayer[] = []
  private pending: { scale: Float64Array; shift: Float64Array } | null = null
  /** The last layer has no activation yet. */
  private open = false
  private readonly budget: Budget

  constructor(budget: Budget) {
    this.budget = budget
  }

  dense(weight: Matrix, bias: Float64Array | null): void {
    const folded =
      this.pending === null ? { weight, bias } : scaleColumns(weight, bias, this.pending.scale, this.pending.shift)
    this.pending = null
    this.layers.push({ ...folded, bias: folded.bias ?? new Float64Array(weight.rows), activation: 'linear' })
    this.open = true
  }

  diagonal(scale: Float64Array, shift: Float64Array): void {
    if (scale.every((k) => k === 1) && shift.every((c) => c === 0)) return
    if (this.open) {
      const last = this.layers.pop()!
      this.layers.push({ ...scaleRows(last.weight, last.bias, scale, shift), activation: 'linear' })
    } else if (this.pending === null) this.pending = { scale, shift }
    else {
      const { scale: k, shift: c } = this.pending
      this.pending = { scale: k.map((x, i) => x * scale[i]!), shift: c.map((x, i) => x * scale[i]! + shift[i]!) }
    }
  }

  activation(activation: DenseLayer['activation'], node: string): void {
    this.flush()
    if (!this.open)
      fail('OHM1105', `the activation at ${node} follows no dense layer`, {
        at: { pointer: node },
        hint: 'an activation stage stands behind a crossbar; apply it to the output of Gemm or MatMul',
      })
    this.layers.push({ ...this.layers.pop()!, activation })
    this.open = false
  }

  /** What waits, if it is one positive factor and one offset for all channels: a quantizer's thresholds take it in. */
  takeUniform(): { scale: number; shift: number } {
    const [scale, shift] = [this.pending?.scale, this.pending?.shift]
    if (!scale?.every((k) => k === scale[0] && k > 0) || !shift?.every((c) => c === shift[0]))
      return { scale: 1, shift: 0 }
    this.pending = null
    return { scale: scale[0]!, shift: shift[0]! }
  }

  /** A diagonal that no dense layer follows is a dense layer of its own. */
  flush(): void {
    if (this.pending === null) return
    const { scale, shift } = this.pending
    const n = scale.length
    this.pending = null
    spend(this.budget, n * n)
    const weight = matrix(n, n)
    scale.forEach((k, i) => {
      weight.data[i * n + i] = k
    })
    this.layers.push({ weight, bias: shift, activation: 'linear' })
    this.open = true
  }
}

/** f(scale a + shift) as a function of a. */
function through(f: Lane, scale: number, shift: number): Lane {
  if (scale === 1 && shift === 0) return f
  return {
    ...f,
    jumps: f.jumps.map((j) => ({ ...j, at: (j.at - shift) / scale })),
    soft: f.soft.map(({ v, h, s }) => ({ v, h: h * scale, s: s - h * shift })),
  }
}

function quantizerOf(lane: Lane, node: string, single: boolean, note: (text: string) => void): Quantizer {
  if (lane.soft.length > 0) {
    const quantizer = hardQuantizer(
      { amplitudes: lane.soft.map((t) => t.v), shifts: lane.soft.map((t) => t.s), scale: lane.soft.map((t) => t.h) },
      'saturated',
    )
    return { ...quantizer, levels: quantizer.levels.map((g) => g + lane.shift) }
  }
  const mixed = new Set(lane.jumps.map((j) => j.compare)).size > 1
  if (mixed) note(`the quantizer at ${node} compares with > and with >=; a >= t is read as a > the number next below t`)
  // Among float64 numbers the two are the same.
  const strict: Lane = {
    ...lane,
    jumps: lane.jumps.map((j) => (j.compare === 'gt' ? j : { ...j, compare: 'gt', at: below(j.at) })),
  }
  const { breaks, values } = cells(mixed ? strict : lane)
  return checkQuantizer({
    thresholds: Float64Array.from(breaks, (b) => b.at),
    levels: Float64Array.from(values, (g) => (single ? Math.fround(g) : g)),
    compare: breaks[0]!.compare,
    levelRule: 'given',
  })
}

/** The largest float64 number below t. */
function below(t: number): number {
  if (t === 0) return -Number.MIN_VALUE
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, t)
  view.setBigInt64(0, view.getBigInt64(0) + (t > 0 ? -1n : 1n))
  return view.getFloat64(0)
}
