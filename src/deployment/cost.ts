/**
 * What one encode costs: energy, time and area, as far as published models reach. Estimates, not simulations.
 */

import { conversionTime } from '../adc/convert.ts'
import { knownOptions } from '../base/options.ts'
import type { Profile } from '../profile/profile.ts'
import type { Deployment } from './deployment.ts'
import { encodeTrace } from './encode.ts'
import { driveCycles, noiseDrive } from './input-encoding.ts'
import { nominalChip } from './nominal.ts'

/** One part of the hardware. null: no model gives this number. Energy and time of one encode of one vector. */
export interface CostRow {
  readonly part: string
  readonly energyJoules: number | null
  readonly seconds: number | null
  readonly squareMetres: number | null
  readonly source: string
  readonly note: string
  /** The model was not made for this size: an extrapolation. */
  readonly outsideRange: boolean
}

export interface CostEstimate {
  /** nanometres */
  readonly node: Node
  readonly cell: Cell
  readonly rows: readonly CostRow[]
  /** Sums of what is known. */
  readonly total: { readonly energyJoules: number; readonly seconds: number; readonly squareMetres: number }
}

/**
 * Power of a successive-approximation converter of N bits at a column of R ohm, low-power process:
 * (perBit N + base) uW + column / R W, running for N + 1 ns a conversion.
 * Source: constants of the SAR converter model of NeuroSim (which writes 1 / R as exp(-2.303 log10 R)), by technology
 * node in nanometres
 */
const SAR = {
  130: { perBit: 8.4483, base: 65.243, column: 0.16938 },
  90: { perBit: 5.9869, base: 37.462, column: 0.144323 },
  65: { perBit: 3.7506, base: 25.844, column: 0.121272 },
  45: { perBit: 2.1691, base: 16.693, column: 0.100225 },
  32: { perBit: 1.1294, base: 8.8998, column: 0.079449 },
  22: { perBit: 0.538, base: 4.3753, column: 0.072341 },
  14: { perBit: 0.3132, base: 2.5681, column: 0.061085 },
  7: { perBit: 0.1061, base: 0.8847, column: 0.043555 },
} as const
export type Node = keyof typeof SAR
export const NODES: readonly Node[] = [130, 90, 65, 45, 32, 22, 14, 7]

/** Cell area in squared feature sizes: a crossing alone, and one with an access transistor. Source: NeuroSim, MNSIM 2.0 */
const CELL_AREA = { '1R': 4, '1T1R': 12 } as const
export type Cell = keyof typeof CELL_AREA
export const CELLS = Object.keys(CELL_AREA) as readonly Cell[]

/** Area of converters at 1 GS/s, square micrometres. Source: MNSIM 2.0 */
const ADC_AREA = [
  { bits: 6, area: 580 },
  { bits: 8, area: 1200 },
  { bits: 10, area: 1600 },
] as const

/**
 * Input DACs at 1 GS/s: microwatt and square micrometres. Source: ISAAC, as tabulated in MNSIM 2.0, whose 8-bit power
 * lacks the factor 1e-3 from milliwatt to watt; here it has it.
 */
const DACS = [
  { bits: 1, power: 3.9, area: 0.166 },
  { bits: 2, power: 7.8, area: 0.332 },
  { bits: 3, power: 15.6, area: 0.664 },
  { bits: 4, power: 31.2, area: 1.328 },
  { bits: 6, power: 124.8, area: 5.312 },
  { bits: 8, power: 499.2, area: 21.248 },
] as const

/** Resolutions that converter models were made for. */
const LEAST_BITS = 4
const MICRO = 1e-6
const NANO = 1e-9

/**
 * Energy of one conversion by a successive-approximation converter, joule.
 *
 * @param bits    resolution
 * @param ohms    resistance of the column in front of it
 * @param kelvin  power grows by 0.13 % a kelvin above 300 K
 */
export function sarEnergy(bits: number, ohms: number, node: Node, kelvin: number): number {
  const { perBit, base, column } = SAR[node]
  const watt = (perBit * bits + base) * MICRO + column / ohms
  return watt * (1 + 1.3e-3 * (kelvin - 300)) * (bits + 1) * NANO
}

