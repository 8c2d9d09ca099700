/**
 * Small-signal noise of one column: the devices of an output's bit lines with their wires, transimpedance amplifiers with
 * a feedback resistor each, the difference; and what the noise at the amplifier's output has to be.
 */

import { fail } from '../../base/errors.ts'
import { columnVariance } from '../../crossbar/array.ts'
import { cellConductances, OHMIC } from '../../crossbar/iv.ts'
import type { Tile } from '../../crossbar/mapping.ts'
import { columnNoise } from '../../crossbar/temperature.ts'
import { hasWires, prepareSolver } from '../../crossbar/wires.ts'
import type { Chip } from '../../deployment/fabricate.ts'
import { matrix } from '../../numerics/matrix.ts'
import type { Profile } from '../../profile/profile.ts'
import { notStatic } from '../../profile/support.ts'
import { type ArraySource, arraySubcircuit, lineNodes, NO_WIRES, wireParameters } from './array.ts'
import { anchor, follower, instance, names, resistor, source } from './build.ts'
import type { Element, Subcircuit } from './circuit.ts'
import { assemble, type SpiceNetlist } from './deck.ts'
import { deviceParameters } from './device.ts'
import { parameter, sum, times, volts } from './expression.ts'
import { type Header, headerOf, wiresText } from './netlist.ts'

/** Open-loop gain and gain-bandwidth (Hz) of the amplifiers: no limit within any band. */
const GAIN = 1e9
const GAIN_BANDWIDTH = 1e18
/** The band starts at this part of its end: what is missing below is below all tolerances. */
const START = 1e-8

export interface ColumnNoiseOptions extends Header {
  readonly layer: number
  readonly output: number
  /** Volts of the layer's inputs, for the shot noise. */
  readonly inputs: Float64Array
  /** The profile whose noise bandwidth, shot noise and temperature hold; default: the chip's. */
  readonly profile?: Profile
  /** Leave out wires, as the simulator does. */
  readonly withoutWires?: boolean
}

export interface ColumnNoiseNetlist extends SpiceNetlist {
  readonly rms: {
    /** At the amplifier's output: what the simulator draws, volts. */
    readonly simulator: number
    /** The same with the deck's wires, and of the feedback resistors alone. */
    readonly devices: number
    readonly feedback: number
  }
}

/** The bit lines of an output in one tile. */
interface Column {
  readonly tile: Tile
  readonly source: ArraySource
  /** For each of its lines what it counts: sign times weight. */
  readonly weights: readonly number[]
  /** Volts of its word lines. */
  readonly drive: Float64Array
}

/**
 * @throws OHM5004 no such layer or output, or a profile without noise bandwidth; OHM6004 the encoder is no static circuit
 */
