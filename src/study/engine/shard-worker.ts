/** A worker thread: takes shards until none is left, posts their rows. The study arrives once, as worker data. */
import type { MessagePort } from 'node:worker_threads'
import { workerData } from 'piscina'
import { OhmbitError, type Problem } from '../../base/errors.ts'
import { type Engine, useEngine } from '../../numerics/kernels/module.ts'
import type { Point, Row, Shard, Study } from '../study.ts'
import { Turn } from '../turn.ts'
import { runShard, shardRunner } from './shard.ts'

export interface ShardTask {
  readonly turn: SharedArrayBuffer
  readonly shards: readonly Shard[]
  /** Those of the shards, by index. */
  readonly points: ReadonlyMap<number, Point>
  /** Gets a ShardMessage for each shard, then null. */
  readonly port: MessagePort
}

export type ShardMessage =
  | {
      /** Its place among the task's shards. */
      readonly index: number
      readonly rows: readonly Row[]
    }
  /** Errors lose what they carry on the way between threads. */
  | { readonly problems: readonly Problem[] }

const { study, engine } = workerData as { study: Study; engine: Engine }
useEngine(engine)
const runner = shardRunner(study)

export default function run({ turn, shards, points, port }: ShardTask): void {
  const turns = new Turn(turn)
  const post = (message: ShardMessage | null) => port.postMessage(message)
  try {
    for (let index = turns.next(); index !== null; index = turns.next()) {
      const shard = shards[index]!
      post({ index, rows: runShard(runner, points.get(shard.point)!, shard) })
    }
  } catch (error) {
    if (error instanceof OhmbitError) post({ problems: error.problems })
    else
      post({
        problems: [
          { code: 'OHM9002', message: error instanceof Error ? (error.stack ?? error.message) : String(error) },
        ],
      })
  }
  post(null)
}
