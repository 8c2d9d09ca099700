/**
 * Chosen arrays of an encoder, each alone in a deck of its own, driven as in the encoder.
 */
import { fail } from '../../base/errors.ts'
import { deviceLaw } from '../../crossbar/iv.ts'
import type { Tile } from '../../crossbar/mapping.ts'
import { encodeTrace } from '../../deployment/encode.ts'
import type { Chip } from '../../deployment/fabricate.ts'
import { head, type Matrix, matrix } from '../../numerics/matrix.ts'
import type { SpiceNetlist } from './deck.ts'
import { arraySources } from './layer.ts'
import { arrayNetlist, checkStatic, checkVectors, type SpiceOptions } from './netlist.ts'

/** An array by its layer and its number in it. */
export interface TileName {
  readonly layer: number
  readonly tile: number
}

/**
 * One deck an array, array_<layer>_<tile>, with an ideal transimpedance amplifier at every bit line.
 *
 * @param which  `all`, or names as `0.2` for array 2 of layer 0, comma separated
 * @throws OHM5004 an array that is not there; else as spiceNetlist
 */
export function tileNetlists(
  chip: Chip,
  which: string,
  options: Omit<SpiceOptions, 'arrays'> = {},
): readonly SpiceNetlist[] {
  const { layers, profile, calibration } = chip.deployment
  const chosen = tileNames(
    layers.map(({ tiles }) => tiles.length),
    which,
  )
  const inputs = options.inputs ?? head(calibration, 3)
  checkVectors(inputs)
  checkStatic(profile)
  const trace = encodeTrace(chip, inputs, { noise: false })
  const law = deviceLaw(profile.device)
  return chosen.map(({ layer: l, tile: t }) => {
    const layer = layers[l]!
    const source = arraySources(chip.layers[l]!, profile.crossbar.wires, law)[t]!
    const volts = l === 0 ? trace.input : trace.output[l - 1]!
    const drive = wordVolts(volts, layer.biasVolts, layer.tiles[t]!, source.conductance.rows)
    const label = `layer ${l} array ${t} of ${layer.tiles.length}: ${chip.deployment.network.name} on ${profile.id}`
    return arrayNetlist(chip, source, drive, layer.feedbackOhms, { ...options, label, name: `array_${l}_${t}` })
  })
}

/**
 * Arrays by their names.
 *
 * @param counts  arrays of each layer
 * @throws OHM5004
 */
export function tileNames(counts: readonly number[], which: string): TileName[] {
  if (which === 'all')
    return counts.flatMap((count, layer) => Array.from({ length: count }, (_, tile) => ({ layer, tile })))
  const hint = `there are ${counts.map((count, l) => (count === 1 ? `${l}.0` : `${l}.0 to ${l}.${count - 1}`)).join(', ')}; or all`
  const names = which.split(',').map((word) => {
    const [, layer, tile] = /^(\d{1,6})\.(\d{1,6})$/.exec(word.trim()) ?? []
    if (layer === undefined || tile === undefined)
      fail('OHM5004', `"${word.trim().slice(0, 40)}" names no array; write LAYER.ARRAY, such as 0.0`, { hint })
    if (!(Number(tile) < (counts[Number(layer)] ?? 0))) fail('OHM5004', `there is no array ${layer}.${tile}`, { hint })
    return { layer: Number(layer), tile: Number(tile) }
  })
  return names.filter(({ layer, tile }, k) => names.findIndex((n) => n.layer === layer && n.tile === tile) === k)
}

/** Word-line volts of a tile: a layer's inputs, then its bias. vectors x words */
export function wordVolts(inputs: Matrix, biasVolts: number, tile: Tile, words: number): Matrix {
  const out = matrix(inputs.rows, words)
  for (let v = 0; v < inputs.rows; v++)
    for (let i = 0; i < words; i++) {
      const word = tile.words[i]!
      out.data[v * words + i] = tile.signs[i]! * (word < inputs.cols ? inputs.data[v * inputs.cols + word]! : biasVolts)
    }
  return out
}
