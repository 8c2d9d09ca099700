/** Results of studies made by hand: no chip was run for them. */
import { normalQuantile, quantileRanks, wilson } from '../../../src/numerics/statistics.ts'
import type { FieldPath, FieldValue } from '../../../src/profile/fields.ts'
import type { Stage } from '../../../src/profile/isolate.ts'
import type { TileMap } from '../../../src/study/analysis/tile-map.ts'
import type { Effect, PointResult, Spread, StudyResult } from '../../../src/study/result.ts'
import type { MetricName } from '../../../src/task/metric.ts'

type Changes<T> = { -readonly [K in keyof T]?: T[K] }

/** Scores of chips that are spread normally, in ascending order; the least and the largest of 512 or fewer. */
export function normalScores(mean: number, sigma: number, n: number): number[] {
  return Array.from({ length: n }, (_, k) => mean + sigma * normalQuantile((k + 0.5) / n))
}

export function spread(scores: readonly number[], name: MetricName = 'nmseDb'): Spread {
  const n = scores.length
  const mean = scores.reduce((a, b) => a + b, 0) / n
  const standardDeviation = Math.sqrt(scores.reduce((a, b) => a + (b - mean) ** 2, 0) / Math.max(1, n - 1))
  const half = (1.96 * standardDeviation) / Math.sqrt(n)
  return {
    name,
    mean,
    ci95: n > 1 ? [mean - half, mean + half] : [-Infinity, Infinity],
    standardDeviation,
    quantiles: [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99].map((p) => {
      const [low, high] = quantileRanks(n, p)
      const at = (n - 1) * p
      const value = scores[Math.floor(at)]! + (at % 1) * ((scores[Math.ceil(at)] ?? 0) - scores[Math.floor(at)]!)
      return { p, value, ci95: [scores[low] ?? -Infinity, scores[high] ?? Infinity] as const }
    }),
  }
}

export interface PointSketch {
  readonly mean: number
  readonly sigma?: number
  readonly chips?: number
  readonly network?: string
  readonly ideal?: number
  readonly values?: Partial<Record<FieldPath, FieldValue>>
  readonly mechanisms?: readonly Stage[] | null
  readonly metric?: MetricName
  /** Limit of the score; null: no requirement. */
  readonly limit?: number | null
}

export function point(index: number, sketch: PointSketch): PointResult {
  const { mean, sigma = 0.3, chips = 200, metric = 'nmseDb', limit = -8 } = sketch
  const scores = normalScores(mean, sigma, chips)
  const met = limit === null ? 0 : scores.filter((x) => x <= limit).length
  const { low, high } = wilson(met, chips)
  return {
    index,
    network: sketch.network ?? 'vqcs_n20_I4',
    values: sketch.values ?? {},
    mechanisms: sketch.mechanisms ?? null,
    ideal: sketch.ideal ?? -11.02,
    chips,
    metric: spread(scores, metric),
    yield:
      limit === null
        ? null
        : { requirement: `${metric} <= ${limit}`, fraction: met / chips, ci95: [low, high], method: 'wilson' },
    codes: { errorRate: 0.12 },
    counters: { adcClipped: 3 },
    paired: null,
    distribution:
      scores.length <= 512
        ? scores
        : Array.from({ length: 512 }, (_, k) => scores[Math.round((k * (chips - 1)) / 511)]!),
  }
}

export function study(points: readonly PointResult[], changes: Changes<StudyResult> = {}): StudyResult {
  const first = points[0]!
  return {
    format: 'ohmbit/study-result/1',
    name: 'by hand',
    kind: 'monte-carlo',
    profile: 'reram-1t1r',
    seed: 1,
    firstChip: 0,
    vectors: 500,
    axes: [],
    networks: [...new Set(points.map(({ network }) => network))].map((name) => ({ name, ideal: first.ideal })),
    points,
    point: first.index,
    metric: first.metric,
    yield: first.yield,
    chips: first.chips,
    attributions: [],
    indices: [],
    loosest: null,
    importance: null,
    until: null,
    warnings: [],
    ...changes,
  }
}

type Axis = StudyResult['axes'][number]

export const axis = (path: Axis['path'], unit: string, values: Axis['values'], changes: Partial<Axis> = {}): Axis => ({
  ...{ path, unit, values, range: null, logarithmic: false, derived: false },
  ...changes,
})

