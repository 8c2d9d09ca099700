/**
 * Programming around the wires: targets for which the array as built, wires included, holds the weights.
 *
 * Wires are known when a network is deployed, so their effect on linear devices can be undone there, as far as the
 * conductance range allows: G <- clip(G + (wanted - effective(G)) / attenuation), solved anew in every round.
 */

import { availableEngines, withEngine } from '../numerics/kernels/module.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'
import type { Profile } from '../profile/profile.ts'
import { addTile, effectiveMatrix } from './array.ts'
import { cellConductances } from './iv.ts'
import type { MappedLayer, Tile } from './mapping.ts'
import { moveWeight, room, sharingOf, snapWeight, type WeightDevices, weightDevices } from './weight-devices.ts'
import { hasWires } from './wires.ts'

/** How far a layer's effective matrix is from its weights, as shares of the wanted matrix. */
export interface WireError {
  /** Frobenius norm of the difference over that of the wanted matrix */
  readonly relative: number
  /** largest difference over the largest wanted entry */
  readonly largest: number
}

/** What was done against the wires, and what is left. */
export interface WireReport {
  readonly correction: 'output-gain' | 'programming'
  readonly before: WireError
  readonly after: WireError
  /**
   * Share of the scale that programming leaves the weights, the least of all outputs: wires leave less than the full
   * conductance range. The output's amplifier has the inverse as its gain.
   */
  readonly headroom: number
  /** Solutions of the layer that were needed. */
  readonly rounds: number
  readonly converged: boolean
}

/** Largest error, relative to the largest weight, at which the iteration stops. */
const TOLERANCE = 1e-8
const MOST_ROUNDS = 40
/** Factors on the gains of least squares that are tried where the least gains load the wires too much to converge. */
const RETREATS = [1.25, 2, 4] as const
/** Beyond this gain the wires take so much that noise would be all that is left. */
const MOST_GAIN = 100
/** An iteration that shrinks the error by less than this gets a new attenuation. */
const SLOW = 0.3

/** All that stands between drivers and amplifiers besides the devices. */
export interface Resistances {
  readonly wires: Profile['crossbar']['wires']
  /** ohm in series with every device */
  readonly seriesOhms: number
}

export interface CorrectedLayer {
  readonly mapped: MappedLayer
  /** Gain of each output's amplifier against the wires; null = 1 for all. */
  readonly outputGain: Float64Array | null
  /** null: nothing was done */
  readonly wireReport: WireReport | null
}

/**
 * What the profile asks for against the wires of a layer; nothing, bit for bit, where there is no resistance.
 *
 * Devices are taken as linear and free of error. The access transistors' resistance is undone with that of the wires.
 *
 * @param weights  outputs x words, bias column included, as they were mapped
 */
export function correctWires(
  mapped: MappedLayer,
  weights: Matrix,
  device: Profile['device'],
  crossbar: Pick<Profile['crossbar'], 'mapping' | 'wires' | 'wireCorrection'>,
): CorrectedLayer {
  const { wireCorrection, wires } = crossbar
  const resistances = { wires, seriesOhms: device.accessTransistor.resistance }
  if (wireCorrection === 'none' || (!hasWires(wires) && resistances.seriesOhms === 0))
    return { mapped, outputGain: null, wireReport: null }
  // Deployments are the same on every machine and for every engine that later simulates them.
  return withEngine(availableEngines().includes('simd') ? 'simd' : 'reference', () => {
    if (wireCorrection === 'programming') {
      const { mapped: corrected, gains, report } = programAroundWires(mapped, weights, device, crossbar)
      return { mapped: corrected, outputGain: gains, wireReport: report }
    }
    const { gains, report } = outputGains(mapped, weights, resistances)
    return { mapped, outputGain: gains, wireReport: report }
  })
}

/** Effective matrix of a layer, parts added: outputs x words, siemens. */
export function layerEffective(
  tiles: readonly Tile[],
  conductance: readonly Float64Array[],
  outputs: number,
  words: number,
  { wires, seriesOhms }: Resistances,
): Matrix {
  const sum = matrix(outputs, words)
  for (const [t, tile] of tiles.entries()) {
    const g = matrix(tile.target.rows, tile.target.cols, conductance[t]!)
    addTile(sum, effectiveMatrix(cellConductances(g, seriesOhms), tile, wires), tile, 1)
  }
  return sum
}

/** The layer's weights as the counted sums that were asked for: outputs x words, siemens. */
function wantedSums(weights: Matrix, mapped: MappedLayer): Matrix {
  const limit = mapped.weightMaximum
  return {
    ...weights,
    data: weights.data.map((w) => mapped.scale * Math.max(-limit, Math.min(limit, w))),
  }
}

