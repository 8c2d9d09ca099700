/**
 * A chip as a circuit that ngspice solves: crossbars with wires, amplifiers, activation stages, comparator ladder.
 * Writers only: every number comes from the Chip, every expected value from the simulator.
 */
import { fail } from '../../base/errors.ts'
import { deviceLaw, OHMIC } from '../../crossbar/iv.ts'
import type { Wires } from '../../crossbar/wires.ts'
import type { Chip } from '../../deployment/fabricate.ts'
import { head, type Matrix, rowRange } from '../../numerics/matrix.ts'
import type { Profile } from '../../profile/profile.ts'
import { notStatic } from '../../profile/support.ts'
import { stageCell, stageSubcircuits } from './activation.ts'
import { type ArraySource, arrayCurrents, arraySubcircuit, reducedArray, wireParameters } from './array.ts'
import { anchor, instance, names } from './build.ts'
import type { Analysis, Circuit, Element } from './circuit.ts'
import { assemble, type SpiceNetlist, vectorSources } from './deck.ts'
import { deviceParameters, lawLines } from './device.ts'
import type { DialectId } from './dialects/dialect.ts'
import { bitLineProbes, encoderProbes, ladderProbes, leftOut, type Probe } from './expected.ts'
import { parameter } from './expression.ts'
import { type LadderSource, ladderParameters, ladderSubcircuit } from './ladder.ts'
import { arraySources, layerParameters, layerSubcircuits } from './layer.ts'

export type { SpiceNetlist } from './deck.ts'

/** Comparators a ladder may have. */
const MAX_COMPARATORS = 65_536
/** Cells of all arrays together: about 250 MB of text with wires; a text of Node ends at 512 MB. */
export const MAX_CELLS = 500_000
/** Vectors a deck may hold. */
export const MAX_VECTORS = 4096

export interface SpiceOptions {
  /** vectors x measurements, network units; default: the first three calibration vectors */
  readonly inputs?: Matrix
  /** Default: ngspice. */
  readonly dialect?: DialectId
  /**
   * `devices`: every device and wire segment. `transfer`: each array reduced to one conductance from every word line
   * to every bit line, wires already solved; small, for arrays too large for a circuit simulator.
   */
  readonly arrays?: 'devices' | 'transfer'
  /** Which chip it is, for the header; default: its seed and number. */
  readonly chipName?: string
  /** Lines for the header, such as version and hashes: label and value. */
  readonly provenance?: Readonly<Record<string, string>>
}

/** What a caller adds to the header of a deck. */
export type Header = Pick<SpiceOptions, 'chipName' | 'provenance' | 'dialect'>

/**
 * The whole encoder as one deck.
 *
 * Static: noise, droop, hysteresis and settling of the threshold DAC are not in it (see docs/netlists.md).
 *
 * @throws OHM1110 vectors of the wrong length, OHM5004 no vector or too many, OHM6003 too many cells or comparators,
 *         OHM6004 a profile whose result is no static circuit's
 */
export function spiceNetlist(chip: Chip, options: SpiceOptions = {}): SpiceNetlist {
  const { parts, probes, vectors } = encoderCircuit(chip, options)
  return assemble('encoder', parts, probes, vectors, options.dialect)
}

