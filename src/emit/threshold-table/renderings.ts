import { fail, OhmbitError } from '../../base/errors.ts'
import { readHeader, renderHeader } from './c-header.ts'
import { sourceProblem } from './check.ts'
import { readCsv, renderCsv } from './csv.ts'
import { readJson } from './json.ts'
import { buildTable, jsonText, type TableSource, type ThresholdTable } from './table.ts'

interface Rendering {
  readonly render: (table: ThresholdTable) => string
  /** The numbers in a text; may throw on anything that is not one. */
  readonly read: (text: string) => TableSource
}

/** The files of a table. adc-table.json is canonical; the others carry its CRC-32 and its SHA-256. */
const renderings = {
  'adc-table.json': { render: jsonText, read: readJson },
  'adc_table.h': { render: renderHeader, read: readHeader },
  'adc_table.csv': { render: renderCsv, read: readCsv },
} as const satisfies Record<string, Rendering>

export type TableFile = keyof typeof renderings

/** The names of a table's files. */
export const tableFiles = Object.keys(renderings) as readonly TableFile[]

/** A table has at most 65536 levels on some 250 characters each. */
const MAX_LENGTH = 64 << 20

/** One file of a table. */
export function renderTable(table: ThresholdTable, file: TableFile): string {
  return renderings[file].render(table)
}

/**
 * Read any file of a table back.
 *
 * Only the independent numbers are taken from it; the rest (codes, words, checksums, text) is derived again, and the
 * file must equal its re-emission byte for byte. So whatever is believed was also checked.
 *
 * @param content  text, or bytes of a file
 * @param file     which rendering it is
 * @throws OHM3006 anything else, with the first line that differs
 */
export function parseTable(content: string | Uint8Array, file: TableFile): ThresholdTable {
  if (content.length > MAX_LENGTH) fail('OHM3006', `${file} has ${content.length} bytes; no table is that long`)
  // A byte-order mark must survive, to be seen as a difference.
  const text = typeof content === 'string' ? content : new TextDecoder('utf-8', { ignoreBOM: true }).decode(content)
  const source = readSource(text, file)
  const problem = sourceProblem(source)
  if (problem !== null) return damaged(file, problem)
  const table = buildTable(source)
  const again = renderTable(table, file)
  if (again !== text) {
    const lines = again.split('\n')
    const line = text.split('\n').findIndex((l, i) => l !== lines[i]) + 1
    const place = line > 0 ? { line } : {}
    return damaged(file, `line ${line || lines.length} is not what its numbers and checksums give`, place)
  }
  return table
}

function readSource(text: string, file: TableFile): TableSource {
  try {
    return renderings[file].read(text)
  } catch (error) {
    return damaged(file, error instanceof OhmbitError ? error.message : 'it is not JSON')
  }
}

function damaged(file: TableFile, reason: string, place: { line?: number } = {}): never {
  return fail('OHM3006', `${file} is damaged: ${reason}`, {
    at: { file, ...place },
    hint: 'emit the table again with ohmbit emit thresholds',
  })
}