export function columnNoiseNetlist(chip: Chip, options: ColumnNoiseOptions): ColumnNoiseNetlist {
  const { layer: l, output, inputs } = options
  const profile = options.profile ?? chip.deployment.profile
  const noise = columnNoise(profile)
  const { bandwidth } = profile.periphery.tia
  const layer = chip.deployment.layers[l]
  if (layer === undefined || !(output >= 0 && output < layer.outputs))
    return fail('OHM5004', `there is no output ${output} of encoder layer ${l}`)
  if (noise === null || bandwidth === null)
    return fail('OHM5004', 'the profile has no noise of the columns', {
      hint: 'give it a bandwidth: deploy with --set periphery.tia.bandwidth="1 MHz"',
    })
  const obstacle = notStatic(profile)
  if (obstacle !== null)
    fail('OHM6004', `the encoder is no static circuit: ${obstacle.reason}`, { hint: obstacle.hint })
  const wires = options.withoutWires === true ? NO_WIRES : profile.crossbar.wires
  const columns = columnsOf(chip, l, output, inputs, wires)
  const amplifiers = [...new Set(columns.flatMap(({ weights }) => weights))]
  const gain = chip.layers[l]!.amplifierGain[output]!
  const rf = (weight: number) => layer.feedbackOhms * Math.abs(weight)
  const inputOf = (weight: number) => `sum_${amplifiers.indexOf(weight)}`
  const outputOf = (weight: number) => `tia_${amplifiers.indexOf(weight)}`

  const top: Element[] = []
  const arrays: Subcircuit[] = []
  const stimulus: Element[] = []
  let thermal = 0
  let shot = 0
  for (const [c, column] of columns.entries()) {
    const { source: array, weights, drive } = column
    const { rows, cols } = array.conductance
    const amps = noise.shot === 0 ? null : shotAmps(array, drive)
    arrays.push(withShot(arraySubcircuit(`column_${c}`, array), array, amps, profile))
    const words = names(`word_${c}`, rows)
    stimulus.push(...words.flatMap((word, i) => [source(word, word, drive[i]!), anchor(word)]))
    top.push(instance(`column_${c}`, [words, weights.map(inputOf)], `column_${c}`))
    const found = referred(array, weights)
    thermal += found.thermal
    if (amps !== null) for (let k = 0; k < rows * cols; k++) shot += amps[k]! * found.drop[k]! ** 2
  }
  for (const weight of amplifiers)
    top.push(
      instance(outputOf(weight), [inputOf(weight), outputOf(weight)], 'ob_tia_finite', {
        rf: rf(weight),
        gain: GAIN,
        gbw: GAIN_BANDWIDTH,
        swing: 1e6,
      }),
    )
  const sides = ([1, -1] as const).map((sign) =>
    sum(amplifiers.filter((weight) => Math.sign(weight) === sign).map((weight) => volts(outputOf(weight)))),
  )
  for (const [s, side] of sides.entries()) top.push(follower(`side_${s}`, side), anchor(`side_${s}`))
  top.push(instance('difference', ['side_0', 'side_1', 'amp'], 'ob_difference', { gain }), anchor('amp'))

  const scale = gain * layer.feedbackOhms
  const feedback = Math.abs(gain) * Math.sqrt(noise.thermal * amplifiers.reduce((s, weight) => s + rf(weight), 0))
  const devices = Math.abs(scale) * Math.sqrt(noise.thermal * thermal + noise.shot * shot)
  const total = Math.hypot(devices, feedback)
  const simulator = Math.abs(scale) * Math.sqrt(simulated(chip, columns, options, profile))
  const ac = stimulus.find((e) => e.kind === 'voltage')!
  const circuit = {
    title: `ohmbit noise of a column: layer ${l}, output ${output}`,
    header: [
      ...headerOf(chip, options),
      `layer ${l}, output ${output}: ${columns.map(({ source: { conductance: g } }) => `${g.rows} x ${g.cols}`).join(', ')} devices; other outputs' bit lines left out`,
      `wires: ${wiresText(wires)}`,
      `noise: thermal of devices, access transistors, wires and feedback resistors at ${profile.environment.temperature} K${noise.shot > 0 ? '; shot noise 2 q g |v| of every device for the first vector' : ''}`,
      `the simulator draws ${simulator.toExponential(4)} V rms at amp: devices without wires (${devices.toExponential(4)} V with those here), no feedback resistor (${feedback.toExponential(4)} V)`,
      'devices are ohmic here, whatever their law; no read noise, no noise of the amplifiers; their bandwidth is beyond the band',
      `band: ${bandwidth} Hz, as if cut off there`,
    ],
    parameters: { ...wireParameters(wires), ...deviceParameters({ ...OHMIC, seriesOhms: seriesOf(profile) }) },
    subcircuits: [...(noise.shot > 0 ? [SHOT] : []), ...arrays],
    top,
    stimulus,
    analysis: {
      kind: 'noise' as const,
      node: 'amp',
      source: ac.kind === 'voltage' ? ac.name : '',
      from: bandwidth * START,
      to: bandwidth,
      pointsPerDecade: 1,
      celsius: profile.environment.temperature - 273.15,
    },
  }
  const probe = { node: 'onoise_total', kind: 'noise' as const, layer: l, index: output, values: [total] }
  return { ...assemble('noise', circuit, [probe], 1, options.dialect), rms: { simulator, devices, feedback } }
}

const seriesOf = (profile: Profile) => profile.device.accessTransistor.resistance

/** The bit lines of an output, tile by tile. */
function columnsOf(chip: Chip, l: number, output: number, inputs: Float64Array, wires: ArraySource['wires']): Column[] {
  const layer = chip.deployment.layers[l]!
  const made = chip.layers[l]!
  return layer.tiles.flatMap((tile, t) => {
    const own = tile.outputs.indexOf(output)
    const { conductance, lineOutputs } = made.arrays[t]!
    const lines = lineOutputs.flatMap((of, j) => (own >= 0 && (of === own || of === -1) ? [j] : []))
    if (lines.length === 0) return []
    const { rows, cols } = conductance
    const picked = matrix(rows, lines.length)
    for (let i = 0; i < rows; i++)
      for (const [k, j] of lines.entries()) picked.data[i * lines.length + k] = conductance.data[i * cols + j]!
    const law = { ...OHMIC, seriesOhms: seriesOf(chip.deployment.profile) }
    const drive = Float64Array.from(
      tile.words,
      (word, i) => tile.signs[i]! * (word < layer.inputs ? inputs[word]! : layer.biasVolts),
    )
    return [
      { tile, source: { conductance: picked, wires, law }, weights: lines.map((j) => tile.lineWeights[j]!), drive },
    ]
  })
}

