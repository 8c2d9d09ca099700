/**
 * A whole serial conversion in a circuit simulator, whose circuit decides by itself, and in ours.
 */
import { OhmbitError } from '../base/errors.ts'
import type { Chip } from '../deployment/fabricate.ts'
import { type ConversionNetlist, channelVolts, conversionNetlist } from '../emit/spice/conversion.ts'
import { searchKind, stepsOf } from '../emit/spice/conversion-search.ts'
import type { Probe } from '../emit/spice/expected.ts'
import { joinWindows, printedNames } from '../emit/spice/windows.ts'
import type { Matrix } from '../numerics/matrix.ts'
import { type Check, judge } from './check.ts'
import type { DeckResult } from './compare.ts'
import type { CircuitEngine, Solution } from './engines/engine.ts'
import { lintNetlist } from './netlist/lint.ts'

export const CONVERSION_CHECK = 'netlist-transient'

/**
 * Volts that the steps of a transient may lose, relative to the larger of full scale and the largest threshold. Decisions
 * closer than twice that to the comparator's edge are not judged: input and threshold may both be off.
 */
export const TRANSIENT_TOLERANCE = 2e-4
/** How far a latched code may be from a whole number of volts. */
const WHOLE = 1e-2
/** Strobes of the first chip's deck, half a second to a second of work, and of each further one's, a tenth. */
const STROBES = { first: 40, further: 12 } as const
/** A deck's work grows with their square. */
const MOST_CHANNELS = 10

export interface ConversionComparison {
  readonly problems: readonly string[]
  /** Inputs and thresholds at strobes. */
  readonly voltages: number
  readonly largest: { readonly volts: number; readonly node: string }
  /** Channels with equal codes, and those not judged for a close decision. */
  readonly codes: number
  readonly close: number
}

/** Channels that a check converts. @param turn  of the chip */
export function checkedChannels(chip: Chip, turn: number): number {
  const { profile, layers } = chip.deployment
  const each = stepsOf(searchKind(profile), chip.adc.thresholds.length)
  const strobes = turn === 0 ? STROBES.first : STROBES.further
  return Math.min(layers.at(-1)!.outputs, MOST_CHANNELS, Math.max(1, Math.floor(strobes / each)))
}

/**
 * Voltages of all printed nodes at all times of a deck.
 *
 * @param seen  is handed what the run printed
 * @throws OHM6002 when the engine fails
 */
export async function solveConversion(
  netlist: Pick<ConversionNetlist, 'files' | 'nodes' | 'times'>,
  engine: CircuitEngine,
  seen?: (log: string) => void,
): Promise<Solution> {
  const { nodes, times, files } = netlist
  const { names, length } = printedNames(nodes, times.length)
  return joinWindows(nodes, times.length, await engine.solve(files[0]!.text, names, length, seen))
}

/**
 * Solve and compare.
 *
 * @param seen  is handed the run, also one that does not count
 * @throws OHM6002 when the engine fails
 */
export async function compareConversion(
  chip: Chip,
  netlist: ConversionNetlist,
  engine: CircuitEngine,
  seen?: (result: DeckResult) => Promise<void>,
): Promise<ConversionComparison> {
  let log = ''
  const see = (text: string) => {
    log = text
  }
  const kept = {
    files: netlist.files,
    expected: netlist.expected.map(({ node, kind, values }): Probe => ({ node, kind, layer: null, index: 0, values })),
  }
  let solution: Solution
  try {
    const all = await solveConversion(netlist, engine, see)
    solution = new Map(netlist.expected.map(({ node, at }) => [node, Float64Array.from(at, (k) => all.get(node)![k]!)]))
  } catch (error) {
    await seen?.({ netlist: kept, log, solution: null, problems: [(error as Error).message] })
    throw error
  }
  const comparison = judged(chip, netlist, solution)
  await seen?.({ netlist: kept, log, solution, problems: comparison.problems })
  return comparison
}

