import { fabricate } from '../deployment/fabricate.ts'
import { thresholdTable } from '../emit/index.ts'
import type { Run } from './command.ts'
import { deploymentOf, filesText, required, seedOf, writeArtefacts } from './shared.ts'

export const run: Run = async (invocation) => {
  const folder = required(invocation, 'output', '-o OUT')
  const { deployment, input, profile } = await deploymentOf(invocation.args[0]!, invocation)
  const chip = invocation.options['chip'] as number | undefined
  const dacBits = invocation.options['dacBits'] as number | undefined
  const seed = seedOf(invocation)
  const source = chip === undefined ? deployment : fabricate(deployment, { seed, chip })
  const { files, warnings } = thresholdTable(source, dacBits === undefined ? {} : { dacBits })
  const written = await writeArtefacts(folder, files, invocation.options['force'] === true)
  return { result: { files: written }, text: filesText(written), warnings, inputs: [input], seed, profile }
}
