/** What the loss comes from: stages of imperfection from ideal to deployed, with whiskers. */
import type { TopLevelSpec } from 'vega-lite'
import type { AttributionResult, StudyResult } from '../../study/result.ts'
import { type WaterfallData, waterfallSpec } from '../waterfall.ts'
import { decimals, fixed, signed, stageName } from '../words.ts'
import { captionLines, pointOf, sizeText } from './design.ts'
import { type DataTable, known, STUDY_CONFIG } from './figure.ts'
import { plainText, scoreUnit } from './quantity.ts'

export const KIND_NAMES: Readonly<Record<AttributionResult['kind'], string>> = {
  shapley: 'Shapley value',
  'leave-one-out': 'leave one out',
  'one-at-a-time': 'one at a time',
}

export const MEANINGS: Readonly<Record<AttributionResult['kind'], string>> = {
  shapley: 'Shapley value: mean loss of switching it on, over all orders; they sum to the whole loss',
  'leave-one-out': 'leave one out: what is won when it alone is made perfect',
  'one-at-a-time': 'one at a time: the loss when it is the only one',
}

const WIDTH = 640

/** The attribution whose rows are drawn one after the other: Shapley values sum to the loss, single losses do not. */
export const stackedAttribution = ({ attributions }: StudyResult): AttributionResult | null =>
  attributions.find(({ kind }) => kind === 'shapley') ??
  attributions.find(({ kind }) => kind === 'one-at-a-time') ??
  null

/** Rows of a waterfall; what the stages do not explain is `interaction`. */
function rowsOf(result: StudyResult, attribution: AttributionResult): WaterfallData {
  const point = pointOf(result, attribution.point)
  const deployed = point.metric.mean
  const start = deployed - attribution.total.value
  let at = start
  const row = (stage: string, delta: number, ci95: readonly [number, number] | null) => {
    at += delta
    return { stage, value: at, delta, ci95, active: true }
  }
  const rows = attribution.rows.map(({ name, value, ci95 }) => {
    const [low, high] = [known(ci95?.[0]), known(ci95?.[1])]
    return row(name, value, low === null || high === null ? null : [low, high])
  })
  const rest = deployed - at
  const scale = Math.max(Math.abs(attribution.total.value), ...attribution.rows.map(({ value }) => Math.abs(value)))
  return {
    metric: { name: point.metric.name, ideal: start, deployed: { mean: deployed, perChip: point.distribution } },
    waterfall: [
      { stage: 'ideal', value: start, delta: 0, ci95: null, active: true },
      ...rows,
      ...(Math.abs(rest) > 1e-9 * scale ? [row('interaction', rest, null)] : []),
    ],
    vectors: result.vectors,
  }
}

/** One sentence. */
export function attributionFinding(result: StudyResult, attribution: AttributionResult): string {
  const { name } = pointOf(result, attribution.point).metric
  const { total, rows } = attribution
  const text = (x: number) => `${fixed(x, decimals(name, total.value))}${scoreUnit(name)}`
  if (rows.length === 0) return 'The profile has no imperfection.'
  const worst = rows.reduce((a, b) => (b.value > a.value ? b : a))
  const share =
    total.value > 0 && worst.value <= total.value ? `, ${Math.round((100 * worst.value) / total.value)} % of it` : ''
  return `Of a loss of ${text(total.value)}, ${stageName(worst.name)} has the largest part: ${text(worst.value)}${share} (${KIND_NAMES[attribution.kind]}).`
}

/** The Vega-Lite specification. */
export function attributionSpec(result: StudyResult, attribution: AttributionResult): TopLevelSpec {
  const [first, ...more] = captionLines(`${plainText(result.name)}: ${sizeText(result)}`, WIDTH)
  const [note, ...rest] = captionLines(MEANINGS[attribution.kind], WIDTH)
  const { ideal, metric } = pointOf(result, attribution.point)
  const off = Math.abs(metric.mean - attribution.total.value - ideal) > 1e-6 * Math.abs(attribution.total.value)
  const spec = waterfallSpec(
    rowsOf(result, attribution),
    first!,
    [...more, ...(rest.length > 0 ? [note!, ...rest.slice(0, -1)] : [])],
    {
      note: rest.at(-1) ?? note!,
      whiskers: true,
      ...(off ? { start: 'no imperfection' } : {}),
    },
  )
  return { ...spec, config: STUDY_CONFIG }
}

/** All stages of all attributions that were asked for, one row a stage. */
export function attributionTable(result: StudyResult, attributions: readonly AttributionResult[]): DataTable {
  const first = attributions[0]!
  const { name } = pointOf(result, first.point).metric
  const digits = decimals(name, first.total.value) + 1
  const cells = (effect: AttributionResult['total'] | undefined) => {
    const [low, high] = [known(effect?.ci95?.[0]), known(effect?.ci95?.[1])]
    return [
      effect === undefined ? 'unknown' : signed(effect.value, digits),
      low === null || high === null ? 'unknown' : `${signed(low, digits)} to ${signed(high, digits)}`,
    ]
  }
  return {
    columns: [
      { title: 'stage', numeric: false },
      ...attributions.flatMap(({ kind }) => [
        { title: `${KIND_NAMES[kind]} [${name === 'nmseDb' ? 'dB' : '1'}]`, numeric: true },
        { title: '95 % interval', numeric: true },
      ]),
    ],
    rows: [
      ...first.rows.map(({ name: stage }) => [
        stageName(stage),
        ...attributions.flatMap(({ rows }) => cells(rows.find((row) => row.name === stage))),
      ]),
      ['whole loss', ...attributions.flatMap(({ total }) => cells(total))],
    ],
  }
}
