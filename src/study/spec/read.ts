/** A study from its file and everything that it refers to, or from a deployment folder. */
import { basename, dirname, extname, join, resolve } from 'node:path'
import { fail, inFile, OhmbitError, type Warning } from '../../base/errors.ts'
import { kindOfPath, liesWithin, readBounded, readText } from '../../base/files.ts'
import { sha256Hex } from '../../base/hash.ts'
import { quote } from '../../base/json.ts'
import { knownOptions, type OptionNames } from '../../base/options.ts'
import { deploy } from '../../deployment/deploy.ts'
import type { Deployment } from '../../deployment/deployment.ts'
import { idealNetwork } from '../../deployment/run-chip.ts'
import { checkVectors, simulationData } from '../../deployment/simulate.ts'
import { readDeployment } from '../../deployment/store.ts'
import { parseMatrix } from '../../network/data.ts'
import type { Network } from '../../network/network.ts'
import { readNetwork } from '../../network/read.ts'
import { parseTask } from '../../network/task-format.ts'
import type { Matrix } from '../../numerics/matrix.ts'
import type { Profile } from '../../profile/profile.ts'
import { readProfile, setProfileValues } from '../../profile/read.ts'
import { defaultMetric, type MetricName } from '../../task/metric.ts'
import { checkImportance } from '../importance.ts'
import type { Study, StudyNetwork } from '../study.ts'
import { costOf, type StudyCost } from './cost.ts'
import { deployEnds } from './ends.ts'
import { STUDY_FORMAT } from './fields.ts'
import { type KeyOverrides, parseStudy, type StudyFile, type StudyKeys } from './file.ts'
import { changedProfile, type Outline, outlineOf, resolveStudy, SAMPLES } from './resolve.ts'

/** From the command line, in place of what the file says. */
export type StudyOverrides = KeyOverrides & {
  /** `PATH=VALUE` changes of the profile, after those of the file. */
  readonly set?: readonly string[]
  /** .npy files, any path; vectors and truth in place of drawn or named ones. */
  readonly inputs?: string
  readonly truth?: string
}

const OVERRIDES: OptionNames<StudyOverrides> = {
  name: true,
  kind: true,
  metric: true,
  axes: true,
  points: true,
  chips: true,
  firstChip: true,
  seed: true,
  samples: true,
  require: true,
  until: true,
  attributions: true,
  importance: true,
  loosest: true,
  shardChips: true,
  set: true,
  inputs: true,
  truth: true,
}

export interface ReadStudy {
  readonly study: Study
  /** Everything that was read. */
  readonly files: readonly ReadFile[]
  readonly cost: StudyCost
  readonly warnings: readonly Warning[]
}

interface ReadFile {
  readonly path: string
  readonly sha256: string
}

const MAX_TEXT = 4 << 20

/**
 * Read a study.
 *
 * @param path       a study file; or a deployment folder, whose study is a monte-carlo unless `overrides` say otherwise
 * @param overrides  what stands in place of the file's keys
 * @throws OHM8001, OHM8004 what the file says; OHM1001 to OHM1301, OHM5002, OHM5003 what it refers to
 */
export async function readStudy(path: string, overrides: StudyOverrides = {}): Promise<ReadStudy> {
  knownOptions<StudyOverrides>('readStudy', overrides, OVERRIDES)
  const { set = [], inputs, truth, ...keys } = overrides
  if (inputs !== undefined && keys.samples !== undefined)
    fail('OHM9001', 'samples draws vectors from the task; it does not go with inputs and truth')
  const folder = (await kindOfPath(path)) === 'folder'
  const text = folder ? JSON.stringify({ format: STUDY_FORMAT }) : await readText(path, MAX_TEXT)
  const file = parseStudy(text, path, keys)
  const outline = await outlineOf(file, folder)
  const read = reader(file, folder ? path : dirname(path))
  if (!folder) read.files.push({ path, sha256: sha256Hex(text) })

  const sources = await sourcesOf(outline, read, folder ? path : null)
  const base = sources[0]!.deployment?.profile ?? (await namedProfile(outline.keys.profile!, read))
  const profile = await withSet(changedProfile(outline, base, file.problems), set, outline, file)
  const own = inputs === undefined && truth === undefined ? await namedVectors(outline.keys, read) : null
  const vectors = own ?? (await givenVectors(inputs, truth, read))
  const { networks, warnings } = await deployed(sources, profile, outline, vectors, read)
  const metric = metricOf(networks, outline.keys, file)
  for (const n of networks) at(file, '/metric', () => idealNetwork(n.network, { ...n, metric }))
  const { importance } = outline.keys
  if (importance !== undefined)
    at(file, '/importance/path', () => {
      const [{ network, scales, calibration }] = networks as [StudyNetwork]
      checkImportance(importance, deploy(network, profile, { like: { scales, calibration } }))
    })
  file.problems.stop()
  const name = outline.keys.name ?? stem(folder ? resolve(path) : path)
  const resolved = resolveStudy(file, outline, { name, profile, networks, metric })
  const { study } = resolved
  const elsewhere = deployEnds(study, outline.axes, warnings, file.problems)
  file.problems.stop()
  return {
    study,
    files: read.files,
    cost: costOf(study),
    warnings: [...warnings, ...strangers(study), ...resolved.warnings, ...elsewhere],
  }
}

