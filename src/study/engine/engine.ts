/** What runs shards: threads of this process, or a cluster. */
import type { Point, Row, Shard } from '../study.ts'

export interface ShardWork {
  /** All points so far, by index; those of the shards among them. */
  readonly points: readonly Point[]
  readonly shards: readonly Shard[]
  readonly signal: AbortSignal
  /**
   * Called once for each shard, in any order.
   *
   * @param rows  null: the shard now stands in the folder
   */
  readonly onShard: (shard: Shard, rows: readonly Row[] | null) => Promise<void>
  /** Called now and then with the number of chips done since the last call that belong to unfinished shards. */
  readonly onChips?: (chips: number) => void
}

export interface ShardEngine {
  /** Ends when all shards are done; rejects with the signal's reason when it aborts, or with the first failure. */
  run(work: ShardWork): Promise<void>
  close(): Promise<void>
}
