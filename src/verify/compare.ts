/**
 * A deck solved by a circuit simulator against the values our simulator expects.
 */
import type { Chip } from '../deployment/fabricate.ts'
import type { Probe } from '../emit/spice/expected.ts'
import type { SpiceNetlist } from '../emit/spice/netlist.ts'
import type { CircuitEngine, Solution } from './engines/engine.ts'

/** |difference| <= relative |expected| + absolute; a code may differ within `relative` of full scale from a threshold. */
export const TOLERANCE = { relative: 1e-6, absolute: 1e-9 } as const
/** Noise: a simulator sums a band over its own frequencies, with its own constants of nature. */
export const NOISE_TOLERANCE = { relative: 1e-5, absolute: 0 } as const

export interface Comparison {
  readonly problems: readonly string[]
  readonly voltages: number
  /** Of them inside arrays. */
  readonly inside: number
  /** Largest |difference|, volts, and the node where it occurred. */
  readonly largest: { readonly volts: number; readonly node: string }
  readonly codes: number
  /** Codes not compared: the comparator's input lies within the tolerance of a threshold. */
  readonly close: number
}

/** A deck that was run, for those who want to look at it. */
export interface DeckResult {
  readonly netlist: Pick<SpiceNetlist, 'files' | 'expected'>
  /** What the simulator printed. */
  readonly log: string
  /** null: the run does not count */
  readonly solution: Solution | null
  readonly problems: readonly string[]
}

/**
 * Solve and compare.
 *
 * @param seen  is handed the run, also one that does not count
 * @throws OHM6002 when the engine fails
 */
export async function compareNetlist(
  chip: Chip,
  netlist: SpiceNetlist,
  engine: CircuitEngine,
  seen?: (result: DeckResult) => Promise<void>,
): Promise<Comparison> {
  const nodes = netlist.expected.map(({ node }) => node)
  let log = ''
  const see = (text: string) => {
    log = text
  }
  let solution: Solution
  try {
    solution = await engine.solve(netlist.files[0]!.text, nodes, netlist.vectors, see)
  } catch (error) {
    await seen?.({ netlist, log, solution: null, problems: [(error as Error).message] })
    throw error
  }
  const comparison = compareSolution(chip, netlist.expected, solution)
  await seen?.({ netlist, log, solution, problems: comparison.problems })
  return comparison
}

export function compareSolution(chip: Chip, expected: readonly Probe[], solution: Solution): Comparison {
  const problems: string[] = []
  const held = new Map(expected.filter(({ kind }) => kind === 'held').map(({ index, values }) => [index, values]))
  const window = TOLERANCE.relative * chip.deployment.profile.adc.fullScale
  const nearThreshold = (v: number, channel: number) =>
    (chip.adc.perChannel?.[channel] ?? chip.adc.thresholds).some(
      (t) => Math.abs(v - t - chip.adc.comparatorOffset) < window,
    )
  let largest = { volts: 0, node: '' }
  let voltages = 0
  let inside = 0
  let codes = 0
  let close = 0
  for (const { node, kind, index, values } of expected)
    for (const [v, want] of values.entries()) {
      const got = solution.get(node)![v]!
      const difference = Math.abs(got - want)
      if (kind === 'code') {
        codes++
        if (Math.abs(got - Math.round(got)) > 1e-6) problems.push(`${node}, vector ${v}: ${got} V is no code`)
        else if (Math.round(got) !== want) {
          if (nearThreshold(held.get(index)![v]!, index)) close++
          else problems.push(`${node}, vector ${v}: code ${Math.round(got)}, expected ${want}`)
        }
        continue
      }
      voltages++
      if (kind === 'inside') inside++
      if (difference > largest.volts) largest = { volts: difference, node }
      const { relative, absolute } = kind === 'noise' ? NOISE_TOLERANCE : TOLERANCE
      if (!(difference <= relative * Math.abs(want) + absolute))
        problems.push(`${node}, vector ${v}: ${got} V, expected ${want} V`)
    }
  return { problems, voltages, inside, largest, codes, close }
}

/** One line: what was compared and how close it was. */
export function comparisonText({ voltages, inside, largest, codes, close }: Comparison): string {
  const within = inside > 0 ? ` (${inside} inside an array)` : ''
  const parts = [`${voltages} voltages${within}, largest difference ${largest.volts.toExponential(1)} V`]
  if (codes > 0) parts.push(`${codes - close} codes equal`)
  if (close > 0) parts.push(`${close} within 1e-6 of a threshold`)
  return parts.join(', ')
}