/** @param solution  of each node its values where they are expected */
function judged(chip: Chip, netlist: ConversionNetlist, solution: Solution): ConversionComparison {
  const { profile } = chip.deployment
  const range = [...(chip.adc.perChannel ?? [chip.adc.thresholds])].reduce(
    (most, table) => table.reduce((a, t) => Math.max(a, Math.abs(t)), most),
    profile.adc.fullScale,
  )
  const tolerance = TRANSIENT_TOLERANCE * range
  /** Index of the first decision of a channel that may fall either way. */
  const unsure = netlist.converted.map(({ compares }) => {
    const turn = compares.findIndex(({ input, edge }) => Math.abs(input - edge) <= 2 * tolerance)
    return turn < 0 ? Number.POSITIVE_INFINITY : turn
  })
  const problems: string[] = []
  let largest = { volts: 0, node: '' }
  let voltages = 0
  const wrong = new Set<number>()
  for (const { node, kind, channels, turns, values } of netlist.expected)
    for (const [i, want] of values.entries()) {
      const channel = channels[i]!
      const got = solution.get(node)![i]!
      if (turns[i]! > unsure[channel]!) continue
      if (kind === 'code') {
        if (Math.abs(got - want) <= WHOLE) continue
        wrong.add(channel)
        problems.push(`${node}, channel ${channel}: ${got} V, expected code ${want}`)
        continue
      }
      voltages++
      const difference = Math.abs(got - want)
      if (difference > largest.volts) largest = { volts: difference, node }
      if (!(difference <= Math.max(tolerance, TRANSIENT_TOLERANCE * Math.abs(want))))
        problems.push(`${node}, channel ${channel}, decision ${turns[i]}: ${got} V, expected ${want} V`)
    }
  const close = unsure.filter(Number.isFinite).length
  return { problems, voltages, largest, codes: netlist.converted.length - close - wrong.size, close }
}

/**
 * The conversion of the first vector by each chip.
 *
 * @param chips   by the name of their decks
 * @param inputs  vectors x measurements
 */
export async function conversionCheck(
  chips: readonly { readonly name: string; readonly chip: Chip }[],
  inputs: Matrix,
  engine: CircuitEngine,
  keep?: (name: string, result: DeckResult) => Promise<void>,
): Promise<Check> {
  const problems: string[] = []
  const done: ConversionComparison[] = []
  let skipped: string | null = null
  await Promise.all(
    chips.map(async ({ name, chip }, turn) => {
      try {
        const volts = channelVolts(chip, inputs).slice(0, checkedChannels(chip, turn))
        const netlist = conversionNetlist(chip, volts, { chipName: name })
        const named = (problem: string) => `${name}: ${problem}`
        problems.push(...lintNetlist(netlist.files[0]!.text, { conductanceMax: 0 }).problems.map(named))
        const seen = keep === undefined ? undefined : (result: DeckResult) => keep(`${name}-conversion`, result)
        const comparison = await compareConversion(chip, netlist, engine, seen)
        problems.push(...comparison.problems.map(named))
        done.push(comparison)
      } catch (error) {
        if (!(error instanceof OhmbitError)) throw error
        if (error.code === 'OHM6003' || error.code === 'OHM6005') skipped = error.message
        else if (error.code === 'OHM6002') problems.push(`${name}: ${error.message}`)
        else throw error
      }
    }),
  )
  if (skipped !== null && problems.length === 0 && done.length === 0)
    return { id: CONVERSION_CHECK, status: 'skipped', detail: skipped }
  return judge(
    CONVERSION_CHECK,
    problems,
    `${textOf(chips[0]!.chip, done)}${skipped === null ? '' : `; ${skipped}`}`,
    done.length,
  )
}

function textOf(chip: Chip, done: readonly ConversionComparison[]): string {
  const sum = (part: (c: ConversionComparison) => number) => done.reduce((n, c) => n + part(c), 0)
  const of = chip.deployment.layers.at(-1)!.outputs
  const [channels, further] = [checkedChannels(chip, 0), checkedChannels(chip, 1)]
  const named = (n: number) =>
    n === of
      ? `${of === 1 ? 'the one channel' : `all ${of} channels`}`
      : n === 1
        ? `channel 0 of ${of}`
        : `channels 0 to ${n - 1} of ${of}`
  const close = sum((c) => c.close)
  const largest = done.reduce((a, c) => Math.max(a, c.largest.volts), 0)
  return [
    `${sum((c) => c.codes)} codes of ${done.length} ${done.length === 1 ? 'chip' : 'chips'} equal`,
    named(channels) + (done.length > 1 && further !== channels ? `, of further chips ${named(further)}` : ''),
    `${sum((c) => c.voltages)} voltages at strobes, largest difference ${largest.toExponential(1)} V`,
    ...(close > 0 ? [`${close} not judged, a decision within ${2 * TRANSIENT_TOLERANCE} of full scale`] : []),
  ].join(', ')
}