const stem = (path: string) => basename(path, extname(path)) || 'study'

/** Errors of a step as problems of the file, at a place of it. */
function at<T>(file: StudyFile, pointer: string, step: () => T): T | null {
  try {
    return step()
  } catch (error) {
    file.problems.caught(pointer, error)
    return null
  }
}

interface Reader {
  readonly file: StudyFile
  readonly folder: string
  readonly files: ReadFile[]
  /** Path of what the file names. @throws OHM8001 where its links lead out of the study's folder */
  inside(pointer: string, name: string): Promise<string>
  /** Bytes of a file, whose hash is noted. */
  taken(path: string): Promise<Uint8Array>
}

function reader(file: StudyFile, folder: string): Reader {
  const files: ReadFile[] = []
  return {
    ...{ file, folder, files },
    async inside(pointer, name) {
      const path = join(folder, name)
      if (!(await liesWithin(folder, path))) {
        file.problems.add(pointer, `${quote(name)} is a link that leads out of the folder of the study`)
        file.problems.stop()
      }
      return path
    },
    async taken(path) {
      const bytes = await readBounded(path)
      if (!files.some((known) => known.path === path)) files.push({ path, sha256: sha256Hex(bytes) })
      return bytes
    },
  }
}

/** A network before it is deployed. */
interface Source {
  readonly name: string
  readonly network: Network
  /** The folder that it came in. */
  readonly deployment: Deployment | null
}

async function sourcesOf({ keys }: Outline, read: Reader, given: string | null): Promise<readonly Source[]> {
  const task = keys.task === undefined ? null : at(read.file, '/task', () => parseTask(keys.task))
  read.file.problems.stop()
  const withTask = (network: Network) => (task === null ? network : { ...network, task })
  const folder = given ?? (keys.deployment === undefined ? null : await read.inside('/deployment', keys.deployment))
  if (folder !== null) {
    const deployment = await readDeployment(folder)
    await read.taken(join(folder, 'deployment.json'))
    return [{ name: deployment.network.name, network: withTask(deployment.network), deployment }]
  }
  const named =
    keys.network !== undefined
      ? [{ pointer: '/network', name: keys.network }]
      : keys.networks!.map((name, i) => ({ pointer: `/networks/${i}`, name }))
  const found: Source[] = []
  for (const { pointer, name } of named) {
    const path = await read.inside(pointer, name)
    found.push({ name, network: withTask(await readNetwork(path)), deployment: null })
    await read.taken(path)
    // Gives activations, name or task to the network beside it.
    const manifest = join(dirname(path), 'manifest.json')
    if ((await kindOfPath(manifest)) === 'file') await read.taken(manifest)
  }
  const names = distinct(found)
  return found.map((source, i) => ({ ...source, name: names[i]! }))
}

/** The networks' own names if they differ, else those of their files. */
function distinct(sources: readonly Source[]): readonly string[] {
  const choices = [
    sources.map(({ network }) => network.name),
    sources.map(({ name }) => stem(name)),
    sources.map(({ name }) => name),
  ]
  return choices.find((names) => new Set(names).size === names.length) ?? choices[2]!
}

/** A name with an ending is a file beside the study; anything else the id of a preset. */
async function namedProfile(name: string, read: Reader): Promise<Profile> {
  if (/^[\w.-]+$/.test(name) && !/\.json$/i.test(name)) return readProfile(name)
  if (name.split(/[/\\]/).includes('..') || /^([/\\]|[A-Za-z]:)/.test(name)) {
    read.file.problems.add('/profile', `${quote(name)} is no path inside the folder of the study`)
    read.file.problems.stop()
  }
  const path = await read.inside('/profile', name)
  const profile = await readProfile(path, { fileOnly: true })
  await read.taken(path)
  return profile
}

