/** A study from its folder. What stands there is from outside: everything is checked. */
import { join } from 'node:path'
import { fail, OhmbitError } from '../../base/errors.ts'
import { kindOfPath, liesWithin, readBounded, readText } from '../../base/files.ts'
import { parseJson } from '../../base/json.ts'
import type { Scales } from '../../deployment/deployment.ts'
import { checkVectors } from '../../deployment/simulate.ts'
import { parseSafetensors } from '../../network/formats/safetensors.ts'
import { availableEngines, useEngine } from '../../numerics/kernels/module.ts'
import type { Matrix } from '../../numerics/matrix.ts'
import { parseNpy } from '../../numerics/npy.ts'
import { mismatch } from '../../profile/check.ts'
import { FIELDS, type FieldPath, type FieldValue, isFieldPath } from '../../profile/fields.ts'
import { STAGES } from '../../profile/isolate.ts'
import { profileFromJson } from '../../profile/read.ts'
import { metricNames } from '../../task/metric.ts'
import { pointsOf } from '../spec/cost.ts'
import { MOST } from '../spec/fields.ts'
import { ATTRIBUTIONS, type Axis, type Mechanisms, type Point, STUDY_KINDS, type Study } from '../study.ts'
import { Entry } from './entry.ts'
import { STUDY_FILE, STUDY_FORMAT, type StudyEngine, sha256 } from './study-file.ts'

/** Characters of study.json, and points of a study. */
const LIMITS = { text: 64 << 20, points: 1_000_000, networks: 1000, axes: 100, values: 100_000, version: 64 } as const
const WORD = 2 ** 32 - 1

export interface StudyOnDisk {
  readonly study: Study
  /** Version of ohmbit that made the folder, and kernels it was begun with. */
  readonly version: string
  readonly engine: StudyEngine
  /** SHA-256 of study.json; stands in each shard. */
  readonly hash: string
}

/** Whether a folder holds a study, of whatever version. */
export async function isStudy(folder: string): Promise<boolean> {
  if ((await kindOfPath(folder)) !== 'folder') return false
  try {
    return (await readText(join(folder, STUDY_FILE))).slice(0, 200).includes('"format": "ohmbit/study-folder/')
  } catch {
    return false
  }
}

/**
 * Read the study of a folder and what it needs.
 *
 * @throws OHM8002 not a study, of another version's format, damaged
 */
export async function readStudyFolder(folder: string): Promise<StudyOnDisk> {
  const place = join(folder, STUDY_FILE)
  const invalid = (message: string): never =>
    fail('OHM8002', `${folder}: ${message}`, {
      at: { file: place },
      hint: 'make it again with ohmbit study run SPEC -o DIR',
    })
  const bytes = await readBounded(place, 4 * LIMITS.text).catch(() => invalid(`there is no readable ${STUDY_FILE}`))
  const value = (() => {
    try {
      return parseJson(new TextDecoder().decode(bytes), place, { maxLength: LIMITS.text }).value
    } catch (error) {
      return invalid(
        `${STUDY_FILE} is not valid JSON${error instanceof OhmbitError ? `: ${error.problems[0]!.message}` : ''}`,
      )
    }
  })()
  const root = new Entry(value, '', invalid)
  const format = root.get('format').text()
  if (format !== STUDY_FORMAT) invalid(`the format is ${JSON.stringify(format)}, this version reads ${STUDY_FORMAT}`)
  const version = root.get('version').text()
  const engine = root.get('engine').word(['simd', 'reference'] as const)
  if (!availableEngines().includes(engine)) useEngine(engine)

  const listed = root.get('files')
  const load = async (name: string) => {
    if (!/^inputs\/[A-Za-z0-9.]{1,64}$/.test(name)) invalid(`${JSON.stringify(name)} is not the name of an input`)
    const path = join(folder, name)
    if (!(await liesWithin(folder, path))) invalid(`${name} is a link that leads out of the folder`)
    const content = await readBounded(path).catch(() => invalid(`${name} is missing or cannot be read`))
    if (listed.get(name).get('sha256').text() !== sha256(content))
      invalid(`${name} does not have the SHA-256 that ${STUDY_FILE} states`)
    return content
  }
  const loadMatrix = async (name: string): Promise<Matrix> => {
    const { shape, data } = parseNpy(await load(name), name)
    return shape.length === 2 ? { rows: shape[0]!, cols: shape[1]!, data } : invalid(`${name} is not a matrix`)
  }
  const inner = async <T>(what: () => T | Promise<T>): Promise<T> => {
    try {
      return await what()
    } catch (error) {
      if (error instanceof OhmbitError && error.problems[0]!.code !== 'OHM8002') invalid(error.problems[0]!.message)
      throw error
    }
  }
  const profileName = root.get('profile').text()
  const profile = await inner(async () => profileFromJson(new TextDecoder().decode(await load(profileName))))
  const networks: Study['networks'][number][] = []
  for (const entry of root.get('networks').list(LIMITS.networks)) {
    networks.push(
      await inner(async () => {
        const name = entry.get('network').text()
        const network = parseSafetensors(await load(name), name)
        const inputs = await loadMatrix(entry.get('inputs').text())
        const truth = await loadMatrix(entry.get('truth').text())
        const calibration = await loadMatrix(entry.get('calibration').text())
        checkVectors(network, inputs, truth)
        const scales = scalesOf(entry.get('scales'))
        if (calibration.cols !== inputs.cols || scales.layers.length !== network.encoder.length)
          entry.wrong('calibration vectors or signal ranges do not fit the network')
        const own = entry.optional('adaptedTo')
        return {
          ...{ name: entry.get('name').text(), network, scales, calibration, inputs, truth },
          ...(own === null
            ? {}
            : { adaptedTo: { seed: own.get('seed').whole(0, WORD), chip: own.get('chip').whole(0, WORD) } }),
        }
      }),
    )
  }
  if (networks.length === 0) invalid('there are no networks')

  const study: Study = {
    name: root.get('name').text(),
    kind: root.get('kind').word(STUDY_KINDS),
    networks,
    profile,
    axes: root.get('axes').list(LIMITS.axes).map(axisOf),
    points: root
      .get('points')
      .list(LIMITS.points)
      .map((entry, index) => pointOf(entry, index, networks.length)),
    metric: root.get('metric').word(metricNames),
    chips: root.get('chips').whole(1, WORD),
    firstChip: root.get('firstChip').whole(0, WORD),
    seed: root.get('seed').whole(0, WORD),
    shardChips: root.get('shardChips').whole(1, 1 << 20),
    requirement: root.nullable('requirement', (r) => ({
      metric: r.get('metric').word(metricNames),
      loss: r.get('loss').flag(),
      limit: r.get('limit').number(),
    })),
    until: root.nullable('until', (u) => ({
      of: u.get('of').word(['yield', 'median', 'mean'] as const),
      halfWidth: u.get('halfWidth').number(),
    })),
    attributions: root
      .get('attributions')
      .list(10)
      .map((entry) => entry.word(ATTRIBUTIONS)),
    importance: root.nullable('importance', (i) => ({
      path: pathOf(i.get('path')),
      scale: i.get('scale').number(),
    })),
    loosest: root.nullable('loosest', (l) => ({
      path: pathOf(l.get('path')),
      tight: l.get('tight').number(),
      loose: l.get('loose').number(),
      logarithmic: l.get('logarithmic').flag(),
      yield: l.get('yield').number(),
      tolerance: l.get('tolerance').number(),
    })),
  }
  // A folder made to do harm must not make a plan that fills the memory.
  const { points, chips, shardChips, firstChip, loosest, until } = study
  const all = pointsOf(points.length, loosest)
  if (all * chips > MOST.rows || all * Math.ceil(chips / shardChips) > MOST.shards || firstChip + chips > WORD + 1)
    invalid(`${all} points x ${chips} chips, ${shardChips} a shard, are more than a study may hold`)
  if (until !== null && !(until.halfWidth > 0)) invalid('/until/halfWidth: must be above 0')
  if ((until?.of === 'yield' || loosest !== null) && study.requirement === null)
    invalid('/requirement: a yield needs one')
  return { study, version, engine, hash: sha256(bytes) }
}

