/** Which figures a study gets, and drawing them. */
import type { TileMap } from '../../study/analysis/tile-map.ts'
import type { StudyResult } from '../../study/result.ts'
import { renderSvg } from '../svg.ts'
import { attributionFinding, attributionSpec, attributionTable, KIND_NAMES, stackedAttribution } from './attribution.ts'
import { AGE, freeAxes } from './design.ts'
import type { FigurePlan, StudyFigure } from './figure.ts'
import { gridMapFinding, gridMapOf, gridMapSpec, gridMapTable } from './grid-map.ts'
import { linesSpec, linesTable } from './lines.ts'
import { linesFinding, linesOf, type Shows } from './lines-data.ts'
import { loosestFinding, loosestSpec, loosestTable } from './loosest.ts'
import { rankingFinding, rankingOf, rankingSpec, rankingTable } from './points.ts'
import { samplesFinding, samplesOf, samplesSpec, samplesTable } from './samples.ts'
import { tileFinding, tileSpec, tileTable } from './tile.ts'
import {
  comparedAttributions,
  indicesFinding,
  indicesSpec,
  indicesTable,
  tornadoFinding,
  tornadoSpec,
} from './tornado.ts'
import { yieldCurveSpec } from './yield-curve.ts'
import { yieldCurveFinding, yieldCurves, yieldCurveTable } from './yield-curve-data.ts'

/** Axes along which lines are drawn. */
const MOST_SWEEPS = 3

/** A path as a word of a file's name. */
const slug = (path: string): string =>
  path
    .replace(/^.*\.(?=[^.]+\.[^.]+$)/, '')
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')

/** The figures that a study's kind and data call for, the one that answers its question first. */
export function figurePlans(result: StudyResult, tile: TileMap | null = null): readonly FigurePlan[] {
  const { kind } = result
  const plans: FigurePlan[] = []
  if (kind === 'loosest') plans.push(...loosestPlan(result))
  if (kind === 'sensitivity') plans.push(...attributionPlans(result))
  if (kind === 'sobol-indices') plans.push(...indicesPlan(result))
  if (kind === 'grid' || kind === 'ageing') plans.push(...gridPlans(result))
  if (kind === 'corners') plans.push(...rankingPlan(result, 'Corners'))
  if (kind === 'monte-carlo') plans.push(...rankingPlan(result, 'Networks'))
  if (kind === 'latin-hypercube' || kind === 'sobol' || kind === 'sobol-indices') plans.push(...samplesPlan(result))
  if (kind !== 'sobol-indices') plans.push(...yieldPlan(result))
  if (tile !== null)
    plans.push({
      name: 'tile',
      title: 'An array of one chip',
      finding: tileFinding(tile),
      spec: tileSpec(tile),
      table: tileTable(tile),
    })
  return plans
}

function yieldPlan(result: StudyResult): FigurePlan[] {
  const curves = yieldCurves(result)
  if (curves === null) return []
  return [
    {
      name: 'yield-curve',
      title: result.yield === null ? 'Distribution of the score' : 'Yield curve',
      finding: yieldCurveFinding(result, curves),
      spec: yieldCurveSpec(result, curves),
      table: yieldCurveTable(result, curves),
    },
  ]
}

function linesPlan(result: StudyResult, path: string, shows: Shows): FigurePlan[] {
  const lines = linesOf(result, path, shows)
  if (lines === null) return []
  const what = shows === 'yield' ? 'Yield' : 'Score'
  return [
    {
      name: `${path === AGE ? 'ageing' : `sweep-${slug(path)}`}${shows === 'yield' ? '-yield' : ''}`,
      title: path === AGE ? `Ageing of the ${what.toLowerCase()}` : `${what} along ${lines.axis.name}`,
      finding: linesFinding(lines),
      spec: linesSpec(result, lines),
      table: linesTable(lines),
    },
  ]
}

function gridPlans(result: StudyResult): FigurePlan[] {
  const axes = freeAxes(result)
  const numeric = axes.filter((axis) => axis.numeric)
  const first = result.kind === 'ageing' ? numeric.filter(({ path }) => path === AGE) : []
  const along = [...first, ...numeric.filter((axis) => !first.includes(axis))].slice(0, MOST_SWEEPS)
  const shows: readonly Shows[] = result.yield === null ? ['score'] : ['score', 'yield']
  const lines = along.flatMap(({ path }) => shows.flatMap((one) => linesPlan(result, path, one)))
  const maps = shows.flatMap((one): FigurePlan[] => {
    const map = gridMapOf(result, one)
    if (map === null) return []
    return [
      {
        name: one === 'yield' ? 'map-yield' : 'map',
        title: `${one === 'yield' ? 'Yield' : 'Score'} over ${map.across.name} and ${map.up.name}`,
        finding: gridMapFinding(map),
        spec: gridMapSpec(result, map),
        table: gridMapTable(map),
      },
    ]
  })
  return [...lines, ...maps, ...(numeric.length === 0 ? rankingPlan(result, 'Designs') : [])]
}

function rankingPlan(result: StudyResult, title: string): FigurePlan[] {
  const ranking = rankingOf(result)
  if (ranking === null) return []
  return [
    {
      name: 'points',
      title: `${title} from best to worst`,
      finding: rankingFinding(result, ranking),
      spec: rankingSpec(result, ranking),
      table: rankingTable(result, ranking),
    },
  ]
}

function samplesPlan(result: StudyResult): FigurePlan[] {
  const samples = samplesOf(result)
  if (samples === null) return []
  return [
    {
      name: 'samples',
      title: 'Score of each point against its parameters',
      finding: samplesFinding(result, samples),
      spec: samplesSpec(result, samples),
      table: samplesTable(result, samples),
    },
  ]
}

function loosestPlan(result: StudyResult): FigurePlan[] {
  const { loosest } = result
  if (loosest === null || loosest.steps.length === 0) return []
  return [
    {
      name: 'loosest',
      title: 'The loosest value that keeps the requirement',
      finding: loosestFinding(loosest),
      spec: loosestSpec(result, loosest),
      table: loosestTable(loosest),
    },
  ]
}

function indicesPlan(result: StudyResult): FigurePlan[] {
  if (result.indices.length === 0) return []
  return [
    {
      name: 'tornado',
      title: 'What the score depends on',
      finding: indicesFinding(result),
      spec: indicesSpec(result),
      table: indicesTable(result),
    },
  ]
}

function attributionPlans(result: StudyResult): FigurePlan[] {
  const compared = comparedAttributions(result)
  const stacked = stackedAttribution(result)
  return [
    ...(compared.length === 0
      ? []
      : [
          {
            name: 'tornado',
            title: 'Which specification to buy',
            finding: tornadoFinding(result, compared),
            spec: tornadoSpec(result, compared),
            table: attributionTable(result, compared),
          },
        ]),
    ...(stacked === null || stacked.rows.length === 0
      ? []
      : [
          {
            name: 'waterfall',
            title: `Where the loss comes from (${KIND_NAMES[stacked.kind]})`,
            finding: attributionFinding(result, stacked),
            spec: attributionSpec(result, stacked),
            table: attributionTable(result, [stacked]),
          },
        ]),
  ]
}

/** Draw all figures of a study. The same result gives the same bytes. */
export async function studyFigures(result: StudyResult, tile: TileMap | null = null): Promise<StudyFigure[]> {
  const figures: StudyFigure[] = []
  for (const plan of figurePlans(result, tile))
    figures.push({ ...plan, svg: await renderSvg(plan.spec, plan.title, plan.finding, plan.name) })
  return figures
}