export const effect = <N extends string>(name: N, value: number, half: number): Effect & { readonly name: N } => ({
  name,
  value,
  ci95: [value - half, value + half],
})

const WIRES = [0.5, 1, 2, 5]
const BITS = [5, 6, 8]
const AGES = [0, 1, 3600, 86400, 31557600]

export const monteCarlo = () => study([point(0, { mean: -8.6, sigma: 0.5, chips: 1000 })], { name: 'plain' })

/** Wires x DAC bits x age, two networks: what a worked example asks for. */
export function sweep(): StudyResult {
  const networks = ['vqcs_n20_I4', 'deepvqcs-n20 I16']
  const points = networks.flatMap((network, n) =>
    WIRES.flatMap((wire) =>
      BITS.flatMap((bits) =>
        AGES.map((age) => ({
          mean: -10.4 + n * -0.8 + 0.9 * wire ** 0.7 + 6 / bits ** 1.6 + 0.12 * Math.log1p(age),
          sigma: 0.2 + 0.05 * wire,
          network,
          ideal: -11 - n,
          values: {
            'crossbar.wires.wordSegment': wire,
            'adc.dac.bits': bits,
            'environment.timeSinceProgramming': age,
          },
        })),
      ),
    ),
  )
  return study(
    points.map((sketch, k) => point(k, sketch)),
    {
      name: 'wires, bits and age',
      kind: 'grid',
      axes: [
        axis('crossbar.wires.wordSegment', 'ohm', WIRES),
        axis('adc.dac.bits', '', BITS),
        axis('environment.timeSinceProgramming', 's', AGES),
      ],
    },
  )
}

export function ageing(): StudyResult {
  const ages = [1, 60, 3600, 86400, 30 * 86400, 10 * 31557600]
  return study(
    ages.map((age, k) =>
      point(k, { mean: -9.4 + 0.11 * Math.log(age), values: { 'environment.timeSinceProgramming': age } }),
    ),
    { name: 'ten years', kind: 'ageing', axes: [axis('environment.timeSinceProgramming', 's', ages)] },
  )
}

export function grid(): StudyResult {
  const spreads = [0.01, 0.02, 0.05, 0.1]
  const points = WIRES.flatMap((wire) =>
    spreads.map((sigma) => ({
      mean: -10.6 + 0.5 * wire + 25 * sigma,
      values: { 'crossbar.wires.wordSegment': wire, 'device.programming.sigma': sigma },
    })),
  )
  return study(
    points.map((sketch, k) => point(k, sketch)),
    {
      name: 'two specifications',
      kind: 'grid',
      axes: [axis('crossbar.wires.wordSegment', 'ohm', WIRES), axis('device.programming.sigma', '1', spreads)],
    },
  )
}

const LOSSES: readonly (readonly [Stage, number, number, number])[] = [
  ['conductance-levels', 0.04, 0.01, 0.02],
  ['programming-error', 1.42, 0.93, 1.18],
  ['faults', 0.31, 0.22, 0.27],
  ['drift', 0.92, 0.55, 0.74],
  ['read-noise', 0.2, 0.11, 0.15],
  ['wires', 0.61, 0.3, 0.46],
  ['periphery', -0.05, -0.03, -0.04],
  ['adc-thresholds', 0.33, 0.2, 0.26],
  ['adc-noise', 0, 0, 0],
]

export function sensitivity(): StudyResult {
  const whole = point(0, { mean: -7.98, sigma: 0.5 })
  const none = point(1, { mean: -11.02, sigma: 0, mechanisms: [] })
  const rows = (k: 1 | 2 | 3) => LOSSES.map((loss) => effect(loss[0], loss[k], loss[k] === 0 ? 0 : 0.06))
  return study([whole, none], {
    name: 'where the loss comes from',
    kind: 'sensitivity',
    attributions: [
      { kind: 'shapley', point: 0, total: effect('total', 3.04, 0.1), rows: rows(3) },
      { kind: 'leave-one-out', point: 0, total: effect('total', 3.04, 0.1), rows: rows(2) },
      { kind: 'one-at-a-time', point: 0, total: effect('total', 3.04, 0.1), rows: rows(1) },
    ],
  })
}