function pathOf(entry: Entry): FieldPath {
  const path = entry.text()
  return isFieldPath(path) ? path : entry.wrong(`a profile has no value ${JSON.stringify(path)}`)
}

function fieldValue(entry: Entry, path: FieldPath): FieldValue {
  const found = mismatch(FIELDS[path], entry.value)
  return found === null ? (entry.value as FieldValue) : entry.wrong(`${path}: ${found}`)
}

function axisOf(entry: Entry): Axis {
  const path = entry.get('path').text() === 'network' ? 'network' : pathOf(entry.get('path'))
  const range = entry.optional('range')
  return {
    path,
    ...(entry.optional('values') === null
      ? {}
      : {
          values: entry
            .get('values')
            .list(LIMITS.values)
            .map((v) => (path === 'network' ? v.text() : fieldValue(v, path))),
        }),
    ...(range === null
      ? {}
      : {
          range: {
            low: range.get('low').number(),
            high: range.get('high').number(),
            logarithmic: range.get('logarithmic').flag(),
          },
        }),
    derived: entry.get('derived').flag(),
  }
}

/** A point of study.json, or of a round. */
export function pointOf(entry: Entry, index: number, networks: number): Point {
  const values: Partial<Record<FieldPath, FieldValue>> = {}
  for (const [path, value] of entry.get('values').entries()) {
    if (!isFieldPath(path)) return value.wrong(`a profile has no value ${JSON.stringify(path)}`)
    values[path] = fieldValue(value, path)
  }
  return {
    index: entry.get('index').whole(index, index),
    network: entry.get('network').whole(0, networks - 1),
    values,
    mechanisms: mechanismsOf(entry.get('mechanisms')),
  }
}

function mechanismsOf(entry: Entry): Mechanisms {
  if (entry.value === 'all') return 'all'
  if (Array.isArray(entry.value)) return entry.list(STAGES.length).map((stage) => stage.word(STAGES))
  return { first: entry.get('first').whole(0, STAGES.length), reversed: entry.get('reversed').flag() }
}

function scalesOf(entry: Entry): Scales {
  const positive = (e: Entry) => (e.number() > 0 ? e.number() : e.wrong('must be above 0'))
  return {
    input: positive(entry.get('input')),
    layers: entry.get('layers').list(1000).map(positive),
    origin: entry.get('origin').word(['given', 'task', 'standard-normal'] as const),
  }
}
