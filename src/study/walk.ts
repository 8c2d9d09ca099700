/** Through the rounds of a study: what has rows is skipped, the rest is run. */
import { fail } from '../base/errors.ts'
import type { ShardEngine } from './engine/engine.ts'
import type { RowStore } from './store/rows.ts'
import { shardName } from './store/shard-file.ts'
import type { Point, Program, Round, Row, Shard, Study } from './study.ts'

/** More rounds than any bisection or sequential stopping takes. */
const MOST_ROUNDS = 100_000

/** How far a study is. Rows are of the rounds that were begun. */
export interface Walked {
  /** Of the study, and those that rounds added, by index. */
  readonly points: readonly Point[]
  /** Rows of a point in chip order. */
  readonly rowsOf: (point: number) => Iterable<Row>
  /** Names of the shards of all rounds begun. */
  readonly shards: ReadonlySet<string>
  /** Chips of these, and those that have rows. */
  readonly chips: number
  readonly done: number
  /** Rounds begun. */
  readonly rounds: number
  /** Shards of the last round that have no rows; empty when the study is done. */
  readonly open: readonly Shard[]
}

export interface WalkOptions {
  /** Each round as it begins, with what is already there and what is missing. */
  readonly onRound?: (round: number, what: Round, there: readonly Shard[], missing: readonly Shard[]) => Promise<void>
  /** Rows that were just made, or null where they stand in the folder. */
  readonly onShard?: (shard: Shard, rows: readonly Row[] | null) => void
  readonly onChips?: (chips: number) => void
}

/**
 * Run a study, or with no engine see how far it is: the walk then ends at the first round that lacks rows.
 *
 * @param rows  kept rows; shards whose rows are read back from here are not run
 */
export async function walk(
  study: Study,
  program: Program,
  rows: RowStore,
  run: { readonly engine: ShardEngine; readonly signal: AbortSignal } | null,
  options: WalkOptions = {},
): Promise<Walked> {
  const points: Point[] = [...study.points]
  const byPoint = new Map<number, Shard[]>()
  const names = new Set<string>()
  let chips = 0
  let done = 0
  const read = (shard: Shard) =>
    rows.read(shard) ??
    fail('OHM8002', `shard ${shardName(shard)} was damaged while the study ran`, { hint: 'resume the study' })
  // Shard after shard, each let go of before the next is read.
  function* rowsWith(point: number, readOne: (shard: Shard) => readonly Row[]): Generator<Row> {
    for (const shard of byPoint.get(point) ?? []) yield* readOne(shard)
  }
  const rowsOf = (point: number) => rowsWith(point, read)
  const at = (rounds: number, open: readonly Shard[]): Walked => ({
    ...{ points, shards: names, chips, done, rounds, open },
    rowsOf: open.length === 0 ? rowsOf : (point) => rowsWith(point, (shard) => rows.read(shard) ?? []),
  })
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = program.next(round, rowsOf)
    if (next === null) return at(round, [])
    for (const point of next.points) points[point.index] = point
    const fresh = next.shards.filter((shard) => !names.has(shardName(shard)))
    const there: Shard[] = []
    const missing: Shard[] = []
    for (const shard of fresh) {
      if (rows.read(shard) === null) missing.push(shard)
      else {
        there.push(shard)
        done += shard.chips
      }
      chips += shard.chips
    }
    await options.onRound?.(round, next, there, missing)
    for (const shard of fresh) {
      names.add(shardName(shard))
      const list = byPoint.get(shard.point)
      if (list === undefined) byPoint.set(shard.point, [shard])
      else list.push(shard)
    }
    for (const point of new Set(fresh.map((shard) => shard.point)))
      byPoint.get(point)!.sort((a, b) => a.firstChip - b.firstChip)
    if (missing.length === 0) continue
    if (run === null) return at(round + 1, missing)
    await run.engine.run({
      points,
      shards: missing,
      signal: run.signal,
      onShard: async (shard, made) => {
        if (made !== null) await rows.write(shard, points[shard.point]!, made)
        done += shard.chips
        options.onShard?.(shard, made)
      },
      ...(options.onChips === undefined ? {} : { onChips: options.onChips }),
    })
  }
  return fail('OHM8006', `the study is not done after ${MOST_ROUNDS} rounds`)
}
