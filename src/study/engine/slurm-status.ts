/** What the jobs of a study do, and their end before time. */
import { setTimeout as pause } from 'node:timers/promises'
import { OhmbitError } from '../../base/errors.ts'
import { shardName } from '../store/shard-file.ts'
import type { Shard } from '../study.ts'
import {
  hasBook,
  isCancelled,
  lastPlan,
  markCancelled,
  type Recorded,
  readFailures,
  readJobs,
  readPlan,
  readSettings,
  readStopped,
} from './slurm-book.ts'
import { sliceOf } from './slurm-tasks.ts'
import { phaseOf, type QueuedJob } from './slurm-text.ts'
import { cancelNamed, jobsNamed } from './slurm-tools.ts'

export interface SlurmJobState {
  readonly job: number
  /** An array of tasks, or the job after one. */
  readonly kind: 'array' | 'after'
  /** How many of its tasks are in each of Slurm's states. */
  readonly states: Readonly<Record<string, number>>
  /** Why the first of those that wait waits; '' for none. */
  readonly reason: string
}

export interface SlurmStatus {
  /** Job name of the submission. */
  readonly name: string
  /** Arrays submitted so far. */
  readonly arrays: number
  /** The last of them. */
  readonly last: { readonly array: number | null; readonly tasks: number; readonly attempt: number } | null
  /** Missing shards of the present round: with tasks that run, that wait, and with none. */
  readonly shards: { readonly running: number; readonly waiting: number; readonly missing: number }
  /** Those that Slurm still knows; jobs that are over are forgotten after some minutes. */
  readonly jobs: readonly SlurmJobState[]
  /** Jobs wait or run, so that the study goes on by itself. */
  readonly active: boolean
  readonly cancelled: boolean
  /** Why no further jobs were submitted. */
  readonly stopped: readonly Recorded[] | null
  /** What tasks of the last array could not do. */
  readonly failures: readonly Recorded[]
  /** Why Slurm could not be asked; null where it answered. */
  readonly unknown: string | null
}

/**
 * How the jobs of a study are; null where none was ever submitted.
 *
 * @param open  shards of the present round that are missing
 */
export async function slurmStatus(folder: string, open: readonly Shard[]): Promise<SlurmStatus | null> {
  if (!(await hasBook(folder))) return null
  const { name } = await readSettings(folder, null)
  const number = await lastPlan(folder)
  const plan = number === null ? null : await readPlan(folder, number)
  const known = await readJobs(folder)
  const array = known.at(-1)?.array ?? null
  let unknown: string | null = null
  const queue = await jobsNamed(name).catch((error) => {
    if (!(error instanceof OhmbitError)) throw error
    unknown = error.message
    return []
  })
  const missing = new Set(open.map(shardName))
  const count = { running: 0, waiting: 0 }
  for (const { job, task, state } of queue) {
    const phase = phaseOf(state)
    if (plan === null || job !== array || task === null || task >= plan.tasks || phase === 'over') continue
    count[phase] += sliceOf(plan.shards, task, plan.tasks).filter((shard) => missing.has(shardName(shard))).length
  }
  return {
    ...{ name, arrays: known.length, jobs: summary(queue), unknown },
    last: plan === null ? null : { array, tasks: plan.tasks, attempt: plan.attempt },
    shards: { ...count, missing: Math.max(0, open.length - count.running - count.waiting) },
    active: queue.some(({ state }) => phaseOf(state) !== 'over'),
    cancelled: await isCancelled(folder),
    stopped: await readStopped(folder),
    failures: number === null ? [] : await readFailures(folder, number),
  }
}

function summary(queue: readonly QueuedJob[]): SlurmJobState[] {
  const jobs = new Map<number, QueuedJob[]>()
  for (const one of queue) {
    const same = jobs.get(one.job)
    if (same === undefined) jobs.set(one.job, [one])
    else same.push(one)
  }
  return [...jobs]
    .sort(([a], [b]) => a - b)
    .map(([job, ones]) => {
      const states: Record<string, number> = {}
      for (const { state } of ones) states[state] = (states[state] ?? 0) + 1
      const waits = ones.find(({ state }) => phaseOf(state) === 'waiting')
      return {
        job,
        kind: ones.some(({ task }) => task !== null) ? 'array' : 'after',
        states,
        reason: waits?.reason ?? '',
      }
    })
}

const LOOKS = { times: 40, everyMs: 500 } as const

/**
 * Cancel a study's jobs, and wait until they are gone.
 *
 * @returns tasks and jobs that waited or ran; null where none was ever submitted
 * @throws  OHM8005
 */
export async function cancelStudy(
  folder: string,
): Promise<{ readonly cancelled: number; readonly left: number } | null> {
  if (!(await hasBook(folder))) return null
  const { name } = await readSettings(folder, null)
  const active = async () => (await jobsNamed(name)).filter(({ state }) => phaseOf(state) !== 'over').length
  const cancelled = await active()
  // First the mark: a job that is just submitting the next sees it.
  await markCancelled(folder)
  let left = cancelled
  for (let look = 0; look < LOOKS.times && left > 0; look++) {
    if (look % 10 === 0) await cancelNamed(name)
    await pause(look === 0 ? 0 : LOOKS.everyMs)
    left = await active()
  }
  return { cancelled, left }
}
