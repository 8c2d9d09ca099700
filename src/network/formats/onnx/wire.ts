import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { fail, OhmbitError } from '../../../base/errors.ts'

/** The parts of an ONNX file that ohmbit reads, as they stand in it. Tensor contents stay bytes until they are used. */
export interface OnnxTensor {
  readonly name: string
  readonly dims: readonly number[]
  /** TensorProto.DataType */
  readonly type: number
  readonly raw: Uint8Array | null
  /** float_data, double_data, int32_data, int64_data: whichever the file fills. */
  readonly values: readonly number[]
  readonly external: boolean
}
export type OnnxAttribute = number | string | readonly number[] | OnnxTensor | { readonly unread: string }
export interface OnnxNode {
  readonly name: string
  readonly operator: string
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: ReadonlyMap<string, OnnxAttribute>
}
export interface OnnxValue {
  readonly name: string
  /** TensorProto.DataType; 0 if the file does not say. */
  readonly type: number
  /** null for an axis of unknown size; null altogether if the file does not say. */
  readonly shape: readonly (number | null)[] | null
}
export interface OnnxGraph {
  readonly name: string
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly OnnxTensor[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly sparse: number
}
export interface OnnxModel {
  readonly irVersion: number
  readonly producer: string
  readonly opset: number
  readonly graph: OnnxGraph
}

const MAX_NODES = 1 << 17
const MAX_RANK = 16
/** Of float_data and its kin; larger tensors are stored as raw_data. */
const MAX_LIST = 1 << 26
const MAX_TEXT = 4096

/**
 * Decode an ONNX file.
 *
 * @throws OHM1004 when the bytes are not a complete ONNX model, OHM1002 when it has too many nodes
 * Source: onnx/onnx.proto, field numbers of IR version 10
 */
export function decodeModel(bytes: Uint8Array, name: string): OnnxModel {
  try {
    return model(bytes)
  } catch (error) {
    if (error instanceof OhmbitError) throw error
    return fail('OHM1004', `${name} is not a complete ONNX model: ${(error as Error).message}`, {
      hint: 'export it again; git-lfs pointers and cut downloads look like this',
    })
  }
}

/** Calls `read` for each field of a message; a field it does not take is skipped. */
function fields(bytes: Uint8Array, read: (field: number, r: BinaryReader, wire: WireType) => boolean): void {
  const r = new BinaryReader(bytes)
  while (r.pos < r.len) {
    const [field, wire] = r.tag()
    if (!read(field, r, wire)) r.skip(wire, field)
    if (r.pos > r.len) throw new Error('a field reaches beyond the end')
  }
}

/** True if the wire type is as the schema has it; the field is skipped otherwise, as protobuf wants. */
const delimited = (wire: WireType) => wire === WireType.LengthDelimited
const varint = (wire: WireType) => wire === WireType.Varint

function text(r: BinaryReader): string {
  const value = r.string()
  if (value.length > MAX_TEXT) throw new Error(`a name has ${value.length} characters`)
  return value
}

function model(bytes: Uint8Array): OnnxModel {
  let irVersion = 0
  let producer = ''
  let opset = 0
  let found: OnnxGraph | null = null
  fields(bytes, (field, r, wire) => {
    if (field === 1 && varint(wire)) irVersion = Number(r.int64())
    else if (field === 2 && delimited(wire)) producer = text(r)
    else if (field === 7 && delimited(wire)) found = graph(r.bytes())
    else if (field === 8 && delimited(wire)) opset = opsetOf(r.bytes()) || opset
    else return false
    return true
  })
  if (found === null) throw new Error('it holds no graph')
  return { irVersion, producer, opset, graph: found }
}

/** The version of the standard operator set; 0 for another domain. */
function opsetOf(bytes: Uint8Array): number {
  let domain = ''
  let version = 0
  fields(bytes, (field, r, wire) => {
    if (field === 1 && delimited(wire)) domain = text(r)
    else if (field === 2 && varint(wire)) version = Number(r.int64())
    else return false
    return true
  })
  return domain === '' || domain === 'ai.onnx' ? version : 0
}

function graph(bytes: Uint8Array): OnnxGraph {
  let name = ''
  let sparse = 0
  const nodes: OnnxNode[] = []
  const initializers: OnnxTensor[] = []
  const inputs: OnnxValue[] = []
  const outputs: OnnxValue[] = []
  fields(bytes, (field, r, wire) => {
    if (!delimited(wire)) return false
    if (field === 1) nodes.push(node(r.bytes()))
    else if (field === 2) name = text(r)
    else if (field === 5) initializers.push(tensor(r.bytes()))
    else if (field === 11) inputs.push(value(r.bytes()))
    else if (field === 12) outputs.push(value(r.bytes()))
    else if (field === 15) {
      sparse++
      return false
    } else return false
    if (nodes.length + initializers.length + inputs.length + outputs.length > MAX_NODES)
      fail('OHM1002', `the ONNX graph has more than ${MAX_NODES} operators and tensors`)
    return true
  })
  return { name, nodes, initializers, inputs, outputs, sparse }
}

function node(bytes: Uint8Array): OnnxNode {
  let name = ''
  let operator = ''
  let domain = ''
  const inputs: string[] = []
  const outputs: string[] = []
  const attributes = new Map<string, OnnxAttribute>()
  fields(bytes, (field, r, wire) => {
    if (!delimited(wire)) return false
    if (field === 1) inputs.push(text(r))
    else if (field === 2) outputs.push(text(r))
    else if (field === 3) name = text(r)
    else if (field === 4) operator = text(r)
    else if (field === 5) attributes.set(...attribute(r.bytes()))
    else if (field === 7) domain = text(r)
    else return false
    if (inputs.length + outputs.length + attributes.size > MAX_NODES) throw new Error('an operator has too many inputs')
    return true
  })
  return { name, operator, domain, inputs, outputs, attributes }
}

function attribute(bytes: Uint8Array): [string, OnnxAttribute] {
  let name = ''
  let content: OnnxAttribute | null = null
  let type = 0
  const list: number[] = []
  fields(bytes, (field, r, wire) => {
    if (field === 1 && delimited(wire)) name = text(r)
    else if (field === 2 && wire === WireType.Bit32) content = r.float()
    else if (field === 3 && varint(wire)) content = integer(r)
    else if (field === 4 && delimited(wire)) content = new TextDecoder().decode(r.bytes().subarray(0, MAX_TEXT))
    else if (field === 5 && delimited(wire)) content = tensor(r.bytes())
    else if (field === 7) return repeated(r, wire, WireType.Bit32, list, () => r.float())
    else if (field === 8) return repeated(r, wire, WireType.Varint, list, () => integer(r))
    else if (field === 20 && varint(wire)) type = r.int32()
    else return false
    return true
  })
  if (type === 6 || type === 7 || list.length > 0) content = list
  // proto3 leaves out a zero; the stated type tells that it was meant.
  if (content === null) content = type === 1 || type === 2 ? 0 : type === 3 ? '' : { unread: `attribute type ${type}` }
  return [name, content]
}

function tensor(bytes: Uint8Array): OnnxTensor {
  let name = ''
  let type = 0
  let raw: Uint8Array | null = null
  let external = false
  const dims: number[] = []
  const values: number[] = []
  fields(bytes, (field, r, wire) => {
    if (field === 1) return repeated(r, wire, WireType.Varint, dims, () => integer(r), MAX_RANK)
    if (field === 2 && varint(wire)) type = r.int32()
    else if (field === 4) return repeated(r, wire, WireType.Bit32, values, () => r.float())
    else if (field === 5 || field === 7) return repeated(r, wire, WireType.Varint, values, () => integer(r))
    else if (field === 10) return repeated(r, wire, WireType.Bit64, values, () => r.double())
    else if (field === 8 && delimited(wire)) name = text(r)
    else if (field === 9 && delimited(wire)) raw = r.bytes()
    else if (field === 13) {
      external = true
      return false
    } else if (field === 14 && varint(wire)) external = r.int32() === 1 || external
    else return false
    return true
  })
  return { name, dims, type, raw, values, external }
}

function value(bytes: Uint8Array): OnnxValue {
  let name = ''
  let type = 0
  let shape: (number | null)[] | null = null
  fields(bytes, (field, r, wire) => {
    if (field === 1 && delimited(wire)) name = text(r)
    else if (field === 2 && delimited(wire))
      fields(r.bytes(), (kind, t, w) => {
        if (kind !== 1 || !delimited(w)) return false
        fields(t.bytes(), (part, p, v) => {
          if (part === 1 && varint(v)) type = p.int32()
          else if (part === 2 && delimited(v)) shape = axes(p.bytes())
          else return false
          return true
        })
        return true
      })
    else return false
    return true
  })
  return { name, type, shape }
}

function axes(bytes: Uint8Array): (number | null)[] {
  const sizes: (number | null)[] = []
  fields(bytes, (field, r, wire) => {
    if (field !== 1 || !delimited(wire)) return false
    let size: number | null = null
    fields(r.bytes(), (kind, d, w) => {
      if (kind !== 1 || !varint(w)) return false
      const n = integer(d)
      // Exporters write 0 or -1 for an axis they do not know.
      size = n > 0 ? n : null
      return true
    })
    sizes.push(size)
    return true
  })
  if (sizes.length > MAX_RANK) throw new Error(`a shape has ${sizes.length} axes`)
  return sizes
}

/** One element, or a packed run of them. */
function repeated(
  r: BinaryReader,
  wire: WireType,
  element: WireType,
  into: number[],
  read: () => number,
  limit = MAX_LIST,
): boolean {
  if (wire === element) into.push(read())
  else if (delimited(wire)) {
    const end = r.uint32() + r.pos
    if (end > r.len) throw new Error('premature EOF')
    while (r.pos < end && into.length <= limit) into.push(read())
    if (r.pos !== end && into.length <= limit) throw new Error('a packed field ends inside a number')
  } else return false
  if (into.length > limit) throw new Error(`a list has more than ${limit} numbers`)
  return true
}

function integer(r: BinaryReader): number {
  const n = Number(r.int64())
  if (!Number.isSafeInteger(n)) throw new Error(`the integer ${n} is too large`)
  return n
}
