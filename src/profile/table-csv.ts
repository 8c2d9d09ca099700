/**
 * Measured programming tables as CSV: header `target_uS,mean_uS,sigma_uS` (microsiemens) or `target,mean,sigma` (siemens),
 * then one row a target, ascending.
 */
import { OhmbitError, type Problem } from '../base/errors.ts'
import { quote } from '../base/json.ts'
import type { TableRow } from './fields/field.ts'

/** Bytes of a table: 4096 rows of long numbers. */
export const MAX_TABLE_BYTES = 1 << 19
/** Rows of a table, and problems reported of one. */
const MOST = { rows: 4096, problems: 20 } as const

/** Header, and the power of ten that makes siemens of its columns. */
const HEADERS: ReadonlyMap<string, number> = new Map([
  ['target_uS,mean_uS,sigma_uS', -6],
  ['target,mean,sigma', 0],
])
const NUMBER = /^\+?(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d{1,4}))?$/

/**
 * Read the text of a table.
 *
 * @returns rows of target, mean and standard deviation in siemens, ascending targets
 * @throws OHM1202 with the line of everything that is wrong (up to 20)
 */
export function parseTableCsv(text: string, file: string): readonly TableRow[] {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
  while (lines.at(-1) === '') lines.pop()
  const problems: Problem[] = []
  const report = (line: number, message: string, hint?: string) =>
    problems.push({ code: 'OHM1202', message, at: { file, line }, ...(hint === undefined ? {} : { hint }) })

  const header = (lines[0] ?? '').replaceAll(/\s+/g, '')
  const decades = HEADERS.get(header)
  if (decades === undefined)
    report(1, `the header is ${quote(lines[0] ?? '')}`, `start with ${[...HEADERS.keys()].join(' or ')}`)
  else if (lines.length < 2) report(1, 'the table has no rows', 'add one row a measured target')
  else if (lines.length > MOST.rows + 1)
    report(MOST.rows + 2, `the table has ${lines.length - 1} rows; the limit is ${MOST.rows}`)
  if (decades === undefined || problems.length > 0) throw new OhmbitError(problems)

  const rows: TableRow[] = []
  for (const [k, line] of lines.slice(1).entries()) {
    if (problems.length >= MOST.problems) break
    const number = k + 2
    const cells = line.split(',').map((cell) => cell.trim())
    if (cells.length !== 3) {
      report(number, `a row has 3 values, not ${line === '' ? 0 : cells.length}`)
      continue
    }
    const values = cells.map((cell) => siemens(cell, decades))
    const bad = values.indexOf(null)
    if (bad >= 0) {
      report(number, `${quote(cells[bad]!)} is not a conductance`, 'write a plain number of at least 0, such as 12.5')
      continue
    }
    const row = values as unknown as TableRow
    const last = rows.at(-1)
    if (last !== undefined && row[0] <= last[0])
      report(number, `the targets do not ascend: ${quote(cells[0]!)} follows a larger or equal one`, 'sort the rows')
    rows.push(row)
  }
  if (problems.length > 0) throw new OhmbitError(problems)
  return rows
}

/** Decimal digits shifted, so that 12.5 uS is the number 12.5e-6 exactly. */
function siemens(cell: string, decades: number): number | null {
  const match = cell.length <= 40 ? NUMBER.exec(cell) : null
  if (match === null) return null
  const value = Number(`${match[1]}e${Number(match[2] ?? 0) + decades}`)
  return Number.isFinite(value) ? value : null
}
