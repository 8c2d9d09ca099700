/**
 * What a study runs, round by round. Every decision follows from rows alone, and from rows of rounds before: it is the
 * same whoever ran them, in whatever order, at once or after an interruption.
 */
import { fail } from '../base/errors.ts'
import { idealScore } from './analysis/ideal.ts'
import { type Sample, sampleOf } from './analysis/sample.ts'
import { spreadOf } from './analysis/spread.ts'
import { yieldOf } from './analysis/yield.ts'
import { type Tried, valuesToTry } from './loosest.ts'
import type { Loosest, Point, Program, Round, Row, Shard, Study, Until } from './study.ts'

/** Fewest chips and shards before an interval decides anything, and growth from look to look. */
const FIRST_LOOK = { chips: 100, shards: 2 } as const
const GROWTH = 1.5

/**
 * The program of a study.
 *
 * Plain: one round with all chips of all points. `until`: each point gets more chips, by whole shards, until its
 * interval is as narrow as wanted or `chips` is reached; fewer looks, each at half as many chips again, keep what
 * looking repeatedly costs an interval small. `loosest`: a value of the parameter is a point; its step ends with all its
 * chips, or with `until` as soon as the yield's interval lies on one side of the yield wanted or is as narrow as wanted.
 * Points of a `loosest` study that are there from the beginning run in the first round with all their chips.
 */
export function programOf(study: Study): Program {
  if (study.loosest !== null) return loosestProgram(study, study.loosest)
  if (study.until !== null) return untilProgram(study, study.until)
  return {
    next: (round) =>
      round > 0 || study.points.length === 0
        ? null
        : { points: [], shards: study.points.flatMap(({ index }) => shardsOf(study, index, 0, study.chips)) },
  }
}

/** Shards of a point's chips [from, to); from stands at the beginning of a shard. */
function shardsOf({ shardChips, firstChip }: Study, point: number, from: number, to: number): Shard[] {
  const shards: Shard[] = []
  for (let at = from; at < to; at += shardChips)
    shards.push({ point, firstChip: firstChip + at, chips: Math.min(shardChips, to - at) })
  return shards
}

/** Numbers of chips at which a point is looked at, ascending; the last is `chips`. */
export function looksOf({
  chips,
  shardChips,
  until,
}: Pick<Study, 'chips' | 'shardChips' | 'until'>): readonly number[] {
  if (until === null) return [chips]
  const looks: number[] = []
  let shards = Math.max(FIRST_LOOK.shards, Math.ceil(FIRST_LOOK.chips / shardChips))
  for (; shards * shardChips < chips; shards = Math.max(shards + 1, Math.ceil(shards * GROWTH)))
    looks.push(shards * shardChips)
  return [...looks, chips]
}

/**
 * Half the width of the 95 % interval that sequential stopping waits for; infinite where the sample is too small.
 *
 * @throws OHM8001 of the yield without a requirement
 */
export function halfWidth(study: Study, until: Until, point: Point, sample: Sample): number {
  const { low, high } = intervalOf(study, until.of, point, sample)
  const half = (high - low) / 2
  return Number.isNaN(half) ? Number.POSITIVE_INFINITY : half
}

function intervalOf(study: Study, of: Until['of'], point: Point, sample: Sample): { low: number; high: number } {
  const spread = of === 'yield' ? null : spreadOf(study.metric, sample)
  const [low, high] =
    spread === null
      ? yieldAt(study, point, sample).ci95
      : of === 'mean'
        ? spread.ci95
        : spread.quantiles.find(({ p }) => p === 0.5)!.ci95
  return { low, high }
}

/** @throws OHM8001 without a requirement */
function yieldAt(study: Study, point: Point, sample: Sample) {
  const { requirement } = study
  if (requirement === null)
    return fail('OHM8001', 'a yield needs a requirement', { hint: "for example 'nmseDb loss <= 0.1'" })
  return yieldOf(requirement, idealScore(study, point.network), sample)
}

/** Decisions about a point at its looks, each made once. */
function decisions(decide: (point: Point, sample: Sample) => boolean) {
  const known = new Map<string, boolean>()
  return (point: Point, chips: number, rowsOf: (point: number) => Iterable<Row>): boolean => {
    const name = `${point.index} ${chips}`
    let decided = known.get(name)
    if (decided === undefined) {
      decided = decide(point, sampleOf(rowsOf(point.index), chips))
      known.set(name, decided)
    }
    return decided
  }
}

function untilProgram(study: Study, until: Until): Program {
  const looks = looksOf(study)
  const reached = decisions((point, sample) => halfWidth(study, until, point, sample) <= until.halfWidth)
  return {
    next(round, rowsOf) {
      if (round >= looks.length) return null
      const [from, to] = [round === 0 ? 0 : looks[round - 1]!, looks[round]!]
      const shards = study.points
        .filter((point) => looks.slice(0, round).every((chips) => !reached(point, chips, rowsOf)))
        .flatMap(({ index }) => shardsOf(study, index, from, to))
      return shards.length === 0 ? null : { points: [], shards }
    },
  }
}

/** A value of the parameter as a point. */
function pointAt(study: Study, loosest: Loosest, value: number, index: number): Point {
  const base = study.points[0]
  return {
    index,
    network: base?.network ?? 0,
    values: { ...base?.values, [loosest.path]: value },
    mechanisms: base?.mechanisms ?? 'all',
  }
}

interface Step extends Tried {
  readonly value: number
}

function loosestProgram(study: Study, loosest: Loosest): Program {
  const { until } = study
  const looks = looksOf(study)
  const certain = decisions((point, sample) => {
    const [low, high] = yieldAt(study, point, sample).ci95
    if (low >= loosest.yield || high < loosest.yield) return true
    return until !== null && halfWidth(study, until, point, sample) <= until.halfWidth
  })
  const keeps = decisions((point, sample) => yieldAt(study, point, sample).fraction >= loosest.yield)

  return {
    next(round, rowsOf) {
      const done: Step[] = []
      let index = study.points.length
      let running: { point: Point; value: number; look: number }[] = []
      // The rounds before are gone through again: nothing is kept from call to call but what rows say.
      for (let r = 0; ; r++) {
        let begun: Point[] = []
        if (running.length === 0) {
          running = valuesToTry(loosest, done).map((value) => ({
            point: pointAt(study, loosest, value, index++),
            value,
            look: 0,
          }))
          begun = running.map(({ point }) => point)
        }
        if (r === round) {
          const known = r === 0 ? study.points.flatMap((point) => shardsOf(study, point.index, 0, study.chips)) : []
          const shards = running.flatMap(({ point, look }) =>
            shardsOf(study, point.index, look === 0 ? 0 : looks[look - 1]!, looks[look]!),
          )
          return known.length + shards.length === 0 ? null : ({ points: begun, shards: [...known, ...shards] } as Round)
        }
        if (running.length === 0) return null
        const goingOn: typeof running = []
        for (const step of running) {
          const chips = looks[step.look]!
          if (step.look + 1 === looks.length || certain(step.point, chips, rowsOf))
            done.push({ value: step.value, kept: keeps(step.point, chips, rowsOf) })
          else goingOn.push({ ...step, look: step.look + 1 })
        }
        running = goingOn
      }
    },
  }
}
