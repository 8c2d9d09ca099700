/**
 * Measured tables as CSV, one row a line, ascending.
 *
 * Programming: header `target_uS,mean_uS,sigma_uS` (microsiemens) or `target,mean,sigma` (siemens).
 * Activation stages: header `input,output`, both in units of the function that the stage stands for.
 */
import { OhmbitError, type Problem } from '../base/errors.ts'
import { quote } from '../base/json.ts'
import type { CurvePoint, TableRow } from './fields/field.ts'

/** Bytes of a table: 4096 rows of long numbers. */
export const MAX_TABLE_BYTES = 1 << 19
/** Rows of a table, and problems reported of one. */
const MOST = { rows: 4096, problems: 20 } as const

/** What the rows of one kind of table are. */
interface Layout {
  /** Header, and the power of ten that makes plain numbers of its columns. */
  readonly headers: ReadonlyMap<string, number>
  readonly columns: number
  readonly fewest: number
  /** What a row is added for, what ascends, what a value is, an example. */
  readonly row: string
  readonly ascending: string
  readonly value: string
  readonly example: string
  readonly signed: boolean
}

const PROGRAMMING: Layout = {
  headers: new Map([
    ['target_uS,mean_uS,sigma_uS', -6],
    ['target,mean,sigma', 0],
  ]),
  columns: 3,
  fewest: 1,
  row: 'one row a measured target',
  ascending: 'targets',
  value: 'a conductance',
  example: 'a plain number of at least 0, such as 12.5',
  signed: false,
}
const CURVE: Layout = {
  headers: new Map([['input,output', 0]]),
  columns: 2,
  fewest: 2,
  row: 'at least two rows',
  ascending: 'inputs',
  value: 'a finite number',
  example: 'a plain number such as -0.76',
  signed: true,
}
const NUMBER = /^([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d{1,4}))?$/

/**
 * Read the text of a programming table.
 *
 * @returns rows of target, mean and standard deviation in siemens, ascending targets
 * @throws OHM1202 with the line of everything that is wrong (up to 20)
 */
export function parseTableCsv(text: string, file: string): readonly TableRow[] {
  return parseRows(text, file, PROGRAMMING) as unknown as readonly TableRow[]
}

/**
 * Read the text of an activation stage's table.
 *
 * @returns rows of input and output, ascending inputs
 * @throws OHM1202 with the line of everything that is wrong (up to 20)
 */
export function parseCurveCsv(text: string, file: string): readonly CurvePoint[] {
  return parseRows(text, file, CURVE) as unknown as readonly CurvePoint[]
}

function parseRows(text: string, file: string, layout: Layout): readonly (readonly number[])[] {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
  while (lines.at(-1) === '') lines.pop()
  const problems: Problem[] = []
  const report = (line: number, message: string, hint?: string) =>
    problems.push({ code: 'OHM1202', message, at: { file, line }, ...(hint === undefined ? {} : { hint }) })

  const header = (lines[0] ?? '').replaceAll(/\s+/g, '')
  const decades = layout.headers.get(header)
  if (decades === undefined)
    // What stands there is not repeated: it may be any file.
    report(
      1,
      'the first line is not the header of such a table',
      `start with ${[...layout.headers.keys()].join(' or ')}`,
    )
  else if (lines.length < 2) report(1, 'the table has no rows', `add ${layout.row}`)
  else if (lines.length < layout.fewest + 1)
    report(lines.length, `the table has ${lines.length - 1} row; it needs ${layout.fewest}`, `add ${layout.row}`)
  else if (lines.length > MOST.rows + 1)
    report(MOST.rows + 2, `the table has ${lines.length - 1} rows; the limit is ${MOST.rows}`)
  if (decades === undefined || problems.length > 0) throw new OhmbitError(problems)

  const rows: (readonly number[])[] = []
  for (const [k, line] of lines.slice(1).entries()) {
    if (problems.length >= MOST.problems) break
    const number = k + 2
    const cells = line.split(',').map((cell) => cell.trim())
    if (cells.length !== layout.columns) {
      report(number, `a row has ${layout.columns} values, not ${line === '' ? 0 : cells.length}`)
      continue
    }
    const row: number[] = []
    const bad = cells.find((cell) => {
      const value = plainValue(cell, decades, layout.signed)
      if (value !== null) row.push(value)
      return value === null
    })
    if (bad !== undefined) {
      report(number, `${quote(bad)} is not ${layout.value}`, `write ${layout.example}`)
      continue
    }
    const last = rows.at(-1)
    if (last !== undefined && row[0]! <= last[0]!)
      report(
        number,
        `the ${layout.ascending} do not ascend: ${quote(cells[0]!)} follows a larger or equal one`,
        'sort the rows',
      )
    rows.push(row)
  }
  if (problems.length > 0) throw new OhmbitError(problems)
  return rows
}

/** Decimal digits shifted, so that 12.5 uS is the number 12.5e-6 exactly. */
function plainValue(cell: string, decades: number, signed: boolean): number | null {
  const match = cell.length <= 40 ? NUMBER.exec(cell) : null
  if (match === null || (match[1] === '-' && !signed)) return null
  const value = Number(`${match[1]}${match[2]}e${Number(match[3] ?? 0) + decades}`)
  // -0 would not survive the way through JSON.
  return Number.isFinite(value) ? value + 0 : null
}
