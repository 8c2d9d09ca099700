import { fail } from '../../../base/errors.ts'
import { type Budget, spend } from './budget.ts'
import type { OnnxTensor } from './wire.ts'

/** A tensor whose numbers are known: an initializer, or what the graph computes from initializers alone. */
export interface Constant {
  readonly dims: readonly number[]
  /** C order. */
  readonly data: Float64Array
  readonly type: 'float32' | 'float64' | 'integer' | 'bool'
  /** The initializer it comes from, for messages. */
  readonly name: string
}

/** Stands for the unknown number of vectors in a shape that the graph computes; no other constant holds NaN. */
export const BATCH = Number.NaN

const typeNames = ['undefined', 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool']
  .concat(['float16', 'float64', 'uint32', 'uint64', 'complex64', 'complex128', 'bfloat16'])
  .concat(['float8e4m3fn', 'float8e4m3fnuz', 'float8e5m2', 'float8e5m2fnuz', 'uint4', 'int4', 'float4e2m1'])

/** The name of a TensorProto.DataType. */
export const typeName = (type: number): string => typeNames[type] ?? `type ${type}`

const FLOAT = 1
const DOUBLE = 11
const BOOL = 9

/** Bytes of one number of a type in raw_data, and how it is read. */
const rawTypes: ReadonlyMap<number, readonly [number, (view: DataView, at: number) => number]> = new Map([
  [FLOAT, [4, (v, o) => v.getFloat32(o, true)]],
  [DOUBLE, [8, (v, o) => v.getFloat64(o, true)]],
  [2, [1, (v, o) => v.getUint8(o)]],
  [3, [1, (v, o) => v.getInt8(o)]],
  [4, [2, (v, o) => v.getUint16(o, true)]],
  [5, [2, (v, o) => v.getInt16(o, true)]],
  [6, [4, (v, o) => v.getInt32(o, true)]],
  [7, [8, (v, o) => Number(v.getBigInt64(o, true))]],
  [BOOL, [1, (v, o) => (v.getUint8(o) === 0 ? 0 : 1)]],
  [12, [4, (v, o) => v.getUint32(o, true)]],
] as [number, [number, (view: DataView, at: number) => number]][])

/**
 * The numbers of a tensor.
 *
 * @throws OHM1108 stored in another file, OHM1107 data type, OHM1004 too few or too many bytes, OHM1103 not finite
 */
export function constantOf(tensor: OnnxTensor, name: string, budget: Budget): Constant {
  const at = { pointer: name }
  if (tensor.external)
    fail('OHM1108', `the tensor ${name} is stored in another file`, {
      at,
      hint: 'save the model with its weights inside: onnx.save_model(model, path, save_as_external_data=False)',
    })
  const [size, get] =
    rawTypes.get(tensor.type) ??
    fail('OHM1107', `the tensor ${name} has the data type ${typeName(tensor.type)}; float32 and float64 are read`, {
      at,
      hint: 'export the model in single precision',
    })
  const { dims, raw, values } = tensor
  const count = dims.reduce((a, b) => a * b, 1)
  const found = raw === null ? values.length : raw.length / size
  if (dims.some((n) => n < 0) || count !== found)
    fail('OHM1004', `the tensor ${name} of shape [${dims.join(', ')}] needs ${count} numbers, ${found} are there`, {
      at,
    })
  spend(budget, count)
  const data = new Float64Array(count)
  if (raw === null) data.set(values)
  else {
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
    for (let i = 0; i < count; i++) data[i] = get(view, i * size)
  }
  const bad = data.findIndex((x) => !Number.isFinite(x))
  if (bad >= 0) fail('OHM1103', `the tensor ${name} holds ${data[bad]} at entry ${bad}`, { at })
  const type =
    tensor.type === FLOAT ? 'float32' : tensor.type === DOUBLE ? 'float64' : tensor.type === BOOL ? 'bool' : 'integer'
  return { dims, data, type, name }
}

/** A constant scalar or list of the graph's own making. */
export function literal(
  values: ArrayLike<number>,
  dims: readonly number[],
  type: Constant['type'],
  name: string,
): Constant {
  return { dims, data: Float64Array.from(values), type, name }
}

/** Whether all entries are one number. */
export function isUniform({ data }: Constant): boolean {
  return data.length > 0 && data.every((x) => x === data[0])
}

/** Entry-wise image. */
export function mapConstant(c: Constant, f: (x: number) => number, type = c.type): Constant {
  return { ...c, type, data: c.data.map(f) }
}

/** Entry-wise combination with numpy's broadcasting; null if the shapes do not go together. */
export function combine(
  a: Constant,
  b: Constant,
  f: (x: number, y: number) => number,
  budget: Budget,
  type?: Constant['type'],
): Constant | null {
  const rank = Math.max(a.dims.length, b.dims.length)
  const dims: number[] = []
  const strides = [new Array<number>(rank).fill(0), new Array<number>(rank).fill(0)]
  const steps = [1, 1]
  for (let i = rank - 1; i >= 0; i--) {
    const sizes = [a, b].map((c) => c.dims[i - rank + c.dims.length] ?? 1)
    const size = sizes[0] === 1 ? sizes[1]! : sizes[0]!
    if (sizes[1] !== 1 && sizes[1] !== size) return null
    dims[i] = size
    sizes.forEach((n, k) => {
      strides[k]![i] = n === 1 ? 0 : steps[k]!
      steps[k]! *= n
    })
  }
  const count = dims.reduce((x, y) => x * y, 1)
  spend(budget, count)
  const data = new Float64Array(count)
  const index = new Array<number>(rank).fill(0)
  let [ia, ib] = [0, 0]
  for (let o = 0; o < count; o++) {
    data[o] = f(a.data[ia]!, b.data[ib]!)
    for (let i = rank - 1; i >= 0; i--) {
      ia += strides[0]![i]!
      ib += strides[1]![i]!
      if (++index[i]! < dims[i]!) break
      index[i] = 0
      ia -= strides[0]![i]! * dims[i]!
      ib -= strides[1]![i]! * dims[i]!
    }
  }
  const wider = [a.type, b.type].includes('float64') ? 'float64' : a.type === 'integer' ? b.type : a.type
  return { dims, data, type: type ?? wider, name: a.data.length >= b.data.length ? a.name : b.name }
}

/** Axes in a new order. */
export function transposeConstant(c: Constant, order: readonly number[], budget: Budget): Constant {
  spend(budget, c.data.length)
  const strides = new Array<number>(c.dims.length)
  for (let i = c.dims.length - 1, step = 1; i >= 0; step *= c.dims[i--]!) strides[i] = step
  const dims = order.map((i) => c.dims[i]!)
  const data = new Float64Array(c.data.length)
  const index = new Array<number>(dims.length).fill(0)
  for (let o = 0, from = 0; o < data.length; o++) {
    data[o] = c.data[from]!
    for (let i = dims.length - 1; i >= 0; i--) {
      from += strides[order[i]!]!
      if (++index[i]! < dims[i]!) break
      index[i] = 0
      from -= strides[order[i]!]! * dims[i]!
    }
  }
  return { ...c, dims, data }
}

/** Put constants one after another along an axis; null if the other axes differ. */
export function concatenate(parts: readonly Constant[], axis: number, budget: Budget): Constant | null {
  const first = parts[0]!
  if (axis < 0 || axis >= first.dims.length) return null
  if (
    parts.some((p) => p.dims.length !== first.dims.length || p.dims.some((n, i) => i !== axis && n !== first.dims[i]))
  )
    return null
  const dims = first.dims.map((n, i) => (i === axis ? parts.reduce((sum, p) => sum + p.dims[axis]!, 0) : n))
  const count = dims.reduce((a, b) => a * b, 1)
  spend(budget, count)
  const data = new Float64Array(count)
  const inner = dims.slice(axis + 1).reduce((a, b) => a * b, 1)
  const outer = dims.slice(0, axis).reduce((a, b) => a * b, 1)
  let at = 0
  for (let o = 0; o < outer; o++)
    for (const part of parts) {
      const run = part.dims[axis]! * inner
      data.set(part.data.subarray(o * run, (o + 1) * run), at)
      at += run
    }
  return { ...first, dims, data }
}
