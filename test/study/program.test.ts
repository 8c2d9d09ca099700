import { test as check } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalAt, site } from '../../src/numerics/random.ts'
import { wilson } from '../../src/numerics/statistics.ts'
import { analyse } from '../../src/study/analysis/analyse.ts'
import { mostTried } from '../../src/study/loosest.ts'
import { looksOf } from '../../src/study/program.ts'
import type { Loosest, Point, Study } from '../../src/study/study.ts'
import { expectCount, phi } from '../support/distribution.ts'
import { playStudy } from '../support/play-study.ts'
import { smallStudy } from '../support/study.ts'

const small = await smallStudy()
const points = (n: number): Point[] =>
  Array.from({ length: n }, (_, index) => ({ index, network: 0, values: {}, mechanisms: 'all' }))
/** A standard normal number of a chip, the same at every point. */
const normal = (chip: number) => normalAt({ seed: 11, chip }, site(0, 'calibration'))

describe('a plain study', () => {
  check.prop([
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: 0, max: 100 }),
  ])('runs every chip of every point once, in one round, by whole shards', (count, chips, shardChips, firstChip) => {
    const study: Study = { ...small, points: points(count), chips, shardChips, firstChip }
    const { rounds, rowsOf } = playStudy(study, () => 0)
    expect(rounds.length).toBe(1)
    for (let p = 0; p < count; p++)
      expect(rowsOf(p).map(({ chip }) => chip)).toEqual(Array.from({ length: chips }, (_, k) => firstChip + k))
    for (const shard of rounds[0]!) expect((shard.firstChip - firstChip) % shardChips).toBe(0)
    expect(Math.max(...rounds[0]!.map((shard) => shard.chips))).toBe(Math.min(shardChips, chips))
  })
})

describe('until', () => {
  const study = (changes: Partial<Study>): Study => ({
    ...small,
    chips: 5000,
    shardChips: 16,
    requirement: { metric: 'nmseDb', loss: false, limit: 0 },
    until: { of: 'yield', halfWidth: 0.05 },
    ...changes,
  })

  it('looks first at 100 chips or two shards, then at half as many again, and last at all', () => {
    const looks = (chips: number, shardChips: number) => looksOf(study({ chips, shardChips }))
    expect(looks(1000, 10)).toEqual([100, 150, 230, 350, 530, 800, 1000])
    expect(looks(1000, 80)).toEqual([160, 240, 400, 640, 960, 1000])
    expect(looks(1000, 1000)).toEqual([1000])
    expect(looks(50, 10)).toEqual([50])
    for (const [chips, shardChips] of [
      [100_000, 1],
      [777, 32],
    ] as const) {
      const found = looks(chips, shardChips)
      expect(found).toEqual([...new Set(found)].sort((a, b) => a - b))
      expect(found.slice(0, -1).every((n) => n % shardChips === 0)).toBe(true)
    }
  })

  it('goes on with each point until its interval is narrow enough, and no longer', () => {
    // Point 0 passes half of the time, point 1 nearly always: it needs fewer chips.
    const score = (point: Point, chip: number) => normal(chip) - (point.index === 0 ? 0 : 2.5)
    const it = study({ points: points(2) })
    const { rowsOf, rounds } = playStudy(it, score)
    const half = (p: number, n: number) => {
      const { low, high } = wilson(
        rowsOf(p)
          .slice(0, n)
          .filter(({ value }) => value <= 0).length,
        n,
      )
      return (high - low) / 2
    }
    for (const p of [0, 1]) {
      const n = rowsOf(p).length
      const looks = looksOf(it)
      const last = looks.indexOf(n)
      expect(half(p, n)).toBeLessThanOrEqual(0.05)
      for (const earlier of looks.slice(0, last)) expect(half(p, earlier)).toBeGreaterThan(0.05)
    }
    expect(rowsOf(1).length).toBeLessThan(rowsOf(0).length)
    expect(rounds.at(-1)!.every(({ point }) => point === 0)).toBe(true)
    const result = analyse(it, points(2), rowsOf)
    expect(result.until).toEqual({ of: 'yield', halfWidth: 0.05, reached: true })
    expect(result.warnings.map(({ message }) => message).join()).toContain('differences between two points')
  })

  it('ends at the chips of the study, and says that it was not enough', () => {
    const it = study({ until: { of: 'mean', halfWidth: 1e-3 }, chips: 300 })
    const { rowsOf, points: all } = playStudy(it, (_, chip) => normal(chip))
    expect(rowsOf(0).length).toBe(300)
    const { until, warnings } = analyse(it, all, rowsOf)
    expect(until?.reached).toBe(false)
    expect(warnings.map(({ message }) => message)).toContain('mean +- 0.001 was not reached with 300 chips a point')
  })

  it.each([
    ['yield', 0.05, 0.5],
    ['yield', 0.02, 1.6449],
    ['median', 0.12, 0],
  ] as const)(
    'of the %s +- %d (requirement %d): looking repeatedly leaves the interval its confidence',
    (of, half, limit) => {
      const repetitions = 500
      let inside = 0
      for (let seed = 0; seed < repetitions; seed++) {
        const it = study({
          shardChips: 10,
          requirement: { metric: 'nmseDb', loss: false, limit },
          until: { of, halfWidth: half },
        })
        const { points: all, rowsOf } = playStudy(it, (_, chip) => normalAt({ seed, chip }, site(0, 'calibration')))
        const result = analyse(it, all, rowsOf)
        const median = result.metric.quantiles.find(({ p }) => p === 0.5)!
        const [low, high] = of === 'yield' ? result.yield!.ci95 : median.ci95
        const truth = of === 'yield' ? phi(limit) : 0
        if (low <= truth && truth <= high) inside++
      }
      expectCount(inside, repetitions, 0.95)
    },
  )

  it.each(['median', 'mean', 'yield'] as const)('of the %s: rows that are there already change nothing', (of) => {
    const it = study({ until: { of, halfWidth: of === 'yield' ? 0.04 : 0.1 }, points: points(3) })
    const score = (point: Point, chip: number) => normal(chip) * (1 + point.index)
    const once = playStudy(it, score)
    expect(once.rounds.length).toBeGreaterThan(2)
    expect(playStudy(it, score, once).rounds).toEqual(once.rounds)
    // Even rows of later rounds and of chips that were not asked for.
    const all = playStudy({ ...it, until: null }, score)
    expect(playStudy(it, score, all).rounds).toEqual(once.rounds)
  })
})

