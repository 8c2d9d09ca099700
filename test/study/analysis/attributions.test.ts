import { test as check } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deploy } from '../../../src/deployment/deploy.ts'
import { readNetwork } from '../../../src/network/read.ts'
import { normalAt, site } from '../../../src/numerics/random.ts'
import { meanInterval } from '../../../src/numerics/statistics.ts'
import type { Stage } from '../../../src/profile/isolate.ts'
import { analyse } from '../../../src/study/analysis/analyse.ts'
import { idealScore } from '../../../src/study/analysis/ideal.ts'
import { runShard, shardRunner } from '../../../src/study/engine/shard.ts'
import { mechanismsOf, stagesOf } from '../../../src/study/mechanisms.ts'
import { programOf } from '../../../src/study/program.ts'
import type { AttributionResult } from '../../../src/study/result.ts'
import { ATTRIBUTIONS, type Mechanisms, type Point, type Study } from '../../../src/study/study.ts'
import { generateSamples } from '../../../src/task/generate.ts'
import { playStudy } from '../../support/play-study.ts'
import { quickProfile, smallStudy } from '../../support/study.ts'

const profile = await quickProfile([
  'crossbar.wires.wordSegment=1 ohm',
  'periphery.tia.gainSigma=0.01',
  'adc.comparator.noise=1 mV',
])
const small = await smallStudy({ profile, kind: 'sensitivity', attributions: ATTRIBUTIONS, chips: 60 })
const ideal = idealScore(small, 0)
const stages = stagesOf(small, small.points[0]!)
const n = stages.length
const normal = (chip: number, at: number) => normalAt({ seed: 2, chip }, site(0, 'calibration'), at)

const study = (mechanisms: readonly Mechanisms[], changes: Partial<Study> = {}): Study => ({
  ...small,
  points: mechanisms.map((each, index): Point => ({ index, network: 0, values: {}, mechanisms: each })),
  ...changes,
})
const subsets = Array.from({ length: 2 ** n }, (_, k) => stages.filter((_stage, i) => (k >> i) & 1))
const alone = stages.map((stage): Mechanisms => [stage])
const without = stages.map((stage): Mechanisms => stages.filter((other) => other !== stage))
const walks = (reversed: boolean) => Array.from({ length: n - 1 }, (_, k): Mechanisms => ({ first: k + 1, reversed }))

/** A game: what the stages that are on cost a chip. */
type Game = (on: readonly Stage[], chip: number) => number
const play = (it: Study, game: Game) => {
  const { points, rowsOf } = playStudy(it, (point, chip) => ideal + game(mechanismsOf(it, point, chip), chip))
  return analyse(it, points, rowsOf)
}
const shapley = (it: Study, game: Game) =>
  play(it, game).attributions.find(({ kind }) => kind === 'shapley') as AttributionResult

/** Wires cost nothing; two stages share a cost that neither has alone; the rest add up, chip by chip. */
const game: Game = (on, chip) => {
  const own: Partial<Record<Stage, number>> = {
    'programming-error': 2 + 0.3 * normal(chip, 1),
    periphery: 0.5 + 0.2 * normal(chip, 2),
  }
  const sum = on.reduce((s, stage) => s + (own[stage] ?? 0), 0)
  const together = on.includes('adc-thresholds') && on.includes('adc-noise') ? 1 + 0.1 * normal(chip, 3) : 0
  return sum + together
}
const chips = Array.from({ length: small.chips }, (_, chip) => chip)
const truth = new Map<Stage, readonly number[]>([
  ['programming-error', chips.map((chip) => 2 + 0.3 * normal(chip, 1))],
  ['periphery', chips.map((chip) => 0.5 + 0.2 * normal(chip, 2))],
  ['adc-thresholds', chips.map((chip) => (1 + 0.1 * normal(chip, 3)) / 2)],
  ['adc-noise', chips.map((chip) => (1 + 0.1 * normal(chip, 3)) / 2)],
  ['wires', chips.map(() => 0)],
])
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length

it('the stages of these tests are the five of the game', () => {
  expect([...stages].sort()).toEqual([...truth.keys()].sort())
})

