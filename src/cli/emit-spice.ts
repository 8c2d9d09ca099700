import { fail } from '../base/errors.ts'
import { wholeNumber } from '../base/whole-number.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { encodeTrace } from '../deployment/encode.ts'
import { type Chip, fabricate } from '../deployment/fabricate.ts'
import { nominalChip } from '../deployment/nominal.ts'
import { networkHash } from '../deployment/store.ts'
import {
  channelVolts,
  chipNetlists,
  columnNoiseNetlist,
  conversionNetlist,
  type DialectId,
  dialect,
  type SpiceOptions,
  spiceNetlist,
  tileNetlists,
} from '../emit/index.ts'
import { readMatrix } from '../network/data.ts'
import { head, row } from '../numerics/matrix.ts'
import type { Invocation, Run } from './command.ts'
import { deploymentOf, filesText, inputOf, required, seedOf, writeArtefacts } from './shared.ts'
import { version } from './version.ts'

const MAX_CHIPS = 10_000

export const run: Run = async (invocation) => {
  const folder = required(invocation, 'output', '-o OUT')
  const { deployment, input, profile } = await deploymentOf(invocation.args[0]!, invocation)
  const seed = seedOf(invocation)
  const file = invocation.options['inputs'] as string | undefined
  const vectors = file === undefined ? deployment.calibration : await readMatrix(file)
  const { id, triedIn, run } = dialect(invocation.options['dialect'] as DialectId)
  const files = netlistsOf(deployment, seed, invocation, {
    inputs: head(vectors, invocation.options['vectors'] as number),
    dialect: id,
    provenance: {
      ohmbit: version,
      'network sha256': networkHash(deployment.network),
      'profile sha256': profile.sha256,
    },
  })
  const written = await writeArtefacts(folder, files, invocation.options['force'] === true)
  const tried = triedIn.length > 0 ? `run in ${triedIn.join(', ')}` : 'written to the manual, never run'
  return {
    result: { dialect: { id, run, triedIn }, files: written },
    text: `${filesText(written)}\ndialect ${id}: ${tried}; ${run}`,
    inputs: file === undefined ? [input] : [input, await inputOf(file)],
    seed,
    profile,
  }
}

type Files = readonly { readonly name: string; readonly text: string }[]

/** The decks that the options ask for. */
function netlistsOf(deployment: Deployment, seed: number, { options }: Invocation, spice: SpiceOptions): Files {
  const chip = options['chip'] as number | undefined
  const chips = options['chips'] as number | undefined
  const tiles = options['tiles'] as string | undefined
  const column = options['noise'] as string | undefined
  const conversion = options['conversion'] === true ? true : undefined
  // Each is a deck of its own kind: two of them would be a choice for us to make.
  const kinds = Object.entries({
    '--chips': chips,
    '--tiles': tiles,
    '--noise': column,
    '--conversion': conversion,
  }).filter(([, given]) => given !== undefined)
  if (kinds.length > 1) fail('OHM9001', `${kinds[0]![0]} and ${kinds[1]![0]} do not go together`)
  if (chips !== undefined) {
    if (chip !== undefined) fail('OHM9001', '--chips and --chip do not go together')
    const count = wholeNumber('chips', chips, 1, MAX_CHIPS)
    return chipNetlists(
      Array.from({ length: count }, (_, k) => fabricate(deployment, { seed, chip: k })),
      spice,
    ).files
  }
  const made = chip === undefined ? nominalChip(deployment) : fabricate(deployment, { seed, chip })
  const named = { ...spice, ...(chip === undefined ? { chipName: 'nominal' } : {}) }
  if (tiles !== undefined) return tileNetlists(made, tiles, named).flatMap(({ files }) => files)
  if (column !== undefined) return noiseNetlist(deployment, made, column, named)
  if (conversion) return conversionNetlist(made, channelVolts(made, spice.inputs!), named).files
  return spiceNetlist(made, named).files
}

/** @param column  layer.output */
function noiseNetlist(deployment: Deployment, chip: Chip, column: string, options: SpiceOptions): Files {
  const found = /^(\d+)\.(\d+)$/.exec(column)
  if (found === null)
    return fail('OHM9001', `--noise ${column}: a column is LAYER.OUTPUT`, { hint: 'for instance 0.3' })
  const [layer, output] = [Number(found[1]), Number(found[2])]
  const { input, output: outputs } = encodeTrace(chip, head(options.inputs!, 1), { noise: false })
  const volts = layer === 0 ? input : outputs[layer - 1]
  return columnNoiseNetlist(chip, {
    ...options,
    layer,
    output,
    inputs: volts === undefined ? new Float64Array() : row(volts, 0),
    // The nominal chip has no noise; its column has that of the profile.
    profile: deployment.profile,
  }).files
}