/**
 * Cost of one encode of a deployment, mean over its calibration vectors.
 *
 * @param options.node  technology, nanometres; default 130
 * @param options.cell  default 1T1R
 */
export function estimateCost(
  deployment: Deployment,
  options: { readonly node?: Node; readonly cell?: Cell } = {},
): CostEstimate {
  knownOptions<typeof options>('estimateCost', options, { node: true, cell: true })
  const node = options.node ?? 130
  const cell = options.cell ?? '1T1R'
  const rows = [
    inputRow(deployment),
    ...arrayRows(deployment, node, cell),
    ...partialRows(deployment, node),
    amplifierRow(deployment),
    adcRow(deployment, node),
  ].filter((row) => row !== null)
  const sum = (of: (row: CostRow) => number | null) => rows.reduce((total, row) => total + (of(row) ?? 0), 0)
  return {
    node,
    cell,
    rows,
    total: {
      energyJoules: sum((row) => row.energyJoules),
      seconds: sum((row) => row.seconds),
      squareMetres: sum((row) => row.squareMetres),
    },
  }
}

function inputRow({ layers, profile }: Deployment): CostRow {
  const { bits, encoding } = profile.periphery.input
  const { readTime } = profile.periphery.tia
  const count = layers[0]!.inputs
  const source =
    'ISAAC converters as tabulated in MNSIM 2.0, 8-bit power in milliwatt; power and area of the table, whatever the node'
  const part = `${count} input DACs`
  const none = { part, energyJoules: null, seconds: null, squareMetres: null, source, outsideRange: true }
  if (encoding !== 'amplitude')
    return { ...none, note: `${encoding} drivers are switches: no converter, and no model of their gates here` }
  const largest = DACS.at(-1)!.bits
  if (bits === null) return { ...none, note: 'an unquantized DAC has no cost; set periphery.input.bits' }
  if (bits > largest) return { ...none, note: `${bits} bits; the table ends at ${largest}` }
  const dac = DACS.find((entry) => entry.bits >= bits)!
  return {
    ...none,
    energyJoules: count * dac.power * MICRO * readTime,
    squareMetres: count * dac.area * MICRO * MICRO,
    note: `${bits} bits${dac.bits === bits ? '' : `, as ${dac.bits} bits`}, on for one read; hidden layers need no DAC`,
    outsideRange: false,
  }
}

/** Word line conductances by word, all devices of the layer: inputs + 1 entries, siemens. */
function wordConductances(layer: Deployment['layers'][number]): Float64Array {
  const sums = new Float64Array(layer.inputs + 1)
  for (const { words, target } of layer.tiles)
    for (const [i, word] of words.entries())
      for (let j = 0; j < target.cols; j++) sums[word]! += target.data[i * target.cols + j]!
  return sums
}

function arrayRows(deployment: Deployment, node: Node, cell: Cell): CostRow[] {
  const { layers, profile, calibration } = deployment
  const { readTime } = profile.periphery.tia
  const trace = encodeTrace(nominalChip(deployment), calibration, { noise: false })
  const feature = node * NANO
  return layers.map((layer, l) => {
    const volts = l === 0 ? trace.input : trace.output[l - 1]!
    const g = wordConductances(layer)
    const cycles = driveCycles(layer.encoding, volts)
    const bias = noiseDrive(layer.encoding, layer.biasVolts) * g[layer.inputs]!
    let energy = 0
    for (const { volts: driven } of cycles) {
      for (const [k, v] of driven.data.entries()) energy += noiseDrive(layer.encoding, v) * g[k % layer.inputs]!
      energy += driven.rows * bias
    }
    const devices = layer.tiles.reduce((n, { target }) => n + target.data.length, 0)
    return {
      part: `arrays of encoder ${l}`,
      energyJoules: (energy * readTime) / volts.rows,
      seconds: cycles.length * readTime,
      squareMetres: devices * CELL_AREA[cell] * feature * feature,
      source: `sum of V^2 G t over the devices [textbook]; ${cell} cells of ${CELL_AREA[cell]} F^2 (NeuroSim, MNSIM 2.0)`,
      note: `${devices} devices as designed, mean over ${volts.rows} vectors; drivers, decoders and selectors not counted`,
      outsideRange: false,
    }
  })
}

