import { fabricate } from '../deployment/fabricate.ts'
import { type Verilog, verilog } from '../emit/index.ts'
import type { Run } from './command.ts'
import { deploymentOf, filesText, required, seedOf, writeArtefacts } from './shared.ts'
import { columns } from './style.ts'
import { version } from './version.ts'

export const run: Run = async (invocation) => {
  const folder = required(invocation, 'output', '-o OUT')
  const { deployment, input, profile } = await deploymentOf(invocation.args[0]!, invocation)
  const chip = invocation.options['chip'] as number | undefined
  const dacBits = invocation.options['dacBits'] as number | undefined
  const multipliers = invocation.options['multipliers'] as number | undefined
  const randomVectors = invocation.options['vectors'] as number | undefined
  const seed = seedOf(invocation)
  const made = verilog(chip === undefined ? deployment : fabricate(deployment, { seed, chip }), {
    version,
    ...(multipliers === undefined ? {} : { multipliers }),
    ...(randomVectors === undefined ? {} : { randomVectors }),
    ...(dacBits === undefined ? {} : { dacBits }),
  })
  const written = await writeArtefacts(folder, made.files, invocation.options['force'] === true)
  const { vectors, latencyCycles, intervalCycles, layers, warnings } = made
  return {
    result: { files: written, vectors, latencyCycles, intervalCycles, layers },
    text: [filesText(written), '', clocksText(made)].join('\n'),
    warnings,
    inputs: [input],
    seed,
    profile,
  }
}

/** Layers with their widths, then clocks. */
function clocksText({ layers, vectors, latencyCycles, intervalCycles }: Verilog): string {
  return [
    columns(
      layers.map((layer) => [
        `  ${layer.name}`,
        `${layer.multipliers} multiplier${layer.multipliers === 1 ? '' : 's'}`,
        `sums of ${layer.accumulatorBits} bits, ${layer.provedBits} proved`,
        `${layer.intervalCycles} clocks a vector`,
      ]),
    ),
    '',
    columns([
      ['  first code to last word', `${latencyCycles} clocks`],
      ['  between vectors', `${intervalCycles} clocks`],
      ['  golden vectors', `${vectors}`],
    ]),
  ].join('\n')
}
