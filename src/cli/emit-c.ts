import { fabricate } from '../deployment/fabricate.ts'
import { type CSource, type CSourceOptions, cSource } from '../emit/index.ts'
import type { Run } from './command.ts'
import { deploymentOf, filesText, required, seedOf, writeArtefacts } from './shared.ts'
import { columns } from './style.ts'
import { version } from './version.ts'

export const run: Run = async (invocation) => {
  const folder = required(invocation, 'output', '-o OUT')
  const { deployment, input, profile } = await deploymentOf(invocation.args[0]!, invocation)
  const chip = invocation.options['chip'] as number | undefined
  const dacBits = invocation.options['dacBits'] as number | undefined
  const seed = seedOf(invocation)
  const source = cSource(chip === undefined ? deployment : fabricate(deployment, { seed, chip }), {
    version,
    firstLayer: invocation.options['firstLayer'] as NonNullable<CSourceOptions['firstLayer']>,
    ...(dacBits === undefined ? {} : { dacBits }),
  })
  const written = await writeArtefacts(folder, source.files, invocation.options['force'] === true)
  const { footprint, layers, warnings } = source
  return {
    result: { files: written, footprint, layers },
    text: [filesText(written), '', sizesText(source)].join('\n'),
    warnings,
    inputs: [input],
    seed,
    profile,
  }
}

/** Layers with their proofs, then bytes. */
function sizesText({ layers, footprint }: CSource): string {
  const { weightBytes, tableBytes, adcTableBytes, selftestBytes, flashBytes, stackBytes } = footprint
  return [
    columns(
      layers.map(({ name, form, weights, accumulator, accumulatorBits }) => [
        `  ${name}`,
        `${form} ${weights}`,
        `sums ${accumulator}, ${accumulatorBits} bits proved`,
      ]),
    ),
    '',
    columns([
      ['  weights', `${weightBytes} bytes`],
      ['  activation tables and levels', `${tableBytes} bytes`],
      ['  threshold table', `${adcTableBytes} bytes`],
      ['  golden vectors of the self-test', `${selftestBytes} bytes, none with DECNET_SELFTEST=0`],
      ['  flash, with code for a Cortex-M4', `about ${flashBytes} bytes`],
      ['  RAM', `${stackBytes} bytes of stack for the buffers, nothing static`],
    ]),
  ].join('\n')
}
