/**
 * The devices of each weight of a layer, wherever its tiles place them, and moving them together.
 *
 * A weight is held as a counted sum of conductances, sum_d c_d g_d with c_d = word line sign x bit line weight, less what
 * shared reference columns bring. One rule serves all mappings and layouts.
 */
import type { Profile } from '../profile/profile.ts'
import { nearestLevel, type Tile } from './mapping.ts'

/** Weight k = output * words + word has the devices start[k] .. start[k + 1] - 1, those that count most first. */
export interface WeightDevices {
  readonly outputs: number
  /** Words of the layer, bias included. */
  readonly words: number
  readonly start: Int32Array
  readonly tile: Int32Array
  /** row * cols + line in its tile */
  readonly index: Int32Array
  /** What a siemens of it counts in its weight. */
  readonly count: Float64Array
}

/** Find the devices of every weight. Shared reference columns (lineOutputs -1) belong to no weight. */
export function weightDevices(tiles: readonly Tile[], outputs: number, words: number): WeightDevices {
  const start = new Int32Array(outputs * words + 1)
  const each = (visit: (weight: number, t: number, index: number, count: number) => void) => {
    for (const [t, tile] of tiles.entries())
      for (const [i, word] of tile.words.entries())
        for (const [j, o] of tile.lineOutputs.entries())
          if (o >= 0)
            visit(
              tile.outputs[o]! * words + word,
              t,
              i * tile.lineOutputs.length + j,
              tile.signs[i]! * tile.lineWeights[j]!,
            )
  }
  each((weight) => start[weight + 1]!++)
  for (let k = 0; k < outputs * words; k++) start[k + 1]! += start[k]!
  const total = start[outputs * words]!
  const tile = new Int32Array(total)
  const index = new Int32Array(total)
  const count = new Float64Array(total)
  const filled = start.slice()
  each((weight, t, at, c) => {
    // Insertion keeps a weight's few devices in descending order, equals as they stand.
    let d = filled[weight]!++
    for (; d > start[weight]! && Math.abs(count[d - 1]!) < Math.abs(c); d--) {
      tile[d] = tile[d - 1]!
      index[d] = index[d - 1]!
      count[d] = count[d - 1]!
    }
    tile[d] = t
    index[d] = at
    count[d] = c
  })
  return { outputs, words, start, tile, index, count }
}

/**
 * Conductances of a layer's tiles as counted sums, reference columns included.
 *
 * @param conductance  one entry a tile: word lines x bit lines, siemens
 * @returns            outputs x words, siemens
 */
export function weightSums(
  tiles: readonly Pick<Tile, 'words' | 'signs' | 'outputs' | 'lineOutputs' | 'lineWeights'>[],
  conductance: readonly Float64Array[],
  outputs: number,
  words: number,
): Float64Array {
  const sums = new Float64Array(outputs * words)
  for (const [t, tile] of tiles.entries()) {
    const lines = tile.lineOutputs.length
    const g = conductance[t]!
    for (const [i, word] of tile.words.entries()) {
      let shared = 0
      for (const [j, o] of tile.lineOutputs.entries()) {
        const counted = tile.signs[i]! * tile.lineWeights[j]! * g[i * lines + j]!
        if (o < 0) shared += counted
        else sums[tile.outputs[o]! * words + word]! += counted
      }
      if (shared !== 0) for (const output of tile.outputs) sums[output * words + word]! += shared
    }
  }
  return sums
}

/** How a change is shared out: `spare` first lowers what pulls the other way, `symmetric` moves both sides alike. */
export type Sharing = 'spare' | 'symmetric'

/** The way of the mapping: two-sided pairs stay symmetric, all others keep conductances, and so currents, small. */
export function sharingOf(mapping: Profile['crossbar']['mapping']): Sharing {
  return mapping === 'differential-two-sided' ? 'symmetric' : 'spare'
}

/** How far a weight's sum can still move towards `direction` by lowering and by raising devices, siemens. */
export function room(
  devices: WeightDevices,
  weight: number,
  g: readonly Float64Array[],
  direction: number,
  { conductanceMin: low, conductanceMax: high }: Profile['device'],
  free: (device: number) => boolean = () => true,
): { lower: number; raise: number } {
  let lower = 0
  let raise = 0
  for (let d = devices.start[weight]!; d < devices.start[weight + 1]!; d++) {
    if (!free(d)) continue
    const now = g[devices.tile[d]!]![devices.index[d]!]!
    const c = devices.count[d]!
    if (c * direction > 0) raise += Math.abs(c) * (high - now)
    else lower += Math.abs(c) * (now - low)
  }
  return { lower, raise }
}

/**
 * Change a weight's counted sum by moving its devices within the conductance range; devices of one direction move by the
 * same share of their room, so equal devices stay equal.
 *
 * @param g       one entry a tile, changed in place
 * @param change  siemens
 * @param free    which devices may move; default all
 * @returns       siemens that could not be reached
 */
export function moveWeight(
  devices: WeightDevices,
  weight: number,
  g: readonly Float64Array[],
  change: number,
  sharing: Sharing,
  device: Profile['device'],
  free: (device: number) => boolean = () => true,
): number {
  if (change === 0) return 0
  const needed = Math.abs(change)
  const { lower, raise } = room(devices, weight, g, change, device, free)
  const first = Math.min(sharing === 'symmetric' ? needed / 2 : needed, lower)
  const up = Math.min(needed - first, raise)
  const down = Math.min(needed - up, lower)
  const shareDown = lower > 0 ? down / lower : 0
  const shareUp = raise > 0 ? up / raise : 0
  const { conductanceMin: low, conductanceMax: high } = device
  for (let d = devices.start[weight]!; d < devices.start[weight + 1]!; d++) {
    if (!free(d)) continue
    const row = g[devices.tile[d]!]!
    const at = devices.index[d]!
    const now = row[at]!
    const next = devices.count[d]! * change > 0 ? now + shareUp * (high - now) : now - shareDown * (now - low)
    row[at] = Math.min(high, Math.max(low, next))
  }
  const missing = needed - up - down
  return Math.sign(change) * Math.max(0, missing)
}

/**
 * Put a weight's free devices on the device's levels so that their counted sum stays near `wanted`: those that count most
 * first, each as near to where it stands as leaves the rest within the reach of the others.
 *
 * @param wanted  counted sum of the free devices, siemens
 */
export function snapWeight(
  devices: WeightDevices,
  weight: number,
  g: readonly Float64Array[],
  wanted: number,
  device: Profile['device'],
  free: (device: number) => boolean = () => true,
): void {
  const { conductanceMin: low, conductanceMax: high, levels } = device
  if (levels === null) return
  let least = 0
  let most = 0
  const own: number[] = []
  for (let d = devices.start[weight]!; d < devices.start[weight + 1]!; d++) {
    if (!free(d)) continue
    own.push(d)
    const c = devices.count[d]!
    least += c > 0 ? c * low : c * high
    most += c > 0 ? c * high : c * low
  }
  let left = wanted
  for (const d of own) {
    const row = g[devices.tile[d]!]!
    const at = devices.index[d]!
    const c = devices.count[d]!
    least -= c > 0 ? c * low : c * high
    most -= c > 0 ? c * high : c * low
    // The rest must fit between `least` and `most` of the devices that follow.
    const ends = [(left - least) / c, (left - most) / c]
    const inside = Math.min(Math.max(row[at]!, Math.min(...ends)), Math.max(...ends))
    row[at] = nearestLevel(Math.min(high, Math.max(low, inside)), device)
    left -= c * row[at]!
  }
}