/** Points of a scrambled sequence would do; these are those of a golden ratio. */
const sampled = (n: number, at: (u: number, v: number) => PointSketch) =>
  Array.from({ length: n }, (_, k) =>
    point(k, at(((k + 1) * 0.7548776662466927) % 1, ((k + 1) * 0.5698402909980532) % 1)),
  )

export function ranges(kind: 'sobol' | 'latin-hypercube' | 'sobol-indices' = 'sobol'): StudyResult {
  const points = sampled(64, (u, v) => ({
    mean: -10 + 1.6 * u + 0.4 * v * v,
    chips: 8,
    values: { 'device.programming.sigma': 0.01 * 10 ** u, 'crossbar.wires.wordSegment': 0.5 + 4.5 * v },
  }))
  const pool = points.flatMap(({ distribution }) => distribution).sort((a, b) => a - b)
  return study(points, {
    name: 'a process window',
    kind,
    axes: [
      axis('device.programming.sigma', '1', null, { range: [0.01, 0.1], logarithmic: true }),
      axis('crossbar.wires.wordSegment', 'ohm', null, { range: [0.5, 5] }),
    ],
    point: kind === 'sobol-indices' ? 0 : null,
    metric: spread(pool),
    yield: point(0, { mean: -9.1, sigma: 0.55, chips: pool.length }).yield,
    chips: pool.length,
    indices:
      kind !== 'sobol-indices'
        ? []
        : [
            {
              path: 'device.programming.sigma',
              first: effect('device.programming.sigma', 0.81, 0.06),
              total: effect('device.programming.sigma', 0.86, 0.05),
            },
            {
              path: 'crossbar.wires.wordSegment',
              first: effect('crossbar.wires.wordSegment', 0.11, 0.05),
              total: effect('crossbar.wires.wordSegment', 0.17, 0.04),
            },
          ],
  })
}

export function corners(): StudyResult {
  const points = [
    point(0, { mean: -8.7, values: { 'device.programming.sigma': 0.04, 'crossbar.wires.wordSegment': 2 } }),
    ...[0.02, 0.06].flatMap((sigma, i) =>
      [1, 4].map((wire, k) =>
        point(1 + 2 * i + k, {
          mean: -10 + 20 * sigma + 0.4 * wire,
          values: { 'device.programming.sigma': sigma, 'crossbar.wires.wordSegment': wire },
        }),
      ),
    ),
  ]
  return study(points, {
    name: 'corners of the process',
    kind: 'corners',
    axes: [
      axis('device.programming.sigma', '1', null, { range: [0.02, 0.06] }),
      axis('crossbar.wires.wordSegment', 'ohm', null, { range: [1, 4] }),
    ],
  })
}

export function loosest(): StudyResult {
  const tried = [0.1, 1.41, 20, 0.376, 5.32, 2.74, 3.82]
  const points = tried.map((wire, k) =>
    point(k, { mean: -9.6 + 0.4 * wire, sigma: 0.3, values: { 'crossbar.wires.wordSegment': wire } }),
  )
  return study(points, {
    name: 'how much resistance is allowed',
    kind: 'loosest',
    point: 5,
    metric: points[5]!.metric,
    yield: points[5]!.yield,
    loosest: {
      path: 'crossbar.wires.wordSegment',
      unit: 'ohm',
      value: 2.74,
      bracket: [2.74, 3.82],
      yieldWanted: 0.9,
      steps: points.map(({ yield: met }, k) => ({
        value: tried[k]!,
        yield: met!,
        kept: met!.fraction >= 0.9,
        certain: met!.ci95[0] >= 0.9 || met!.ci95[1] < 0.9,
      })),
    },
  })
}

/** Six word lines, eight bit lines; the last column's devices come out twice as large. */
export const tile: TileMap = {
  ...{ network: 'vqcs_n20_I4', profile: 'reram-1t1r', seed: 1, chip: 0, layer: 0, tile: 0, wordLines: 6, bitLines: 8 },
  target: Array.from({ length: 48 }, (_, k) => (k % 2 === 0 ? 1 : -1) * (1 + (k % 5)) * 1e-5),
  realised: Array.from({ length: 48 }, (_, k) => (k % 2 === 0 ? 1 : -1) * (1 + (k % 5)) * (k % 8 === 7 ? 2e-5 : 1e-5)),
  loss: Array.from({ length: 48 }, (_, k) => (k % 2 === 0 ? 1 : -1) * (k % 8) * 1e-7),
}
