import { fail } from '../../../base/errors.ts'
import { type Budget, spend } from './budget.ts'
import type { Constant } from './constant.ts'
import { identityLane, isIdentity, isLinear, isStaircase, type Lane, sizeOf } from './lane.ts'
import { diagonal, once, type Point, point } from './point.ts'

/**
 * What an axis of a tensor means: vectors of the batch, channels of the signal, `lane` (one scalar function each, as a
 * quantizer has one a threshold), an axis of size one, or batch and channels in one.
 */
export type Axis = 'batch' | 'channel' | 'lane' | 'one' | 'flat'

/** A tensor that depends on the network's input: entry [vector, channel, lane] = lanes[lane](a[vector, channel]). */
export interface Signal {
  readonly point: Point
  readonly axes: readonly Axis[]
  /** One function a lane; a single one if there is no lane axis. */
  readonly lanes: readonly Lane[]
}

/** The operator being read: for messages, notes and the work it costs. */
export interface Site {
  /** As it stands in messages: Gemm (node "enc2"). */
  readonly label: string
  /** Name of the node, or of its first output. */
  readonly name: string
  /** How many operators use the signal that this one takes. */
  readonly shared: number
  readonly budget: Budget
  readonly note: (text: string) => void
}

/** The graph is something else than a chain encoder - quantizer - decoder. @throws OHM1105 */
export function notAChain(site: Site, message: string, hint?: string): never {
  fail('OHM1105', `${site.label}: ${message}`, { at: { pointer: site.name }, ...(hint === undefined ? {} : { hint }) })
}

/** The function of lane k; a single lane stands for all. */
export const laneAt = (s: Signal, k: number): Lane => s.lanes[s.lanes.length === 1 ? 0 : k]!

/** Lane by lane, the cost being counted first. */
export function mapLanes(
  site: Site,
  signal: Signal,
  f: (lane: Lane, k: number) => Lane,
  count: number = signal.lanes.length,
): Signal {
  spend(site.budget, count)
  let cost = 0
  for (let k = 0; k < count; k++) cost += sizeOf(laneAt(signal, k))
  spend(site.budget, cost)
  return { ...signal, lanes: Array.from({ length: count }, (_, k) => f(laneAt(signal, k), k)) }
}

/** A constant as seen from a signal. */
export interface Spread {
  /** The signal, with as many axes and lanes as the result has. */
  readonly signal: Signal
  readonly at: (channel: number, lane: number) => number
  /** The constant differs from channel to channel. */
  readonly perChannel: boolean
  /** The constant has one entry a channel, equal or not. */
  readonly spansChannels: boolean
}

/**
 * Broadcast a constant against a signal.
 *
 * @throws OHM1105 when the shapes do not go together or would make a second lane axis
 */
export function spread(site: Site, signal: Signal, constant: Constant): Spread {
  const { dims, data } = constant
  const { point: from } = signal
  const axes: Axis[] = [...new Array<Axis>(Math.max(0, dims.length - signal.axes.length)).fill('one'), ...signal.axes]
  let lanes = signal.lanes.length
  let [channelStride, laneStride] = [0, 0]
  for (let i = axes.length - 1, d = dims.length - 1, step = 1; d >= 0; step *= dims[d--]!, i--) {
    const n = dims[d]!
    if (n === 1) continue
    // With a single channel, the channel axis itself may be broadcast over the thresholds.
    if (axes[i] === 'channel' && from.width === 1 && !axes.includes('lane')) axes[i] = 'one'
    if (axes[i] === 'one' && !axes.includes('lane')) {
      axes[i] = 'lane'
      lanes = n
    }
    if (axes[i] === 'channel' && from.width === null) from.width = n
    if (axes[i] === 'channel' && n === from.width) channelStride = step
    else if (axes[i] === 'lane' && n === lanes) laneStride = step
    else notAChain(site, `the constant ${constant.name} of shape [${dims.join(', ')}] does not fit the signal's shape`)
  }
  // A function that is about to meet many thresholds is a layer's end, not a part of the quantizer.
  const base = signal.lanes.length === 1 && lanes > 1 ? detached(site, signal) : signal
  const at = (channel: number, lane: number) => data[channel * channelStride + lane * laneStride]!
  let perChannel = false
  if (channelStride > 0)
    for (let j = 1; j < from.width! && !perChannel; j++)
      for (let k = 0; k < lanes && !perChannel; k++) perChannel = at(j, k) !== at(0, k)
  return {
    signal: { ...mapLanes(site, base, (lane) => lane, lanes), axes },
    at,
    perChannel,
    spansChannels: channelStride > 0 || (from.width === 1 && dims.length > 0),
  }
}

/**
 * The signal as a point of the chain: what its single lane does becomes a stage.
 *
 * @param otherwise  what to say when several lanes are left
 * @throws OHM1105 when several lanes are left, or nothing depends on the input
 */
export function settle(site: Site, signal: Signal, otherwise?: string): Point {
  const { point: from, lanes } = signal
  const lane = lanes[0]!
  if (lanes.length > 1 || signal.axes.includes('lane'))
    notAChain(site, otherwise ?? `${lanes.length} values a channel arrive where one is wanted`)
  if (isIdentity(lane)) return from
  return once(from, lane, () => settled(site, from, lane))
}

function settled(site: Site, from: Point, lane: Lane): Point {
  if (isLinear(lane)) {
    const width = from.width ?? notAChain(site, 'the number of channels is unknown')
    const fill = (x: number) => new Float64Array(width).fill(x)
    spend(site.budget, from.stage.kind === 'dense' ? from.stage.weight.data.length : width)
    return diagonal(from, fill(lane.scale), fill(lane.shift), site.name)
  }
  if (isStaircase(lane) && lane.jumps.length === 0) notAChain(site, 'the result does not depend on the input')
  if (!isStaircase(lane) && (lane.scale !== 0 || lane.jumps.length > 0))
    notAChain(site, 'a quantizer is added to something that is not a quantizer')
  return point({ kind: 'scalar', lane }, from, from.width, site.name)
}

/** Lane by lane where f can be told of the function as it stands; else of the settled signal. null if neither. */
export function applyToLanes(site: Site, signal: Signal, f: (lane: Lane, k: number) => Lane | null): Signal | null {
  let possible = true
  const mapped = mapLanes(site, signal, (lane, k) => {
    const image = possible ? f(lane, k) : null
    if (image === null) possible = false
    return image ?? lane
  })
  if (possible) return mapped
  if (signal.lanes.length > 1 || isLinear(signal.lanes[0]!)) return null
  const plain = detached(site, signal)
  const image = f(plain.lanes[0]!, 0)
  return image === null ? null : { ...plain, lanes: [image] }
}

/** The same signal as a linear function of a point, where its single lane is a sum of tanh. */
export function detached(site: Site, signal: Signal): Signal {
  const lane = signal.lanes[0]!
  if (lane.soft.length === 0) return signal
  if (lane.soft.length > 1 || !isStaircase({ ...lane, soft: [] }) || lane.jumps.length > 0)
    return { ...signal, point: settle(site, signal), lanes: [identityLane] }
  const { v, h, s } = lane.soft[0]!
  const from = signal.point
  const stage = { kind: 'scalar', lane: { ...lane, shift: 0, soft: [{ v: 1, h, s }] } } as const
  const tanh = once(from, `tanh ${h} ${s}`, () => point(stage, from, from.width, site.name))
  return { ...signal, point: tanh, lanes: [{ scale: v, shift: lane.shift, jumps: [], soft: [] }] }
}
