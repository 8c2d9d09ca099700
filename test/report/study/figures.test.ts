import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import type { FigurePlan } from '../../../src/report/study/figure.ts'
import { figurePlans, studyFigures } from '../../../src/report/study/figures.ts'
import type { StudyResult } from '../../../src/study/result.ts'
import { difference, differsFromGolden } from '../../support/golden-figure.ts'
import {
  ageing,
  axis,
  corners,
  grid,
  loosest,
  monteCarlo,
  normalScores,
  point,
  ranges,
  sensitivity,
  spread,
  study,
  sweep,
  tile,
} from './results.ts'

const STUDIES: readonly (readonly [string, () => StudyResult, readonly string[]])[] = [
  ['monte-carlo', monteCarlo, ['yield-curve', 'tile']],
  ['ageing', ageing, ['ageing', 'ageing-yield', 'yield-curve', 'tile']],
  [
    'grid',
    grid,
    [
      'sweep-wires-word-segment',
      'sweep-wires-word-segment-yield',
      'sweep-programming-sigma',
      'sweep-programming-sigma-yield',
      'map',
      'map-yield',
      'yield-curve',
      'tile',
    ],
  ],
  ['sensitivity', sensitivity, ['tornado', 'waterfall', 'yield-curve', 'tile']],
  ['sobol', ranges, ['samples', 'yield-curve', 'tile']],
  ['sobol-indices', () => ranges('sobol-indices'), ['tornado', 'samples', 'tile']],
  ['corners', corners, ['points', 'yield-curve', 'tile']],
  ['loosest', loosest, ['loosest', 'yield-curve', 'tile']],
]

const planOf = (result: StudyResult, name: string): FigurePlan =>
  figurePlans(result, tile).find((plan) => plan.name === name)!

let warned: MockInstance
beforeEach(() => {
  warned = vi.spyOn(console, 'warn').mockImplementation(() => {})
})
afterEach(() => {
  // The renderer complains here about what it cannot draw as it was told.
  expect(warned.mock.calls).toEqual([])
  warned.mockRestore()
})

describe('which figures a study gets', () => {
  it.each(STUDIES)('%s', (_, make, names) => {
    expect(figurePlans(make(), tile).map(({ name }) => name)).toEqual(names)
  })

  it('without a requirement there is no yield to draw', () => {
    const points = [1, 2, 4].map((ohm, k) =>
      point(k, { mean: -9 + ohm, limit: null, values: { 'crossbar.wires.wordSegment': ohm } }),
    )
    const result = study(points, { kind: 'grid', axes: [axis('crossbar.wires.wordSegment', 'ohm', [1, 2, 4])] })
    expect(figurePlans(result).map(({ name }) => name)).toEqual(['sweep-wires-word-segment', 'yield-curve'])
  })

  it('a design of words alone is ranked', () => {
    const words = ['layer-maximum', 'percentile']
    const points = words.map((word, k) => point(k, { mean: -9 + k, values: { 'crossbar.scaling': word } }))
    const result = study(points, { kind: 'grid', axes: [axis('crossbar.scaling', '', words)] })
    expect(figurePlans(result).map(({ name }) => name)).toEqual(['points', 'yield-curve'])
  })
})

describe('findings', () => {
  it.each([
    [
      monteCarlo,
      'yield-curve',
      '88.5 % of the chips meet nmseDb <= -8 (95 % interval 86.4 % to 90.3 %); the median is -8.60 dB, 90 % of the chips lie between -9.42 dB and -7.78 dB.',
    ],
    [
      sensitivity,
      'tornado',
      'Without programming error the score would gain the most, 0.93 dB (95 % interval 0.87 dB to 0.99 dB); drift comes next, 0.55 dB.',
    ],
    [
      sensitivity,
      'waterfall',
      'Of a loss of 3.04 dB, programming error has the largest part: 1.18 dB, 39 % of it (Shapley value).',
    ],
    [
      () => ranges('sobol-indices'),
      'tornado',
      'Over the ranges, programming sigma has part in 86.0 % of the variance of the mean score, 81.0 % of it by itself; wires word segment has the least, 17.0 %.',
    ],
    [
      ageing,
      'ageing',
      'The median NMSE changes by 2.15 dB along time since programming: -9.40 dB at 1 s, -7.25 dB at 10 years.',
    ],
    [
      loosest,
      'loosest',
      'The loosest wires word segment that keeps nmseDb <= -8 on 90 % of the chips is 2.74 Ω, where 95.5 % do; 3.82 Ω does not.',
    ],
    [
      corners,
      'points',
      'The best median is -9.20 dB (programming sigma 0.02, wires word segment 1 Ω), the worst -7.20 dB (programming sigma 0.06, wires word segment 4 Ω, yield 0.50 %); the profile itself has -8.70 dB.',
    ],
    [
      grid,
      'map',
      'The median NMSE is best at -10.10 dB (wires word segment 500 mΩ, programming sigma 0.01) and worst at -5.60 dB (wires word segment 5 Ω, programming sigma 0.1).',
    ],
    [
      monteCarlo,
      'tile',
      "Realised conductances differ from their targets by 11.55 µS RMS (23.1 % of the largest); the wires take 1.1 % of the array's conductance, the most, 700 nS, on word line 0 and bit line 7.",
    ],
  ] as const)('%#', (make, name, finding) => {
    expect(planOf(make(), name).finding).toBe(finding)
  })
})

