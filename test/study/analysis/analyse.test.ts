import { test as check } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalAt, site } from '../../../src/numerics/random.ts'
import { meanInterval, quantile, quantileInterval, wilson } from '../../../src/numerics/statistics.ts'
import { analyse } from '../../../src/study/analysis/analyse.ts'
import { idealScore } from '../../../src/study/analysis/ideal.ts'
import type { StudyResult } from '../../../src/study/result.ts'
import type { Point, Row, Study } from '../../../src/study/study.ts'
import { rowOf } from '../../support/play-study.ts'
import { smallStudy } from '../../support/study.ts'

const small = await smallStudy({ chips: 200 })
const ideal = idealScore(small, 0)
const points = (n: number): Point[] =>
  Array.from({ length: n }, (_, index) => ({ index, network: 0, values: {}, mechanisms: 'all' }))
const rows = (values: readonly number[], point = 0, more: Partial<Row> = {}): Row[] =>
  values.map((value, chip) => rowOf(point, chip, value, more))
const normal = (chip: number, at = 0) => normalAt({ seed: 4, chip }, site(0, 'calibration'), at)
const of = (values: readonly number[], changes: Partial<Study> = {}) =>
  analyse({ ...small, ...changes }, small.points, () => rows(values))
const said = ({ warnings }: StudyResult) => warnings.map(({ message }) => message).join('\n')

describe('a point', () => {
  const values = Array.from({ length: 200 }, (_, chip) => normal(chip))

  it('has mean and quantiles of its chips with their intervals', () => {
    const { metric, points: all, chips, networks, vectors, importance, loosest } = of(values)
    expect(chips).toBe(200)
    expect(vectors).toBe(small.networks[0]!.inputs.rows)
    expect(networks).toEqual([{ name: small.networks[0]!.name, ideal }])
    expect(importance).toBe(null)
    expect(loosest).toBe(null)
    expect(metric).toEqual(all[0]!.metric)
    expect(all[0]!.paired).toBe(null)
    const student = meanInterval(values)
    expect(metric.ci95).toEqual([student.low, student.high])
    expect(metric.quantiles.map(({ p }) => p)).toEqual([0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99])
    for (const { p, value, ci95 } of metric.quantiles) {
      const { low, high } = quantileInterval(values, p)
      expect(value).toBeCloseTo(quantile(values, p), 12)
      expect(ci95).toEqual([low, high])
    }
    expect(all[0]!.distribution).toEqual([...values].sort((a, b) => a - b))
  })

  it('has the yield of its requirement, of the score or of the loss', () => {
    const met = values.filter((x) => x <= 0.5).length
    const { low, high } = wilson(met, 200)
    expect(of(values, { requirement: { metric: 'nmseDb', loss: false, limit: 0.5 } }).yield).toEqual({
      requirement: 'nmseDb <= 0.5',
      fraction: met / 200,
      ci95: [low, high],
      method: 'wilson',
    })
    const losses = of(
      values.map((x) => x + ideal),
      { requirement: { metric: 'nmseDb', loss: true, limit: 0.5 } },
    )
    expect(losses.yield!.requirement).toBe('nmseDb loss <= 0.5')
    expect(losses.yield!.fraction).toBeCloseTo(met / 200, 12)
    expect(of(values, { requirement: null }).yield).toBe(null)
  })

  it('where all chips meet it, or none, has the exact interval', () => {
    for (const [limit, fraction] of [
      [1e9, 1],
      [-1e9, 0],
    ] as const) {
      const found = of(values, { requirement: { metric: 'nmseDb', loss: false, limit } }).yield!
      expect(found).toMatchObject({ fraction, method: 'clopper-pearson' })
      // 0 or all of n: (1 - 0.95) / 2 = (end)^n.
      const [low, high] = found.ci95
      expect(fraction === 1 ? low : 1 - high).toBeCloseTo(0.025 ** (1 / 200), 12)
      expect(fraction === 1 ? high : low).toBe(fraction)
    }
  })

  it('keeps at most 512 scores of many, evenly spaced in rank', () => {
    const many = Array.from({ length: 5111 }, (_, k) => (k * 7) % 5111)
    const { distribution } = of(many).points[0]!
    expect(distribution).toEqual(Array.from({ length: 512 }, (_, k) => 10 * k))
  })

  it('of few chips says which ends are open', () => {
    const one = of([1])
    expect(one.metric).toMatchObject({ mean: 1, ci95: [-Infinity, Infinity], standardDeviation: 0 })
    // Of one value: it is above the 0.01 quantile in 99 of 100 cases, and bounds no other on either side.
    expect(one.metric.quantiles.map(({ ci95 }) => ci95)).toEqual([
      [-Infinity, 1],
      ...Array(5).fill([-Infinity, Infinity]),
      [1, Infinity],
    ])
    expect(said(of(values.slice(0, 60)))).toContain('60 chips do not bound the 0.01, 0.05, 0.95, 0.99 quantiles')
    expect(said(of(values))).toContain('the 0.01, 0.99 quantiles')
  })

  it('counts scores that are no number as failures, leaves them out of the mean, and says so', () => {
    const result = of([...values.slice(0, 198), Number.NaN, Infinity], {
      requirement: { metric: 'nmseDb', loss: false, limit: 1e9 },
    })
    expect(result.yield!.fraction).toBe(198 / 200)
    expect(result.metric.mean).toBeCloseTo(values.slice(0, 198).reduce((a, b) => a + b) / 198, 12)
    expect(result.metric.quantiles.find(({ p }) => p === 0.5)!.value).toBe(
      quantile([...values.slice(0, 198), 1e9, 1e9], 0.5),
    )
    expect(result.metric.quantiles.at(-1)!.ci95[1]).toBe(Infinity)
    expect(result.points[0]!.distribution.every(Number.isFinite)).toBe(true)
    expect(said(result)).toContain('2 chips of point 0 have no finite score in nmseDb')
    // A perfect chip is a good one.
    expect(of([...values, -Infinity]).metric.quantiles[0]!.value).toBeLessThan(-2)
    expect(said(of(values.slice(0, 198)))).not.toContain('finite')
  })

  it('adds up code errors and counters; what chips do not count is left out', () => {
    const { networks } = small
    const codes = networks[0]!.inputs.rows * networks[0]!.network.encoder.at(-1)!.weight.rows
    const { points: all } = analyse(small, small.points, () => [
      rowOf(0, 0, 1, { codeErrors: 3, counters: { adcClipped: 2, mostWritePulses: 5, stuckAtMin: 0 } }),
      rowOf(0, 1, 1, {
        codeErrors: 5,
        counters: { adcClipped: 1, mostWritePulses: 9, writtenDevices: 10, writePulses: 40 },
      }),
    ])
    expect(all[0]!.codes.errorRate).toBeCloseTo(4 / codes, 15)
    expect(all[0]!.counters).toMatchObject({ adcClipped: 3, mostWritePulses: 9, meanWritePulses: 4, inputClipped: 0 })
    expect(all[0]!.counters).not.toHaveProperty('stuckAtMin')
  })

  check.prop([
    fc.array(fc.oneof(fc.double(), fc.constant(1)), { minLength: 1, maxLength: 40 }),
    fc.double({ noNaN: true }),
  ])('any scores: yield within its interval, quantiles ascend', (scores, limit) => {
    const { metric, yield: found, points: all } = of(scores, { requirement: { metric: 'mse', loss: false, limit } })
    expect(found!.fraction).toBe(scores.filter((x) => x <= limit).length / scores.length)
    expect(found!.ci95[0]).toBeLessThanOrEqual(found!.fraction)
    expect(found!.ci95[1]).toBeGreaterThanOrEqual(found!.fraction)
    for (const [k, { value, ci95 }] of metric.quantiles.entries()) {
      expect(ci95[0]).toBeLessThanOrEqual(ci95[1])
      if (k > 0) expect(value).toBeGreaterThanOrEqual(metric.quantiles[k - 1]!.value)
    }
    expect(all[0]!.distribution.length).toBe(scores.filter(Number.isFinite).length)
  })

  it('without any row of any point there is no answer', () => {
    expect(() => analyse(small, small.points, () => [])).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ code: 'OHM8006' })] }),
    )
  })
})

