/** What a study found, from its rows. Pure: the same rows give the same result, to the bit. */
import { fail } from '../../base/errors.ts'
import { FIELDS } from '../../profile/fields.ts'
import { halfWidth } from '../program.ts'
import type { LoosestResult, PointResult, StudyResult } from '../result.ts'
import type { Axis, Point, Row, Study, StudyKind } from '../study.ts'
import { attributionsOf, designs } from './attributions.ts'
import { idealScore } from './ideal.ts'
import { importanceOf } from './importance-result.ts'
import { indicesOf } from './indices.ts'
import { loosestResult, loosestWarnings } from './loosest-result.ts'
import { pointResult, type Reference } from './points.ts'
import { type Crossed, pooledSpread, pooledYield } from './pooled.ts'
import { gather, type Sample } from './sample.ts'
import { analysisWarnings, type Noticed } from './warnings.ts'
import { meets } from './yield.ts'

/** Kinds whose points sample ranges, so that all together are a sample too. */
const SAMPLED: ReadonlySet<StudyKind> = new Set(['latin-hypercube', 'sobol'])

/**
 * Analyse a study.
 *
 * @param points  all that the study has by now, by index; those without rows are left out
 * @param rowsOf  rows of a point, in chip order; asked for once a point, point after point
 * @throws OHM8006 when no point has rows, OHM5003 when an ideal network has no score
 */
export function analyse(study: Study, points: readonly Point[], rowsOf: (point: number) => Iterable<Row>): StudyResult {
  const results: PointResult[] = []
  const references = new Map<number, Reference>()
  const pool: { readonly point: Point; readonly sample: Sample }[] | null = SAMPLED.has(study.kind) ? [] : null
  const design = designs(study)
  const noticed: Noticed[] = []
  let importance: ReturnType<typeof importanceOf> = null
  let reached = true
  for (const point of points) {
    const { sample, totals } = gather(rowsOf(point.index))
    if (sample.chips.length === 0) continue
    const reference = references.get(point.network) ?? null
    if (reference === null) references.set(point.network, { point: point.index, sample })
    results.push(pointResult(study, point, sample, totals, reference))
    if (study.importance !== null) importance ??= importanceOf(study, study.importance, point, sample)
    noticed.push({ point: point.index, notFinite: sample.values.filter((x) => !Number.isFinite(x)).length })
    if (study.attributions.length > 0) design.add(point, sample)
    pool?.push({ point, sample })
    if (study.until !== null && halfWidth(study, study.until, point, sample) > study.until.halfWidth) reached = false
  }
  if (results.length === 0) return fail('OHM8006', 'no chip of the study has been run')
  const loosest = study.loosest === null ? null : loosestResult(study, study.loosest, results)
  const together = pool === null ? null : pooled(study, pool)
  const main = mainPoint(results, loosest)
  return {
    format: 'ohmbit/study-result/1',
    name: study.name,
    kind: study.kind,
    profile: study.profile.id,
    seed: study.seed,
    firstChip: study.firstChip,
    vectors: study.networks[0]!.inputs.rows,
    axes: study.axes.map(axisResult),
    networks: study.networks.map(({ name }, k) => ({ name, ideal: idealScore(study, k) })),
    points: results,
    point: together === null ? main.index : null,
    metric: together?.metric ?? main.metric,
    yield: together === null ? main.yield : together.yield,
    chips: together?.chips ?? main.chips,
    attributions: attributionsOf(study, design.all()),
    indices: study.kind === 'sobol-indices' ? indicesOf(study, results) : [],
    loosest,
    importance: importance?.result ?? null,
    until: study.until === null ? null : { ...study.until, reached },
    warnings: [
      ...analysisWarnings(study, results, noticed, reached),
      ...(importance?.warnings ?? []),
      ...(study.loosest === null || loosest === null ? [] : loosestWarnings(study, study.loosest, loosest)),
    ],
  }
}

/** The point a study is about: the loosest value that keeps the requirement, else the first with all that the profile has. */
function mainPoint(results: readonly PointResult[], loosest: LoosestResult | null): PointResult {
  const found =
    loosest === null
      ? results.find(({ mechanisms, order }) => mechanisms === null && order === undefined)
      : results.find(({ values }) => loosest.value !== null && values[loosest.path] === loosest.value)
  return found ?? results[0]!
}

function axisResult({ path, values, range, derived }: Axis): StudyResult['axes'][number] {
  const field = path === 'network' ? null : FIELDS[path]
  return {
    path,
    unit: field?.kind === 'quantity' ? field.unit : '',
    values: values ?? null,
    range: range === undefined ? null : [range.low, range.high],
    logarithmic: range?.logarithmic ?? false,
    derived,
  }
}

/** All points together. */
function pooled(
  study: Study,
  parts: readonly { readonly point: Point; readonly sample: Sample }[],
): Pick<StudyResult, 'metric' | 'yield' | 'chips'> {
  const chips = parts.reduce((n, { sample }) => n + sample.values.length, 0)
  const scores: Crossed = {
    values: new Float64Array(chips),
    points: new Uint32Array(chips),
    chips: new Uint32Array(chips),
  }
  const met = new Uint8Array(chips)
  let at = 0
  for (const { point, sample } of parts) {
    scores.values.set(sample.values, at)
    scores.points.fill(point.index, at, at + sample.values.length)
    scores.chips.set(sample.chips, at)
    if (study.requirement !== null) {
      const ideal = idealScore(study, point.network)
      for (const [i, value] of sample.values.entries()) met[at + i] = meets(study.requirement, value, ideal) ? 1 : 0
    }
    at += sample.values.length
  }
  return {
    metric: pooledSpread(study.metric, scores),
    yield: study.requirement === null ? null : pooledYield(study.requirement, met, scores),
    chips,
  }
}
