import { describe, expect, it } from 'vitest'
import { latinHypercube, sobolPoints } from '../../../src/numerics/low-discrepancy.ts'
import { indexDesign } from '../../../src/numerics/variance-indices.ts'
import type { FieldPath, FieldValue } from '../../../src/profile/fields.ts'
import { STAGES, type Stage } from '../../../src/profile/isolate.ts'
import { between } from '../../../src/study/spec/axes.ts'
import { countPoints, type Design, mechanismSets, placePoints } from '../../../src/study/spec/points.ts'
import { ATTRIBUTIONS, type Mechanisms } from '../../../src/study/study.ts'

const A = 'crossbar.wires.wordSegment'
const B = 'adc.dac.bits'
const AGE = 'environment.timeSinceProgramming'
const nominal = (path: FieldPath): FieldValue => ({ [A]: 2.5, [B]: 6 })[path as string] ?? null
const list = (path: FieldPath, ...values: FieldValue[]) => ({ path, values, derived: false })
const range = (path: FieldPath, low: number, high: number, logarithmic = false) => ({
  path,
  range: { low, high, logarithmic },
  derived: false,
})
const place = (kind: Design['kind'], axes: Design['axes'], points = 0, seed = 0) => {
  const placed = placePoints({ kind, axes, points, seed }, nominal)
  expect(placed.length).toBe(countPoints({ kind, axes, points }))
  return placed
}

describe('points of each kind', () => {
  it('monte-carlo: the profile', () => expect(place('monte-carlo', [])).toEqual([{}]))

  it('grid: the last axis first', () => {
    expect(place('grid', [list(A, 1, 2), list(B, 4, 6, null)])).toEqual([
      { [A]: 1, [B]: 4 },
      { [A]: 1, [B]: 6 },
      { [A]: 1, [B]: null },
      { [A]: 2, [B]: 4 },
      { [A]: 2, [B]: 6 },
      { [A]: 2, [B]: null },
    ])
  })

  it('ageing: ages first, wherever they stand', () => {
    const truth = [
      { [A]: 1, [AGE]: 1 },
      { [A]: 1, [AGE]: 60 },
      { [A]: 2, [AGE]: 1 },
      { [A]: 2, [AGE]: 60 },
    ]
    expect(place('ageing', [list(AGE, 1, 60), list(A, 1, 2)])).toEqual(truth)
    expect(place('ageing', [list(A, 1, 2), list(AGE, 1, 60)])).toEqual(truth)
  })

  it('corners: the profile, then all ends', () => {
    expect(place('corners', [range(A, 1, 9), list(B, 4, 8)])).toEqual([
      { [A]: 2.5, [B]: 6 },
      { [A]: 1, [B]: 4 },
      { [A]: 1, [B]: 8 },
      { [A]: 9, [B]: 4 },
      { [A]: 9, [B]: 8 },
    ])
    const seven = STAGES.slice(0, 7).map((_, k) => range(`device.faults.x${k}` as FieldPath, 0, 1))
    const corners = place('corners', seven)
    expect(corners.length).toBe(129)
    expect(new Set(corners.slice(1).map((c) => JSON.stringify(c))).size).toBe(128)
  })

  it('latin-hypercube: one point in each of n equal parts of every range', () => {
    const n = 50
    const placed = place('latin-hypercube', [range(A, 10, 20), range(AGE, 1, 1e4, true)], n, 7)
    const cells = (cell: (v: Record<string, number>) => number) =>
      placed.map((v) => cell(v as Record<string, number>)).sort((a, b) => a - b)
    const all = Array.from({ length: n }, (_, k) => k)
    expect(cells((v) => Math.floor(((v[A]! - 10) / 10) * n))).toEqual(all)
    expect(cells((v) => Math.floor((Math.log10(v[AGE]!) / 4) * n))).toEqual(all)
    expect(placed).not.toEqual(place('latin-hypercube', [range(A, 10, 20), range(AGE, 1, 1e4, true)], n, 8))
    const cube = latinHypercube(n, 2, 7)
    expect(placed[0]![A]).toBe(10 + cube[0]! * 10)
  })

  it('sobol: a list is taken evenly, each value a power of two times', () => {
    const placed = place('sobol', [range(A, 0, 1), list(B, 4, 5, 6, 8)], 64, 3)
    for (const bits of [4, 5, 6, 8]) expect(placed.filter((v) => v[B] === bits).length).toBe(16)
    const cube = sobolPoints(64, 2, 3)
    expect(placed.map((v) => v[A])).toEqual(placed.map((_, i) => cube[2 * i]!))
  })

  it('sobol-indices: A, B, then A with one column of B', () => {
    const n = 8
    const axes = [range(A, 0, 1), range(AGE, 0, 1), range('adc.fullScale', 0, 1)]
    const placed = place('sobol-indices', axes, n, 5)
    expect(placed.length).toBe(n * 5)
    const row = (k: number) => axes.map(({ path }) => placed[k]![path])
    const cube = indexDesign(n, 3, 5)
    expect(placed.flatMap((_, k) => row(k))).toEqual([...cube])
    for (let k = 0; k < n; k++)
      for (let i = 0; i < 3; i++)
        expect(row((2 + i) * n + k)).toEqual(row(k).map((a, j) => (j === i ? row(n + k)[j] : a)))
  })

  it('loosest places none: bisection does', () => expect(place('loosest', [])).toEqual([]))
})

