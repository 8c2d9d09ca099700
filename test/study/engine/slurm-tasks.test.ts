import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { attemptOf, sliceOf, taskCount } from '../../../src/study/engine/slurm-tasks.ts'

const shard = (firstChip: number) => ({ point: 0, firstChip, chips: 10 })

describe('shards dealt to tasks', () => {
  test.prop([fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 300 })])(
    'each shard once, in order, no task with two more than another',
    (count, tasks) => {
      const shards = Array.from({ length: count }, (_, k) => k)
      const of = taskCount(count, { tasks: 1001, wanted: tasks })
      const slices = Array.from({ length: of }, (_, task) => sliceOf(shards, task, of))
      expect(slices.flat()).toEqual(shards)
      const sizes = slices.map((slice) => slice.length)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      expect(Math.min(...sizes)).toBeGreaterThan(0)
    },
  )

  it('keeps the limit of the cluster, of the user, and of the work', () => {
    expect(taskCount(5000, { tasks: 1001, wanted: 4000 })).toBe(1001)
    expect(taskCount(5000, { tasks: 1001, wanted: 40 })).toBe(40)
    expect(taskCount(7, { tasks: 1001, wanted: 40 })).toBe(7)
  })

  it.each([-1, 4, 1.5, Number.NaN])('there is no task %s of 4', (task) => {
    expect(() => sliceOf([1, 2, 3, 4], task, 4)).toThrow(/--task/)
  })
})

describe('attempts', () => {
  const all = [shard(0), shard(10), shard(20)]
  it('count arrays of which not one shard was done', () => {
    expect(attemptOf(all, null)).toBe(0)
    expect(attemptOf(all, { shards: all, attempt: 0 })).toBe(1)
    expect(attemptOf(all, { shards: all, attempt: 2 })).toBe(3)
  })
  it('begin again with every shard that was done, and with every round', () => {
    expect(attemptOf(all.slice(1), { shards: all, attempt: 2 })).toBe(0)
    expect(attemptOf([shard(30), shard(40), shard(50)], { shards: all, attempt: 2 })).toBe(0)
  })
})
