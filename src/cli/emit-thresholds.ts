import { fail } from '../base/errors.ts'
import { calibrateAdc } from '../deployment/calibrate-adc.ts'
import { fabricate } from '../deployment/fabricate.ts'
import { thresholdTable } from '../emit/index.ts'
import { writeCalibrated } from './calibrated-tables.ts'
import type { Run } from './command.ts'
import { deploymentOf, filesText, required, seedOf, tableArtefacts, writeArtefacts } from './shared.ts'
import { tableText } from './table-text.ts'

export const run: Run = async (invocation) => {
  const folder = required(invocation, 'output', '-o OUT')
  const { deployment, input, profile } = await deploymentOf(invocation.args[0]!, invocation)
  const chip = invocation.options['chip'] as number | undefined
  const dacBits = invocation.options['dacBits'] as number | undefined
  const seed = seedOf(invocation)
  if (invocation.options['calibrated'] === true) {
    if (chip === undefined || dacBits !== undefined)
      fail('OHM9001', '--calibrated needs --chip K, and the DAC of the deployment (--set adc.dac.bits at deploy)')
    const calibrated = calibrateAdc(fabricate(deployment, { seed, chip: chip! }))
    const { written, shared } = await writeCalibrated(folder, calibrated.chip, invocation.options['force'] === true)
    return {
      result: { files: written, chosen: calibrated.chosen },
      text: [filesText(written), '', tableText(shared.table)].join('\n'),
      warnings: shared.warnings,
      inputs: [input],
      seed,
      profile,
    }
  }
  const source = chip === undefined ? deployment : fabricate(deployment, { seed, chip })
  const emitted = thresholdTable(source, dacBits === undefined ? {} : { dacBits })
  const written = await writeArtefacts(folder, tableArtefacts(emitted), invocation.options['force'] === true)
  return {
    result: { files: written },
    text: [filesText(written), '', tableText(emitted.table)].join('\n'),
    warnings: emitted.warnings,
    inputs: [input],
    seed,
    profile,
  }
}