describe('goldens', () => {
  // Each builder once, and once more where its data make it another figure.
  const GOLDENS: readonly (readonly [string, () => StudyResult, string])[] = [
    ['yield-curve', monteCarlo, 'yield-curve'],
    ['yield-curve-of-ages', ageing, 'yield-curve'],
    ['yield-curve-of-ranges', ranges, 'yield-curve'],
    ['waterfall', sensitivity, 'waterfall'],
    ['tornado', sensitivity, 'tornado'],
    ['indices', () => ranges('sobol-indices'), 'tornado'],
    ['sweep', sweep, 'sweep-wires-word-segment'],
    ['sweep-of-lines', grid, 'sweep-wires-word-segment'],
    ['ageing', ageing, 'ageing'],
    ['map', grid, 'map'],
    ['map-of-panels', sweep, 'map-yield'],
    ['samples', ranges, 'samples'],
    ['corners', corners, 'points'],
    ['loosest', loosest, 'loosest'],
    ['tile', monteCarlo, 'tile'],
  ]

  it.each(GOLDENS)('%s', async (golden, make, name) => {
    const figure = (await studyFigures(make(), tile)).find((one) => one.name === name)!
    expect(differsFromGolden(golden, figure.svg)).toBeNull()
  })

  it('the comparison sees what can be seen', () => {
    expect(difference('<a x="1.001">b</a>', '<a x="1.002">b</a>')).toBeNull()
    expect(difference('<a x="1">b</a>', '<a x="2">b</a>')).toContain('1 is not 2')
    expect(difference('<a>b</a>', '<a>c</a>')).not.toBeNull()
    expect(difference('<a x="1"/>', '<a x="1"/><b/>')).not.toBeNull()
  })
})

