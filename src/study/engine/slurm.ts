/**
 * Shards on a Slurm cluster. Nothing stays alive between jobs: a run submits an array for the shards that are missing
 * and a job after it, then ends. The job after goes through the study again, finds what the array did, and either
 * submits the next array (of what is missing, or of the next round) or finishes the study.
 */
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { type Code, catalogue } from '../../base/catalogue.ts'
import { fail, OhmbitError } from '../../base/errors.ts'
import { shardName } from '../store/shard-file.ts'
import type { Study } from '../study.ts'
import type { ShardEngine, ShardWork } from './engine.ts'
import {
  beginBook,
  bookFolder,
  hasBook,
  isCancelled,
  lastPlan,
  readFailures,
  readJobs,
  readPlan,
  readSettings,
  type SlurmJobs,
  type SlurmPlan,
  writeJobs,
  writePlan,
  writeScript,
  writeStopped,
} from './slurm-book.ts'
import type { SlurmOptions } from './slurm-options.ts'
import {
  afterArguments,
  afterScript,
  checkPath,
  checkSetup,
  planText,
  type SlurmSettings,
  taskArguments,
  taskScript,
} from './slurm-script.ts'
import { attemptOf, MOST_SHARDS, taskCount } from './slurm-tasks.ts'
import { phaseOf, type QueuedJob } from './slurm-text.ts'
import { arrayLimits, cancelJob, jobsNamed, submit } from './slurm-tools.ts'

/** What was submitted. */
export interface Submission extends SlurmJobs {
  readonly tasks: number
  readonly shards: number
  /** Earlier arrays in a row that had the same shards to do and did none of them. */
  readonly attempt: number
}

/** The way out of a run that ends because jobs go on with it. */
class Submitted extends Error {
  readonly submission: Submission

  constructor(submission: Submission) {
    super('jobs go on with the study')
    this.submission = submission
  }
}

export interface SubmitOptions {
  readonly options: SlurmOptions
  /** The program and its first arguments, as the nodes find them. */
  readonly command: readonly string[]
  /** Lines that each job runs before. '' for none. */
  readonly setup: string
}

type Engine = (study: Study) => ShardEngine

/**
 * Begin or go on with a study on a cluster.
 *
 * @param start  runs or resumes the study with the engine that it is given
 * @returns      what was submitted; the result where nothing was missing
 * @throws       OHM8003 jobs of this study are at work, OHM8005 Slurm's own refusals
 */
export async function submitStudy<T>(
  folder: string,
  { options, command, setup }: SubmitOptions,
  start: (engine: Engine) => Promise<T>,
): Promise<{ readonly submitted: Submission } | { readonly result: T }> {
  checkPath(resolve(folder))
  await refuseWhileJobsRun(folder)
  const settings: SlurmSettings = {
    name: `ohmbit-${randomBytes(6).toString('hex')}`,
    options,
    command,
    setup: checkSetup(setup),
  }
  return untilSubmitted(start, async (study, work) => {
    const digest = await beginBook(folder, settings)
    return submitMissing(folder, settings, digest, study, work)
  })
}

/**
 * What the job after an array does: the study's next step.
 *
 * @param digest  of the settings that the job was submitted with
 * @param job     its own number; null where it is not known
 * @returns       null: another job of this study does it
 */
export async function nextStep<T>(
  folder: string,
  digest: string,
  job: number | null,
  start: (engine: Engine) => Promise<T>,
): Promise<{ readonly submitted: Submission } | { readonly result: T } | null> {
  const settings = await readSettings(folder, digest)
  if (await isCancelled(folder)) return null
  try {
    const jobs = (await jobsNamed(settings.name)).filter((one) => one.job !== job)
    const active = jobs.filter(({ state }) => phaseOf(state) !== 'over')
    // This job ran before, was requeued, and had come as far as submitting what follows.
    if (active.some(({ task }) => task === null)) return null
    const arrays = [...new Set(active.map((one) => one.job))]
    if (arrays.length > 0) return { submitted: await waitFor(folder, settings, digest, arrays) }
    return await untilSubmitted(start, async (study, work) => {
      await stopWhereHopeless(folder, work, jobs)
      return submitMissing(folder, settings, digest, study, work)
    })
  } catch (error) {
    // Whoever has the folder goes on with it.
    if (error instanceof OhmbitError && error.code !== 'OHM8003') await writeStopped(folder, error)
    throw error
  }
}

/** @throws OHM8003 jobs of an earlier submission wait or run; nothing where Slurm is not at hand */
export async function refuseWhileJobsRun(folder: string): Promise<void> {
  if (!(await hasBook(folder))) return
  const { name } = await readSettings(folder, null)
  const jobs = await jobsNamed(name).catch(() => [])
  const active = jobs.filter(({ state }) => phaseOf(state) !== 'over')
  if (active.length > 0)
    fail('OHM8003', `${folder} is in use by Slurm job ${[...new Set(active.map(({ job }) => job))].join(', ')}`, {
      at: { file: folder },
      hint: '`ohmbit study status DIR` shows how far it is, `ohmbit study cancel DIR` stops it',
    })
}

