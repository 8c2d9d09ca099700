/** Rows and points of a study as CSV (RFC 4180): doubles with as many digits as they need, SI. */
import type { StudyResult } from '../result.ts'
import type { Point, Row, Study } from '../study.ts'
import { columnPaths, columnsOf, pointValue, rowNumber } from './columns.ts'

/** First cells of both tables: what tells them from the files of others. */
export const CSV_BEGINS = 'point,'

const cell = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  const text = String(value)
  // A text that a spreadsheet would take for a formula is made one that it does not.
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
const line = (cells: readonly unknown[]) => `${cells.map(cell).join(',')}\n`

/** One row a chip and point, as in the shards. Point after point: no more than one point's rows are at hand. */
export function* rowsCsv(
  study: Study,
  points: readonly Point[],
  rowsOf: (point: number) => Iterable<Row>,
): Generator<string> {
  const columns = columnsOf(study)
  yield line(columns.map(({ name }) => name))
  for (const point of points) {
    const fixed = columns.map((column) =>
      'from' in column
        ? null
        : column.path === 'network'
          ? study.networks[point.network]!.name
          : pointValue(study, point, column.path),
    )
    let text = ''
    for (const row of rowsOf(point.index))
      text += line(columns.map((column, c) => ('from' in column ? rowNumber(row, column.from) : fixed[c])))
    yield text
  }
}

/** One row a point: its values and what its chips gave. */
export function pointsCsv(study: Study, points: readonly Point[], result: StudyResult): string {
  const paths = columnPaths(study)
  const quantiles = result.points[0]?.metric.quantiles.map(({ p }) => p) ?? []
  const name = result.metric.name
  const head = [
    ...['point', 'network', ...paths, 'mechanisms', 'chips', `${name}.ideal`],
    ...['mean', 'mean.low', 'mean.high', 'standardDeviation'].map((key) => `${name}.${key}`),
    ...quantiles.flatMap((p) => [`${name}.q${p}`, `${name}.q${p}.low`, `${name}.q${p}.high`]),
    ...['yield', 'yield.low', 'yield.high', 'codes.errorRate'],
    ...['paired.against', 'paired.mean', 'paired.mean.low', 'paired.mean.high'],
  ]
  const byIndex = new Map(points.map((point) => [point.index, point]))
  const rows = result.points.map((r) => [
    r.index,
    r.network,
    ...paths.map((path) => pointValue(study, byIndex.get(r.index)!, path)),
    r.mechanisms === null ? 'all' : r.mechanisms.join(' '),
    r.chips,
    r.ideal,
    r.metric.mean,
    ...r.metric.ci95,
    r.metric.standardDeviation,
    ...r.metric.quantiles.flatMap(({ value, ci95 }) => [value, ...ci95]),
    ...(r.yield === null ? [null, null, null] : [r.yield.fraction, ...r.yield.ci95]),
    r.codes.errorRate,
    ...(r.paired === null ? [null, null, null, null] : [r.paired.against, r.paired.mean, ...r.paired.ci95]),
  ])
  return [head, ...rows].map(line).join('')
}
