import { deploy } from '../deployment/deploy.ts'
import { profileHash, writeDeployment } from '../deployment/store.ts'
import { readMatrix } from '../network/data.ts'
import { dimensions } from '../network/network.ts'
import { readProfile, setProfileValues } from '../profile/read.ts'
import type { Input, Run } from './command.ts'
import { decoderLines } from './decoder-lines.ts'
import { adcLine, deploymentSummary, wireLines } from './deployment-summary.ts'
import { inputOf, networkOf, required } from './shared.ts'
import { quantityText } from './style.ts'

export const run: Run = async (invocation) => {
  const folder = required(invocation, 'output', '-o DIR')
  const { network, input } = await networkOf(invocation.args[0]!, invocation)
  const base = await readProfile(required(invocation, 'profile', '--profile ID_OR_FILE'))
  const set = (invocation.options['set'] as string[] | undefined) ?? []
  const profile = await setProfileValues(base, set)
  const inputs: Input[] = [input]
  const file = invocation.options['calibrate'] as string | undefined
  if (file !== undefined) inputs.push(await inputOf(file))
  const deployment = deploy(network, profile, file === undefined ? {} : { calibration: await readMatrix(file) })
  await writeDeployment(folder, deployment, invocation.options['force'] === true)
  return {
    result: { folder, network: network.name, ...dimensions(network), ...deploymentSummary(deployment) },
    text: [
      `${network.name} on ${profile.id} -> ${folder}`,
      ...deployment.layers.map((layer, l) => {
        const sizes = layer.tiles.map((t) => `${t.target.rows} x ${t.target.cols}`).join(', ')
        return `  encoder ${l}: ${layer.inputs} -> ${layer.outputs} ${layer.activation}, ${layer.tiles.length === 1 ? 'one array' : `${layer.tiles.length} arrays`} of ${sizes} lines, feedback ${quantityText(layer.feedbackOhms, 'ohm')}`
      }),
      ...wireLines(deployment),
      `  ${adcLine(deployment)}`,
      ...(deployment.decoder === null ? ['  decoder: float'] : decoderLines(deployment.decoder)),
      `next: ohmbit simulate ${folder}${network.task === null ? ' --inputs Y.npy --truth X.npy' : ''}`,
    ].join('\n'),
    warnings: deployment.warnings,
    inputs,
    set,
    profile: { id: profile.id, sha256: profileHash(profile) },
  }
}
