/**
 * Working around faults that a test of the chip has found, before anything is written.
 *
 * `compensate`: the healthy devices of a weight take over what its faulty ones lack or bring too much.
 * `reassign`: first, the outputs of an array trade their bit lines, so that stuck devices fall on weights that can bear
 * them: the assignment of least squared weight error after compensation. It takes a switch between bit lines and
 * amplifiers.
 */
import { assign } from '../numerics/assignment.ts'
import { matrix } from '../numerics/matrix.ts'
import type { Profile } from '../profile/profile.ts'
import type { FaultMap } from './fault-map.ts'
import type { Tile } from './mapping.ts'
import { moveWeight, sharingOf, snapWeight, type WeightDevices, weightDevices, weightSums } from './weight-devices.ts'

/** What a repair has done for the weights of a layer. */
export interface RepairReport {
  /** Weights that the faults change. */
  readonly faultyWeights: number
  /** Of these, the weights that are nearer to their value than without repair. */
  readonly repairedWeights: number
  /** Frobenius norm of the weights' error over that of the weights, programming error not counted. */
  readonly errorBefore: number
  readonly errorAfter: number
}

export interface Repaired {
  /** With this chip's targets and line assignment. */
  readonly tiles: readonly Tile[]
  /** null: nothing was to be repaired */
  readonly report: RepairReport | null
}

/** Arrays with more outputs are not re-assigned: the assignment takes O(n^3). */
export const MOST_REASSIGNED = 512
/** What a move costs in the assignment, in squared conductance ranges: no move without a gain. */
const MOVE = 1e-9
/** Weights nearer than this share of the conductance range count as unchanged. */
const ROUNDING = 1e-12

/** @param faults  one entry a tile */
export function repairFaults(
  layer: { readonly tiles: readonly Tile[]; readonly outputs: number; readonly words: number },
  faults: readonly (FaultMap | null)[],
  { device, crossbar }: Pick<Profile, 'device' | 'crossbar'>,
): Repaired {
  const { tiles, outputs, words } = layer
  if (crossbar.faultRepair === 'none' || faults.every((map) => map === null)) return { tiles, report: null }
  const grain = ROUNDING * device.conductanceMax
  const wanted = weightSums(tiles, targetsOf(tiles), outputs, words)
  const unrepaired = weightSums(tiles, overlaid(tiles, faults), outputs, words)
  let best = compensate(tiles, faults, wanted, outputs, words, device, crossbar.mapping)
  if (crossbar.faultRepair === 'reassign') {
    const moved = reassigned(tiles, faults, wanted, outputs, words, device)
    if (moved !== null) {
      const other = compensate(moved, faults, wanted, outputs, words, device, crossbar.mapping)
      if (squaredError(other.sums, wanted) < squaredError(best.sums, wanted)) best = other
    }
  }
  let faultyWeights = 0
  let repairedWeights = 0
  for (const [k, w] of wanted.entries()) {
    const before = Math.abs(unrepaired[k]! - w)
    if (before <= grain) continue
    faultyWeights++
    if (Math.abs(best.sums[k]! - w) < before - grain) repairedWeights++
  }
  const norm = Math.sqrt(wanted.reduce((s, w) => s + w * w, 0)) || 1
  const report = {
    faultyWeights,
    repairedWeights,
    errorBefore: Math.sqrt(squaredError(unrepaired, wanted)) / norm,
    errorAfter: Math.sqrt(squaredError(best.sums, wanted)) / norm,
  }
  return { tiles: best.tiles, report }
}

const targetsOf = (tiles: readonly Tile[]) => tiles.map((tile) => tile.target.data)

/** Targets, and what the faulty devices conduct in their place. */
function overlaid(tiles: readonly Tile[], faults: readonly (FaultMap | null)[]): Float64Array[] {
  return tiles.map(({ target }, t) => {
    const stuck = faults[t]?.stuck
    return stuck === undefined
      ? target.data.slice()
      : target.data.map((g, k) => (Number.isNaN(stuck[k]!) ? g : stuck[k]!))
  })
}

function squaredError(sums: Float64Array, wanted: Float64Array): number {
  return sums.reduce((total, sum, k) => total + (sum - wanted[k]!) ** 2, 0)
}

