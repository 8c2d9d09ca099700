/**
 * Several training runs, one after the other or in several threads. A run depends on its experiment alone, so the
 * networks have the same bytes whatever the number of workers.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { OhmbitError, type Problem } from '../base/errors.ts'
import { wholeNumber } from '../base/whole-number.ts'
import { type Engine, engine } from '../numerics/kernels/module.ts'
import { runTrainingJob, type TrainingJob, type TrainingJobOptions, type TrainingOutcome } from './training-job.ts'

export interface TrainingJobsOptions {
  /** Runs at a time. Default 1. */
  readonly workers?: number
  /** Stops every run after a last checkpoint, and begins no other. */
  readonly signal?: AbortSignal
  readonly onProgress?: (job: number, progress: JobProgress) => void
  readonly onDone?: (job: number, result: TrainingOutcome | OhmbitError) => void
}

export type JobProgress = Parameters<NonNullable<TrainingJobOptions['onProgress']>>[0]

export interface TrainingWorkerData {
  readonly job: TrainingJob
  readonly engine: Engine
}

export type TrainingMessage =
  | { readonly kind: 'progress'; readonly progress: JobProgress }
  | { readonly kind: 'done'; readonly outcome: TrainingOutcome }
  | { readonly kind: 'failed'; readonly problems: readonly Problem[] }

/** @returns outcome or error of each job, in their order; null for those that were not begun */
export async function runTrainingJobs(
  jobs: readonly TrainingJob[],
  options: TrainingJobsOptions = {},
): Promise<(TrainingOutcome | OhmbitError | null)[]> {
  const { signal } = options
  const results: (TrainingOutcome | OhmbitError | null)[] = jobs.map(() => null)
  const lanes = Math.min(wholeNumber('workers', options.workers ?? 1, 1, 1024), jobs.length)
  const file = fileURLToPath(new URL('./training-worker.js', import.meta.url))
  const apart = lanes > 1 && existsSync(file)
  let next = 0
  const lane = async () => {
    while (next < jobs.length && !signal?.aborted) {
      const index = next++
      const job = jobs[index]!
      const onProgress = (progress: JobProgress) => options.onProgress?.(index, progress)
      results[index] = await (apart ? inThread(file, job, onProgress, signal) : here(job, onProgress, signal))
      options.onDone?.(index, results[index]!)
    }
  }
  await Promise.all(Array.from({ length: apart ? lanes : 1 }, lane))
  return results
}

type Report = (progress: JobProgress) => void

async function here(job: TrainingJob, onProgress: Report, signal?: AbortSignal) {
  try {
    return await runTrainingJob(job, { onProgress, ...(signal === undefined ? {} : { signal }) })
  } catch (error) {
    if (error instanceof OhmbitError) return error
    throw error
  }
}

async function inThread(file: string, job: TrainingJob, onProgress: Report, signal?: AbortSignal) {
  const workerData: TrainingWorkerData = { job, engine: engine() }
  const worker = new Worker(file, { workerData })
  const stop = () => worker.postMessage('stop')
  signal?.addEventListener('abort', stop)
  try {
    return await new Promise<TrainingOutcome | OhmbitError>((resolve, reject) => {
      worker.on('message', (message: TrainingMessage) => {
        if (message.kind === 'progress') onProgress(message.progress)
        else resolve(message.kind === 'done' ? message.outcome : new OhmbitError(message.problems))
      })
      worker.on('error', reject)
      worker.on('exit', () => reject(new Error('a training thread ended without a result')))
    })
  } finally {
    signal?.removeEventListener('abort', stop)
    await worker.terminate()
  }
}