/** Changes of the command line. */
async function withSet(profile: Profile, set: readonly string[], { axes, goals }: Outline, file: StudyFile) {
  for (const assignment of set) {
    const path = assignment.slice(0, Math.max(0, assignment.indexOf('='))).trim()
    const axis = axes.find((one) => one.axis.path === path)
    if (axis !== undefined && file.keys.kind !== 'corners')
      file.problems.add(axis.pointer, `${path} is set, and an axis: the axis would always win`)
    if (goals.loosest?.path === path)
      file.problems.add('/loosest', `${path} is set, and looked for: the search would always win`)
  }
  file.problems.stop()
  return set.length === 0 ? profile : setProfileValues(profile, set)
}

interface Vectors {
  readonly inputs: Matrix
  readonly truth: Matrix
}

async function namedVectors(keys: StudyKeys, read: Reader): Promise<Vectors | null> {
  if (keys.inputs === undefined || keys.truth === undefined) return null
  return {
    inputs: await matrixOf(await read.inside('/inputs', keys.inputs), read),
    truth: await matrixOf(await read.inside('/truth', keys.truth), read),
  }
}

async function givenVectors(inputs: string | undefined, truth: string | undefined, read: Reader) {
  if (inputs === undefined && truth === undefined) return null
  if (inputs === undefined || truth === undefined)
    return fail('OHM9001', 'inputs and truth belong together; only one was given')
  return { inputs: await matrixOf(inputs, read), truth: await matrixOf(truth, read) }
}

async function matrixOf(path: string, read: Reader): Promise<Matrix> {
  const bytes = await read.taken(path)
  try {
    return parseMatrix(bytes, basename(path))
  } catch (error) {
    throw error instanceof OhmbitError ? inFile(error, path) : error
  }
}

/** Signal ranges and vectors of each network. Networks of the same task share their vectors. */
async function deployed(
  sources: readonly Source[],
  profile: Profile,
  { keys, seed }: Outline,
  own: Vectors | null,
  read: Reader,
): Promise<{ networks: StudyNetwork[]; warnings: Warning[] }> {
  const warnings = new Map<string, Warning>()
  const drawn = new Map<string, Vectors>()
  const given =
    keys.calibration === undefined ? null : await matrixOf(await read.inside('/calibration', keys.calibration), read)
  const networks = sources.map(({ name, network, deployment }): StudyNetwork => {
    const made = deploy(network, profile, {
      ...(deployment === null ? {} : { like: deployment }),
      ...(given === null ? {} : { calibration: given }),
    })
    for (const warning of made.warnings) {
      const message = sources.length > 1 ? `${name}: ${warning.message}` : warning.message
      warnings.set(message, { ...warning, message })
    }
    const task = JSON.stringify(network.task)
    const vectors = own ?? drawn.get(task) ?? simulationData(made, { samples: keys.samples ?? SAMPLES }, seed)
    if (own === null) drawn.set(task, vectors)
    checkVectors(network, vectors.inputs, vectors.truth)
    const { scales, calibration, adaptedTo } = made
    return { name, network, scales, calibration, ...(adaptedTo === undefined ? {} : { adaptedTo }), ...vectors }
  })
  return { networks, warnings: [...warnings.values()] }
}

/** The metric that is asked for, else the one that all networks have. */
function metricOf(networks: readonly StudyNetwork[], { metric }: StudyKeys, { problems }: StudyFile): MetricName {
  if (metric !== undefined) return metric
  const found = networks.map(({ network, truth }) =>
    defaultMetric(network.task, network.decoder.at(-1)!.weight.rows, truth),
  )
  const other = found.findIndex((name) => name !== found[0])
  if (other > 0) {
    problems.add(
      `/networks/${other}`,
      `${networks[other]!.name} is scored in ${found[other]}, ${networks[0]!.name} in ${found[0]}`,
      { hint: 'give "metric"' },
    )
    problems.stop()
  }
  return found[0]!
}

/** Chips that a digital half was not trained for. */
function strangers({ networks, seed, firstChip, chips }: Study): Warning[] {
  return networks.flatMap(({ adaptedTo }) =>
    adaptedTo === undefined || (adaptedTo.seed === seed && adaptedTo.chip === firstChip && chips === 1)
      ? []
      : [
          {
            code: 'OHM5008' as const,
            message: `the digital half was adapted to chip ${adaptedTo.chip} of seed ${adaptedTo.seed}; these are ${chips} chips of seed ${seed}`,
          },
        ],
  )
}
