import { fail } from '../../../base/errors.ts'
import { sumLanes } from './arithmetic.ts'
import { spend } from './budget.ts'
import {
  type Call,
  constantInput,
  input,
  integers,
  isSignal,
  listAttribute,
  numberAttribute,
  unsupported,
  type Value,
} from './call.ts'
import { type Constant, combine, concatenate, literal, mapConstant, transposeConstant, typeName } from './constant.ts'
import { isStaircase, type Lane, mapStaircase } from './lane.ts'
import { axisAt, flatten, permute, reshape, shapeOf, squeeze, unsqueeze } from './shape.ts'
import { type Axis, applyToLanes, detached, mapLanes, notAChain, type Signal } from './signal.ts'

type Operator = (call: Call) => Value

const sizeOf = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1)

function shape(call: Call): Constant {
  const a = input(call, 0)
  const dims = isSignal(a) ? shapeOf(call.site, a) : a.dims
  const end = numberAttribute(call, 'end', dims.length)
  const part = dims.slice(numberAttribute(call, 'start', 0), end)
  return literal(part, [part.length], 'integer', call.site.name)
}

function reshaped(call: Call): Value {
  const a = input(call, 0)
  const target = integers(call, 'shape', 1) ?? notAChain(call.site, 'it has no target shape')
  if (isSignal(a)) return reshape(call.site, a, target)
  const kept = target.map((n, i) => (n === 0 ? (a.dims[i] ?? 0) : n))
  const known = sizeOf(kept.filter((n) => n !== -1))
  const dims = kept.map((n) => (n === -1 ? a.data.length / known : n))
  return sizeOf(dims) === a.data.length && dims.every((n) => Number.isInteger(n) && n >= 0)
    ? { ...a, dims }
    : notAChain(call.site, `it reshapes ${a.name} of [${a.dims.join(', ')}] to [${target.join(', ')}]`)
}

function flattened(call: Call): Value {
  const a = input(call, 0)
  const place = numberAttribute(call, 'axis', 1)
  if (isSignal(a)) return flatten(call.site, a, place)
  const i = place === a.dims.length ? place : axisAt(call.site, place, a.dims.length)
  return { ...a, dims: [sizeOf(a.dims.slice(0, i)), sizeOf(a.dims.slice(i))] }
}

function unsqueezed(call: Call): Value {
  const a = input(call, 0)
  const places = integers(call, 'axes', 1) ?? notAChain(call.site, 'it has no axes')
  if (isSignal(a)) return unsqueeze(call.site, a, places)
  const rank = a.dims.length + places.length
  const fresh = new Set(places.map((n) => axisAt(call.site, n, rank)))
  const old = [...a.dims]
  return { ...a, dims: Array.from({ length: rank }, (_, i) => (fresh.has(i) ? 1 : (old.shift() ?? 1))) }
}

function squeezed(call: Call): Value {
  const a = input(call, 0)
  const places = integers(call, 'axes', 1)
  if (isSignal(a)) return squeeze(call.site, a, places)
  const gone = places?.map((n) => axisAt(call.site, n, a.dims.length))
  return { ...a, dims: a.dims.filter((n, i) => n !== 1 || (gone !== undefined && !gone.includes(i))) }
}

function transposed(call: Call): Value {
  const a = input(call, 0)
  const order = listAttribute(call, 'perm')
  if (isSignal(a)) return permute(call.site, a, order)
  const from = order ?? a.dims.map((_, i) => a.dims.length - 1 - i)
  if (from.length !== a.dims.length || new Set(from).size !== from.length)
    notAChain(call.site, `permutation [${from.join(', ')}] of ${a.dims.length} axes`)
  const axes = from.map((i) => axisAt(call.site, i, a.dims.length))
  return transposeConstant(a, axes, call.site.budget)
}

