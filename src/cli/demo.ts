import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { fail, type Warning } from '../base/errors.ts'
import { kindOfPath, readText } from '../base/files.ts'
import { deploy } from '../deployment/deploy.ts'
import { fabricate } from '../deployment/fabricate.ts'
import { profileHash, writeDeployment } from '../deployment/store.ts'
import { spiceNetlist, thresholdTable } from '../emit/index.ts'
import { dimensions } from '../network/network.ts'
import { readNetwork } from '../network/read.ts'
import { head } from '../numerics/matrix.ts'
import { readProfile } from '../profile/read.ts'
import { simulateParallel } from '../study/chips.ts'
import { generateSamples } from '../task/generate.ts'
import { FIRST } from '../task/stream.ts'
import { verifyDeployment } from '../verify/index.ts'
import type { Run } from './command.ts'
import { ladder, ladderText } from './demo-ladder.ts'
import { inputOf, seedOf, tableArtefacts, writeArtefacts, writeOwn } from './shared.ts'
import { simulationText } from './simulation-text.ts'
import { columns, metricText } from './style.ts'
import { checksText } from './verify.ts'
import { version } from './version.ts'

const PRESET = 'reram-cmo'
const CHIPS = 100
const WATERFALL_CHIPS = 20
const VECTORS = 2000
const LADDER = { chips: 2, pilots: 100_000 } as const

/** The mark of a folder that the demo made and may replace. */
const MARK = 'ohmbit demo\n'

export const run: Run = async (invocation) => {
  const { style, progress, signal } = invocation
  const { c } = style
  const folder = (invocation.options['output'] as string | undefined) ?? 'ohmbit-demo'
  const force = invocation.options['force'] === true
  if (
    !force &&
    (await kindOfPath(folder)) !== 'nothing' &&
    (await readText(`${folder}/MADE_BY`).catch(() => '')) !== MARK
  )
    fail('OHM1006', `${folder} exists and was not made by ohmbit demo`, {
      at: { file: folder },
      hint: 'choose another folder with -o, or pass --force',
    })
  const seed = seedOf(invocation)
  const example = fileURLToPath(new URL('../../examples/deepvqcs-n20/', import.meta.url))
  const files = { network: `${example}I4.safetensors`, aware: `${example}I4-${PRESET}.safetensors` }

  const network = await readNetwork(files.network)
  const profile = await readProfile(PRESET)
  const data = generateSamples(network.task!, { samples: VECTORS, seed, first: FIRST.test })
  progress('deploying ...')
  const deployment = deploy(network, profile)
  const { result, interrupted } = await simulateParallel(deployment, {
    ...data,
    chips: CHIPS,
    waterfallChips: WATERFALL_CHIPS,
    seed,
    workers: availableParallelism(),
    signal,
    onChip: (done, total, values) =>
      progress(
        `chip ${done}/${total}: mean ${metricText('nmseDb', values.reduce((a, b) => a + b, 0) / values.length)}`,
      ),
  })

  const aware = deploy(await readNetwork(files.aware), profile)
  const rungs = await ladder(deployment, aware, { ...data, ...LADDER, metric: 'nmseDb', seed, signal, progress })

  progress('writing ...')
  await writeOwn(`${folder}/MADE_BY`, MARK, true)
  await writeDeployment(`${folder}/deployment`, deployment, true)
  const chip = fabricate(deployment, { seed, chip: 0 })
  const table = thresholdTable(chip)
  const deck = spiceNetlist(chip, { inputs: head(data.inputs, 1), provenance: { ohmbit: version } })
  const tables = await writeArtefacts(`${folder}/thresholds`, tableArtefacts(table), true)
  const netlist = await writeArtefacts(`${folder}/netlist`, deck.files, true)
  const written = [...tables, ...netlist]
  progress('verifying in the circuit simulator ...')
  // Verilog takes longer than all the rest: that is left to ohmbit verify.
  const verification = await verifyDeployment(deployment, {
    engine: 'embedded',
    chips: 1,
    vectors: 1,
    seed,
    only: ['netlist', 'threshold-table', 'c'],
  })
  const failed = verification.checks.some((check) => check.status === 'fail')

  const d = dimensions(network)
  const heading = (s: string) => c.bold(s)
  const warnings: readonly Warning[] = [...result.warnings]
  return {
    result: {
      folder,
      network: network.name,
      profile: profile.id,
      metric: result.metric,
      waterfall: result.waterfall,
      ladder: rungs,
      codes: result.codes,
      counters: result.counters,
      files: written,
      checks: verification.checks,
      interrupted,
    },
    text: [
      heading(`${network.name} on ${profile.id}`),
      `${d.inputs} measurements -> ${deployment.layers.map((l) => `${l.outputs} ${l.activation}`).join(' -> ')} on crossbars -> one ${d.levels}-level serial ADC -> ${network.decoder.length} fixed-point layers -> ${d.outputs} components`,
      '',
      heading(`What the hardware costs (${CHIPS} chips, single stages on ${WATERFALL_CHIPS}, seed ${seed})`),
      simulationText(result, style),
      '',
      heading(`What can be won back (chips 0 and 1 of seed ${seed}, the same vectors)`),
      ladderText(rungs, 'nmseDb'),
      '',
      heading('Verified against a circuit simulator'),
      checksText(verification.checks, style),
      '',
      heading(`Written to ${folder}`),
      `deployment/ (${deployment.layers.length} layers), thresholds/ (the table in ${tables.length} formats), ${netlist.map((f) => f.path.slice(folder.length + 1)).join(', ')}`,
      '',
      heading('Next'),
      columns(
        [
          [
            `  ohmbit simulate ${folder}/deployment --set device.devicesPerSide=4`,
            'four devices a side, their errors average',
          ],
          [`  ohmbit adapt ${folder}/deployment --chip 3 --pilots 10000 -o chip3`, "one chip's decoder from pilots"],
          [
            `  ohmbit study run ${folder}/deployment --chips 1000 --require 'nmseDb <= -6' -o study`,
            'yield with its interval, figures, a page',
          ],
          [`  ohmbit profiles new mine -o mine.json`, 'your own hardware'],
          [`  ohmbit deploy YOUR.onnx --profile mine.json -o deployed`, 'your own network'],
        ],
        'll',
      ),
    ].join('\n'),
    warnings,
    inputs: [await inputOf(files.network), await inputOf(files.aware)],
    seed,
    profile: { id: profile.id, sha256: profileHash(profile) },
    exitCode: interrupted ? 130 : failed ? 1 : 0,
  }
}