describe('loosest', () => {
  const loosest: Loosest = {
    path: 'crossbar.wires.wordSegment',
    tight: 0.1,
    loose: 100,
    logarithmic: true,
    yield: 0.9,
    tolerance: 0.01,
  }
  const study = (changes: Partial<Loosest> = {}, more: Partial<Study> = {}): Study => ({
    ...small,
    kind: 'loosest',
    points: [],
    chips: 400,
    shardChips: 50,
    requirement: { metric: 'nmseDb', loss: false, limit: 0 },
    loosest: { ...loosest, ...changes },
    ...more,
  })
  const of = (point: Point, it: Study) => point.values[it.loosest!.path] as number
  const answer = (it: Study, score: (x: number, chip: number) => number) => {
    const played = playStudy(it, (point, chip) => score(of(point, it), chip))
    const result = analyse(it, played.points, played.rowsOf)
    return {
      ...played,
      result,
      loosest: result.loosest!,
      said: result.warnings.map(({ message }) => message).join('\n'),
    }
  }
  /** Share of the chips whose number stays below x. */
  const below = (chips: number, x: number) =>
    Array.from({ length: chips }, (_, chip) => normal(chip)).filter((z) => z <= x).length / chips

  it('finds where the yield of these chips crosses the one wanted', () => {
    // A chip passes where ln x <= 2 + z / 2: the yield at x is P(z >= 2 (ln x - 2)).
    const it = study()
    const {
      result,
      loosest: found,
      points: all,
      rounds,
      said,
    } = answer(it, (x, chip) => Math.log(x) - 2 + normal(chip) / 2)
    const [kept, failed] = found.bracket as [number, number]
    expect(found.value).toBe(kept)
    expect(result.metric).toEqual(result.points.find(({ values }) => Object.values(values)[0] === kept)!.metric)
    expect(failed / kept - 1).toBeGreaterThan(0)
    expect(failed / kept - 1).toBeLessThanOrEqual(0.0102)
    const yieldAt = (x: number) => below(400, 2 * (2 - Math.log(x)))
    expect(yieldAt(kept)).toBeGreaterThanOrEqual(0.9)
    expect(yieldAt(failed)).toBeLessThan(0.9)
    // Within what 400 chips know of the truth, x = exp(2 - 1.2816 / 2).
    expect(Math.abs(phi(2 * (2 - Math.log(kept))) - 0.9)).toBeLessThan(4 * Math.sqrt(0.09 / 400))
    expect(found.steps.length).toBe(all.length)
    expect(all.length).toBeLessThanOrEqual(mostTried(it.loosest!))
    expect(rounds.length).toBe(all.length - 4)
    expect(said).toContain('more chips may move the answer')
    expect(found.steps.filter(({ certain }) => !certain).length).toBeGreaterThan(0)
    for (const step of found.steps) if (step.certain) expect(step.yield.ci95[0] >= 0.9).toBe(step.kept)
  })

  it('either end may be the larger', () => {
    // Tight is large: a chip passes where x >= 3.
    const it = study({ path: 'adc.fullScale', tight: 10, loose: 1, logarithmic: false, tolerance: 1e-3 })
    const { loosest: found } = answer(it, (x) => 3 - x)
    expect(found.value).toBeGreaterThanOrEqual(3)
    expect(found.value).toBeLessThanOrEqual(3.003)
    expect(found.bracket[1]).toBeLessThan(3)
  })

  it('tries whole numbers only where there are no others', () => {
    const it = study({ path: 'adc.dac.bits', tight: 12, loose: 2, logarithmic: false })
    const { loosest: found, points: all } = answer(it, (x) => 7 - x)
    expect(found.value).toBe(7)
    expect(found.bracket).toEqual([7, 6])
    expect(all.map((point) => of(point, it)).every(Number.isInteger)).toBe(true)
    expect(new Set(all.map((point) => of(point, it))).size).toBe(all.length)
  })

  it('says when not even the tight end keeps the requirement, and when every value does', () => {
    const never = answer(study(), () => 1)
    expect(never.loosest).toMatchObject({ value: null, bracket: [null, 0.1] })
    expect(never.rounds.length).toBe(1)
    expect(never.said).toContain('not even crossbar.wires.wordSegment = 100 mohm keeps')
    const always = answer(study(), () => -1)
    expect(always.loosest).toMatchObject({ value: 100, bracket: [100, null] })
    expect(always.said).toContain('may lie beyond 100 ohm')
  })

  it('notices a yield that rises again, and answers with the crossing nearest to the tight end', () => {
    const { loosest: found, said } = answer(study(), (x) => (x < 1 || x > 10 ? -1 : 1))
    expect(found.value).toBeLessThan(1)
    expect(found.bracket[1]).toBeGreaterThanOrEqual(1)
    expect(found.bracket[1]! / found.value! - 1).toBeLessThanOrEqual(0.0102)
    expect(said).toContain('does not fall from tight to loose')
    expect(answer(study(), (x) => x - 5).said).not.toContain('does not fall')
  })

  it('with until, a step ends as soon as its interval lies on one side of the yield wanted', () => {
    const it = study({}, { chips: 4000, until: { of: 'yield', halfWidth: 0.02 } })
    const score = (x: number, chip: number) => Math.log(x) - 2 + normal(chip) / 2
    const { loosest: found, rowsOf, points: all } = answer(it, score)
    const chips = all.map(({ index }) => rowsOf(index).length)
    expect(Math.min(...chips)).toBe(100)
    expect(Math.max(...chips)).toBeLessThan(4000)
    for (const [k, step] of found.steps.entries()) {
      const [low, high] = step.yield.ci95
      expect(step.certain || (high - low) / 2 <= 0.02 || chips[k] === 4000).toBe(true)
    }
    expect(Math.abs(phi(2 * (2 - Math.log(found.value!))) - 0.9)).toBeLessThan(0.04)
    const again = playStudy(it, (point, chip) => score(of(point, it), chip), { ...answer(it, score) })
    expect(again.points).toEqual(all)
  })

  check.prop([
    fc.double({ min: 0.01, max: 1, noNaN: true }),
    fc.double({ min: 1.5, max: 1e6, noNaN: true }),
    fc.double({ min: 1e-3, max: 0.5, noNaN: true }),
    fc.boolean(),
    fc.double({ min: 0, max: 1, noNaN: true }),
  ])(
    'brackets any crossing within the tolerance and the promised number of steps',
    (low, factor, tolerance, log, at) => {
      const high = low * factor
      const crossing = log ? low * factor ** at : low + (high - low) * at
      const it = study({ tight: low, loose: high, logarithmic: log, tolerance }, { chips: 1, shardChips: 1 })
      const { loosest: found, points: all } = answer(it, (x) => (x <= crossing ? -1 : 1))
      expect(all.length).toBeLessThanOrEqual(mostTried(it.loosest!))
      const [kept, failed] = found.bracket
      if (kept !== null) expect(kept).toBeLessThanOrEqual(crossing)
      if (failed !== null) expect(failed).toBeGreaterThan(crossing)
      if (kept !== null && failed !== null) {
        const near = failed - kept <= tolerance * failed * (1 + 1e-12)
        // Near 0 of a linear range the number of steps ends it.
        expect(near || (!log && failed - kept <= (high - low) * tolerance)).toBe(true)
      }
    },
  )
})