describe('every figure', () => {
  it.each(STUDIES)('of %s says what it is, has ids of its own, and comes out the same twice', async (_, make) => {
    const [once, again] = [await studyFigures(make(), tile), await studyFigures(make(), tile)]
    expect(again.map(({ svg }) => svg)).toEqual(once.map(({ svg }) => svg))
    const ids = once.flatMap(({ svg }) => [...svg.matchAll(/ id="([^"]*)"/g)].map((m) => m[1]!))
    expect(new Set(ids).size).toBe(ids.length)
    for (const { name, svg, finding, title, table, spec } of once) {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      expect(svg).toContain(`role="img" aria-labelledby="${name}-title ${name}-description"`)
      expect(svg).toContain(`<title id="${name}-title">${title}</title>`)
      expect(finding).toMatch(/^[A-Z0-9].*\.$/)
      expect(svg).not.toMatch(/NaN|undefined|Infinity/)
      expect(JSON.stringify([spec, table])).not.toMatch(/NaN|undefined|Infinity/)
      for (const reference of svg.matchAll(/url\(#([^)]*)\)/g)) expect(ids).toContain(reference[1])
      expect(table.rows.length).toBeGreaterThan(0)
      for (const row of table.rows) expect(row).toHaveLength(table.columns.length)
      // n, seed and what was simulated.
      expect(svg.replaceAll('\u00a0', ' ')).toMatch(/chip.*seed 1/s)
      expect(svg).toContain('simulated')
    }
  })

  it('has no two layers of one name, which the renderer would mix up', () => {
    const names = (value: unknown): string[] =>
      typeof value !== 'object' || value === null
        ? []
        : Object.entries(value).flatMap(([key, inner]) => (key === 'name' ? [String(inner)] : names(inner)))
    for (const make of [sweep, grid, ageing, sensitivity, ranges, corners, loosest, monteCarlo])
      for (const { spec } of figurePlans(make(), tile)) {
        const found = names(spec)
        expect(new Set(found).size).toBe(found.length)
      }
  })

  it('of several panels has in each of them its own bands', async () => {
    const figure = (await studyFigures(sweep())).find(({ name }) => name === 'sweep-wires-word-segment')!
    const bands = [...figure.svg.matchAll(/<g class="mark-area[^>]*><path[^>]* d="([^"]*)"/g)].map((m) => m[1])
    expect(bands).toHaveLength(4 * 3 * 2)
    expect(new Set(bands).size).toBe(bands.length)
  })

  it('has quantities with units as axis titles', async () => {
    const titles = (svg: string) => [...svg.matchAll(/role-axis-title[^>]*><text[^>]*>([^<]*)</g)].map((m) => m[1]!)
    for (const [, make] of STUDIES)
      for (const { svg } of await studyFigures(make(), tile)) {
        expect(titles(svg).length).toBeGreaterThan(0)
        for (const title of titles(svg)) expect(title).toMatch(/\[[^\]]+\]$/)
      }
  })
})

describe('odd data', () => {
  const drawn = async (result: StudyResult) => {
    const figures = await studyFigures(result)
    for (const { svg, table } of figures) {
      expect(svg).not.toMatch(/NaN|undefined|Infinity/)
      for (const row of table.rows) expect(row).toHaveLength(table.columns.length)
    }
    return figures
  }

  it('a single chip, with intervals that are not known', async () => {
    const figures = await drawn(study([point(0, { mean: -8, chips: 1 })]))
    expect(figures.map(({ name }) => name)).toEqual(['yield-curve'])
  })

  it('what has gone through JSON, where infinities are null', async () => {
    await drawn(JSON.parse(JSON.stringify(study([point(0, { mean: -8, chips: 3 })]))) as StudyResult)
    await drawn(JSON.parse(JSON.stringify(sweep())) as StudyResult)
  })

  it('chips of which none has a finite score', async () => {
    const broken = {
      ...point(0, { mean: -8 }),
      distribution: [],
      metric: {
        ...spread([-8]),
        mean: Number.NaN,
        quantiles: [{ p: 0.5, value: Infinity, ci95: [-8, Infinity] as const }],
      },
    }
    expect(await drawn(study([broken]))).toEqual([])
    const sound = point(1, { mean: -8, values: { 'adc.dac.bits': 8 } })
    const half = study([{ ...broken, values: { 'adc.dac.bits': 4 } }, sound], {
      kind: 'grid',
      axes: [axis('adc.dac.bits', '', [4, 8])],
    })
    expect((await drawn(half)).map(({ name }) => name)).toContain('sweep-dac-bits')
  })

  it('equal scores everywhere, as an ideal profile gives', async () => {
    const points = [1, 2, 3].map((ohm, k) =>
      point(k, { mean: -11, sigma: 0, ideal: -11, values: { 'crossbar.wires.wordSegment': ohm } }),
    )
    await drawn(study(points, { kind: 'grid', axes: [axis('crossbar.wires.wordSegment', 'ohm', [1, 2, 3])] }))
  })

  it('more points than can be drawn, or put into the arguments of a call', async () => {
    const one = point(0, { mean: -9, chips: 1 })
    const ohms = Array.from({ length: 150_000 }, (_, k) => 1 + k * 1e-5)
    const points = ohms.map((ohm, index) => ({ ...one, index, values: { 'crossbar.wires.wordSegment': ohm } }))
    for (const kind of ['grid', 'sobol'] as const) {
      const axes = [axis('crossbar.wires.wordSegment', 'ohm', kind === 'grid' ? ohms : null)]
      const figures = await drawn(study(points, { kind, axes, point: kind === 'sobol' ? null : 0 }))
      for (const { svg, table } of figures) {
        expect(svg.length).toBeLessThan(1 << 20)
        expect(table.rows.length).toBeLessThan(1000)
      }
    }
  })

  it('bit error rates over decades stand on an axis of powers', async () => {
    const points = [1, 10, 100, 1000].map((s, k) => {
      const scores = normalScores(s * 1e-6, s * 1e-8, 50)
      const it = point(k, { mean: 0, limit: null, values: { 'environment.timeSinceProgramming': s } })
      return { ...it, metric: spread(scores, 'ber' as const), distribution: scores }
    })
    const result = study(points, {
      kind: 'ageing',
      axes: [axis('environment.timeSinceProgramming', 's', [1, 10, 100, 1000])],
    })
    await drawn(result)
    expect(JSON.stringify(planOf(result, 'ageing').spec)).toContain(
      '"field":"y","type":"quantitative","scale":{"type":"log"',
    )
  })

  it('names from outside end where they are written', async () => {
    const evil = '</text><script>alert(1)</script>\u202e"\'&\u0000]]>{{datum}}'
    const points = [evil, `${evil}2`].map((network, k) => point(k, { mean: -8 - k, network }))
    const figures = await drawn(study(points, { name: evil, profile: evil }))
    for (const { svg, finding } of figures) {
      expect(svg).not.toContain('<script')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
      expect(svg + finding).not.toMatch(/[\u0000\u202e]/)
    }
  })
})
