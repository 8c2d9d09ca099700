import { fail } from '../../../base/errors.ts'
import { type Constant, literal } from './constant.ts'
import { notAChain, type Signal, type Site } from './signal.ts'
import type { OnnxNode, OnnxTensor } from './wire.ts'

export type Value = Constant | Signal
export const isSignal = (value: Value): value is Signal => 'point' in value

/** One operator with its inputs at hand. */
export interface Call {
  readonly site: Site
  readonly node: OnnxNode
  /** null where an optional input is left out. */
  readonly inputs: readonly (Value | null)[]
  readonly opset: number
  readonly tensor: (tensor: OnnxTensor, name: string) => Constant
}

/** This operator, as it is used here, has no counterpart. @throws OHM1104 */
export function unsupported(call: Call, message: string, hint?: string): never {
  fail('OHM1104', `${call.site.label}: ${message}`, {
    at: { pointer: call.site.name },
    ...(hint === undefined ? {} : { hint }),
  })
}

export function input(call: Call, i: number): Value {
  return call.inputs[i] ?? notAChain(call.site, `its input ${i + 1} is missing`)
}

/** An input that must be known when the file is read. */
export function constantInput(call: Call, i: number): Constant {
  const value = input(call, i)
  return isSignal(value) ? unsupported(call, `its input ${i + 1} depends on the network's input`) : value
}

export function numberAttribute(call: Call, name: string, otherwise: number): number {
  const value = call.node.attributes.get(name)
  if (value === undefined) return otherwise
  return typeof value === 'number' && Number.isFinite(value)
    ? value
    : unsupported(call, `its attribute ${name} is not a number`)
}

export function listAttribute(call: Call, name: string): readonly number[] | null {
  const value = call.node.attributes.get(name)
  if (value === undefined) return null
  return Array.isArray(value) ? value : unsupported(call, `its attribute ${name} is not a list of numbers`)
}

/** Axes and the like: an attribute up to some operator set, an input from then on. null if neither is given. */
export function integers(call: Call, name: string, i: number): readonly number[] | null {
  const value = call.inputs[i] ?? null
  return value === null ? listAttribute(call, name) : Array.from(constantInput(call, i).data)
}

/** What a Constant node holds. */
export function constantNode(call: Call): Constant {
  const { attributes, outputs } = call.node
  const name = outputs[0] ?? ''
  for (const [key, value] of attributes) {
    if (key === 'value' && typeof value === 'object' && 'dims' in value) return call.tensor(value, name)
    if (key === 'value_float' || key === 'value_int')
      return literal([numberAttribute(call, key, 0)], [], key === 'value_int' ? 'integer' : 'float32', name)
    if (key === 'value_floats' || key === 'value_ints') {
      const list = listAttribute(call, key)!
      return literal(list, [list.length], key === 'value_ints' ? 'integer' : 'float32', name)
    }
  }
  return unsupported(call, 'it holds neither a tensor nor numbers')
}
