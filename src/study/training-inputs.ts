/** What an experiment refers to, opened and checked: networks, profiles, own data. */

import { basename, dirname, join } from 'node:path'
import { fail, inFile, OhmbitError } from '../base/errors.ts'
import { kindOfPath, liesWithin, readBounded, readText } from '../base/files.ts'
import { sha256Hex } from '../base/hash.ts'
import { profileHash } from '../deployment/store.ts'
import { parseMatrix } from '../network/data.ts'
import type { Network } from '../network/network.ts'
import { readNetwork } from '../network/read.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'
import type { Profile } from '../profile/profile.ts'
import { readProfile, setProfileValues } from '../profile/read.ts'
import { ownData, type TrainingData } from '../training/data.ts'
import type { Experiment } from '../training/experiment.ts'
import { type ExperimentFile, parseExperiment, presetExperiment } from '../training/experiment-file.ts'
import { plainHash } from '../training/experiment-hash.ts'
import type { HardwareOptions } from '../training/hardware.ts'
import { DEFAULT_CLIP } from '../training/hardware.ts'
import { PRESETS } from '../training/presets.ts'
import { resolveExperiment } from '../training/resolve-experiment.ts'
import type { ScoredData } from '../training/train.ts'

export interface ReadExperimentOptions {
  /** `path=value` changes of the file. */
  readonly set?: readonly string[]
  /** Profile to train through, id or path, in place of the file's. */
  readonly profile?: string
  /** Network to go on from, any path, in place of the file's. */
  readonly from?: string
}

/** An experiment with everything it needs. */
export interface ReadyExperiment {
  readonly experiment: Experiment
  readonly network: Network | null
  readonly hardware: { readonly profile: Profile; readonly options: HardwareOptions } | null
  readonly own: { readonly data: TrainingData; readonly validation: ScoredData; readonly calibration: Matrix } | null
  /** Of all that decides the result, own data apart. */
  readonly sha256: string
  /** Of own data; empty without. */
  readonly dataSha256: string
  readonly files: readonly { readonly path: string; readonly sha256: string }[]
}

const MAX_TEXT = 1 << 20

/**
 * Read an experiment and everything it refers to.
 *
 * @param pathOrPreset  an experiment file, or the name of a preset; the preset wins, `./name` is the file
 * @throws OHM7002 what the file says, OHM1001 to OHM1110 and OHM12xx what it refers to
 */
export async function readExperiment(
  pathOrPreset: string,
  options: ReadExperimentOptions = {},
): Promise<ReadyExperiment> {
  const { set = [] } = options
  const isPreset = (PRESETS as readonly string[]).includes(pathOrPreset)
  if (!isPreset && (await kindOfPath(pathOrPreset)) === 'nothing' && !/[./\\]/.test(pathOrPreset))
    fail('OHM7002', `there is no preset and no file ${JSON.stringify(pathOrPreset.slice(0, 60))}`, {
      hint: `presets: ${PRESETS.join(', ')}`,
    })
  const changes = [
    ...set,
    // Marks that they are there, for the checks; the paths themselves come from the command line.
    ...(options.profile === undefined ? [] : ['profile="(given)"']),
    ...(options.from === undefined ? [] : ['from="(given)"']),
  ]
  const text = isPreset ? '' : await readText(pathOrPreset, MAX_TEXT)
  const file = isPreset ? presetExperiment(pathOrPreset, changes) : parseExperiment(text, pathOrPreset, changes)
  const folder = isPreset ? '.' : dirname(pathOrPreset)
  const { keys } = file
  const files: { path: string; sha256: string }[] = isPreset ? [] : [{ path: pathOrPreset, sha256: sha256Hex(text) }]
  const taken = async (path: string) => {
    const bytes = await readBounded(path)
    files.push({ path, sha256: sha256Hex(bytes) })
    return bytes
  }
  const beside = (pointer: string, name: string) => insideOf(folder, file, pointer, name)

  let network: Network | null = null
  let networkHash: string | null = null
  const from = options.from ?? (keys.from === undefined ? undefined : await beside('/from', keys.from))
  if (from !== undefined) {
    network = await readNetwork(from)
    networkHash = sha256Hex(await taken(from))
  }
  const own = keys.data === undefined ? null : await readData(keys.data, beside, taken)
  const experiment = resolveExperiment(file, {
    ...(network === null ? {} : { network }),
    ...(own === null ? {} : { data: { count: own.inputs.rows, inputs: own.inputs.cols, truth: own.truth.cols } }),
  })
  const profile = await profileOf(file, options.profile, folder)
  const { clip = DEFAULT_CLIP, refresh = 1, seed = experiment.seed } = keys.hardware ?? {}
  const outputs = experiment.shape.decoder.at(-1)!.outputs
  return {
    experiment,
    network,
    hardware:
      profile === null
        ? null
        : { profile, options: { clip, refresh, seed, ...(own === null ? {} : { calibration: own.inputs }) } },
    own:
      own === null
        ? null
        : {
            data: ownData(own.inputs, own.truth, outputs, own.vector),
            validation: checked(own.validation, outputs),
            calibration: own.inputs,
          },
    sha256: plainHash({
      experiment,
      network: networkHash,
      hardware: profile === null ? null : { profile: profileHash(profile), clip, refresh, seed },
    }),
    dataSha256: own?.sha256 ?? '',
    files,
  }
}