/** Re-target the healthy devices of every weight that the faults have moved; a weight never gets worse. */
function compensate(
  tiles: readonly Tile[],
  faults: readonly (FaultMap | null)[],
  wanted: Float64Array,
  outputs: number,
  words: number,
  device: Profile['device'],
  mapping: Profile['crossbar']['mapping'],
): { tiles: Tile[]; sums: Float64Array } {
  const devices = weightDevices(tiles, outputs, words)
  const sharing = sharingOf(mapping)
  const g = overlaid(tiles, faults)
  const sums = weightSums(tiles, g, outputs, words)
  const free = (d: number) => Number.isNaN(faults[devices.tile[d]!]?.stuck[devices.index[d]!] ?? Number.NaN)
  for (const [k, w] of wanted.entries()) {
    const error = w - sums[k]!
    if (Math.abs(error) <= ROUNDING * device.conductanceMax) continue
    const own = (of: (d: number) => boolean) => countedSum(devices, k, g, of)
    const others = sums[k]! - own(free)
    const before = save(devices, k, g)
    moveWeight(devices, k, g, error, sharing, device, free)
    snapWeight(devices, k, g, w - others, device, free)
    const reached = others + own(free)
    if (Math.abs(w - reached) < Math.abs(error)) sums[k] = reached
    else restore(devices, k, g, before)
  }
  const repaired = tiles.map((tile, t) => {
    const stuck = faults[t]?.stuck
    // A faulty device keeps the target it cannot hold.
    const data = stuck === undefined ? g[t]! : g[t]!.map((x, i) => (Number.isNaN(stuck[i]!) ? x : tile.target.data[i]!))
    return { ...tile, target: matrix(tile.target.rows, tile.target.cols, data) }
  })
  return { tiles: repaired, sums }
}

function countedSum(
  devices: WeightDevices,
  weight: number,
  g: readonly Float64Array[],
  of: (device: number) => boolean,
): number {
  let sum = 0
  for (let d = devices.start[weight]!; d < devices.start[weight + 1]!; d++)
    if (of(d)) sum += devices.count[d]! * g[devices.tile[d]!]![devices.index[d]!]!
  return sum
}

function save(devices: WeightDevices, weight: number, g: readonly Float64Array[]): number[] {
  const held: number[] = []
  for (let d = devices.start[weight]!; d < devices.start[weight + 1]!; d++)
    held.push(g[devices.tile[d]!]![devices.index[d]!]!)
  return held
}

function restore(devices: WeightDevices, weight: number, g: readonly Float64Array[], held: readonly number[]): void {
  for (const [n, value] of held.entries()) {
    const d = devices.start[weight]! + n
    g[devices.tile[d]!]![devices.index[d]!] = value
  }
}

/** What the devices of each weight can add up to, counted: outputs x words each, siemens. */
interface Reach {
  readonly low: Float64Array
  readonly high: Float64Array
}

/** One array after the other, outputs trade bit lines where that leaves less error; null where none does. */
function reassigned(
  tiles: readonly Tile[],
  faults: readonly (FaultMap | null)[],
  wanted: Float64Array,
  outputs: number,
  words: number,
  device: Profile['device'],
): Tile[] | null {
  const ends = (pick: 'low' | 'high') =>
    weightSums(
      tiles,
      tiles.map((tile, t) => reachOf(tile, faults[t] ?? null, device, pick)),
      outputs,
      words,
    )
  const total: Reach = { low: ends('low'), high: ends('high') }
  let any = false
  const moved = tiles.map((tile, t) => {
    const map = faults[t] ?? null
    if (map === null || tile.outputs.length < 2 || tile.outputs.length > MOST_REASSIGNED) return tile
    const groups = lineGroups(tile)
    if (groups === null) return tile
    const jobs = bestGroups(tile, map, groups, wanted, total, words, device)
    if (jobs.every((group, o) => group === o)) return tile
    any = true
    const next = exchanged(tile, groups, jobs)
    // Later arrays of the same weights see what this one can reach now.
    for (const pick of ['low', 'high'] as const) {
      const [old, now] = [tile, next].map((one) => weightSums([one], [reachOf(one, map, device, pick)], outputs, words))
      for (let k = 0; k < total[pick].length; k++) total[pick][k]! += now![k]! - old![k]!
    }
    return next
  })
  return any ? moved : null
}