async function untilSubmitted<T>(
  start: (engine: Engine) => Promise<T>,
  run: (study: Study, work: ShardWork) => Promise<Submission>,
): Promise<{ readonly submitted: Submission } | { readonly result: T }> {
  const engine: Engine = (study) => ({
    async run(work) {
      throw new Submitted(await run(study, work))
    },
    async close() {},
  })
  try {
    return { result: await start(engine) }
  } catch (error) {
    if (error instanceof Submitted) return { submitted: error.submission }
    throw error
  }
}

/** Submit an array for the shards, and a job after it. */
async function submitMissing(
  folder: string,
  settings: SlurmSettings,
  digest: string,
  study: Study,
  { shards: missing, points, signal }: ShardWork,
): Promise<Submission> {
  const home = bookFolder(folder)
  const shards = missing.slice(0, MOST_SHARDS)
  const last = await lastPlan(folder)
  const before = last === null ? null : await readPlan(folder, last)
  const attempt = attemptOf(shards, before)
  if (attempt > settings.options.retries) await giveUp(folder, before!)
  const { tasks: most } = await arrayLimits()
  const tasks = taskCount(shards.length, { tasks: most, wanted: settings.options.tasks })
  const added = [...new Set(shards.map(({ point }) => point))].filter((index) => index >= study.points.length)
  const plan: SlurmPlan = {
    ...{ plan: (last ?? -1) + 1, attempt, tasks, shards },
    points: added.map((index) => points[index]!),
  }
  await writePlan(folder, plan)
  const name = planText(plan.plan)
  const task = await writeScript(folder, `${name}-task.sh`, taskScript(settings, resolve(folder), plan.plan, tasks))
  signal.throwIfAborted()
  const array = await submit(taskArguments(settings, home, plan.plan, tasks), task)
  const after = await submitAfter(folder, settings, digest, plan.plan, [array]).catch(async (error) => {
    await cancelJob(array).catch(() => {})
    throw error
  })
  const jobs: SlurmJobs = { plan: plan.plan, array, after }
  await writeJobs(folder, [...(await readJobs(folder)), jobs])
  await withdrawIfCancelled(folder, [after, array])
  return { ...jobs, tasks, shards: shards.length, attempt }
}

/** Arrays of this study are at work, and nobody waits for them. */
async function waitFor(
  folder: string,
  settings: SlurmSettings,
  digest: string,
  arrays: readonly number[],
): Promise<Submission> {
  const last = (await lastPlan(folder)) ?? 0
  const { tasks, shards, attempt } = await readPlan(folder, last)
  const after = await submitAfter(folder, settings, digest, last, arrays)
  const jobs: SlurmJobs = { plan: last, array: arrays.at(-1)!, after }
  await writeJobs(folder, [...(await readJobs(folder)).filter(({ plan }) => plan !== last), jobs])
  await withdrawIfCancelled(folder, [after])
  return { ...jobs, tasks, shards: shards.length, attempt }
}

async function submitAfter(
  folder: string,
  settings: SlurmSettings,
  digest: string,
  plan: number,
  arrays: readonly number[],
): Promise<number> {
  const path = await writeScript(folder, `${planText(plan)}-after.sh`, afterScript(settings, resolve(folder), digest))
  return submit(afterArguments(settings, bookFolder(folder), plan, arrays), path)
}

/** A cancellation may come between a look and a submission. */
async function withdrawIfCancelled(folder: string, jobs: readonly number[]): Promise<void> {
  if (await isCancelled(folder)) for (const job of jobs) await cancelJob(job)
}

/** An error that comes again however often the shard is tried. */
const LASTING: ReadonlySet<string> = new Set(['usage', 'infeasible', 'numerical'])

async function stopWhereHopeless(folder: string, { shards }: ShardWork, jobs: readonly QueuedJob[]): Promise<void> {
  const last = await lastPlan(folder)
  if (last === null) return
  const lasting = (await readFailures(folder, last)).filter(
    ({ code }) => Object.hasOwn(catalogue, code) && LASTING.has(catalogue[code as Code].kind),
  )
  if (lasting.length > 0) throw new OhmbitError(lasting.map(({ code, message }) => ({ code: code as Code, message })))
  const array = (await readJobs(folder)).at(-1)?.array
  if (jobs.some(({ job, state }) => job === array && state === 'CANCELLED'))
    fail('OHM8005', `array job ${array} was cancelled; ${shards.length} shards are missing`, {
      hint: 'ohmbit study resume DIR --engine slurm',
    })
}

async function giveUp(folder: string, { plan, attempt, shards }: SlurmPlan): Promise<never> {
  const said = (await readFailures(folder, plan))[0]
  return fail(
    'OHM8005',
    `${shards.length} shards (${shardName(shards[0]!)} first) were not done in ${attempt + 1} arrays${
      said === undefined ? '' : `; a task said ${said.code}: ${said.message}`
    }`,
    { hint: `the tasks' output is in ${bookFolder(folder)}/log; ohmbit study resume DIR --engine slurm tries again` },
  )
}
