/**
 * A whole serial conversion as a transient: K channels sampled and converted one after the other, in a circuit whose
 * decisions are its own.
 */

import { fail } from '../../base/errors.ts'
import { encodeTrace } from '../../deployment/encode.ts'
import type { Chip } from '../../deployment/fabricate.ts'
import { type Matrix, row } from '../../numerics/matrix.ts'
import { cellsUsed } from './cells.ts'
import type { Circuit } from './circuit.ts'
import {
  type ConversionSource,
  conversionParameters,
  conversionStimulus,
  conversionSubcircuits,
  conversionTop,
} from './conversion-circuit.ts'
import {
  type ConvertedChannel,
  convertedChannels,
  expectedConversion,
  leftOutOfTransient,
  type TransientProbe,
} from './conversion-expected.ts'
import { searchKind, stepsOf, strobesOf } from './conversion-search.ts'
import { type ConversionTiming, checkStrobes, conversionTiming } from './conversion-timing.ts'
import { dialect } from './dialects/index.ts'
import { type Header, headerOf } from './netlist.ts'
import { commentLine, oneLine } from './text.ts'

export interface ConversionOptions extends Header {
  /** Points in time at which a waveform of the conversion is printed beside the expected values; default: none. */
  readonly points?: number
}

export interface ConversionNetlist {
  /** The deck, and the expected values as JSON. */
  readonly files: readonly { readonly name: string; readonly text: string }[]
  readonly circuit: Circuit
  /** Of every node, at some of the times. */
  readonly expected: readonly TransientProbe[]
  readonly converted: readonly ConvertedChannel[]
  /** Seconds; all printed nodes are printed at each. */
  readonly times: readonly number[]
  readonly nodes: readonly string[]
  readonly timing: ConversionTiming
}

/** Nodes that a waveform shows beside those with expected values. */
const WAVEFORM = ['mux', 'sample', 'prepare', 'strobe'] as const

/**
 * The analog encoder's output volts for one vector, without noise.
 *
 * @param inputs  vectors x measurements, network units
 */
export function channelVolts(chip: Chip, inputs: Matrix, vector = 0): Float64Array {
  return row(encodeTrace(chip, inputs, { noise: false }).output.at(-1)!, vector)
}

/**
 * A deck that converts channels one after the other.
 *
 * @param input  volts at the multiplexer, one a channel; fewer than the ADC has are the first ones
 * @throws OHM5004 no channel or too many, OHM6003 too many strobes, OHM6005 a ramp over thresholds that no DAC gives
 */
export function conversionNetlist(
  chip: Chip,
  input: ArrayLike<number>,
  options: ConversionOptions = {},
): ConversionNetlist {
  const { deployment } = chip
  const { profile } = deployment
  const most = deployment.layers.at(-1)!.outputs
  if (input.length < 1 || input.length > most)
    fail('OHM5004', `a conversion has 1 to ${most} channels, not ${input.length}`)
  const kind = searchKind(profile)
  const strobes = Array.from({ length: input.length }, (_, n) => strobesOf(kind, deployment.adc, chip.adc, profile, n))
  checkStrobes(strobes)
  const cycles = strobes.reduce((most, of) => Math.max(most, of.at(-1)!.cycle), 1)
  const timing = conversionTiming(profile, input.length, cycles)
  const source: ConversionSource = { kind, instance: chip.adc, profile, timing, strobes, input }
  const steps = stepsOf(kind, chip.adc.thresholds.length)
  const converted = convertedChannels(chip, input)
  const { times: expectedTimes, probes } = expectedConversion(converted, timing, kind === 'flash')
  const end = timing.channels * timing.slot
  const grid = Array.from({ length: options.points ?? 0 }, (_, k) => (k * end) / ((options.points ?? 0) - 1 || 1))
  const times = [...new Set([...expectedTimes, ...grid])].sort((a, b) => a - b)
  const place = new Map(times.map((time, k) => [time, k]))
  const expected = probes.map((probe) => ({ ...probe, at: probe.at.map((k) => place.get(expectedTimes[k]!)!) }))
  const nodes = [...probes.map(({ node }) => node), ...(grid.length > 0 ? WAVEFORM : [])]
  const top = conversionTop(source)
  const stimulus = conversionStimulus(source)
  const subcircuits = conversionSubcircuits(source, steps)
  const { extension, deck } = dialect(options.dialect ?? 'ngspice')
  const circuit: Circuit = {
    title: oneLine(`ohmbit conversion: ${deployment.network.name} on ${profile.id}`),
    header: [
      ...headerLines(chip, source, options),
      'nodes: ch_n channel, mux, held at the comparator, threshold there, strobe, code, code_n latched code in volts',
    ].map(commentLine),
    parameters: conversionParameters(source),
    cells: cellsUsed([...subcircuits.map(({ elements }) => elements), top, stimulus]),
    subcircuits,
    top,
    stimulus,
    analysis: { kind: 'transient', stop: end, step: timing.compare, nodes, times },
  }
  const name = `conversion${extension}`
  return {
    files: [
      { name, text: deck(circuit) },
      { name: 'conversion.expected.json', text: expectedText(name, converted, expected, times) },
    ],
    circuit,
    expected,
    converted,
    times,
    nodes,
    timing,
  }
}

function headerLines(chip: Chip, { kind, timing, profile: { adc } }: ConversionSource, options: Header): string[] {
  const { deployment } = chip
  const search =
    kind === 'flash' ? 'all at once (flash)' : adc.architecture === 'serial' ? adc.search : adc.architecture
  return [
    ...headerOf(chip, options),
    `adc: channels 0 to ${timing.channels - 1} of ${deployment.layers.at(-1)!.outputs}, ${chip.adc.thresholds.length} thresholds, search: ${search}`,
    'closed loop: the next threshold and the code follow from decisions that the comparator made and capacitors keep',
    ...(kind === 'upward' && adc.search === 'ramp' ? ['ramp: the DAC is drawn at the codes of the table only'] : []),
    'droop: behind the front end, on a capacitor that takes over its output when the sample is done',
    `not in this deck: ${leftOutOfTransient(deployment.profile).join(', ') || 'nothing of the converter'}`,
    ...(timing.stretch === 1 ? [] : [`time: ${timing.stretch} s of the deck are 1 s of the profile`]),
    ...(adc.hold.capacitance === null || timing.sample === adc.hold.sampleTime * timing.stretch
      ? []
      : ['sample: another time, with a switch that settles as far in it']),
  ]
}

/** Expected values as JSON, one node a line. */
function expectedText(
  deck: string,
  converted: readonly ConvertedChannel[],
  probes: readonly TransientProbe[],
  times: readonly number[],
): string {
  const head = JSON.stringify({
    format: 'ohmbit/conversion-expected/1',
    deck,
    unit: 'volt',
    codes: converted.map(({ code }) => code),
  })
  const lines = probes.map(({ node, kind, channels, turns, at, values }) =>
    JSON.stringify({ node, kind, channels, turns, seconds: at.map((k) => times[k]), values }),
  )
  return `${head.slice(0, -1)},"probes":[\n${lines.join(',\n')}\n]}\n`
}
