/** Shards on the threads of this process, the calling one among them. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { MessageChannel } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { fail, OhmbitError, type Problem } from '../../base/errors.ts'
import { wholeNumber } from '../../base/whole-number.ts'
import { engine } from '../../numerics/kernels/module.ts'
import type { Point, Row, Study } from '../study.ts'
import { Turn } from '../turn.ts'
import type { ShardEngine, ShardWork } from './engine.ts'
import { shardRows, shardRunner } from './shard.ts'
import type { ShardMessage, ShardTask } from './shard-worker.ts'

const MOST_WORKERS = 1024
/** A shard whose worker died runs again, so often. */
const ATTEMPTS = 3

/**
 * @param workers  threads at work, the calling one included
 * @param worker   file of the worker threads, compiled
 */
export function threadEngine(study: Study, workers: number, worker?: string): ShardEngine {
  const wanted = wholeNumber('workers', workers, 1, MOST_WORKERS) - 1
  const file = worker ?? fileURLToPath(new URL('./shard-worker.js', import.meta.url))
  const others = wanted > 0 && existsSync(file) ? wanted : 0
  const runner = shardRunner(study)
  let pool: Piscina | null = null
  const poolOf = (threads: number) => {
    pool ??= new Piscina({
      filename: file,
      workerData: { study, engine: engine() },
      minThreads: threads,
      maxThreads: others,
      concurrentTasksPerWorker: 1,
    })
    return pool
  }

  /** Runs what is open; a shard whose worker died stays open. */
  async function pass(work: ShardWork, open: Set<number>): Promise<string[]> {
    const { signal } = work
    const indices = [...open]
    const shards = indices.map((index) => work.shards[index]!)
    const byPoint = new Map(shards.map(({ point }): [number, Point] => [point, work.points[point]!]))
    const turn = new Turn(shards.length)
    const stop = () => turn.stop()
    const deaths: string[] = []
    const writes: Promise<void>[] = []
    const done = (k: number, rows: readonly Row[]) => {
      // A worker that dies may have sent this before.
      if (open.delete(indices[k]!)) writes.push(work.onShard(shards[k]!, rows))
    }
    const here = async () => {
      for (let k = turn.next(); k !== null; k = turn.next()) {
        const rows: Row[] = []
        for (const row of shardRows(runner, byPoint.get(shards[k]!.point)!, shards[k]!)) {
          rows.push(row)
          work.onChips?.(1)
          // Lets a Ctrl-C and the other threads' rows through.
          await new Promise((resolve) => setImmediate(resolve))
          if (signal.aborted) return
        }
        work.onChips?.(-rows.length)
        done(k, rows)
        await writes.at(-1)
      }
    }
    const there = async () => {
      const { port1, port2 } = new MessageChannel()
      // The last message may come after the task's end: it takes another way.
      let last = () => {}
      let problems: readonly Problem[] | null = null
      const all = new Promise<void>((resolve) => {
        last = resolve
        port1.on('message', (message: ShardMessage | null) => {
          if (message === null) resolve()
          else if ('rows' in message) done(message.index, message.rows)
          else problems = message.problems
        })
      })
      signal.addEventListener('abort', last)
      try {
        const task: ShardTask = { turn: turn.shared, shards, points: byPoint, port: port2 }
        await poolOf(Math.min(others, shards.length - 1)).run(task, { transferList: [port2], signal })
        await all
      } catch (error) {
        // The work's own errors come as messages; this is the end of the worker.
        if (!signal.aborted) deaths.push(error instanceof Error ? error.message : String(error))
      } finally {
        signal.removeEventListener('abort', last)
        port1.close()
      }
      if (problems !== null) throw new OhmbitError(problems)
    }
    signal.addEventListener('abort', stop)
    try {
      const lanes = [here(), ...Array.from({ length: Math.min(others, shards.length - 1) }, there)]
      // The first failure ends the others' loops, and is what is thrown.
      await Promise.all(
        lanes.map((lane) =>
          lane.catch((error) => {
            stop()
            throw error
          }),
        ),
      )
      await Promise.all(writes)
    } finally {
      signal.removeEventListener('abort', stop)
      await Promise.allSettled(writes)
    }
    return deaths
  }

  return {
    async run(work) {
      const open = new Set(work.shards.keys())
      for (let attempt = 1; open.size > 0; attempt++) {
        work.signal.throwIfAborted()
        const deaths = await pass(work, open)
        work.signal.throwIfAborted()
        if (open.size > 0 && attempt === ATTEMPTS)
          fail('OHM8007', `${open.size} shards were not finished in ${ATTEMPTS} attempts: ${deaths.at(-1) ?? ''}`, {
            hint: 'give fewer --workers: each has its own copy of the study',
          })
      }
    },
    async close() {
      await pool?.destroy()
      pool = null
    },
  }
}
