/**
 * Which decks verify a chip: the whole encoder where a simulator can solve it, else the encoder with its arrays
 * reduced, and single arrays beside it. Of one array at least, another on each chip, every node inside is compared.
 */

import { deviceLaw, isOhmic } from '../crossbar/iv.ts'
import { encodeTrace } from '../deployment/encode.ts'
import type { Chip } from '../deployment/fabricate.ts'
import { type ArraySource, arrayNodes } from '../emit/spice/array.ts'
import { arraySources } from '../emit/spice/layer.ts'
import { arrayBlock, arrayNetlist, type Header, type SpiceNetlist, spiceNetlist } from '../emit/spice/netlist.ts'
import { wordVolts } from '../emit/spice/tiles.ts'
import type { Matrix } from '../numerics/matrix.ts'
import type { CircuitEngine } from './engines/engine.ts'
import { withInside } from './inside.ts'

/** A deck and the conductances its devices must have, by path of instances (`xlayer_0.xarray_1`). */
export interface PlannedDeck {
  readonly netlist: SpiceNetlist
  readonly arrays: ReadonlyMap<string, Matrix>
  /** siemens; the most a device of the deck may conduct */
  readonly conductanceMax: number
  /** Short: letters, digits, hyphens. */
  readonly name: string
  /** What it is, where it is not the whole encoder device by device. */
  readonly label: string | null
}

/** Nodes of the amplifiers and activation stages of one output. */
const NODES_PER_OUTPUT = 6

/**
 * @param inputs  vectors x measurements
 * @param turn    which array has its inside compared, and which of a layer is taken alone where not all can be solved
 */
export function planDecks(
  chip: Chip,
  inputs: Matrix,
  limits: CircuitEngine['limits'],
  turn: number,
  header: Header = {},
): PlannedDeck[] {
  const { layers, profile } = chip.deployment
  const conductanceMax = largestConductance(chip)
  const law = deviceLaw(profile.device)
  const sources = chip.layers.map((made) => arraySources(made, profile.crossbar.wires, law))
  const sizes = sources.map((arrays) => arrays.map(arrayNodes))
  const total = sizes.flat().reduce((a, b) => a + b, 0) + layers.reduce((n, l) => n + NODES_PER_OUTPUT * l.outputs, 0)
  const trace = encodeTrace(chip, inputs, { noise: false })
  const driveOf = (l: number, t: number, words: number) =>
    wordVolts(l === 0 ? trace.input : trace.output[l - 1]!, layers[l]!.biasVolts, layers[l]!.tiles[t]!, words)
  if (total <= limits.deckNodes && sizes.flat().every((n) => n <= limits.arrayNodes)) {
    const arrays = new Map<string, Matrix>()
    for (const [l, tiles] of sources.entries())
      for (const [t, { conductance }] of tiles.entries()) arrays.set(`xlayer_${l}.xarray_${t}`, conductance)
    const all = sources.flatMap((tiles, l) => tiles.map((source, t) => ({ source, l, t })))
    const { source, l, t } = all[turn % all.length]!
    const netlist = withInside(spiceNetlist(chip, { ...header, inputs }), {
      source,
      drive: driveOf(l, t, source.conductance.rows),
      path: `xlayer_${l}.xarray_${t}`,
      name: `array_${l}_${t}`,
    })
    return [{ netlist, arrays, conductanceMax, name: 'encoder', label: null }]
  }

  // Non-linear devices add up to no conductance: their arrays are verified alone, in part.
  const decks: PlannedDeck[] = isOhmic(law)
    ? [
        {
          netlist: spiceNetlist(chip, { ...header, inputs, arrays: 'transfer' }),
          arrays: new Map(),
          // Conductances between lines, wires included: no device.
          conductanceMax: Number.POSITIVE_INFINITY,
          name: 'encoder',
          label: `${total} nodes exceed the budget: encoder with arrays reduced`,
        },
      ]
    : []
  for (const [l, layer] of layers.entries()) {
    const t = turn % layer.tiles.length
    const whole = sources[l]![t]!
    const source = fitting(whole, limits.arrayNodes)
    const { rows, cols } = source.conductance
    const drive = driveOf(l, t, rows)
    const part = source === whole ? '' : `, its first ${rows} x ${cols}`
    const label = `layer ${l} array ${t} of ${layer.tiles.length}${part}`
    decks.push({
      netlist: withInside(arrayNetlist(chip, source, drive, layer.feedbackOhms, { ...header, label }), {
        source,
        drive,
        path: 'xarray',
        name: 'array_0_0',
      }),
      arrays: new Map([['xarray', source.conductance]]),
      conductanceMax,
      name: `layer-${l}-array-${t}`,
      label,
    })
  }
  return decks
}

/** Lines of a block of an array that is too large. */
const BLOCK = 64

/** The array, or as much of the corner at its drivers as the limit allows, at most 64 x 64. */
function fitting(source: ArraySource, limit: number): ArraySource {
  if (arrayNodes(source) <= limit) return source
  const { rows, cols } = source.conductance
  const side = Math.max(1, Math.min(BLOCK, Math.floor(Math.sqrt(limit / 2))))
  return arrayBlock(source, Math.min(rows, side), Math.min(cols, side))
}

function largestConductance(chip: Chip): number {
  let most = 0
  for (const { arrays } of chip.layers)
    for (const { conductance } of arrays) for (const g of conductance.data) most = Math.max(most, g)
  return most
}