/** The circuit of a whole encoder without its cells, and what its nodes have to be at. @throws as spiceNetlist */
export function encoderCircuit(
  chip: Chip,
  options: SpiceOptions = {},
): { parts: Omit<Circuit, 'cells'>; probes: readonly Probe[]; vectors: number } {
  const { deployment } = chip
  const { profile, network } = deployment
  const inputs = options.inputs ?? head(deployment.calibration, 3)
  checkVectors(inputs)
  checkStatic(profile)
  checkSize(chip)
  const { drive, probes } = encoderProbes(chip, inputs)
  const wires = profile.crossbar.wires
  const law = deviceLaw(profile.device)
  const reduced = options.arrays === 'transfer'
  const layers = deployment.layers.map((layer, index) => {
    const made = chip.layers[index]!
    const arrays = arraySources(made, wires, law)
    return {
      index,
      layer,
      made,
      arrays: reduced ? arrays.map(reducedArray) : arrays,
      swing: profile.periphery.tia.swing,
      stage: stageCell(layer, profile),
    }
  })
  const ladder = ladderOf(chip)
  const top: Element[] = []
  for (const { index, layer } of layers)
    top.push(
      instance(
        `layer_${index}`,
        [
          names(index === 0 ? 'in' : `l${index - 1}_out`, layer.inputs),
          names(`l${index}_amp`, layer.outputs),
          names(`l${index}_out`, layer.outputs),
        ],
        `layer_${index}`,
      ),
    )
  const { channels } = ladder
  top.push(
    instance(
      'adc',
      [names(`l${layers.length - 1}_out`, channels), names('held', channels), names('code', channels)],
      'adc',
    ),
  )
  const parts = {
    title: `ohmbit encoder: ${network.name} on ${profile.id}`,
    header: [
      ...headerOf(chip, options),
      ...layers.map(
        ({ index, layer, arrays }) =>
          `layer ${index}: ${layer.inputs} + bias -> ${layer.outputs} ${layer.activation}, arrays ${sizesText(arrays)}`,
      ),
      `adc: ${channels} channels, ${chip.adc.thresholds.length} thresholds, code = ${deployment.adc.compare === 'gt' ? 'input > threshold' : 'input >= threshold'} counted`,
      `wires: ${reduced ? 'solved into the conductances of the arrays' : wiresText(wires)}`,
      ...lawLines(reduced ? OHMIC : law),
      ...(profile.periphery.input.encoding === 'pulse-width'
        ? ['drive: voltages are the pulses averaged over a read']
        : []),
      `not in this deck: ${leftOut(profile).join(', ') || 'nothing of the profile'}`,
      'nodes: in_i word-line drive, l0_amp_o amplifier, l0_out_o activation stage, held_n at the comparator, code_n code in volts',
    ],
    parameters: {
      ...(reduced ? {} : { ...wireParameters(wires), ...deviceParameters(law) }),
      ...(profile.periphery.tia.swing === null ? {} : { amp_swing: profile.periphery.tia.swing }),
      ...Object.assign({}, ...layers.map(layerParameters)),
      ...ladderParameters(ladder),
    },
    subcircuits: [
      ...stageSubcircuits(deployment.layers, profile),
      ...layers.flatMap(layerSubcircuits),
      ladderSubcircuit(ladder),
    ],
    top,
    stimulus: vectorSources('in', drive),
    analysis: vectorSweep(probes, inputs.rows),
  }
  return { parts, probes, vectors: inputs.rows }
}

/**
 * One array alone: word lines driven with given volts, every bit line read by a transimpedance amplifier.
 *
 * @param drive  vectors x words, volts
 * @param options  label for the title, name of the files without ending (default: array)
 */
export function arrayNetlist(
  chip: Chip,
  source: ArraySource,
  drive: Matrix,
  feedbackOhms: number,
  options: Header & { readonly label: string; readonly name?: string },
): SpiceNetlist {
  checkVectors(drive)
  const { rows, cols } = source.conductance
  const probes = bitLineProbes(arrayCurrents(source, drive), feedbackOhms)
  const circuit = {
    title: `ohmbit array: ${options.label}`,
    header: [
      ...headerOf(chip, options),
      `wires: ${wiresText(source.wires)}`,
      ...lawLines(source.law ?? OHMIC),
      'nodes: word_i drive, tia_j = -rf i(bit line j)',
    ],
    parameters: { ...wireParameters(source.wires), ...deviceParameters(source.law ?? OHMIC), rf: feedbackOhms },
    subcircuits: [arraySubcircuit('array_0_0', source)],
    top: [
      instance('array', [names('word', rows), names('bit', cols)], 'array_0_0'),
      ...Array.from({ length: cols }, (_, j) => [
        instance(`tia_${j}`, [`bit_${j}`, `tia_${j}`], 'ob_tia', { rf: parameter('rf') }),
        anchor(`tia_${j}`),
      ]).flat(),
    ],
    stimulus: vectorSources('word', drive),
    analysis: vectorSweep(probes, drive.rows),
  }
  return assemble(options.name ?? 'array', circuit, probes, drive.rows, options.dialect)
}

