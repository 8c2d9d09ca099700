/**
 * What is known of the jobs of a study, in the folder `DIR.slurm` beside it: settings, plans, job numbers, logs. The
 * study's own folder knows nothing of clusters.
 */
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fail, type OhmbitError, type Problem } from '../../base/errors.ts'
import { kindOfPath, readText, writeAtomic } from '../../base/files.ts'
import { sha256Hex } from '../../base/hash.ts'
import { parseJson } from '../../base/json.ts'
import { Entry } from '../store/entry.ts'
import { pointOf } from '../store/read-study-file.ts'
import type { Point, Shard } from '../study.ts'
import { slurmOptions } from './slurm-options.ts'
import { checkSetup, planText, type SlurmSettings } from './slurm-script.ts'
import { MOST_SHARDS } from './slurm-tasks.ts'

const FORMAT = 'ohmbit/slurm/1'
const LIMITS = { text: 64 << 20, jobs: 100_000, problems: 1000, points: 1_000_000, networks: 1000 } as const
const WORD = 2 ** 32 - 1

/** What one array does. */
export interface SlurmPlan {
  readonly plan: number
  /** Arrays before it, in a row, that had the same shards to do. */
  readonly attempt: number
  readonly tasks: number
  /** Of these shards, those that study.json does not have. */
  readonly points: readonly Point[]
  readonly shards: readonly Shard[]
}

/** Jobs of one plan. */
export interface SlurmJobs {
  readonly plan: number
  readonly array: number
  readonly after: number
}

/** The folder of the bookkeeping. */
export const bookFolder = (folder: string): string => `${resolve(folder)}.slurm`

const SETTINGS = 'settings.json'
const JOBS = 'jobs.json'
const CANCELLED = 'cancelled'
const STOPPED = 'stopped.json'
const planFile = (plan: number) => `${planText(plan)}.json`
const failureFile = (plan: number, task: number) => `failed/${planText(plan)}-task${task}.json`

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

async function read<T>(path: string, of: (entry: Entry, text: string) => T): Promise<T> {
  const invalid = (message: string): never =>
    fail('OHM8002', `${path}: ${message}`, {
      at: { file: path },
      hint: 'remove the folder; the study itself is not in it',
    })
  const text = await readText(path, LIMITS.text)
  const root = new Entry(parseJson(text, path, { maxLength: LIMITS.text }).value, '', invalid)
  if (root.get('format').text() !== FORMAT) invalid(`the format is not ${FORMAT}`)
  return of(root, text)
}

/** Whether jobs were ever submitted for this study. */
export const hasBook = async (folder: string): Promise<boolean> =>
  (await kindOfPath(join(bookFolder(folder), SETTINGS))) === 'file'

/**
 * Begin the bookkeeping anew; what an earlier submission left is removed.
 *
 * @returns SHA-256 of the settings: the jobs of this submission take these and no other
 * @throws OHM1006 something else stands there
 */
export async function beginBook(folder: string, settings: SlurmSettings): Promise<string> {
  const home = bookFolder(folder)
  if ((await kindOfPath(home)) !== 'nothing') {
    const names = (await kindOfPath(home)) === 'folder' ? await readdir(home) : ['?']
    if (names.length > 0 && !(await hasBook(folder)))
      fail('OHM1006', `${home} exists and was not made by ohmbit`, { at: { file: home }, hint: 'move it away' })
    await rm(home, { recursive: true, force: true })
  }
  const text = json({ format: FORMAT, ...settings })
  await writeAtomic(join(home, SETTINGS), text)
  await mkdir(join(home, 'log'), { recursive: true })
  return sha256Hex(text)
}

/**
 * @param digest  what the settings must be: they hold lines that a shell runs, so that a job takes only those that it
 *                was submitted with. Null: nothing will be run
 * @throws OHM8002
 */
export async function readSettings(folder: string, digest: string | null): Promise<SlurmSettings> {
  const path = join(bookFolder(folder), SETTINGS)
  return read(path, (root, text) => {
    if (digest !== null && sha256Hex(text) !== digest)
      fail('OHM8002', `${path} is not what this job was submitted with`, {
        at: { file: path },
        hint: 'submit the study again: ohmbit study resume DIR --engine slurm',
      })
    const options = root.get('options')
    const name = root.get('name').text()
    if (!/^ohmbit-[0-9a-f]{12}$/.test(name)) root.wrong('name is not that of a job of ohmbit')
    const sbatch = options.get('sbatch').entries()
    const texts = sbatch.map(([key, value]) => `${key}=${value.text()}`)
    return {
      name,
      options: slurmOptions([
        ...texts,
        `tasks=${options.get('tasks').number()}`,
        `at-once=${options.get('atOnce').number()}`,
        `retries=${options.get('retries').number()}`,
      ]),
      command: root
        .get('command')
        .list(16)
        .map((word) => word.text()),
      setup: checkSetup(root.get('setup').text()),
    }
  })
}