/** |ampere| that the simulator takes for the shot noise of each device. */
function shotAmps({ conductance, law = OHMIC }: ArraySource, drive: Float64Array): Float64Array {
  const cells = cellConductances(conductance, law.seriesOhms)
  return cells.data.map((g, k) => g * Math.abs(drive[Math.floor(k / conductance.cols)]!))
}

/**
 * Noise currents seen at the virtual grounds, by reciprocity: with the bit lines at their weights, thermal noise goes as
 * what the array dissipates (Nyquist), and a current beside a device counts as the volts across it.
 *
 * @returns  thermal: siemens; drop: one entry a device
 */
function referred({ conductance, wires, law = OHMIC }: ArraySource, weights: readonly number[]) {
  const cells = cellConductances(conductance, law.seriesOhms)
  const { rows, cols } = cells
  if (!hasWires(wires)) {
    const drop = cells.data.map((_, k) => weights[k % cols]!)
    return { thermal: cells.data.reduce((s, g, k) => s + g * drop[k]! ** 2, 0), drop }
  }
  const solver = prepareSolver(cells, wires, { bitLineVolts: [...weights] })
  const { outputAmps, nodes } = solver.solve(matrix(1, rows), { nodes: true })
  const [{ word, bit }] = nodes as [(typeof nodes)[number]]
  return {
    thermal: -weights.reduce((s, w, j) => s + w * outputAmps.data[j]!, 0),
    drop: bit.data.map((v, k) => v - word.data[k]!),
  }
}

/** Variance that the simulator draws for this output, ampere squared: the chip's own, where its profile has the noise. */
function simulated(chip: Chip, columns: readonly Column[], options: ColumnNoiseOptions, profile: Profile): number {
  const { layer: l, output, inputs } = options
  const { biasVolts } = chip.deployment.layers[l]!
  const volts = (word: number) => Math.abs(word < inputs.length ? inputs[word]! : biasVolts)
  const drawn = chip.layers[l]!.parts.flatMap(({ columnVariance: found }) => (found === null ? [] : [found]))
  let q = 0
  for (const { thermal, shot } of drawn) {
    q += thermal[output]!
    if (shot !== null) for (let i = 0; i < shot.cols; i++) q += shot.data[output * shot.cols + i]! * volts(i)
  }
  if (drawn.length > 0) return q
  for (const { tile, source: array, weights } of columns) {
    const alone = { ...tile, outputs: [0], lineOutputs: weights.map(() => 0), lineWeights: weights }
    const { thermal, shot } = columnVariance(array, alone, profile)!
    q += thermal[0]!
    if (shot !== null) for (const [i, word] of tile.words.entries()) q += shot.data[i]! * volts(word)
  }
  return q
}

/** A noise current of scale times the thermal noise of 1 ohm, volts to ampere. */
const SHOT: Subcircuit = {
  name: 'shot_noise',
  about: ['Shot noise of a device: the noise voltage of 1 ohm, turned into a current beside it.'],
  pins: ['word', 'bit'],
  parameters: { scale: 0 },
  elements: [
    resistor('one', 'unit', '0', 1),
    {
      kind: 'behavioural',
      name: 'shot',
      nodes: ['word', 'bit'],
      gives: 'amperes',
      expression: times(parameter('scale'), volts('unit')),
    },
  ],
}

/** The array with a noise current beside each device that carries one. */
function withShot(array: Subcircuit, source: ArraySource, amps: Float64Array | null, profile: Profile): Subcircuit {
  if (amps === null) return array
  const { shot, thermal } = columnNoise(profile)!
  const { word, bit } = lineNodes(source.wires)
  const { cols } = source.conductance
  const elements = Array.from(amps).flatMap((a, k): Element[] => {
    const [i, j] = [Math.floor(k / cols), k % cols]
    return a > 0
      ? [instance(`s_${i}_${j}`, [word(i, j), bit(i, j)], 'shot_noise', { scale: Math.sqrt((shot * a) / thermal) })]
      : []
  })
  return { ...array, elements: [...array.elements, ...elements] }
}