describe('Shapley values', () => {
  it('from all subsets are the exact ones, chip by chip', () => {
    const { rows, total, point } = shapley(study(subsets.toReversed()), game)
    expect(point).toBe(0)
    expect(rows.map(({ name }) => name)).toEqual(stages)
    for (const { name, value, ci95 } of rows) {
      const wanted = truth.get(name)!
      expect(value).toBeCloseTo(mean(wanted), 12)
      const { low, high } = meanInterval(wanted)
      expect(ci95![0]).toBeCloseTo(low, 12)
      expect(ci95![1]).toBeCloseTo(high, 12)
    }
    expect(total.value).toBeCloseTo(
      rows.reduce((s, { value }) => s + value, 0),
      12,
    )
  })

  it('a stage without effect has exactly zero', () => {
    for (const mechanisms of [subsets, ['all', [], ...walks(false), ...walks(true)] as Mechanisms[]]) {
      const wires = shapley(study(mechanisms), game).rows.find(({ name }) => name === 'wires')!
      expect(wires.value).toBe(0)
      expect(wires.ci95).toEqual([0, 0])
    }
  })

  it.each([
    ['forward and reversed', ['all', ...walks(false), ...walks(true)] as Mechanisms[]],
    ['forward alone', ['all', [], ...walks(false)] as Mechanisms[]],
  ])("from each chip's own order, %s: sum to the loss, and hold the exact values", (_, mechanisms) => {
    const { rows, total } = shapley(study(mechanisms, { chips: 400 }), game)
    expect(rows.reduce((s, { value }) => s + value, 0)).toBeCloseTo(total.value, 12)
    for (const { name, value, ci95 } of rows) {
      const exact = { 'programming-error': 2, periphery: 0.5, 'adc-thresholds': 0.5, 'adc-noise': 0.5 }
      const wanted = exact[name as keyof typeof exact] ?? 0
      const width = ci95![1] - ci95![0]
      expect(Math.abs(value - wanted)).toBeLessThanOrEqual(width)
      expect(width).toBeLessThan(0.15)
    }
  })

  it('a pair of orders that are each other reversed knows more than one', () => {
    const width = (mechanisms: Mechanisms[]) => {
      const { ci95 } = shapley(study(mechanisms), game).rows.find(({ name }) => name === 'adc-noise')!
      return ci95![1] - ci95![0]
    }
    // The shared cost falls to whichever comes second: half to each in the mean over both directions.
    expect(width(['all', [], ...walks(false), ...walks(true)])).toBeLessThan(width(['all', [], ...walks(false)]) / 5)
  })

  check.prop([fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 2 ** n, maxLength: 2 ** n })])(
    'of any game sum to its total',
    (losses) => {
      const index = (on: readonly Stage[]) => on.reduce((k, stage) => k | (1 << stages.indexOf(stage)), 0)
      for (const mechanisms of [subsets, ['all', [], ...walks(false), ...walks(true)] as Mechanisms[]]) {
        const it = study(mechanisms, { chips: 3 })
        const { rows, total } = shapley(it, (on, chip) => losses[index(on)]! * (1 + chip))
        expect(rows.reduce((s, { value }) => s + value, 0)).toBeCloseTo(total.value, 9)
        expect(total.value).toBeCloseTo(2 * (losses[2 ** n - 1]! - losses[0]!), 9)
      }
    },
  )

  it('with a point missing there are none', () => {
    expect(shapley(study(['all', ...walks(false).slice(1)]), game)).toBe(undefined)
    expect(shapley(study(subsets.slice(0, -2)), game)).toBe(undefined)
  })
})

it('what the study is about is the point with all that the profile has', () => {
  const { points, metric, yield: found } = play(study([[], ...walks(false), 'all', ...alone]), game)
  const all = points.find(({ mechanisms, order }) => mechanisms === null && order === undefined)!
  expect(all.index).toBe(n)
  expect(metric).toEqual(all.metric)
  expect(found).toEqual(all.yield)
  expect(points.filter(({ order }) => order !== undefined).map(({ order }) => order)).toEqual(walks(false))
})

