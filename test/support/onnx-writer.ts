import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** ONNX files for tests, written field by field: only what the tests need. */
export type TensorType = 'f4' | 'f8' | 'i8' | 'b1' | 'f2'
export interface Tensor {
  readonly dims: readonly number[]
  readonly values: ArrayLike<number>
  readonly type?: TensorType
  /** In float_data and its kin instead of raw_data. */
  readonly asList?: boolean
  readonly external?: boolean
}
/** Whole numbers are written as ints unless wrapped by `float`. */
export type Attribute = number | string | readonly number[] | { readonly float: number } | { readonly tensor: Tensor }
export interface Ends {
  readonly name: string
  readonly shape?: readonly (number | string)[] | null
  readonly type?: number
}

const codes: Readonly<Record<TensorType, number>> = { f4: 1, f8: 11, i8: 7, b1: 9, f2: 10 }

type Fill = (w: BinaryWriter) => void
const message = (w: BinaryWriter, field: number, fill: Fill) => {
  w.tag(field, WireType.LengthDelimited).fork()
  fill(w)
  w.join()
}
const text = (w: BinaryWriter, field: number, value: string) => w.tag(field, WireType.LengthDelimited).string(value)
const int = (w: BinaryWriter, field: number, value: number) => w.tag(field, WireType.Varint).int64(value)

export function tensorBytes(name: string, tensor: Tensor): Fill {
  const { dims, values, type = 'f4', asList = false, external = false } = tensor
  return (w) => {
    for (const n of dims) int(w, 1, n)
    int(w, 2, codes[type])
    text(w, 8, name)
    if (external) {
      message(w, 13, (e) => {
        text(e, 1, 'location')
        text(e, 2, '../../etc/passwd')
      })
      int(w, 14, 1)
    } else if (asList)
      message(w, type === 'f4' ? 4 : type === 'f8' ? 10 : 7, (p) => {
        for (const x of Array.from(values)) type === 'f4' ? p.float(x) : type === 'f8' ? p.double(x) : p.int64(x)
      })
    else {
      const array =
        type === 'f4'
          ? Float32Array.from(values)
          : type === 'f8'
            ? Float64Array.from(values)
            : type === 'i8'
              ? BigInt64Array.from(Array.from(values), (x) => BigInt(x))
              : type === 'f2'
                ? new Uint16Array(values.length)
                : Uint8Array.from(values)
      w.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(array.buffer))
    }
  }
}

function attributeBytes(name: string, value: Attribute): Fill {
  return (w) => {
    text(w, 1, name)
    if (typeof value === 'number') {
      int(w, 3, value)
      int(w, 20, 2)
    } else if (typeof value === 'string') {
      w.tag(4, WireType.LengthDelimited).string(value)
      int(w, 20, 3)
    } else if ('float' in value) {
      w.tag(2, WireType.Bit32).float(value.float)
      int(w, 20, 1)
    } else if ('tensor' in value) {
      message(w, 5, tensorBytes('', value.tensor))
      int(w, 20, 4)
    } else {
      for (const x of value) int(w, 8, x)
      int(w, 20, 7)
    }
  }
}

function endBytes({ name, shape = null, type = 1 }: Ends): Fill {
  return (w) => {
    text(w, 1, name)
    message(w, 2, (t) =>
      message(t, 1, (tt) => {
        int(tt, 1, type)
        if (shape !== null)
          message(tt, 2, (s) => {
            for (const n of shape) message(s, 1, (d) => (typeof n === 'number' ? int(d, 1, n) : text(d, 2, n)))
          })
      }),
    )
  }
}

export interface NodeSpec {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, Attribute>>
  readonly name?: string
  readonly domain?: string
}
export interface ModelSpec {
  readonly name?: string
  readonly nodes: readonly NodeSpec[]
  readonly tensors: ReadonlyMap<string, Tensor> | readonly (readonly [string, Tensor])[]
  readonly inputs: readonly Ends[]
  readonly outputs: readonly Ends[]
  readonly opset?: number
}

export function onnxBytes({ name = 'test', nodes, tensors, inputs, outputs, opset = 17 }: ModelSpec): Uint8Array {
  const w = new BinaryWriter()
  int(w, 1, 8)
  text(w, 2, 'ohmbit-test')
  message(w, 7, (g) => {
    for (const node of nodes)
      message(g, 1, (n) => {
        for (const x of node.inputs) text(n, 1, x)
        for (const x of node.outputs) text(n, 2, x)
        if (node.name !== undefined) text(n, 3, node.name)
        text(n, 4, node.operator)
        for (const [key, value] of Object.entries(node.attributes ?? {})) message(n, 5, attributeBytes(key, value))
        if (node.domain !== undefined) text(n, 7, node.domain)
      })
    text(g, 2, name)
    for (const [key, tensor] of tensors) message(g, 5, tensorBytes(key, tensor))
    for (const end of inputs) message(g, 11, endBytes(end))
    for (const end of outputs) message(g, 12, endBytes(end))
  })
  message(w, 8, (o) => {
    text(o, 1, '')
    int(o, 2, opset)
  })
  return w.finish()
}

/** A graph built operator by operator, from the input `y` on. */
export class Graph {
  readonly nodes: NodeSpec[] = []
  readonly tensors = new Map<string, Tensor>()
  /** Type of the float tensors that the graph makes. */
  readonly type: TensorType
  private count = 0

  constructor(type: TensorType = 'f4') {
    this.type = type
  }

  /** A float initializer. */
  floats(values: ArrayLike<number>, dims: readonly number[] = [values.length]): string {
    return this.tensor({ dims, values, type: this.type })
  }
  scalar(value: number): string {
    return this.floats([value], [])
  }
  ints(...values: number[]): string {
    return this.tensor({ dims: [values.length], values, type: 'i8' })
  }
  tensor(tensor: Tensor): string {
    const name = `w${this.count++}`
    this.tensors.set(name, tensor)
    return name
  }
  /** @returns name of the operator's output */
  op(operator: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const output = `v${this.count++}`
    this.nodes.push({ operator, inputs, outputs: [output], attributes, name: `/${operator}_${this.nodes.length}` })
    return output
  }
  bytes(output: string, options: { input?: Partial<Ends>; opset?: number; name?: string } = {}): Uint8Array {
    const { input = {}, opset, name } = options
    return onnxBytes({
      nodes: this.nodes,
      tensors: this.tensors,
      inputs: [{ name: 'y', ...input }],
      outputs: [{ name: output }],
      ...(opset === undefined ? {} : { opset }),
      ...(name === undefined ? {} : { name }),
    })
  }
}