export async function writePlan(folder: string, plan: SlurmPlan): Promise<void> {
  const { points, shards, ...head } = plan
  const lines = (values: readonly unknown[]) => values.map((value) => `\n  ${JSON.stringify(value)}`).join(',')
  const text = json({ format: FORMAT, ...head }).replace(/\n\}\n$/, '')
  const keys = shards.map(({ point, firstChip, chips }) => [point, firstChip, chips])
  await writeAtomic(
    join(bookFolder(folder), planFile(plan.plan)),
    `${text},\n  "points": [${lines(points)}],\n  "shards": [${lines(keys)}]\n}\n`,
  )
}

/** @param networks  of the study */
export const readPlan = (folder: string, plan: number, networks: number = LIMITS.networks): Promise<SlurmPlan> =>
  read(join(bookFolder(folder), planFile(plan)), (root) => ({
    plan: root.get('plan').whole(plan, plan),
    attempt: root.get('attempt').whole(0, LIMITS.jobs),
    tasks: root.get('tasks').whole(1, MOST_SHARDS),
    points: root
      .get('points')
      .list(LIMITS.points)
      .map((entry) => pointOf(entry, entry.get('index').whole(0, 2 * LIMITS.points), networks)),
    shards: root
      .get('shards')
      .list(MOST_SHARDS)
      .map((entry) => {
        const [point, firstChip, chips] = entry.list(3)
        if (chips === undefined) return entry.wrong('must be point, first chip and chips')
        return { point: point!.whole(0, WORD), firstChip: firstChip!.whole(0, WORD), chips: chips.whole(1, 1 << 20) }
      }),
  }))

/** Job numbers of the plans so far, in order. */
export async function readJobs(folder: string): Promise<SlurmJobs[]> {
  const path = join(bookFolder(folder), JOBS)
  if ((await kindOfPath(path)) === 'nothing') return []
  const job = (entry: Entry) => entry.whole(0, WORD)
  return read(path, (root) =>
    root
      .get('jobs')
      .list(LIMITS.jobs)
      .map((entry) => ({
        plan: job(entry.get('plan')),
        array: job(entry.get('array')),
        after: job(entry.get('after')),
      })),
  )
}

export async function writeJobs(folder: string, jobs: readonly SlurmJobs[]): Promise<void> {
  await writeAtomic(join(bookFolder(folder), JOBS), json({ format: FORMAT, jobs }))
}

/** The number of the last plan; null before the first. */
export async function lastPlan(folder: string): Promise<number | null> {
  const numbers = (await readdir(bookFolder(folder)).catch(() => []))
    .map((name) => /^plan(\d{4,9})\.json$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
  return numbers.length === 0 ? null : Math.max(...numbers)
}

/** Write a batch script. @returns its path */
export async function writeScript(folder: string, name: string, text: string): Promise<string> {
  const path = join(bookFolder(folder), name)
  await writeAtomic(path, text)
  return path
}

/** From now on no job of this submission does anything. */
export const markCancelled = (folder: string): Promise<void> => writeAtomic(join(bookFolder(folder), CANCELLED), '')

export const isCancelled = async (folder: string): Promise<boolean> =>
  (await kindOfPath(join(bookFolder(folder), CANCELLED))) !== 'nothing'

const problemText = (problems: readonly Problem[]) =>
  json({ format: FORMAT, problems: problems.map(({ code, message, hint }) => ({ code, message, hint })) })

/** Of a file of another time: whatever stands there, as text. */
export interface Recorded {
  readonly code: string
  readonly message: string
}

const recorded = (root: Entry): Recorded[] =>
  root
    .get('problems')
    .list(LIMITS.problems)
    .map((entry) => ({ code: entry.get('code').text(), message: entry.get('message').text() }))

/** Why no further jobs were submitted. */
export const writeStopped = (folder: string, error: OhmbitError): Promise<void> =>
  writeAtomic(join(bookFolder(folder), STOPPED), problemText(error.problems))

export async function readStopped(folder: string): Promise<readonly Recorded[] | null> {
  const path = join(bookFolder(folder), STOPPED)
  return (await kindOfPath(path)) === 'nothing' ? null : read(path, recorded)
}

/** What a task could not do. */
export const writeFailure = (folder: string, plan: number, task: number, error: OhmbitError): Promise<void> =>
  writeAtomic(join(bookFolder(folder), failureFile(plan, task)), problemText(error.problems))

/** Of a task that did it after all. */
export const removeFailure = (folder: string, plan: number, task: number): Promise<void> =>
  rm(join(bookFolder(folder), failureFile(plan, task)), { force: true })

/** Problems of a plan's tasks, of few of them where there are many. */
export async function readFailures(folder: string, plan: number): Promise<readonly Recorded[]> {
  const where = join(bookFolder(folder), 'failed')
  const names = (await readdir(where).catch(() => []))
    .filter((name) => name.startsWith(`${planText(plan)}-task`))
    .sort()
  const found: Recorded[] = []
  for (const name of names.slice(0, 20)) {
    const { size } = await stat(join(where, name))
    if (size > 0) found.push(...(await read(join(where, name), recorded)))
  }
  return found
}
