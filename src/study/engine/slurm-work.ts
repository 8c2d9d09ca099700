/** A task of an array: its slice of a plan's shards, each written whole. Runs any number of times with one result. */
import { fail, OhmbitError } from '../../base/errors.ts'
import { useEngine } from '../../numerics/kernels/module.ts'
import { openStudyFolder } from '../store/folder.ts'
import { folderRows } from '../store/rows.ts'
import type { Point } from '../study.ts'
import { isCancelled, lastPlan, readPlan, removeFailure, writeFailure } from './slurm-book.ts'
import { sliceOf } from './slurm-tasks.ts'
import { threadEngine } from './threads.ts'

export interface TaskOptions {
  /** Default: the last. */
  readonly plan?: number
  /** 0 to of - 1. */
  readonly task: number
  readonly of: number
  /** Threads at work. Default 1. */
  readonly workers?: number
  readonly signal?: AbortSignal
  readonly onShard?: (done: number, of: number) => void
}

export interface TaskOutcome {
  readonly plan: number
  readonly task: number
  readonly of: number
  /** Of the slice: shards that this task wrote, and those that stood there before. */
  readonly done: number
  readonly before: number
  /** The study was cancelled before the task began. */
  readonly cancelled: boolean
}

/**
 * Run a task's shards. The folder is not locked: tasks write whole files, each with the one content that it can have.
 *
 * @throws what the shards throw; the error is also written down for the job that comes after
 */
export async function workTask(folder: string, options: TaskOptions): Promise<TaskOutcome> {
  const { task, of, signal = new AbortController().signal } = options
  const plan = options.plan ?? (await lastPlan(folder)) ?? 0
  const outcome = { plan, task, of, done: 0, before: 0 }
  if (await isCancelled(folder)) return { ...outcome, cancelled: true }
  try {
    const disk = await openStudyFolder(folder)
    const { study } = disk
    useEngine(disk.engine)
    const { points: added, shards } = await readPlan(folder, plan, study.networks.length)
    const points: Point[] = [...study.points]
    for (const point of added) points[point.index] = point
    const slice = sliceOf(shards, task, of)
    const stranger = slice.find(({ point }) => points[point] === undefined)
    if (stranger !== undefined) fail('OHM8002', `plan ${plan} has shards of point ${stranger.point}, which is none`)
    const rows = folderRows(folder, disk)
    const missing = slice.filter((shard) => rows.read(shard) === null)
    outcome.before = slice.length - missing.length
    const engine = threadEngine(study, options.workers ?? 1)
    try {
      await engine.run({
        points,
        shards: missing,
        signal,
        async onShard(shard, made) {
          await rows.write(shard, points[shard.point]!, made!)
          outcome.done++
          options.onShard?.(outcome.done, missing.length)
        },
      })
    } finally {
      await engine.close()
    }
    await removeFailure(folder, plan, task)
    return { ...outcome, cancelled: false }
  } catch (error) {
    if (error instanceof OhmbitError) await writeFailure(folder, plan, task, error).catch(() => {})
    throw error
  }
}