describe('several points', () => {
  it('differences are paired with the first point of the same network, over the chips of both', () => {
    const study: Study = {
      ...small,
      networks: [small.networks[0]!, { ...small.networks[0]!, name: 'other' }],
      points: points(4).map((point) => ({ ...point, network: point.index % 2 })),
    }
    const value = (point: number, chip: number) => 10 * point + normal(chip) + 0.01 * normal(chip, point)
    const { points: found } = analyse(study, study.points, (p) =>
      rows(
        Array.from({ length: 50 + 10 * p }, (_, chip) => value(p, chip)),
        p,
      ),
    )
    expect(found.map(({ paired }) => paired?.against ?? null)).toEqual([null, null, 0, 1])
    const paired = found[2]!.paired!
    const differences = Array.from({ length: 50 }, (_, chip) => value(2, chip) - value(0, chip))
    expect(paired.mean).toBeCloseTo(differences.reduce((a, b) => a + b) / 50, 12)
    expect(paired.median).toBeCloseTo(quantile(differences, 0.5), 12)
    // What chips have in common cancels: the interval is far narrower than that of either mean.
    const width = ([low, high]: readonly [number, number]) => high - low
    expect(width(paired.ci95)).toBeLessThan(width(found[2]!.metric.ci95) / 20)
    expect(paired.medianCi95[0]).toBeLessThanOrEqual(paired.median)
  })

  it('has the axes as they were resolved', () => {
    const { axes } = of([1, 2], {
      axes: [
        { path: 'network', values: ['a'], derived: false },
        { path: 'crossbar.wires.wordSegment', range: { low: 1, high: 2, logarithmic: true }, derived: false },
        { path: 'adc.dac.bits', values: [8, 10], derived: true },
      ],
    })
    expect(axes).toEqual([
      { path: 'network', unit: '', values: ['a'], range: null, logarithmic: false, derived: false },
      {
        path: 'crossbar.wires.wordSegment',
        unit: 'ohm',
        values: null,
        range: [1, 2],
        logarithmic: true,
        derived: false,
      },
      { path: 'adc.dac.bits', unit: '', values: [8, 10], range: null, logarithmic: false, derived: true },
    ])
  })

  it('of a sampled range are one sample, too', () => {
    const study: Study = { ...small, kind: 'latin-hypercube', points: points(30) }
    const value = (p: number, chip: number) => normal(p, 7) + 0.1 * normal(chip, 8)
    const result = analyse(study, study.points, (p) =>
      rows(
        Array.from({ length: 20 }, (_, chip) => value(p, chip)),
        p,
      ),
    )
    expect(result.chips).toBe(600)
    const all = points(30).flatMap(({ index }) => Array.from({ length: 20 }, (_, chip) => value(index, chip)))
    expect(result.metric.mean).toBeCloseTo(all.reduce((a, b) => a + b) / 600, 12)
    expect(result.metric.quantiles[3]!.value).toBeCloseTo(quantile(all, 0.5), 12)
    // 30 points know as much as 30 values, not as 600.
    const plain = meanInterval(all)
    expect(result.metric.ci95[1] - result.metric.ci95[0]).toBeGreaterThan(3 * (plain.high - plain.low))
  })
})