/** Numbers keep their value between float32 and float64; whole numbers and truth values exist only behind a comparison. */
function cast(call: Call): Value {
  const a = input(call, 0)
  const to = numberAttribute(call, 'to', 1)
  const type = typeName(to)
  const at = { pointer: call.site.name }
  if (!/^(float32|float64|bool|u?int(8|16|32|64))$/.test(type))
    fail('OHM1107', `${call.site.label} converts to ${type}; float32 and float64 are read`, { at })
  const kind = type === 'float32' || type === 'float64' || type === 'bool' ? type : 'integer'
  const f = kind === 'bool' ? (x: number) => Number(x !== 0) : kind === 'integer' ? Math.trunc : (x: number) => x
  if (!isSignal(a)) return mapConstant(a, kind === 'float32' && a.type === 'float64' ? Math.fround : f, kind)
  if (kind === 'float32' || kind === 'float64') return a
  return (
    applyToLanes(call.site, a, (lane) => (isStaircase(lane) ? mapStaircase(lane, f) : null)) ??
    unsupported(call, `it converts a continuous signal to ${type}`)
  )
}

/** The entries of a table at whole numbers: at a quantizer's codes, its levels. */
function gather(call: Call): Value {
  const table = constantInput(call, 0)
  const index = input(call, 1)
  const axis = axisAt(call.site, numberAttribute(call, 'axis', 0), table.dims.length)
  const n = table.dims[axis]!
  const place = (x: number) => {
    const i = x < 0 ? x + n : x
    if (!Number.isInteger(i) || i < 0 || i >= n)
      fail('OHM1106', `${call.site.label} looks up entry ${x} of ${n}`, { at: { pointer: call.site.name } })
    return i
  }
  if (isSignal(index)) {
    if (table.data.length !== n) unsupported(call, 'it looks up more than one number a code')
    const trailing = table.dims.slice(axis + 1).map((): Axis => 'one')
    const leading = table.dims.slice(0, axis).map((): Axis => 'one')
    const levels =
      applyToLanes(call.site, index, (lane) =>
        isStaircase(lane) ? mapStaircase(lane, (x) => table.data[place(x)]!) : null,
      ) ?? unsupported(call, 'it looks up a continuous signal in a table')
    return { ...levels, axes: [...leading, ...levels.axes, ...trailing] }
  }
  const inner = sizeOf(table.dims.slice(axis + 1))
  const outer = sizeOf(table.dims.slice(0, axis))
  const dims = [...table.dims.slice(0, axis), ...index.dims, ...table.dims.slice(axis + 1)]
  spend(call.site.budget, sizeOf(dims))
  const data = new Float64Array(sizeOf(dims))
  let at = 0
  for (let o = 0; o < outer; o++)
    for (const x of index.data) {
      const from = (o * n + place(x)) * inner
      data.set(table.data.subarray(from, from + inner), at)
      at += inner
    }
  return { ...table, dims, data }
}

/** Constants one after another, or the branches of a quantizer side by side. */
function concat(call: Call): Value {
  const values = call.inputs.map((_, i) => input(call, i))
  const axis = numberAttribute(call, 'axis', 0)
  const signals = values.filter(isSignal)
  if (signals.length === 0) {
    const parts = values as Constant[]
    const i = axisAt(call.site, axis, parts[0]?.dims.length ?? 0)
    return concatenate(parts, i, call.site.budget) ?? notAChain(call.site, 'it joins constants of different shapes')
  }
  const first = signals[0]!
  const place = axisAt(call.site, axis, first.axes.length)
  const stackable = (s: Signal) =>
    s.point === first.point &&
    s.axes.length === first.axes.length &&
    s.axes.every((a, i) => (i === place ? a === 'one' || a === 'lane' : a === first.axes[i] && a !== 'lane'))
  if (signals.length !== values.length || !signals.every(stackable))
    notAChain(call.site, 'it joins signals that are not branches of one quantizer')
  const lanes: Lane[] = signals.flatMap((s) => mapLanes(call.site, s, (lane) => lane).lanes)
  return { ...first, lanes, axes: first.axes.map((a, i) => (i !== place ? a : lanes.length > 1 ? 'lane' : 'one')) }
}

