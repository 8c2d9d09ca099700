import { fail } from '../../../base/errors.ts'
import { multiply, offset } from './arithmetic.ts'
import {
  type Call,
  constantInput,
  constantNode,
  input,
  isSignal,
  numberAttribute,
  unsupported,
  type Value,
} from './call.ts'
import { type Constant, combine, mapConstant } from './constant.ts'
import { gemm, matrixTimes, timesMatrix } from './dense.ts'
import { identityLane } from './lane.ts'
import { point } from './point.ts'
import { notAChain, settle } from './signal.ts'

type Operator = (call: Call) => Value

function matMul(call: Call): Value {
  const [a, b] = [input(call, 0), input(call, 1)]
  if (isSignal(a)) return isSignal(b) ? unsupported(call, 'it multiplies two signals') : timesMatrix(call.site, a, b)
  return isSignal(b) ? matrixTimes(call.site, a, b) : productOf(call, a, b)
}

/** Of two constant matrices. */
function productOf(call: Call, a: Constant, b: Constant): Constant {
  const [rows, inner, cols] = [a.dims[0]!, a.dims[1]!, b.dims[1]!]
  if (a.dims.length !== 2 || b.dims.length !== 2 || b.dims[0] !== inner)
    return unsupported(call, 'it multiplies constants that are not two fitting matrices')
  if (rows * inner * cols > 2 ** 31)
    fail('OHM1002', `${call.site.label} multiplies constants of ${rows} x ${inner} x ${cols}`)
  const empty = combine(
    { ...a, dims: [rows, 1], data: a.data.slice(0, rows) },
    { ...b, dims: [1, cols], data: b.data.slice(0, cols) },
    () => 0,
    call.site.budget,
  )!
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++)
      for (let j = 0; j < cols; j++) empty.data[i * cols + j]! += a.data[i * inner + k]! * b.data[k * cols + j]!
  return empty
}

function gemmNode(call: Call): Value {
  const [a, b] = [input(call, 0), input(call, 1)]
  if (!isSignal(a) && !isSignal(b)) return unsupported(call, 'it multiplies two constants')
  const c = call.inputs[2] ?? null
  if (c !== null && isSignal(c)) return notAChain(call.site, "its third input depends on the network's input")
  return gemm(call.site, [a, b, c], {
    alpha: numberAttribute(call, 'alpha', 1),
    beta: numberAttribute(call, 'beta', 1),
    transA: numberAttribute(call, 'transA', 0) !== 0,
    transB: numberAttribute(call, 'transB', 0) !== 0,
  })
}

/** (x - mean) / sqrt(variance + epsilon) scale + bias, one of each a channel: part of the dense layer before. */
function batchNormalization(call: Call): Value {
  const x = input(call, 0)
  if (!isSignal(x) || numberAttribute(call, 'training_mode', 0) !== 0)
    return unsupported(call, 'it is in training mode', 'export the model after model.eval()')
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) => constantInput(call, i))
  const epsilon = numberAttribute(call, 'epsilon', 1e-5)
  const both = (a: Constant, b: Constant, f: (p: number, q: number) => number) =>
    combine(a, b, f, call.site.budget) ?? notAChain(call.site, 'its parameters differ in shape')
  const factor = both(
    scale!,
    mapConstant(variance!, (v) => Math.sqrt(v + epsilon)),
    (s, v) => s / v,
  )
  const shift = both(
    bias!,
    both(mean!, factor, (m, f) => m * f),
    (b, m) => b - m,
  )
  return offset(call.site, multiply(call.site, x, factor), shift)
}

/** Kept as the last stage only: it changes no argmax, and the hardware gives class scores. */
function softmax(call: Call): Value {
  const x = input(call, 0)
  if (!isSignal(x)) return unsupported(call, 'it is applied to a constant')
  const from = settle(call.site, x)
  return { ...x, point: point({ kind: 'softmax' }, from, from.width, call.site.name), lanes: [identityLane] }
}

/** Operators with weights, and what stands at a network's end. */
export const layers: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['MatMul', matMul],
  ['Gemm', gemmNode],
  ['BatchNormalization', batchNormalization],
  ['Softmax', softmax],
  ['LogSoftmax', softmax],
  ['Constant', constantNode],
])
