/** One array of one chip, device by device: what was asked for, what was written, what the wires take. */
import { cellConductances } from '../../crossbar/iv.ts'
import { hasWires, transferMatrix } from '../../crossbar/wires.ts'
import type { Deployment } from '../../deployment/deployment.ts'
import { fabricate } from '../../deployment/fabricate.ts'
import type { ChipKey } from '../../numerics/random.ts'
import { deployPoint } from '../engine/shard.ts'
import { pointProfile } from '../mechanisms.ts'
import type { Study } from '../study.ts'

/**
 * Conductances of an array, siemens, word lines x bit lines row by row. Each has the sign with which it counts in its
 * output: that of its bit line's weight times that with which its word line is driven.
 */
export interface TileMap {
  readonly network: string
  readonly profile: string
  readonly seed: number
  readonly chip: number
  /** Encoder layer and array of the layer, from 0. */
  readonly layer: number
  readonly tile: number
  readonly wordLines: number
  readonly bitLines: number
  readonly target: readonly number[]
  readonly realised: readonly number[]
  /**
   * What is missing at the amplifiers: a cell's conductance less the current of its bit line for one volt on its word
   * line, the others at zero volts; null where the array has no wires.
   */
  readonly loss: readonly number[] | null
}

/**
 * The array of one chip with the most devices, the first of several.
 *
 * @param name  of the network
 */
export function tileMap(deployment: Deployment, key: ChipKey, name: string = deployment.network.name): TileMap {
  let [layer, tile] = [0, 0]
  const devices = (l: number, t: number) => deployment.layers[l]!.tiles[t]!.target.data.length
  for (const [l, { tiles }] of deployment.layers.entries())
    for (const t of tiles.keys()) if (devices(l, t) > devices(layer, tile)) [layer, tile] = [l, t]
  const design = deployment.layers[layer]!.tiles[tile]!
  const chip = fabricate(deployment, key)
  const { conductance } = chip.layers[layer]!.arrays[tile]!
  const { rows, cols } = conductance
  const { device, crossbar } = chip.deployment.profile
  const sign = (k: number) => Math.sign(design.lineWeights[k % cols]!) * design.signs[Math.floor(k / cols)]!
  const signed = (data: ArrayLike<number>) => Array.from(data, (g, k) => sign(k) * g || 0)
  const cells = cellConductances(conductance, device.accessTransistor.resistance)
  const through = hasWires(crossbar.wires) ? transferMatrix(cells, crossbar.wires) : null
  return {
    network: name,
    profile: deployment.profile.id,
    seed: key.seed,
    chip: key.chip,
    layer,
    tile,
    wordLines: rows,
    bitLines: cols,
    target: signed(design.target.data),
    realised: signed(conductance.data),
    loss:
      through === null
        ? null
        : signed(cells.data.map((g, k) => g - through.data[(k % cols) * rows + Math.floor(k / cols)]!)),
  }
}

/** Of the first chip of a study's first point, with all imperfections that its profile has. */
export function studyTileMap(study: Study): TileMap {
  const point = study.points[0] ?? { index: 0, network: 0, values: {}, mechanisms: 'all' as const }
  const deployment = deployPoint(study, point, pointProfile(study, point))
  return tileMap(deployment, { seed: study.seed, chip: study.firstChip }, study.networks[point.network]!.name)
}
