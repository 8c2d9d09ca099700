/** Shards dealt to the tasks of an array. */
import { OhmbitError } from '../../base/errors.ts'
import type { Shard } from '../study.ts'

/** Shards of one array at most; the rest come after it. */
export const MOST_SHARDS = 200_000

/** How many tasks do so many shards: one each, or fewer where the cluster or the user sets a limit. */
export function taskCount(shards: number, limits: { readonly tasks: number; readonly wanted: number }): number {
  return Math.max(1, Math.min(shards, limits.tasks, limits.wanted))
}

/**
 * The shards of task `task` of `of`: neighbours, since shards of one point share their deployment. All tasks together
 * have each shard once, no task has two more than another.
 */
export function sliceOf<T>(shards: readonly T[], task: number, of: number): readonly T[] {
  if (!(Number.isInteger(task) && task >= 0 && task < of))
    throw new OhmbitError({ code: 'OHM9001', message: `--task is ${task}; it must be a whole number below ${of}` })
  const edge = (k: number) => Math.floor((k * shards.length) / of)
  return shards.slice(edge(task), edge(task + 1))
}

/** Times in a row that the same shards were asked for: not one of them was done in between. */
export function attemptOf(
  shards: readonly Shard[],
  before: { readonly shards: readonly Shard[]; readonly attempt: number } | null,
): number {
  const same = (a: Shard, b: Shard) => a.point === b.point && a.firstChip === b.firstChip && a.chips === b.chips
  return before !== null &&
    shards.length === before.shards.length &&
    shards.every((shard, k) => same(shard, before.shards[k]!))
    ? before.attempt + 1
    : 0
}
