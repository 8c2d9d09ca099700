/** What a study will take, before it runs. */

import { mostTried } from '../loosest.ts'
import { looksOf } from '../program.ts'
import type { Loosest, Study } from '../study.ts'

export interface StudyCost {
  /** Design points. */
  readonly points: number
  /** Chips of all points together, each fabricated and scored once. */
  readonly chipRuns: number
  /** Vectors through chips. */
  readonly vectors: number
  readonly shards: number
  /** Whether it may take fewer: sequential stopping and bisection end early. */
  readonly atMost: boolean
}

/** Vectors through chips that make a shard long enough, and shards that a small study is cut into. */
const SHARD = { vectors: 50_000, chips: 1000, count: 64 } as const

/**
 * Chips of a shard unless given: 50 000 vectors' worth, at most 1000 chips, and fewer where the study would have less
 * than 64 shards. A function of the study alone, so that its folder does not depend on the machine.
 */
export function defaultShardChips(vectors: number, points: number, chips: number): number {
  const long = Math.min(SHARD.chips, Math.max(1, Math.round(SHARD.vectors / vectors)))
  return Math.max(1, Math.min(long, Math.ceil((points * chips) / SHARD.count)))
}

/** Points a study runs at most. */
export const pointsOf = (points: number, loosest: Loosest | null): number =>
  points + (loosest === null ? 0 : mostTried(loosest))

export function costOf(study: Study): StudyCost {
  const { chips, shardChips, points, networks, loosest, until } = study
  const all = pointsOf(points.length, loosest)
  const vectors = (network: number) => networks[network]!.inputs.rows
  const tried = all - points.length
  // A look ends with whole shards, so no shard is cut by it.
  const shards = Math.ceil(looksOf(study).at(-1)! / shardChips)
  return {
    points: all,
    chipRuns: all * chips,
    vectors: chips * (points.reduce((n, { network }) => n + vectors(network), 0) + tried * vectors(0)),
    shards: all * shards,
    atMost: until !== null || loosest !== null,
  }
}
