/**
 * A crossbar as a JSON file (format ohmbit/crossbar/1): text to checked numbers, all problems at once.
 */
import { distance } from 'fastest-levenshtein'
import { OhmbitError, type Problem } from '../base/errors.ts'
import { escapeSegment, quote } from '../base/json.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'
import { deviceFromJson } from './circuit-device.ts'
import { type DeviceLaw, isOhmic } from './iv.ts'
import type { Terminations, Wires } from './wires.ts'

export interface CrossbarCircuit {
  readonly name: string
  /** wordLines x bitLines, siemens */
  readonly conductance: Matrix
  readonly wires: Wires
  /** Current of a device against its voltage, and access transistors. */
  readonly law: DeviceLaw
  /** Lines that float (`inputsVolts` null in every vector, `bitLineVolts` null) or are held at volts. */
  readonly terminations: Terminations
  /** vectors x wordLines, volts; 0 at lines that float */
  readonly inputs: Matrix
}

const KEYS: readonly string[] = [
  'format',
  'name',
  'wordLines',
  'bitLines',
  'wordSegmentOhms',
  'bitSegmentOhms',
  'driverOhms',
  'senseOhms',
  'drive',
  'conductancesSiemens',
  'inputsVolts',
  'bitLineVolts',
  'device',
]

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
  // Other keys may say what a file is about, but a misspelt one must not count as nothing.
  for (const key of Object.keys(file)) {
    if (KEYS.includes(key) || key.length < 8 || key.length > 100) continue
    const meant = KEYS.find((known) => distance(known.toLowerCase(), key.toLowerCase()) <= 2)
    if (meant !== undefined) wrong(`/${escapeSegment(key)}`, `unknown key ${quote(key)}`, `did you mean "${meant}"?`)
  }
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
    drive: driveOf(file['drive'], wrong),
  }
  /** @param floating  null stands for a line that floats: `NaN` in the matrix */
  const table = (key: string, rows: number | null, cols: number, unit: string, signed: boolean, floating = false) => {
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
      const fits = (x: unknown) =>
        x === null ? floating : typeof x === 'number' && Number.isFinite(x) && (signed || x >= 0)
      const bad = row.findIndex((x) => !fits(x))
      if (bad >= 0)
        wrong(
          `/${key}/${i}/${bad}`,
          `${key} holds ${JSON.stringify(row[bad])}; ${signed ? 'a finite number' : 'a number >= 0'} in ${unit} is needed${floating ? ', or null for a line that floats' : ''}`,
        )
      else for (const [j, x] of row.entries()) out.data[i * cols + j] = x === null ? Number.NaN : x
    }
    return out
  }
  const ready = words > 0 && bits > 0
  const conductance = ready ? table('conductancesSiemens', words, bits, 'siemens', false) : matrix(0, 0)
  const inputs = ready ? table('inputsVolts', null, words, 'volts', true, true) : matrix(0, 0)
  const wordDriven = drivenLines(inputs, wrong)
  const bitLineVolts = file['bitLineVolts'] === undefined || !ready ? null : endsOf(file['bitLineVolts'], bits, wrong)
  const law = deviceFromJson(file['device'], wrong)
  const plain = wordDriven.every((x) => x) && (bitLineVolts ?? []).every((x) => x === 0)
  if (!isOhmic(law) && !plain)
    wrong(
      '/device/model',
      `model ${law.model} is solved with every word line driven and every bit line at 0 V`,
      'drive all word lines, leave bitLineVolts out, or use the linear model',
    )
  if (problems.length > 0) throw new OhmbitError(problems)
  return {
    name: typeof file['name'] === 'string' ? file['name'] : 'crossbar',
    conductance,
    wires,
    law,
    terminations: {
      ...(wordDriven.every((x) => x) ? {} : { wordDriven }),
      ...(bitLineVolts === null ? {} : { bitLineVolts }),
    },
    inputs: { ...inputs, data: inputs.data.map((x) => (Number.isNaN(x) ? 0 : x)) },
  }
}

type Wrong = (pointer: string, message: string, hint?: string) => void

function driveOf(value: unknown, wrong: Wrong): 'one-end' | 'both-ends' {
  if (value === undefined || value === 'one-end') return 'one-end'
  if (value === 'both-ends') return 'both-ends'
  wrong('/drive', `drive is ${JSON.stringify(value)}; it must be "one-end" or "both-ends"`)
  return 'one-end'
}

/** Which word lines are driven: a line floats in all vectors or in none, because that is how it is wired. */
function drivenLines(inputs: Matrix, wrong: Wrong): boolean[] {
  return Array.from({ length: inputs.cols }, (_, i) => {
    const floats = (v: number) => Number.isNaN(inputs.data[v * inputs.cols + i]!)
    const odd = Array.from({ length: inputs.rows }, (_, v) => v).find((v) => floats(v) !== floats(0))
    if (odd !== undefined)
      wrong(
        `/inputsVolts/${odd}/${i}`,
        `word line ${i} ${floats(0) ? 'floats' : 'is driven'} in vector 0 and ${floats(0) ? 'is driven' : 'floats'} in vector ${odd}`,
        'a line either floats in all vectors or is driven in all: use one file for each wiring',
      )
    return inputs.rows === 0 || !floats(0)
  })
}

function endsOf(value: unknown, bits: number, wrong: Wrong): (number | null)[] {
  if (!Array.isArray(value) || value.length !== bits) {
    wrong('/bitLineVolts', `bitLineVolts must be a list of ${bits} numbers in volts, or null for a line that floats`)
    return []
  }
  const bad = value.findIndex((x) => x !== null && !(typeof x === 'number' && Number.isFinite(x)))
  if (bad >= 0)
    wrong(
      `/bitLineVolts/${bad}`,
      `bitLineVolts holds ${JSON.stringify(value[bad])}; a finite number in volts is needed, or null for a line that floats`,
    )
  return value as (number | null)[]
}