/** Distance of an effective matrix, its rows times `gains`, from the wanted one, relative to the latter. */
export function wireError(effective: Matrix, wanted: Matrix, gains: Float64Array | null = null): WireError {
  let squares = 0
  let all = 0
  let largest = 0
  let most = 0
  for (const [k, w] of wanted.data.entries()) {
    const error = (gains?.[Math.floor(k / wanted.cols)] ?? 1) * effective.data[k]! - w
    squares += error * error
    all += w * w
    largest = Math.max(largest, Math.abs(error))
    most = Math.max(most, Math.abs(w))
  }
  return all > 0 ? { relative: Math.sqrt(squares / all), largest: largest / most } : { relative: 0, largest: 0 }
}

/**
 * One gain an output that brings its row of the effective matrix nearest to the wanted one (least squares).
 *
 * @param weights  outputs x words, bias column included
 * @returns        gains, one an output, 1 where the row conducts nothing; and the errors without and with them
 */
export function outputGains(
  mapped: MappedLayer,
  weights: Matrix,
  resistances: Resistances,
): { gains: Float64Array; report: WireReport } {
  const { rows: outputs, cols: words } = weights
  const wanted = wantedSums(weights, mapped)
  const effective = layerEffective(mapped.tiles, targetsOf(mapped), outputs, words, resistances)
  const gains = leastSquaresGains(effective, wanted)
  return {
    gains,
    report: {
      correction: 'output-gain',
      before: wireError(effective, wanted),
      after: wireError(effective, wanted, gains),
      headroom: 1,
      rounds: 1,
      converged: true,
    },
  }
}

function leastSquaresGains(effective: Matrix, wanted: Matrix): Float64Array {
  const { rows: outputs, cols: words } = wanted
  const gains = new Float64Array(outputs)
  for (let o = 0; o < outputs; o++) {
    let product = 0
    let square = 0
    for (let k = o * words; k < (o + 1) * words; k++) {
      product += effective.data[k]! * wanted.data[k]!
      square += effective.data[k]! ** 2
    }
    // A row that the wires turned around is beyond repair by a gain.
    gains[o] = product > 0 && square > 0 ? product / square : 1
  }
  return gains
}

const targetsOf = (mapped: MappedLayer) => mapped.tiles.map((tile) => tile.target.data.slice())

/**
 * Targets whose effective matrix, wires included, is the weights, each output at the largest scale that all of its
 * weights can reach; the amplifier's gain makes up for that.
 *
 * Targets end on the device's levels.
 *
 * @param weights  outputs x words, bias column included
 * @returns        the layer with new targets, and the gains; the best of all rounds, whether or not they converged
 */
export function programAroundWires(
  mapped: MappedLayer,
  weights: Matrix,
  device: Profile['device'],
  crossbar: Pick<Profile['crossbar'], 'mapping' | 'wires'>,
): { mapped: MappedLayer; gains: Float64Array; report: WireReport } {
  const { rows: outputs, cols: words } = weights
  const resistances = { wires: crossbar.wires, seriesOhms: device.accessTransistor.resistance }
  const wanted = wantedSums(weights, mapped)
  const devices = weightDevices(mapped.tiles, outputs, words)
  const start = layerEffective(mapped.tiles, targetsOf(mapped), outputs, words, resistances)
  const before = wireError(start, wanted)
  const trimmed = leastSquaresGains(start, wanted)
  const floors = [trimmed.map(() => 1), ...RETREATS.map((factor) => trimmed.map((gain) => Math.max(1, factor * gain)))]
  let best: Candidate = { g: targetsOf(mapped), gains: trimmed, error: wireError(start, wanted, trimmed) }
  let rounds = 0
  for (const floor of floors) {
    const found = approach(mapped, wanted, start, floor, devices, device, crossbar.mapping, resistances)
    rounds += found.rounds
    if (found.error.relative < best.error.relative) best = found
    if (found.error.largest <= TOLERANCE) break
  }
  const converged = best.error.largest <= TOLERANCE
  if (device.levels !== null) best = onLevels(best, mapped, weights, device, devices, resistances, wanted)
  return {
    mapped: {
      ...mapped,
      tiles: mapped.tiles.map((tile, t) => ({
        ...tile,
        target: matrix(tile.target.rows, tile.target.cols, best.g[t]!),
      })),
    },
    gains: best.gains,
    report: {
      correction: 'programming',
      before,
      after: best.error,
      headroom: best.gains.reduce((least, gain) => Math.min(least, 1 / gain), 1),
      rounds,
      converged,
    },
  }
}