/** Conductances with which every counted sum of a tile is least (or largest); shared columns as they are. */
function reachOf(tile: Tile, map: FaultMap | null, device: Profile['device'], pick: 'low' | 'high'): Float64Array {
  const lines = tile.lineOutputs.length
  return tile.target.data.map((g, k) => {
    const stuck = map?.stuck[k] ?? Number.NaN
    if (!Number.isNaN(stuck)) return stuck
    if (tile.lineOutputs[k % lines]! < 0) return g
    const counts = tile.signs[Math.floor(k / lines)]! * tile.lineWeights[k % lines]!
    return counts > 0 === (pick === 'high') ? device.conductanceMax : device.conductanceMin
  })
}

/** The bit lines of each output of a tile, or null when they do not count alike and so cannot be traded. */
function lineGroups(tile: Tile): number[][] | null {
  const groups: number[][] = tile.outputs.map(() => [])
  for (const [j, o] of tile.lineOutputs.entries()) if (o >= 0) groups[o]!.push(j)
  const alike = groups.every(
    (lines) =>
      lines.length === groups[0]!.length &&
      lines.every((j, n) => tile.lineWeights[j] === tile.lineWeights[groups[0]![n]!]),
  )
  return alike && groups[0]!.length > 0 ? groups : null
}

/** The group of bit lines for each output of a tile that leaves the least squared error. */
function bestGroups(
  tile: Tile,
  map: FaultMap,
  groups: readonly (readonly number[])[],
  wanted: Float64Array,
  total: Reach,
  words: number,
  device: Profile['device'],
): Int32Array {
  const n = groups.length
  const lines = tile.lineOutputs.length
  const low = reachOf(tile, map, device, 'low')
  const high = reachOf(tile, map, device, 'high')
  /** Counted sum of a group's devices on the word lines of one word. */
  const reach = (g: Float64Array, group: readonly number[], rows: readonly number[]) => {
    let sum = 0
    for (const i of rows) for (const j of group) sum += tile.signs[i]! * tile.lineWeights[j]! * g[i * lines + j]!
    return sum
  }
  const rowsOf = new Map<number, number[]>()
  for (const [i, word] of tile.words.entries()) rowsOf.set(word, [...(rowsOf.get(word) ?? []), i])
  const cost = matrix(n, n)
  const span = device.conductanceMax - device.conductanceMin
  for (let o = 0; o < n; o++) for (let q = 0; q < n; q++) cost.data[o * n + q] = o === q ? 0 : MOVE * span * span
  for (const [word, rows] of rowsOf) {
    // Without faults on its word lines a word costs every output the same everywhere.
    if (!rows.some((i) => map.stuck.subarray(i * lines, (i + 1) * lines).some((g) => !Number.isNaN(g)))) continue
    const own = groups.map((group) => ({ low: reach(low, group, rows), high: reach(high, group, rows) }))
    for (let q = 0; q < n; q++)
      for (let o = 0; o < n; o++) {
        const k = tile.outputs[o]! * words + word
        const least = total.low[k]! - own[o]!.low + own[q]!.low
        const most = total.high[k]! - own[o]!.high + own[q]!.high
        const missing = Math.max(0, least - wanted[k]!, wanted[k]! - most)
        cost.data[o * n + q]! += missing * missing
      }
  }
  return assign(cost)
}

/** The tile with the outputs on other bit lines, their targets with them. */
function exchanged(tile: Tile, groups: readonly (readonly number[])[], jobs: Int32Array): Tile {
  const { rows, cols, data } = tile.target
  const target = matrix(rows, cols, data.slice())
  const lineOutputs = [...tile.lineOutputs]
  for (const [o, q] of jobs.entries())
    for (const [n, line] of groups[q]!.entries()) {
      lineOutputs[line] = o
      for (let i = 0; i < rows; i++) target.data[i * cols + line] = data[i * cols + groups[o]![n]!]!
    }
  return { ...tile, lineOutputs, target }
}