/** Mean resistance of an output's bit lines, ohm. */
function columnOhms(layer: Deployment['layers'][number]): number {
  const total = layer.tiles.reduce((sum, { target }) => sum + target.data.reduce((a, b) => a + b, 0), 0)
  return layer.outputs / Math.max(total, 1e-12)
}

const OUTSIDE = `converters of 1 to ${LEAST_BITS - 1} bits lie outside the range of every public model: an extrapolation`

function adcRow({ layers, adc, network, profile }: Deployment, node: Node): CostRow {
  const channels = layers.at(-1)!.outputs
  const levels = network.quantizer.thresholds.length + 1
  const bits = Math.ceil(Math.log2(levels))
  const { cycles, seconds } = conversionTime(levels, channels, profile.adc)
  const outsideRange = bits < LEAST_BITS
  const area = ADC_AREA.find((entry) => entry.bits >= bits)
  const energy = channels * sarEnergy(bits, columnOhms(layers.at(-1)!), node, profile.environment.temperature)
  return {
    part: `${profile.adc.architecture} ADC`,
    energyJoules: energy,
    seconds,
    squareMetres: area === undefined ? null : area.area * MICRO * MICRO,
    source: `NeuroSim SAR converter at ${node} nm (low power); area: MNSIM 2.0 table (6 bits and more), the same at every node; time: channels x (sampling + cycles x adc.compareTime)`,
    note: [
      `${channels} conversions of ${bits} bits one after the other, ${cycles} comparator cycle${cycles === 1 ? '' : 's'} each at most`,
      'taken for a successive-approximation converter at the speed of that model, N + 1 ns a conversion',
      ...(area !== undefined && area.bits > bits ? [`area of a ${area.bits}-bit converter, an upper bound`] : []),
      ...(outsideRange ? [OUTSIDE] : []),
      ...(adc.dacCodes === null ? ['threshold DAC unquantized: not counted'] : []),
    ].join('; '),
    outsideRange,
  }
}

function partialRows({ layers, profile }: Deployment, node: Node): CostRow[] {
  const { bits, kind } = profile.crossbar.partialSums
  if (kind === 'current' || bits === null) return []
  return layers.map((layer, l) => {
    const conversions = layer.parts * layer.outputs * readsOf(layer, profile)
    const area = ADC_AREA.find((entry) => entry.bits >= bits)
    const ohms = columnOhms(layer) * layer.parts
    return {
      part: `partial sums of encoder ${l}`,
      energyJoules: conversions * sarEnergy(bits, ohms, node, profile.environment.temperature),
      seconds: (bits + 1) * NANO * readsOf(layer, profile),
      squareMetres: area === undefined ? null : layer.parts * layer.outputs * area.area * MICRO * MICRO,
      source: `NeuroSim SAR converter at ${node} nm (low power), N + 1 ns a conversion; area: MNSIM 2.0 table, the same at every node`,
      note: `${conversions} conversions of ${bits} bits, one converter a partial sum${bits < LEAST_BITS ? `; ${OUTSIDE}` : ''}`,
      outsideRange: bits < LEAST_BITS,
    }
  })
}

const readsOf = (layer: Deployment['layers'][number], { periphery }: Profile) =>
  layer.encoding.kind === 'bit-serial' && periphery.input.bits !== null ? periphery.input.bits - 1 : 1

function amplifierRow({ layers }: Deployment): CostRow {
  const count = layers.reduce((n, layer) => n + layer.outputs, 0)
  return {
    part: `${count} amplifiers and activation stages`,
    energyJoules: null,
    seconds: null,
    squareMetres: null,
    source: 'none: public tables give no transimpedance amplifier with an activation stage',
    note: 'not in the sum; as an example, 10 uA at 1.2 V for 100 ns are 1.2 pJ an amplifier',
    outsideRange: true,
  }
}