/** Solve and move, round after round, with gains of at least `floor`; the best of all rounds. */
function approach(
  mapped: MappedLayer,
  wanted: Matrix,
  start: Matrix,
  floor: Float64Array,
  devices: WeightDevices,
  device: Profile['device'],
  mapping: Profile['crossbar']['mapping'],
  resistances: Resistances,
): Candidate & { readonly rounds: number } {
  const { rows: outputs, cols: words } = wanted
  const sharing = sharingOf(mapping)
  const g = targetsOf(mapped)
  let effective = start
  let attenuation = attenuations(mapped.tiles, g, devices, resistances)
  let gains = gainsFor(effective, wanted, attenuation, devices, g, device, floor)
  let error = wireError(effective, wanted, gains)
  let best: Candidate = { g: targetsOf(mapped), gains, error }
  let rounds = 1
  for (let last = Number.POSITIVE_INFINITY; error.largest > TOLERANCE && rounds < MOST_ROUNDS; rounds++) {
    if (error.largest > SLOW * last) attenuation = attenuations(mapped.tiles, g, devices, resistances)
    last = error.largest
    for (let k = 0; k < wanted.data.length; k++) {
      const change = wanted.data[k]! / gains[Math.floor(k / words)]! - effective.data[k]!
      moveWeight(devices, k, g, change / attenuation[k]!, sharing, device)
    }
    effective = layerEffective(mapped.tiles, g, outputs, words, resistances)
    gains = gainsFor(effective, wanted, attenuation, devices, g, device, floor)
    error = wireError(effective, wanted, gains)
    if (error.relative < best.error.relative) best = { g: g.map((x) => x.slice()), gains, error }
  }
  return { ...best, rounds }
}

interface Candidate {
  readonly g: Float64Array[]
  readonly gains: Float64Array
  readonly error: WireError
}

/**
 * What arrives of a siemens of each weight's devices, in (0, 1]: their currents, all counted positive, over their
 * conductances. The derivative of the effective matrix to first order.
 */
function attenuations(
  tiles: readonly Tile[],
  g: readonly Float64Array[],
  devices: WeightDevices,
  resistances: Resistances,
): Float64Array {
  const { outputs, words } = devices
  const positive = tiles.map((tile) => ({
    ...tile,
    signs: tile.signs.map(() => 1 as const),
    lineWeights: tile.lineWeights.map((weight, j) => (tile.lineOutputs[j]! < 0 ? 0 : Math.abs(weight))),
  }))
  const currents = layerEffective(positive, g, outputs, words, resistances).data
  const conductances = new Float64Array(outputs * words)
  for (let k = 0; k < conductances.length; k++)
    for (let d = devices.start[k]!; d < devices.start[k + 1]!; d++)
      conductances[k]! += Math.abs(devices.count[d]!) * g[devices.tile[d]!]![devices.index[d]!]!
  const sum = (x: Float64Array) => x.reduce((a, b) => a + b, 0)
  // Devices at 0 S tell nothing: the layer's average stands in.
  const mean = sum(conductances) > 0 ? sum(currents) / sum(conductances) : 1
  return currents.map((current, k) => {
    const share = conductances[k]! > 0 ? current / conductances[k]! : mean
    return share > 0 ? Math.min(1, share) : 1
  })
}

/** The least gain, `floor` or more, with which each output is expected to reach all of its weights. */
function gainsFor(
  effective: Matrix,
  wanted: Matrix,
  attenuation: Float64Array,
  devices: WeightDevices,
  g: readonly Float64Array[],
  device: Profile['device'],
  floor: Float64Array,
): Float64Array {
  const gains = floor.slice()
  for (const [k, w] of wanted.data.entries()) {
    if (w === 0) continue
    const { lower, raise } = room(devices, k, g, w, device)
    const reach = Math.sign(w) * effective.data[k]! + attenuation[k]! * (lower + raise)
    const o = Math.floor(k / wanted.cols)
    gains[o] = Math.max(gains[o]!, reach > 0 ? Math.min(Math.abs(w) / reach, MOST_GAIN) : MOST_GAIN)
  }
  return gains
}

/** Round targets to the device's levels, weight by weight; the uncorrected targets where those end up nearer. */
function onLevels(
  found: Candidate,
  mapped: MappedLayer,
  weights: Matrix,
  device: Profile['device'],
  devices: WeightDevices,
  resistances: Resistances,
  wanted: Matrix,
): Candidate {
  const { rows: outputs, cols: words } = weights
  const g = found.g.map((x) => x.slice())
  for (let k = 0; k < outputs * words; k++) {
    let sum = 0
    for (let d = devices.start[k]!; d < devices.start[k + 1]!; d++)
      sum += devices.count[d]! * g[devices.tile[d]!]![devices.index[d]!]!
    snapWeight(devices, k, g, sum, device)
  }
  const candidates = [
    { g, gains: found.gains },
    { g: targetsOf(mapped), gains: new Float64Array(outputs).fill(1) },
  ].map((c) => ({
    ...c,
    error: wireError(layerEffective(mapped.tiles, c.g, outputs, words, resistances), wanted, c.gains),
  }))
  return candidates[0]!.error.relative <= candidates[1]!.error.relative ? candidates[0]! : candidates[1]!
}