/** Validation vectors too are understood before the first iteration. */
function checked({ vector, ...validation }: ScoredData & Numbered, outputs: number): ScoredData {
  ownData(validation.inputs, validation.truth, outputs, vector)
  return validation
}

/** The path of a file that an experiment names. @throws OHM7002 where its links lead out of the folder */
async function insideOf(folder: string, file: ExperimentFile, pointer: string, name: string): Promise<string> {
  const path = join(folder, name)
  if (!(await liesWithin(folder, path)))
    throw new OhmbitError(
      file.problem(pointer, `${JSON.stringify(name)} is a link that leads out of the folder of the experiment`),
    )
  return path
}

async function profileOf(file: ExperimentFile, given: string | undefined, folder: string): Promise<Profile | null> {
  const { profile: named, hardware } = file.keys
  if (named === undefined) return null
  const profile = given === undefined ? await namedProfile(file, named, folder) : await readProfile(given)
  return setProfileValues(profile, hardware?.set ?? [])
}

/** A name with an ending is a file beside the experiment; anything else the id of a preset. */
async function namedProfile(file: ExperimentFile, name: string, folder: string): Promise<Profile> {
  if (/^[\w.-]+$/.test(name) && !/\.json$/i.test(name)) return readProfile(name)
  if (name.split(/[/\\]/).includes('..') || /^([/\\]|[A-Za-z]:)/.test(name))
    throw new OhmbitError(
      file.problem(
        '/profile',
        `${JSON.stringify(name)} is no path inside the folder of the experiment`,
        'or give --profile FILE',
      ),
    )
  return readProfile(await insideOf(folder, file, '/profile', name), { fileOnly: true })
}

interface Numbered {
  /** Number of a row in its file. */
  readonly vector: (row: number) => number
}

interface OwnVectors extends ScoredData, Numbered {
  readonly validation: ScoredData & Numbered
  readonly sha256: string
}

/** Every so-manieth own vector is kept for validation, where none are given for it. */
const KEPT = 10

async function readData(
  data: NonNullable<ExperimentFile['keys']['data']>,
  beside: (pointer: string, name: string) => Promise<string>,
  taken: (path: string) => Promise<Uint8Array>,
): Promise<OwnVectors> {
  const hashes: string[] = []
  const read = async (key: keyof typeof data) => {
    const path = await beside(`/data/${key}`, data[key]!)
    const bytes = await taken(path)
    hashes.push(sha256Hex(bytes))
    try {
      return parseMatrix(bytes, basename(path))
    } catch (error) {
      throw error instanceof OhmbitError ? inFile(error, path) : error
    }
  }
  const pair = async (inputs: keyof typeof data, truth: keyof typeof data): Promise<ScoredData> => {
    const read2 = { inputs: await read(inputs), truth: await read(truth) }
    if (read2.inputs.rows !== read2.truth.rows)
      fail('OHM1110', `${data[inputs]} has ${read2.inputs.rows} vectors, ${data[truth]} ${read2.truth.rows}`, {
        hint: 'row i of one belongs to row i of the other',
      })
    return read2
  }
  const all = await pair('inputs', 'truth')
  if (data.validationInputs !== undefined) {
    const validation = await pair('validationInputs', 'validationTruth')
    for (const part of ['inputs', 'truth'] as const)
      if (validation[part].cols !== all[part].cols)
        fail('OHM1110', `validation ${part} have ${validation[part].cols} columns, training ${part} ${all[part].cols}`)
    const vector = (row: number) => row
    return { ...all, vector, validation: { ...validation, vector }, sha256: plainHash(hashes) }
  }
  if (all.inputs.rows < KEPT)
    fail(
      'OHM1110',
      `${all.inputs.rows === 1 ? '1 vector is' : `${all.inputs.rows} vectors are`} too few to keep every ${KEPT}th for validation`,
      {
        hint: 'give data.validationInputs and data.validationTruth',
      },
    )
  const kept = (wanted: boolean): ScoredData => ({
    inputs: rowsOf(all.inputs, (v) => (v % KEPT === KEPT - 1) === wanted),
    truth: rowsOf(all.truth, (v) => (v % KEPT === KEPT - 1) === wanted),
  })
  return {
    ...kept(false),
    vector: (row) => row + Math.floor(row / (KEPT - 1)),
    validation: { ...kept(true), vector: (row) => row * KEPT + KEPT - 1 },
    sha256: plainHash(hashes),
  }
}

function rowsOf({ rows, cols, data }: Matrix, wanted: (row: number) => boolean): Matrix {
  const chosen = Array.from({ length: rows }, (_, v) => v).filter(wanted)
  const out = matrix(chosen.length, cols)
  for (const [k, v] of chosen.entries()) out.data.set(data.subarray(v * cols, (v + 1) * cols), k * cols)
  return out
}