/** A sum over the thresholds. */
function reduceSum(call: Call): Value {
  const a = input(call, 0)
  if (!isSignal(a)) return unsupported(call, 'it sums a constant')
  const places = integers(call, 'axes', 1)
  if (places === null || places.length === 0) {
    if (numberAttribute(call, 'noop_with_empty_axes', 0) === 1) return a
    return unsupported(call, 'it sums over all axes')
  }
  const keep = numberAttribute(call, 'keepdims', 1) !== 0
  const gone = new Set(places.map((n) => axisAt(call.site, n, a.axes.length)))
  for (const i of gone)
    if (a.axes[i] !== 'lane' && a.axes[i] !== 'one') unsupported(call, `it sums over an axis that holds ${a.axes[i]}s`)
  const lanes = [...gone].some((i) => a.axes[i] === 'lane') ? [sumLanes(call.site, a, () => 1)] : a.lanes
  const axes = a.axes.map((axis, i): Axis | null => (gone.has(i) ? (keep ? 'one' : null) : axis))
  return { ...a, lanes, axes: axes.filter((axis) => axis !== null) }
}

/** Copies along axes of size one, where the target says nothing else. */
function expand(call: Call): Value {
  const a = input(call, 0)
  const target = constantInput(call, 1)
  // An unknown number of vectors is broadcast as one.
  const dims = Array.from(target.data, (n) => (Number.isNaN(n) ? 1 : n))
  if (dims.some((n) => !Number.isInteger(n) || n < 1)) notAChain(call.site, `it expands to [${dims.join(', ')}]`)
  if (!isSignal(a)) {
    spend(call.site.budget, sizeOf(dims))
    const ones = literal(new Float64Array(sizeOf(dims)).fill(1), dims, a.type, a.name)
    return combine(a, ones, (x) => x, call.site.budget) ?? notAChain(call.site, 'the shapes do not go together')
  }
  const rank = Math.max(dims.length, a.axes.length)
  const axes: Axis[] = [...new Array<Axis>(rank - a.axes.length).fill('one'), ...a.axes]
  const sizes = [...new Array<number>(rank - dims.length).fill(1), ...dims]
  const place = axes.findIndex((axis, i) => axis === 'one' && sizes[i]! > 1)
  if (place < 0) return { ...a, axes }
  if (axes.includes('lane')) notAChain(call.site, 'it makes a second axis of thresholds')
  axes[place] = 'lane'
  return { ...mapLanes(call.site, detached(call.site, a), (lane) => lane, sizes[place]!), axes }
}

function constantOfShape(call: Call): Constant {
  const dims = Array.from(constantInput(call, 0).data, (n) => (Number.isNaN(n) ? 1 : n))
  const value = call.node.attributes.get('value')
  const fill =
    typeof value === 'object' && 'dims' in value
      ? call.tensor(value, call.site.name)
      : literal([0], [1], 'float32', call.site.name)
  if (fill.data.length !== 1 || dims.some((n) => !Number.isInteger(n) || n < 0))
    notAChain(call.site, `its shape is [${dims.join(', ')}]`)
  spend(call.site.budget, sizeOf(dims))
  return { ...fill, dims, data: new Float64Array(sizeOf(dims)).fill(fill.data[0]!) }
}

/** Part of a list of constants. */
function slice(call: Call): Value {
  const a = constantInput(call, 0)
  const [starts, ends] = [integers(call, 'starts', 1), integers(call, 'ends', 2)]
  const axes = integers(call, 'axes', 3) ?? [0]
  const steps = integers(call, 'steps', 4) ?? [1]
  if (a.dims.length !== 1 || starts?.length !== 1 || ends?.length !== 1 || axes[0] !== 0 || steps[0] !== 1)
    return unsupported(call, 'it is read only on lists of constants')
  const data = a.data.slice(starts[0], ends[0])
  return { ...a, dims: [data.length], data }
}

const same: Operator = (call) => input(call, 0)

function dropout(call: Call): Value {
  const training = call.inputs[2] ?? null
  if (training !== null && (isSignal(training) || training.data[0] !== 0))
    unsupported(call, 'it is in training mode', 'export the model after model.eval()')
  return input(call, 0)
}

/** Operators that move numbers about. */
export const plumbing: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['Identity', same],
  ['Dropout', dropout],
  ['Cast', cast],
  ['CastLike', same],
  ['Shape', shape],
  ['Reshape', reshaped],
  ['Flatten', flattened],
  ['Unsqueeze', unsqueezed],
  ['Squeeze', squeezed],
  ['Transpose', transposed],
  ['Gather', gather],
  ['Concat', concat],
  ['ReduceSum', reduceSum],
  ['Expand', expand],
  ['ConstantOfShape', constantOfShape],
  ['Slice', slice],
])
