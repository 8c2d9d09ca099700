/**
 * A crossbar as a JSON file (format ohmbit/crossbar/1): text to checked numbers, all problems at once.
 */
import { OhmbitError, type Problem } from '../base/errors.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'
import type { Wires } from './wires.ts'

export interface CrossbarCircuit {
  readonly name: string
  /** wordLines x bitLines, siemens */
  readonly conductance: Matrix
  readonly wires: Wires
  /** vectors x wordLines, volts */
  readonly inputs: Matrix
}

/** Most cells and most inputs that are solved. */
const LIMIT = { lines: 1024, vectors: 100_000 } as const

/**
 * Check a parsed crossbar file.
 *
 * @throws OHM1206 with one problem for every field that is not valid
 */
export function crossbarFromJson(value: unknown): CrossbarCircuit {
  const problems: Problem[] = []
  const wrong = (pointer: string, message: string, hint?: string) =>
    problems.push({ code: 'OHM1206', message, at: { pointer }, ...(hint === undefined ? {} : { hint }) })
  const file = (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}) as Record<
    string,
    unknown
  >

  if (file['format'] !== 'ohmbit/crossbar/1')
    wrong('/format', `the format is ${JSON.stringify(file['format']) ?? 'missing'}; it must be "ohmbit/crossbar/1"`)
  const count = (key: string): number => {
    const n = file[key]
    if (typeof n === 'number' && Number.isInteger(n) && n >= 1 && n <= LIMIT.lines) return n
    wrong(`/${key}`, `${key} is ${JSON.stringify(n) ?? 'missing'}; it must be a whole number from 1 to ${LIMIT.lines}`)
    return 0
  }
  const ohms = (key: string): number => {
    const r = file[key] ?? 0
    if (typeof r === 'number' && Number.isFinite(r) && r >= 0) return r
    wrong(`/${key}`, `${key} is ${JSON.stringify(r)}; it must be a resistance in ohm, 0 or above`)
    return 0
  }
  const words = count('wordLines')
  const bits = count('bitLines')
  const wires: Wires = {
    wordSegment: ohms('wordSegmentOhms'),
    bitSegment: ohms('bitSegmentOhms'),
    driver: ohms('driverOhms'),
    sense: ohms('senseOhms'),
  }
  const table = (key: string, rows: number | null, cols: number, unit: string, negative: boolean): Matrix => {
    const given = file[key]
    if (
      !Array.isArray(given) ||
      (rows !== null && given.length !== rows) ||
      given.length < 1 ||
      given.length > LIMIT.vectors
    ) {
      wrong(
        `/${key}`,
        `${key} must be ${rows === null ? 'a list of vectors' : `${rows} rows`} of ${cols} numbers in ${unit}${Array.isArray(given) ? `; there are ${given.length}` : ''}`,
      )
      return matrix(0, cols)
    }
    const out = matrix(given.length, cols)
    for (const [i, row] of given.entries()) {
      if (!Array.isArray(row) || row.length !== cols) {
        wrong(
          `/${key}/${i}`,
          `row ${i} of ${key} must have ${cols} numbers${Array.isArray(row) ? `; it has ${row.length}` : ''}`,
        )
        continue
      }
      const bad = row.findIndex((x) => typeof x !== 'number' || !Number.isFinite(x) || (!negative && x < 0))
      if (bad >= 0)
        wrong(
          `/${key}/${i}/${bad}`,
          `${key} holds ${JSON.stringify(row[bad])}; ${negative ? 'a finite number' : 'a number >= 0'} in ${unit} is needed`,
        )
      else out.data.set(row, i * cols)
    }
    return out
  }
  const ready = words > 0 && bits > 0
  const conductance = ready ? table('conductancesSiemens', words, bits, 'siemens', false) : matrix(0, 0)
  const inputs = ready ? table('inputsVolts', null, words, 'volts', true) : matrix(0, 0)
  if (problems.length > 0) throw new OhmbitError(problems)
  return { name: typeof file['name'] === 'string' ? file['name'] : 'crossbar', conductance, wires, inputs }
}
