import { isIdentity } from './lane.ts'
import { point } from './point.ts'
import { type Axis, notAChain, type Signal, type Site } from './signal.ts'

/** Size of an axis; null for one that counts vectors. */
function sizeOfAxis(signal: Signal, axis: Axis): number | null {
  return axis === 'channel' ? signal.point.width : axis === 'lane' ? signal.lanes.length : axis === 'one' ? 1 : null
}

/** Sizes of all axes, NaN for those that count vectors: what Shape gives. */
export function shapeOf(site: Site, signal: Signal): number[] {
  return signal.axes.map((axis) => {
    if (axis === 'flat') notAChain(site, 'it asks for the shape of a flattened batch')
    return (
      sizeOfAxis(signal, axis) ?? (axis === 'batch' ? Number.NaN : notAChain(site, 'the number of channels is unknown'))
    )
  })
}

/** An axis number as ONNX counts it, negative from the end. @throws OHM1105 out of range */
export function axisAt(site: Site, n: number, rank: number): number {
  const i = n < 0 ? n + rank : n
  return Number.isInteger(i) && i >= 0 && i < rank ? i : notAChain(site, `axis ${n} of a tensor with ${rank} axes`)
}

/** New axes of size one at these places of the result. */
export function unsqueeze(site: Site, signal: Signal, places: readonly number[]): Signal {
  const rank = signal.axes.length + places.length
  const fresh = new Set(places.map((n) => axisAt(site, n, rank)))
  const old = [...signal.axes]
  return { ...signal, axes: Array.from({ length: rank }, (_, i) => (fresh.has(i) ? 'one' : (old.shift() ?? 'one'))) }
}

/** Without these axes of size one, or without all. */
export function squeeze(site: Site, signal: Signal, places: readonly number[] | null): Signal {
  if (places === null) return { ...signal, axes: signal.axes.filter((axis) => axis !== 'one') }
  const gone = new Set(places.map((n) => axisAt(site, n, signal.axes.length)))
  for (const i of gone)
    if (sizeOfAxis(signal, signal.axes[i]!) !== 1) notAChain(site, `axis ${i} is not known to be of size one`)
  return { ...signal, axes: signal.axes.filter((_, i) => !gone.has(i)) }
}

/** The same numbers in another order of axes. */
export function permute(site: Site, signal: Signal, order: readonly number[] | null): Signal {
  const { axes } = signal
  const from = order ?? axes.map((_, i) => axes.length - 1 - i)
  if (new Set(from).size !== axes.length || from.length !== axes.length)
    notAChain(site, `permutation [${from.join(', ')}] of ${axes.length} axes`)
  return { ...signal, axes: from.map((i) => axes[axisAt(site, i, axes.length)]!) }
}

/**
 * Reshape, where it keeps every number in its channel and lane: adding and removing axes of size one, joining batch
 * and channels and taking them apart again.
 *
 * @param target  as ONNX has it: 0 keeps, -1 infers; NaN is the number of vectors
 * @throws OHM1105 for any other reshaping
 */
export function reshape(site: Site, signal: Signal, target: readonly number[]): Signal {
  const flat = flattenInput(signal, target)
  if (flat !== null) return flat
  const core = signal.axes.filter((axis) => axis !== 'one')
  const match = (i: number, p: number): Axis[] | null => {
    if (i === target.length) return p === core.length ? [] : null
    for (const [made, consumed] of choices(signal, core, target, i, p)) {
      const rest = match(i + made.length, p + consumed)
      if (rest !== null) return [...made, ...rest]
    }
    return null
  }
  const axes = target.length > MAX_RANK ? null : match(0, 0)
  const shown = target.map((n) => (Number.isNaN(n) ? 'batch' : n)).join(', ')
  return axes === null
    ? notAChain(site, `it reshapes (${signal.axes.join(', ')}) to [${shown}], which moves numbers between channels`)
    : { ...signal, axes }
}

const MAX_RANK = 16

/** Numbers of vectors that the graph's input declares, where it was exported for a fixed number. */
function batchSizes(signal: Signal): readonly (number | null)[] {
  let root = signal.point
  while (root.parent !== null) root = root.parent
  return root.stage.kind === 'input' ? (root.stage.shape?.slice(0, -1) ?? []) : []
}

/** What the sizes from target[i] on may mean for the axes from core[p] on: axes made, axes used up. */
function choices(
  signal: Signal,
  core: readonly Axis[],
  target: readonly number[],
  i: number,
  p: number,
): [made: Axis[], consumed: number][] {
  const n = target[i]!
  const axis = core[p]
  const { width } = signal.point
  const batches = batchSizes(signal)
  const found: [Axis[], number][] = []
  if (axis === 'flat' && i + 1 < target.length && (target[i + 1] === width || target[i + 1] === -1))
    found.push([['batch', 'channel'], 1])
  const joint = batches.some((b) => b !== null && b * (width ?? 0) === n)
  if (axis !== undefined) {
    const kept = n === 0 && signal.axes[i] === axis
    const counted = axis === 'batch' ? Number.isNaN(n) || batches.includes(n) : axis === 'flat' && joint
    if (kept || n === -1 || counted || n === sizeOfAxis(signal, axis)) found.push([[axis], 1])
  }
  if (axis === 'batch') {
    for (let q = p + 1; n === -1 && core[q] === 'batch'; q++) found.push([['batch'], q + 1 - p])
    if ((n === -1 || joint) && core[p + 1] === 'channel') found.push([['flat'], 2])
  }
  if (n === 1 || n === -1 || (n === 0 && signal.axes[i] === 'one')) found.push([['one'], 0])
  return found
}

/** An input of vectors laid out as blocks becomes one of plain vectors. */
function flattenInput(signal: Signal, target: readonly number[]): Signal | null {
  const { stage, width } = signal.point
  if (stage.kind !== 'input' || stage.shape === null || !isIdentity(signal.lanes[0]!)) return null
  if (signal.axes.length !== stage.shape.length || stage.shape.length < 3 || target.length !== 2) return null
  const sizes = stage.shape.slice(1)
  const features = sizes.reduce<number>((product, n) => product * (n ?? Number.NaN), 1)
  if (!(features > (width ?? 0)) || (target[1] !== features && (target[1] !== -1 || target[0] === -1))) return null
  return {
    point: point({ kind: 'input', shape: [stage.shape[0]!, features] }, null, features, signal.point.node),
    axes: ['batch', 'channel'],
    lanes: signal.lanes,
  }
}

/** Flatten: the axes before and from a place on become one each. */
export function flatten(site: Site, signal: Signal, place: number): Signal {
  const { stage } = signal.point
  const i = place === signal.axes.length ? place : axisAt(site, place, signal.axes.length)
  const raw = stage.kind === 'input' && stage.shape !== null && i === 1 && stage.shape.length === signal.axes.length
  if (!raw && signal.axes.slice(i).some((axis) => axis === 'batch' || axis === 'flat'))
    notAChain(site, 'it joins vectors with their channels')
  const sizes = signal.axes
    .slice(i)
    .map((axis, k) => (raw ? stage.shape![i + k] : sizeOfAxis(signal, axis)) ?? Number.NaN)
  const right = sizes.reduce((a, b) => a * b, 1)
  return reshape(site, signal, Number.isNaN(right) ? [0, -1] : [-1, right])
}
