/**
 * A deployment as a folder: deployment.json names every other file with its SHA-256. Byte-identical for identical input.
 *
 * A deployment is a pure function of network, profile and signal ranges, so reading one recomputes it and compares the
 * result with what the folder holds: a folder that another version computed differently is refused, not believed.
 */
import { join } from 'node:path'
import { fail } from '../base/errors.ts'
import { readBounded, readText, writeFolder } from '../base/files.ts'
import { sha256Hex } from '../base/hash.ts'
import { parseJson } from '../base/json.ts'
import { formatSafetensors, parseSafetensors } from '../network/formats/safetensors.ts'
import { dimensions } from '../network/network.ts'
import type { Matrix } from '../numerics/matrix.ts'
import { formatNpy, parseNpy } from '../numerics/npy.ts'
import type { ChipKey } from '../numerics/random.ts'
import { profileFromJson, profileToJson } from '../profile/read.ts'
import { deploy } from './deploy.ts'
import type { Deployment, Scales } from './deployment.ts'

const INDEX = 'deployment.json'
const FORMAT = 'ohmbit/deployment/1'

const npy = (m: Matrix) => formatNpy([m.rows, m.cols], m.data, 'f8')

/** The SHA-256 of a network: of its native form. */
export function networkHash(network: Deployment['network']): string {
  return sha256Hex(formatSafetensors(network))
}

/** The SHA-256 of a profile: of its canonical JSON. */
export function profileHash(profile: Deployment['profile']): string {
  return sha256Hex(profileToJson(profile))
}

/** Every file of the folder, by name. */
export function deploymentFiles(deployment: Deployment): Map<string, Uint8Array | string> {
  const files = new Map<string, Uint8Array | string>()
  files.set('network.safetensors', formatSafetensors(deployment.network))
  files.set('profile.json', profileToJson(deployment.profile))
  files.set('calibration.npy', npy(deployment.calibration))
  const layers = deployment.layers.map((layer, l) => {
    const { tiles, ...numbers } = layer
    return {
      ...numbers,
      tiles: tiles.map((tile, t) => {
        const file = `targets/layer${l}_tile${t}.npy`
        files.set(file, npy(tile.target))
        return {
          file,
          wordLines: tile.target.rows,
          bitLines: tile.target.cols,
          words: tile.words,
          signs: tile.signs,
          outputs: tile.outputs,
          lineOutputs: tile.lineOutputs,
          lineWeights: tile.lineWeights,
          part: tile.part,
        }
      }),
    }
  })
  if (deployment.decoder !== null) files.set('decoder.json', `${JSON.stringify(deployment.decoder, plainArrays, 1)}\n`)
  const { adc, adaptedTo, network, profile, scales, warnings } = deployment
  const index = {
    format: FORMAT,
    network: { name: network.name, ...dimensions(network), task: network.task },
    profile: { id: profile.id },
    ...(adaptedTo === undefined ? {} : { adaptedTo }),
    scales,
    layers,
    adc,
    warnings,
    files: Object.fromEntries(
      [...files].map(([name, content]) => [
        name,
        {
          bytes: typeof content === 'string' ? new TextEncoder().encode(content).length : content.length,
          sha256: sha256Hex(content),
        },
      ]),
    ),
  }
  files.set(INDEX, `${JSON.stringify(index, plainArrays, 2)}\n`)
  return files
}

/** Typed arrays as plain ones: JSON.stringify would make objects of them. */
function plainArrays(_key: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value
}

/**
 * Write a deployment folder; an older deployment in its place is replaced as a whole.
 *
 * @throws OHM1006 something else stands there, OHM1007 cannot be written
 */
export async function writeDeployment(folder: string, deployment: Deployment, force = false): Promise<void> {
  await writeFolder(folder, deploymentFiles(deployment), async (path) => force || (await isDeployment(path)))
}

/** Whether a folder holds a deployment, of whatever version. */
export async function isDeployment(folder: string): Promise<boolean> {
  try {
    return (await readText(join(folder, INDEX))).includes('"format": "ohmbit/deployment/')
  } catch {
    return false
  }
}

/**
 * Read a deployment folder.
 *
 * @throws OHM1301 not a deployment, damaged, or computed differently by another version
 */
export async function readDeployment(folder: string): Promise<Deployment> {
  const place = join(folder, INDEX)
  const invalid = (message: string): never =>
    fail('OHM1301', `${folder}: ${message}`, {
      at: { file: place },
      hint: 'make it again with ohmbit deploy NETWORK --profile PROFILE -o DIR',
    })
  const text = await readText(place).catch(() => invalid('there is no readable deployment.json'))
  const index = (() => {
    try {
      return parseJson(text, place).value as Record<string, unknown>
    } catch {
      return invalid('deployment.json is not valid JSON')
    }
  })()
  if (typeof index !== 'object' || index === null || index['format'] !== FORMAT)
    invalid(`the format is ${JSON.stringify(index?.['format'])}, this version reads ${FORMAT}`)
  const scales = readScales(index['scales']) ?? invalid('the signal ranges (scales) are missing or not valid')

  const load = async (name: string) => {
    const bytes = await readBounded(join(folder, name)).catch(() => invalid(`${name} is missing or cannot be read`))
    const listed = (index['files'] as Record<string, { sha256?: string }> | undefined)?.[name]?.sha256
    if (listed !== sha256Hex(bytes)) invalid(`${name} does not have the SHA-256 that deployment.json states`)
    return bytes
  }
  const network = parseSafetensors(await load('network.safetensors'), 'network.safetensors')
  const profile = await profileFromJson(new TextDecoder().decode(await load('profile.json')))
  const kept = parseNpy(await load('calibration.npy'), 'calibration.npy')
  const calibration: Matrix = { rows: kept.shape[0]!, cols: kept.shape[1]!, data: kept.data }
  if (
    kept.shape.length !== 2 ||
    calibration.cols !== network.encoder[0]!.weight.cols ||
    scales.layers.length !== network.encoder.length
  )
    invalid('calibration vectors or signal ranges do not fit the network')

  const like = { scales, calibration }
  const adaptedTo = index['adaptedTo'] === undefined ? null : (readChip(index['adaptedTo']) ?? invalid(BAD_CHIP))
  const deployment = deploy(network, profile, { like: adaptedTo === null ? like : { ...like, adaptedTo } })
  for (const [name, content] of deploymentFiles(deployment)) {
    const bytes = await readBounded(join(folder, name)).catch(() => invalid(`${name} is missing or cannot be read`))
    if (sha256Hex(bytes) !== sha256Hex(content))
      invalid(`${name} is not what this version computes from the network and the profile`)
  }
  return deployment
}

const BAD_CHIP = 'adaptedTo is not a seed and a chip, whole numbers below 2^32'

function readChip(value: unknown): ChipKey | null {
  if (typeof value !== 'object' || value === null) return null
  const { seed, chip } = value as Record<string, unknown>
  const isWord = (x: unknown): x is number => Number.isInteger(x) && (x as number) >= 0 && (x as number) < 2 ** 32
  return isWord(seed) && isWord(chip) ? { seed, chip } : null
}

function readScales(value: unknown): Scales | null {
  if (typeof value !== 'object' || value === null) return null
  const { input, layers, origin } = value as Record<string, unknown>
  const positive = (x: unknown): x is number => typeof x === 'number' && Number.isFinite(x) && x > 0
  if (!positive(input) || !Array.isArray(layers) || !layers.every(positive)) return null
  if (origin !== 'given' && origin !== 'task' && origin !== 'standard-normal') return null
  return { input, layers, origin }
}
