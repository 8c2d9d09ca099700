import { fail } from '../../../base/errors.ts'
import { type Matrix, matrix, transpose } from '../../../numerics/matrix.ts'
import { offset, sumLanes } from './arithmetic.ts'
import { spend } from './budget.ts'
import { type Constant, mapConstant, transposeConstant } from './constant.ts'
import { identityLane, type Lane, scaled } from './lane.ts'
import { point } from './point.ts'
import { type Axis, mapLanes, notAChain, type Signal, type Site, settle } from './signal.ts'

/** signal x constant: a dense layer over the channels, or the weighted sum over a quantizer's thresholds. */
export function timesMatrix(site: Site, signal: Signal, constant: Constant, bias: Constant | null = null): Signal {
  const { dims } = constant
  const [inputs, outputs] = dims.length === 1 ? [dims[0]!, 1] : [dims.at(-2)!, dims.at(-1)!]
  const head = signal.axes.slice(0, -1)
  const axis = signal.axes.at(-1)
  const single =
    axis === 'one' && !signal.axes.includes('channel') && signal.point.width === 1 && inputs * outputs !== 1
  if (axis === 'channel' || single) {
    const weight = transpose(weightOf(site, constant, inputs, outputs))
    const axes: Axis[] = dims.length === 1 ? head : [...head, 'channel']
    return { point: layer(site, signal, weight, bias), axes, lanes: [identityLane] }
  }
  const lanes = weightedSum(site, signal, axis, constant, inputs, outputs)
  const result: Signal = { ...signal, axes: dims.length === 1 ? head : [...head, 'one'], lanes }
  return bias === null ? result : offset(site, result, bias)
}

/** constant x signal, the signal's vectors being columns. */
export function matrixTimes(site: Site, constant: Constant, signal: Signal): Signal {
  const { dims } = constant
  const [outputs, inputs] = dims.length === 1 ? [1, dims[0]!] : [dims.at(-2)!, dims.at(-1)!]
  const { stage } = signal.point
  let axes = signal.axes
  if (stage.kind === 'input' && axes.length === 2 && axes[1] === 'channel') {
    // Only now does the graph tell that its input holds vectors as columns.
    axes = ['channel', 'batch']
    signal.point.width = stage.shape?.[0] ?? inputs
  }
  const place = Math.max(axes.length - 2, 0)
  const replaced = (axis: Axis) =>
    dims.length === 1 ? axes.filter((_, i) => i !== place) : axes.map((a, i) => (i === place ? axis : a))
  if (axes[place] === 'channel') {
    const weight = weightOf(site, constant, outputs, inputs)
    return { point: layer(site, signal, weight, null), axes: replaced('channel'), lanes: [identityLane] }
  }
  return { ...signal, axes: replaced('one'), lanes: weightedSum(site, signal, axes[place], constant, inputs, outputs) }
}

/** alpha A B + beta C with the signal as A (or, untransposed, as B). */
export function gemm(
  site: Site,
  [a, b, c]: readonly [Signal | Constant, Signal | Constant, Constant | null],
  { alpha, beta, transA, transB }: { alpha: number; beta: number; transA: boolean; transB: boolean },
): Signal {
  const times = (x: Constant, k: number) => (k === 1 ? x : mapConstant(x, (v) => k * v))
  const added = c === null || beta === 0 ? null : times(c, beta)
  if ('point' in a && !('point' in b)) {
    if (transA) notAChain(site, 'it transposes the signal (transA = 1), which is read only with vectors as rows')
    if (b.dims.length !== 2) notAChain(site, `its weight ${b.name} has ${b.dims.length} axes instead of 2`)
    return timesMatrix(site, a, times(transB ? transposeConstant(b, [1, 0], site.budget) : b, alpha), added)
  }
  if (!('point' in a) && 'point' in b) {
    if (transB) notAChain(site, 'it transposes the signal (transB = 1), which is read only with vectors as columns')
    if (a.dims.length !== 2) notAChain(site, `its weight ${a.name} has ${a.dims.length} axes instead of 2`)
    const z = matrixTimes(site, times(transA ? transposeConstant(a, [1, 0], site.budget) : a, alpha), b)
    return added === null ? z : offset({ ...site, shared: 1 }, z, added)
  }
  return notAChain(site, 'it multiplies two signals')
}

function layer(site: Site, signal: Signal, weight: Matrix, bias: Constant | null) {
  const from = settle(site, signal)
  if (from.width !== null && from.width !== weight.cols)
    fail('OHM1102', `${site.label} takes ${weight.cols} inputs, but ${from.width} arrive`, {
      at: { pointer: site.name },
    })
  from.width = weight.cols
  return point({ kind: 'dense', weight, bias: bias && biasOf(site, bias, weight.rows) }, from, weight.rows, site.name)
}

function biasOf(site: Site, { dims, data, name }: Constant, outputs: number): Float64Array {
  if (data.length === outputs && (dims.at(-1) ?? 1) === outputs) return data.slice()
  if (data.length === 1) return new Float64Array(outputs).fill(data[0]!)
  return fail('OHM1102', `${site.label}: its bias ${name} has shape [${dims.join(', ')}] for ${outputs} outputs`, {
    at: { pointer: site.name },
  })
}

function weightOf(site: Site, { dims, data, name }: Constant, rows: number, cols: number): Matrix {
  if (data.length !== rows * cols) notAChain(site, `its weight ${name} of shape [${dims.join(', ')}] is not a matrix`)
  spend(site.budget, 2 * data.length)
  return matrix(rows, cols, data.slice())
}

function weightedSum(
  site: Site,
  signal: Signal,
  axis: Axis | undefined,
  { dims, data, name }: Constant,
  inputs: number,
  outputs: number,
): readonly Lane[] {
  if (axis !== 'lane' && axis !== 'one')
    notAChain(site, 'it multiplies along an axis that holds neither channels nor thresholds')
  const lanes = axis === 'lane' ? signal.lanes.length : 1
  if (data.length !== inputs || outputs !== 1 || inputs !== lanes)
    notAChain(
      site,
      `the constant ${name} of shape [${dims.join(', ')}] is not one weight for each of ${lanes} thresholds`,
    )
  return axis === 'lane'
    ? [sumLanes(site, signal, (k) => data[k]!)]
    : mapLanes(site, signal, (lane) => scaled(lane, (x) => x * data[0]!)).lanes
}