describe('a share of a range', () => {
  it('stays between the ends, and halves sums or ratios', () => {
    expect(between(1, 9, false, 0.5)).toBe(5)
    expect(between(1, 100, true, 0.5)).toBeCloseTo(10, 12)
    for (const logarithmic of [false, true]) {
      expect(between(0.1, 0.3, logarithmic, 0)).toBeCloseTo(0.1, 14)
      expect(between(0.1, 0.3, logarithmic, 1)).toBeCloseTo(0.3, 14)
      for (let k = 0; k < 1000; k++) {
        const x = between(0.1, 0.3, logarithmic, 1 - k * 1e-16)
        expect(x >= 0.1 && x <= 0.3).toBe(true)
      }
    }
  })
})

describe('sets of imperfections', () => {
  const three = ['faults', 'wires', 'adc-noise'] as const satisfies Stage[]

  it('none and all come first, always', () => {
    for (const kind of ATTRIBUTIONS) expect(mechanismSets(three, [kind]).slice(0, 2)).toEqual([[], 'all'])
  })

  it('one at a time, leave one out', () => {
    expect(mechanismSets(three, ['one-at-a-time']).slice(2)).toEqual([['faults'], ['wires'], ['adc-noise']])
    expect(mechanismSets(three, ['leave-one-out']).slice(2)).toEqual([
      ['wires', 'adc-noise'],
      ['faults', 'adc-noise'],
      ['faults', 'wires'],
    ])
  })

  it('shapley of few stages: every subset once', () => {
    for (let n = 1; n <= 5; n++) {
      const stages = STAGES.slice(0, n)
      const sets = mechanismSets(stages, ATTRIBUTIONS)
      const names = sets.map((set) => (set === 'all' ? stages : (set as readonly Stage[])).join())
      expect(sets.length).toBe(2 ** n)
      expect(new Set(names).size).toBe(2 ** n)
    }
  })

  it('shapley of many stages: beginnings of the order of each chip, and ends', () => {
    const stages = STAGES.slice(0, 6)
    const prefixes = [false, true].flatMap((reversed) =>
      [1, 2, 3, 4, 5].map((first): Mechanisms => ({ first, reversed })),
    )
    expect(mechanismSets(stages, ['shapley'])).toEqual([[], 'all', ...prefixes])
    expect(mechanismSets(stages, ATTRIBUTIONS).length).toBe(2 + 6 + 6 + 10)
  })

  it('two stages: alone is what is left when the other is left out', () => {
    expect(mechanismSets(['faults', 'wires'], ['one-at-a-time', 'leave-one-out']).length).toBe(4)
  })
})