/**
 * The comparator ladder alone, its channels driven with given volts.
 *
 * @param volts  vectors x channels; fewer channels than the ADC has are the first ones
 */
export function ladderNetlist(chip: Chip, volts: Matrix, options: Header = {}): SpiceNetlist {
  checkVectors(volts)
  const ladder = { ...ladderOf(chip), channels: volts.cols }
  const probes = ladderProbes(chip, volts)
  const circuit = {
    title: `ohmbit comparator ladder: ${chip.deployment.network.name} on ${chip.deployment.profile.id}`,
    header: headerOf(chip, options),
    parameters: ladderParameters(ladder),
    subcircuits: [ladderSubcircuit(ladder)],
    top: [instance('adc', [names('ch', volts.cols), names('held', volts.cols), names('code', volts.cols)], 'adc')],
    stimulus: vectorSources('ch', volts),
    analysis: vectorSweep(probes, volts.rows),
  }
  return assemble('ladder', circuit, probes, volts.rows, options.dialect)
}

function ladderOf(chip: Chip): LadderSource {
  const channels = chip.deployment.layers.at(-1)!.outputs
  const comparators = channels * chip.adc.thresholds.length
  if (comparators > MAX_COMPARATORS)
    fail('OHM6003', `the comparator ladder would have ${comparators} comparators; the limit is ${MAX_COMPARATORS}`)
  return { instance: chip.adc, compare: chip.deployment.adc.compare, profile: chip.deployment.profile, channels }
}

/** @throws OHM6004 */
export function checkStatic(profile: Profile): void {
  const obstacle = notStatic(profile)
  if (obstacle !== null)
    fail('OHM6004', `the encoder is no static circuit: ${obstacle.reason}`, { hint: obstacle.hint })
}

function checkSize(chip: Chip): void {
  const cells = cellsOf(chip)
  if (cells > MAX_CELLS) fail('OHM6003', `the deck would have ${cells} cells; the limit is ${MAX_CELLS}`)
}

/** Crosspoints of all arrays. */
export function cellsOf(chip: Chip): number {
  let cells = 0
  for (const { arrays } of chip.layers) for (const { conductance } of arrays) cells += conductance.data.length
  return cells
}

export function checkVectors(inputs: Matrix): void {
  if (inputs.rows < 1 || inputs.rows > MAX_VECTORS)
    fail('OHM5004', `a deck holds 1 to ${MAX_VECTORS} vectors, not ${inputs.rows}`)
}

export function headerOf(
  chip: Chip,
  { provenance = {}, chipName = `seed ${chip.key.seed}, chip ${chip.key.chip}` }: Header,
): string[] {
  return [
    ...Object.entries(provenance).map(([label, value]) => `${label}: ${value}`),
    `profile: ${chip.deployment.profile.id}`,
    `chip: ${chipName}`,
  ]
}

/** "3 x 6", or with how many there are of a size where it is more than one. */
function sizesText(arrays: readonly ArraySource[]): string {
  const counts = new Map<string, number>()
  for (const { conductance } of arrays) {
    const size = `${conductance.rows} x ${conductance.cols}`
    counts.set(size, (counts.get(size) ?? 0) + 1)
  }
  return [...counts].map(([size, count]) => (count === 1 ? size : `${size} (${count} of them)`)).join(', ')
}

export function wiresText({ wordSegment, bitSegment, driver, sense, drive }: Wires): string {
  const ends = drive === 'both-ends' ? ', word lines driven from both ends' : ''
  return `word segment ${wordSegment}, bit segment ${bitSegment}, driver ${driver}, sense ${sense} ohm (0 = nodes merged)${ends}`
}

const vectorSweep = (probes: readonly Probe[], count: number): Analysis => ({
  kind: 'vectors',
  count,
  nodes: probes.map(({ node }) => node),
})

/** The first rows of an array and its first columns, as an array of its own. */
export function arrayBlock({ conductance, ...rest }: ArraySource, rows: number, cols: number): ArraySource {
  const block = rowRange(conductance, 0, rows)
  const data = new Float64Array(rows * cols)
  for (let i = 0; i < rows; i++) data.set(block.data.subarray(i * block.cols, i * block.cols + cols), i * cols)
  return { ...rest, conductance: { rows, cols, data } }
}
