import { spend } from './budget.ts'
import type { Constant } from './constant.ts'
import { identityLane, isIdentity, isLinear, type Lane, plus, raised, scaled, sizeOf } from './lane.ts'
import { diagonal, type Point } from './point.ts'
import {
  type Axis,
  laneAt,
  mapLanes,
  notAChain,
  type Signal,
  type Site,
  type Spread,
  settle,
  spread,
} from './signal.ts'

/**
 * signal + c or signal - c.
 *
 * One number a channel goes into the dense layer before, or becomes a diagonal of its own; one number for all channels
 * stays with the lanes, since it may belong to a quantizer.
 */
export function offset(site: Site, signal: Signal, constant: Constant, sign: 1 | -1 = 1): Signal {
  const s = spread(site, signal, constant)
  if (isChannelwise(site, s))
    return channelwise(
      site,
      s,
      () => 1,
      (j) => sign * s.at(j, 0),
    )
  return mapLanes(site, s.signal, (lane, k) => raised(lane, sign * s.at(0, k)))
}

/** signal c, or signal / c. */
export function multiply(site: Site, signal: Signal, constant: Constant, divide = false): Signal {
  const s = spread(site, signal, constant)
  if (isChannelwise(site, s))
    return channelwise(
      site,
      s,
      (j) => (divide ? 1 / s.at(j, 0) : s.at(j, 0)),
      () => 0,
    )
  return mapLanes(site, s.signal, (lane, k) => scaled(lane, (x) => (divide ? x / s.at(0, k) : x * s.at(0, k))))
}

/**
 * A bias behind a bias-free dense layer is a bias even if its entries are equal, unless other operators use the bare
 * product too: then they are probably the branches of a quantizer.
 */
function isChannelwise(site: Site, { signal, perChannel, spansChannels }: Spread): boolean {
  const { stage } = signal.point
  const bare =
    stage.kind === 'dense' && stage.bias === null && signal.lanes.length === 1 && isIdentity(signal.lanes[0]!)
  return perChannel || (bare && spansChannels && site.shared === 1)
}

function channelwise(site: Site, s: Spread, scale: (j: number) => number, shift: (j: number) => number): Signal {
  const from = settle(
    site,
    s.signal,
    'a constant that differs between channels meets the quantizer, which all channels share',
  )
  const make = (f: (j: number) => number) => Float64Array.from({ length: from.width! }, (_, j) => f(j))
  spend(site.budget, from.stage.kind === 'dense' ? from.stage.weight.data.length : from.width!)
  return { ...s.signal, point: diagonal(from, make(scale), make(shift), site.name), lanes: [identityLane] }
}

/** a + b or a - b, two signals. */
export function addSignals(site: Site, a: Signal, b: Signal, sign: 1 | -1 = 1): Signal {
  return combineSignals(site, a, b, (f, g) => plus(f, sign === 1 ? g : scaled(g, (x) => 0 - x)))
}

/**
 * Two signals lane by lane, with broadcasting.
 *
 * @throws OHM1105 when their shapes do not go together or they come from different points: the graph branches
 */
export function combineSignals(site: Site, a: Signal, b: Signal, f: (x: Lane, y: Lane) => Lane): Signal {
  const [x, y] = together(site, a, b)
  const mismatch = (): never => notAChain(site, 'the shapes of its two inputs do not go together')
  const rank = Math.max(x.axes.length, y.axes.length)
  const [p, q] = [x, y].map((s) => [...new Array<Axis>(rank - s.axes.length).fill('one'), ...s.axes])
  const axes = p!.map((axis, i): Axis => {
    const other = q![i]!
    return axis === other || other === 'one' ? axis : axis === 'one' ? other : mismatch()
  })
  const [m, n] = [x.lanes.length, y.lanes.length]
  if ((m !== n && m !== 1 && n !== 1) || axes.filter((axis) => axis === 'lane').length > 1) mismatch()
  let cost = 0
  for (let k = 0; k < Math.max(m, n); k++) cost += sizeOf(laneAt(y, k))
  spend(site.budget, cost)
  return { ...mapLanes(site, x, (lane, k) => f(lane, laneAt(y, k)), Math.max(m, n)), axes }
}

/** Two signals as functions of one point. */
export function together(site: Site, a: Signal, b: Signal): readonly [Signal, Signal] {
  if (a.point === b.point) return [a, b]
  const below = lowered(site, a, b.point)
  if (below !== null) return [below, b]
  const other = lowered(site, b, a.point)
  if (other !== null) return [a, other]
  return notAChain(
    site,
    `it joins two branches, from ${a.point.node} and from ${b.point.node}`,
    'only a chain encoder - quantizer - decoder can be deployed; skip connections have no counterpart here',
  )
}

/** A linear function of tanh(a) as a function of a: one of a quantizer's branches may be a bare tanh. */
function lowered(site: Site, signal: Signal, to: Point): Signal | null {
  const { stage, parent } = signal.point
  if (stage.kind !== 'activation' || stage.activation !== 'tanh' || parent !== to) return null
  if (!signal.lanes.every(isLinear)) return null
  const soft = mapLanes(site, signal, ({ scale, shift }) => ({
    scale: 0,
    shift,
    jumps: [],
    soft: [{ v: scale, h: 1, s: 0 }],
  }))
  return { ...soft, point: to }
}

/** sum_k weight(k) lane_k: what a matrix product or a sum over the lane axis does. */
export function sumLanes(site: Site, signal: Signal, weight: (k: number) => number): Lane {
  const parts = mapLanes(site, signal, (lane, k) => scaled(lane, (x) => x * weight(k))).lanes
  return {
    scale: parts.reduce((sum, f) => sum + f.scale, 0),
    shift: parts.reduce((sum, f) => sum + f.shift, 0),
    jumps: parts.flatMap((f) => f.jumps),
    soft: parts.flatMap((f) => f.soft),
  }
}
