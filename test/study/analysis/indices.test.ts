import { expect, it } from 'vitest'
import { indexDesign } from '../../../src/numerics/variance-indices.ts'
import { analyse } from '../../../src/study/analysis/analyse.ts'
import type { Axis, Study } from '../../../src/study/study.ts'
import { rowOf } from '../../support/play-study.ts'
import { smallStudy } from '../../support/study.ts'

const axes: readonly Axis[] = [
  { path: 'crossbar.wires.wordSegment', range: { low: 0, high: 1, logarithmic: false }, derived: false },
  { path: 'device.readNoise.sigma', range: { low: 0, high: 1, logarithmic: false }, derived: false },
  { path: 'adc.comparator.noise', range: { low: 0, high: 1, logarithmic: false }, derived: false },
]

it('of a sum of parameters are the shares of its variance; of an idle one exactly zero', async () => {
  const base = 128
  const design = indexDesign(base, 3, 1)
  const study: Study = {
    ...(await smallStudy()),
    kind: 'sobol-indices',
    axes: [
      ...axes,
      { path: 'crossbar.wires.bitSegment', derived: true, range: { low: 0, high: 1, logarithmic: false } },
    ],
    points: Array.from({ length: 5 * base }, (_, index) => ({
      index,
      network: 0,
      values: Object.fromEntries(axes.map(({ path }, k) => [path, design[3 * index + k]!])),
      mechanisms: 'all' as const,
    })),
  }
  const rows = (p: number) =>
    [-1, 0, 1].map((error, chip) => rowOf(p, chip, 3 * design[3 * p]! + design[3 * p + 1]! + 1e-3 * error))
  const { indices } = analyse(study, study.points, rows)
  expect(indices.map(({ path }) => path)).toEqual(axes.map(({ path }) => path))
  const [wires, noise, idle] = indices
  // Variances 9 / 12 and 1 / 12.
  for (const kind of ['first', 'total'] as const) {
    expect(wires![kind].value).toBeCloseTo(0.9, 1)
    expect(noise![kind].value).toBeCloseTo(0.1, 1)
    expect(idle![kind]).toMatchObject({ value: 0, ci95: [0, 0] })
    expect(wires![kind].ci95![0]).toBeLessThan(0.9)
    expect(wires![kind].ci95![1]).toBeGreaterThan(0.9)
  }
  // Not all points: no indices.
  expect(analyse(study, study.points.slice(1), rows).indices).toEqual([])
})
