/** Runs the program of a study on scores that are given by a formula. */
import { mechanismBits, mechanismsOf } from '../../src/study/mechanisms.ts'
import { programOf } from '../../src/study/program.ts'
import type { Point, Row, Shard, Study } from '../../src/study/study.ts'

export interface Played {
  readonly points: readonly Point[]
  readonly rowsOf: (point: number) => readonly Row[]
  /** Shards of each round. */
  readonly rounds: readonly (readonly Shard[])[]
}

/** A row of a chip; all that is not given is unremarkable. */
export function rowOf(point: number, chip: number, value: number, more: Partial<Row> = {}): Row {
  return { point, chip, value, codeErrors: 0, weight: 1, mechanisms: 0, counters: {}, ...more }
}

/**
 * @param score   of a chip at a point
 * @param before  rows of another play, all of which are there from the beginning, as after an interruption
 */
export function playStudy(study: Study, score: (point: Point, chip: number) => number, before?: Played): Played {
  const program = programOf(study)
  const points = [...study.points]
  const made = new Map<number, Row[]>()
  const rowsOf = (point: number) => made.get(point) ?? []
  const rounds: (readonly Shard[])[] = []
  for (let round = 0; ; round++) {
    const next = program.next(round, before?.rowsOf ?? rowsOf)
    if (next === null) return { points, rowsOf, rounds }
    for (const point of next.points) points[point.index] = point
    rounds.push(next.shards)
    for (const shard of next.shards) {
      const rows = made.get(shard.point) ?? []
      made.set(shard.point, rows)
      const point = points[shard.point]!
      for (let chip = shard.firstChip; chip < shard.firstChip + shard.chips; chip++)
        rows.push(
          rowOf(point.index, chip, score(point, chip), {
            mechanisms: mechanismBits(mechanismsOf(study, point, chip)),
          }),
        )
    }
  }
}
