import { fail, OhmbitError } from '../../../base/errors.ts'
import type { Budget } from './budget.ts'
import { type Call, isSignal, type Value } from './call.ts'
import { constantOf, typeName } from './constant.ts'
import { elementwise } from './elementwise.ts'
import { identityLane } from './lane.ts'
import { layers } from './layers.ts'
import { plumbing } from './plumbing.ts'
import { type Point, point } from './point.ts'
import { type Axis, type Site, settle } from './signal.ts'
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from './wire.ts'

/** Every ONNX operator that is read. */
export const operators = new Map([...layers, ...elementwise, ...plumbing])
/** Operators that may carry an unknown number of vectors as one of the sizes in a shape. */
const carriesBatch = new Set(['Shape', 'Where', ...plumbing.keys()])

/**
 * Follow the graph from its input to its output.
 *
 * @returns the last point of the chain of layers
 * @throws OHM1104 operators that are not read (all of them), OHM1105 not a chain, OHM1101 names that nothing defines
 */
export function evaluateGraph(model: OnnxModel, budget: Budget, note: (text: string) => void): Point {
  const { graph } = model
  const { input, output } = ends(graph)
  const tensors = new Map<string, OnnxTensor>()
  for (const tensor of graph.initializers) {
    if (tensors.has(tensor.name))
      fail('OHM1101', `the graph holds two tensors named ${tensor.name}`, { at: { pointer: tensor.name } })
    tensors.set(tensor.name, tensor)
  }
  // Before anything else, so that a file without its weights says so.
  for (const tensor of graph.initializers) if (tensor.external) constantOf(tensor, tensor.name, budget)

  const order = nodesInOrder(graph, output.name, new Set([...tensors.keys(), input.name]))
  checkOperators(order)
  const uses = new Map<string, number>([[output.name, 1]])
  for (const { inputs } of order) for (const name of inputs) uses.set(name, (uses.get(name) ?? 0) + 1)

  const values = new Map<string, Value>([[input.name, inputSignal(input)]])
  const resolve = (name: string): Value | null => {
    if (name === '') return null
    const known = values.get(name)
    if (known !== undefined) return known
    const tensor = tensors.get(name)!
    const constant = constantOf(tensor, name, budget)
    values.set(name, constant)
    return constant
  }
  const siteOf = (node: OnnxNode, shared: number): Site => ({
    label: label(node),
    name: node.name || node.outputs[0]!,
    shared,
    budget,
    note,
  })
  for (const node of order) {
    const inputs = node.inputs.map(resolve)
    const taken = inputs.findIndex((value) => value !== null && isSignal(value))
    const call: Call = {
      site: siteOf(node, taken < 0 ? 0 : uses.get(node.inputs[taken]!)!),
      node,
      inputs,
      opset: model.opset,
      tensor: (tensor, name) => constantOf(tensor, name, budget),
    }
    const value = operators.get(node.operator)!(call)
    if (!isSignal(value)) {
      const bad = value.data.findIndex((x) => !Number.isFinite(x))
      if (bad >= 0 && !(Number.isNaN(value.data[bad]) && value.type === 'integer' && carriesBatch.has(node.operator)))
        fail('OHM1103', `${label(node)} gives ${value.data[bad]} at entry ${bad}`, { at: { pointer: call.site.name } })
    }
    values.set(node.outputs[0]!, value)
  }
  const last = resolve(output.name)!
  if (!isSignal(last)) fail('OHM1105', `the output ${output.name} does not depend on the input ${input.name}`)
  const made = order.find((node) => node.outputs[0] === output.name)
  return settle(
    made === undefined ? { label: 'the graph', name: output.name, shared: 1, budget, note } : siteOf(made, 1),
    last,
  )
}

/** Gemm (node "enc2"). */
function label({ operator, name, outputs }: OnnxNode): string {
  return `${operator} (node "${name || outputs[0]}")`
}

function ends(graph: OnnxGraph): { input: OnnxValue; output: OnnxValue } {
  const weights = new Set(graph.initializers.map((t) => t.name))
  const inputs = graph.inputs.filter((v) => !weights.has(v.name))
  const one = (list: readonly OnnxValue[], what: string): OnnxValue => {
    if (list.length === 1) return list[0]!
    return fail(
      'OHM1105',
      list.length === 0
        ? `the graph has no ${what}`
        : `the graph has ${list.length} ${what}s: ${list
            .slice(0, 8)
            .map((v) => v.name)
            .join(', ')}; a network has one`,
    )
  }
  if (graph.sparse > 0) fail('OHM1107', 'the graph holds sparse tensors, which are not read')
  const input = one(inputs, 'input')
  if (![0, 1, 11].includes(input.type))
    fail('OHM1107', `the input ${input.name} is ${typeName(input.type)}; float32 and float64 are read`, {
      at: { pointer: input.name },
      hint: 'export the model in single precision',
    })
  return { input, output: one(graph.outputs, 'output') }
}

function inputSignal({ name, shape }: OnnxValue): Value {
  const axes = (shape ?? [null, null]).map(
    (n, i, all): Axis => (i === all.length - 1 ? 'channel' : i > 0 && n === 1 ? 'one' : 'batch'),
  )
  return { point: point({ kind: 'input', shape }, null, shape?.at(-1) ?? null, name), axes, lanes: [identityLane] }
}

/** The nodes that the output needs, each after those it needs. Without recursion: graphs from outside may be long. */
function nodesInOrder(graph: OnnxGraph, output: string, given: ReadonlySet<string>): OnnxNode[] {
  const makers = new Map<string, OnnxNode>()
  for (const node of graph.nodes)
    for (const name of node.outputs) {
      if (name === '') continue
      if (makers.has(name) || given.has(name)) fail('OHM1105', `two operators make ${name}`, { at: { pointer: name } })
      makers.set(name, node)
    }
  const order: OnnxNode[] = []
  const state = new Map<OnnxNode, 'open' | 'done'>()
  const stack = [output]
  while (stack.length > 0) {
    const name = stack.at(-1)!
    const node = makers.get(name)
    if (node === undefined || state.get(node) === 'done') {
      if (node === undefined && !given.has(name))
        fail('OHM1101', `nothing in the graph defines ${name}`, { at: { pointer: name } })
      if (node !== undefined && node.outputs[0] !== name)
        fail('OHM1105', `${label(node)}: its output ${name} is used; only the first output of an operator is read`)
      stack.pop()
      continue
    }
    if (state.get(node) === 'open') {
      state.set(node, 'done')
      order.push(node)
      continue
    }
    state.set(node, 'open')
    for (const from of node.inputs) {
      if (from === '') continue
      const maker = makers.get(from)
      if (maker !== undefined && state.get(maker) === 'open')
        fail('OHM1105', `${label(node)} depends on its own result`, { at: { pointer: node.name || name } })
      stack.push(from)
    }
  }
  return order
}

function checkOperators(nodes: readonly OnnxNode[]): void {
  const unknown = nodes.filter(
    ({ operator, domain }) => !operators.has(operator) || (domain !== '' && domain !== 'ai.onnx'),
  )
  if (unknown.length === 0) return
  throw new OhmbitError(
    unknown.slice(0, 20).map((node) => ({
      code: 'OHM1104' as const,
      message: `the operator ${node.domain === '' || node.domain === 'ai.onnx' ? '' : `${node.domain}.`}${label(node)} is not supported`,
      at: { pointer: node.name || node.outputs[0] || node.operator },
      hint: 'dense layers, tanh, relu, sigmoid and the quantizer patterns of docs/files.md are read',
    })),
  )
}
