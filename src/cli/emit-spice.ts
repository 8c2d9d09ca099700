import { fabricate } from '../deployment/fabricate.ts'
import { nominalChip } from '../deployment/nominal.ts'
import { networkHash } from '../deployment/store.ts'
import { spiceNetlist } from '../emit/index.ts'
import { readMatrix } from '../network/data.ts'
import { head } from '../numerics/matrix.ts'
import type { Run } from './command.ts'
import { deploymentOf, filesText, inputOf, required, seedOf, writeArtefacts } from './shared.ts'
import { version } from './version.ts'

export const run: Run = async (invocation) => {
  const folder = required(invocation, 'output', '-o OUT')
  const { deployment, input, profile } = await deploymentOf(invocation.args[0]!, invocation)
  const index = invocation.options['chip'] as number | undefined
  const seed = seedOf(invocation)
  const file = invocation.options['inputs'] as string | undefined
  const vectors = file === undefined ? deployment.calibration : await readMatrix(file)
  const chip = index === undefined ? nominalChip(deployment) : fabricate(deployment, { seed, chip: index })
  const { files } = spiceNetlist(chip, {
    inputs: head(vectors, invocation.options['vectors'] as number),
    ...(index === undefined ? { chipName: 'nominal' } : {}),
    provenance: {
      ohmbit: version,
      'network sha256': networkHash(deployment.network),
      'profile sha256': profile.sha256,
    },
  })
  const written = await writeArtefacts(folder, files, invocation.options['force'] === true)
  return {
    result: { files: written },
    text: filesText(written),
    inputs: file === undefined ? [input] : [input, await inputOf(file)],
    seed,
    profile,
  }
}