describe('one at a time and leave one out', () => {
  it('are the paired losses of the stage alone, and of all but it', () => {
    const { attributions } = play(study(['all', ...alone, ...without]), game)
    expect(attributions.map(({ kind }) => kind)).toEqual(['one-at-a-time', 'leave-one-out'])
    const [first, last] = attributions as [AttributionResult, AttributionResult]
    const lossOf = ({ rows }: AttributionResult, stage: Stage) => rows.find(({ name }) => name === stage)!.value
    for (const stage of ['programming-error', 'periphery'] as const) {
      expect(lossOf(first, stage)).toBeCloseTo(mean(truth.get(stage)!), 10)
      expect(lossOf(last, stage)).toBeCloseTo(mean(truth.get(stage)!), 10)
    }
    // What only the two together cost: nothing alone, all of it when one is left out.
    for (const stage of ['adc-thresholds', 'adc-noise'] as const) {
      expect(lossOf(first, stage)).toBeCloseTo(0, 10)
      expect(lossOf(last, stage)).toBeCloseTo(2 * mean(truth.get(stage)!), 10)
    }
    expect(lossOf(last, 'wires')).toBe(0)
    expect(first.total.value).toBeCloseTo(mean(chips.map((chip) => game(stages, chip))), 10)
  })

  it('leave out chips that a point does not have, or scores not finitely', () => {
    const it = study(['all', ...alone], { attributions: ['one-at-a-time'] })
    const { points, rowsOf } = playStudy(it, (point, chip) =>
      point.index === 2 && chip === 0 ? Number.NaN : ideal + game(mechanismsOf(it, point, chip), chip),
    )
    const { attributions } = analyse(it, points, (p) => (p === 3 ? rowsOf(p).slice(0, -1) : rowsOf(p)))
    expect(attributions[0]!.total.value).toBeCloseTo(mean(chips.slice(1, -1).map((chip) => game(stages, chip))), 10)
  })

  it('of one chip have no interval', () => {
    const { attributions } = play(study(['all', ...alone], { chips: 1 }), game)
    expect(attributions[0]!.rows.every(({ ci95 }) => ci95 === null)).toBe(true)
  })
})

describe('of real chips of the shipped network', () => {
  it('all three: the sums are those of the points, and a mechanism without effect has exactly zero', async () => {
    const network = await readNetwork('examples/vqcs_n20_I4/model.onnx')
    // A picovolt of offset changes no code.
    const real = await quickProfile(['adc.comparator.offsetSigma=0', 'periphery.tia.offsetSigma=1e-12 V'])
    const like = { ...small, profile: real }
    const has = stagesOf(like, small.points[0]!)
    expect(has).toEqual(['programming-error', 'periphery'])
    const task = { kind: 'sparse-recovery', N: 20, M: 10, S: 2, noiseVariance: 1e-4, sensing: 'dct' } as const
    const { inputs, truth: wanted } = generateSamples(task, { samples: 50, seed: 1 })
    const { scales, calibration } = deploy(network, real, { calibration: inputs })
    const it = study(['all', [], ['programming-error'], ['periphery']], {
      profile: real,
      networks: [{ name: 'vqcs_n20_I4', network, scales, calibration, inputs, truth: wanted }],
      chips: 8,
      shardChips: 8,
    })
    const runner = shardRunner(it)
    const { shards } = programOf(it).next(0, () => [])!
    const rows = shards.map((shard) => runShard(runner, it.points[shard.point]!, shard))
    const { attributions, points } = analyse(it, it.points, (point) => rows[point]!)
    expect(attributions.map(({ kind }) => kind)).toEqual([...ATTRIBUTIONS])
    const [all, none, programming] = points.map(({ metric }) => metric.mean) as [number, number, number, number]
    expect(none).toBeCloseTo(points[0]!.ideal, 9)
    expect(all).toBeGreaterThan(none + 0.1)
    for (const { rows: each, total } of attributions) {
      expect(total.value).toBeCloseTo(all - none, 9)
      expect(each[0]!.value).toBeCloseTo(programming - none, 9)
      expect(each[1]).toMatchObject({ name: 'periphery', value: 0, ci95: [0, 0] })
    }
  })
})
