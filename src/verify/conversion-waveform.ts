/**
 * What a circuit simulator made of a conversion, over time: the plain data of a figure.
 */
import type { ConversionNetlist } from '../emit/spice/conversion.ts'
import { latchedAt, strobeAt } from '../emit/spice/conversion-timing.ts'
import type { Solution } from './engines/engine.ts'

export interface ConversionWaveform {
  readonly seconds: readonly number[]
  /** volts at each of the times */
  readonly input: readonly number[]
  readonly held: readonly number[]
  /** null: a flash converter */
  readonly threshold: readonly number[] | null
  readonly sample: readonly number[]
  readonly strobe: readonly number[]
  readonly code: readonly number[]
  /** Of the simulator. */
  readonly decisions: readonly { readonly seconds: number; readonly threshold: number; readonly above: boolean }[]
  /** `code` of the circuit's latch at the end, `expected` of the simulator. */
  readonly channels: readonly { readonly end: number; readonly code: number; readonly expected: number }[]
  readonly levels: number
}

/**
 * @param netlist   with `points`
 * @param solution  of all its nodes at all its times
 */
export function conversionWaveform(netlist: ConversionNetlist, solution: Solution, levels: number): ConversionWaveform {
  const { converted, timing, nodes } = netlist
  const of = (node: string) => Array.from(solution.get(node)!)
  return {
    seconds: netlist.times,
    input: of('mux'),
    held: of('held'),
    threshold: nodes.includes('threshold') ? of('threshold') : null,
    sample: of('sample'),
    strobe: of('strobe'),
    code: of('code'),
    decisions: converted.flatMap(({ channel, compares }) =>
      compares.map(({ cycle, presented, above }) => ({
        seconds: strobeAt(timing, channel, cycle),
        threshold: presented,
        above,
      })),
    ),
    channels: converted.map(({ channel, code }) => ({
      end: latchedAt(timing, channel),
      code: Math.round(of(`code_${channel}`).at(-1)!),
      expected: code,
    })),
    levels,
  }
}
