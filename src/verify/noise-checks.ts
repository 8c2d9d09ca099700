/**
 * The noise of a column of each layer, in a circuit simulator and in ours.
 */
import { OhmbitError } from '../base/errors.ts'
import { encodeTrace } from '../deployment/encode.ts'
import type { Chip } from '../deployment/fabricate.ts'
import { columnNoiseNetlist } from '../emit/spice/noise.ts'
import { head, type Matrix, row } from '../numerics/matrix.ts'
import { type Check, judge } from './check.ts'
import { compareNetlist, type DeckResult, NOISE_TOLERANCE } from './compare.ts'
import type { CircuitEngine } from './engines/engine.ts'
import { lintNetlist } from './netlist/lint.ts'

export const NOISE_CHECK = 'netlist-noise'

/**
 * For one output of every layer two decks: with the wires, where the circuit simulator has to find what our solver says,
 * and without, where what is left has to be what the simulator draws.
 *
 * @param chip    whose profile has noise of the columns
 * @param inputs  vectors x measurements; the first one counts
 */
export async function noiseCheck(
  chip: Chip,
  inputs: Matrix,
  engine: CircuitEngine,
  keep?: (name: string, result: DeckResult) => Promise<void>,
): Promise<Check> {
  const problems: string[] = []
  const texts: string[] = []
  try {
    const trace = encodeTrace(chip, head(inputs, 1), { noise: false })
    for (const [layer, { outputs }] of chip.deployment.layers.entries()) {
      const output = Math.floor(outputs / 2)
      const column = { layer, output, inputs: row(layer === 0 ? trace.input : trace.output[layer - 1]!, 0) }
      for (const withoutWires of [false, true]) {
        const netlist = columnNoiseNetlist(chip, { ...column, withoutWires })
        const place = `layer ${layer}, output ${output}${withoutWires ? ', without wires' : ''}`
        const named = (problem: string) => `${place}: ${problem}`
        const { text } = netlist.files[0]!
        problems.push(...lintNetlist(text, { conductanceMax: Number.POSITIVE_INFINITY }).problems.map(named))
        const name = `noise-layer-${layer}${withoutWires ? '-without-wires' : ''}`
        const seen = keep === undefined ? undefined : (result: DeckResult) => keep(name, result)
        problems.push(...(await compareNetlist(chip, netlist, engine, seen)).problems.map(named))
        const { simulator, devices, feedback } = netlist.rms
        if (!withoutWires)
          texts.push(
            `${place}: ${volts(Math.hypot(devices, feedback))} rms, of it ${volts(feedback)} of feedback resistors; the simulator draws ${volts(simulator)}`,
          )
        else if (!(Math.abs(simulator - devices) <= NOISE_TOLERANCE.relative * devices))
          problems.push(named(`the simulator draws ${simulator} V rms, the devices make ${devices} V`))
      }
    }
  } catch (error) {
    if (!(error instanceof OhmbitError)) throw error
    if (error.code === 'OHM6004') return { id: NOISE_CHECK, status: 'skipped', detail: error.message }
    if (error.code !== 'OHM6002') throw error
    problems.push(error.message)
  }
  return judge(NOISE_CHECK, problems, texts.join('; '))
}

const volts = (x: number) => `${x.toExponential(2)} V`
