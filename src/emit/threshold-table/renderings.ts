import { fail, OhmbitError } from '../../base/errors.ts'
import { readHeader, renderHeader } from './c-header.ts'
import { sourceProblem } from './check.ts'
import { readCsv, renderCsv } from './csv.ts'
import { imageProblem, renderImage } from './image.ts'
import { readIntelHex, renderIntelHex } from './intel-hex.ts'
import { readJson } from './json.ts'
import { memoryProblem, renderMemory } from './memory-file.ts'
import { readMultiThreshold, renderMultiThreshold } from './multithreshold.ts'
import { readSpi, renderSpi } from './spi.ts'
import { readSvd, renderSvd } from './svd.ts'
import { buildTable, jsonText, type TableSource, type ThresholdTable } from './table.ts'

interface Complete<Content> {
  readonly render: (table: ThresholdTable) => Content
  /** The numbers in a file; may throw on anything that is not one. */
  readonly read: (content: Content) => TableSource
}

/** Files that hold every fact of a table, as text. adc-table.json is canonical; the others carry its CRC-32 and SHA-256. */
const texts = {
  'adc-table.json': { render: jsonText, read: readJson },
  'adc_table.h': { render: renderHeader, read: readHeader },
  'adc_table.csv': { render: renderCsv, read: readCsv },
  'adc_spi.csv': { render: renderSpi, read: readSpi },
  'adc.svd': { render: renderSvd, read: readSvd },
} as const satisfies Record<string, Complete<string>>

/** The same as bytes. */
const binaries = {
  'adc_multithreshold.onnx': { render: renderMultiThreshold, read: readMultiThreshold },
} as const satisfies Record<string, Complete<Uint8Array>>

interface Words<Content> {
  readonly render: (table: ThresholdTable) => Content
  /** What is wrong with a file that is not quite `render(table)`. */
  readonly problem: (content: Content, table: ThresholdTable) => { problem: string; line?: number } | null
}

/** Files that hold words only: they are read beside the table, and carry its CRC-32. */
const wordTexts = {
  'adc_thr.mem': { render: renderMemory, problem: memoryProblem },
  'adc_thr.hex': {
    render: (table) => renderIntelHex(renderImage(table)),
    problem: (text, table) => {
      const image = readIntelHex(text)
      if (!(image instanceof Uint8Array)) return image
      const problem = imageProblem(image, table)
      return problem === null ? null : { problem }
    },
  },
} as const satisfies Record<string, Words<string>>

const wordBinaries = {
  'adc_thr.bin': {
    render: renderImage,
    problem: (bytes, table) => {
      const problem = imageProblem(bytes, table)
      return problem === null ? null : { problem }
    },
  },
} as const satisfies Record<string, Words<Uint8Array>>

/** A file that holds every fact of a table. */
export type CompleteFile = keyof typeof texts | keyof typeof binaries
/** A file that holds words only. */
export type WordFile = keyof typeof wordTexts | keyof typeof wordBinaries
export type TextFile = keyof typeof texts | keyof typeof wordTexts
export type BinaryFile = keyof typeof binaries | keyof typeof wordBinaries
export type TableFile = TextFile | BinaryFile

const names = <K extends string>(group: Readonly<Record<K, unknown>>) => Object.keys(group) as K[]
const isIn = <K extends string>(group: Readonly<Record<K, unknown>>, name: string): name is K =>
  Object.hasOwn(group, name)

/** The names of a table's files, adc-table.json first. */
export const completeFiles: readonly CompleteFile[] = [...names(texts), ...names(binaries)]
export const wordFiles: readonly WordFile[] = [...names(wordTexts), ...names(wordBinaries)]
export const textFiles: readonly TextFile[] = [...names(texts), ...names(wordTexts)]
export const binaryFiles: readonly BinaryFile[] = [...names(binaries), ...names(wordBinaries)]
export const tableFiles: readonly TableFile[] = [...textFiles, ...binaryFiles]

/** A table has at most 65536 levels on some 500 characters each. */
const MAX_LENGTH = 64 << 20

/** One file of a table. */
export function renderTable(table: ThresholdTable, file: TextFile): string
export function renderTable(table: ThresholdTable, file: BinaryFile): Uint8Array
export function renderTable(table: ThresholdTable, file: TableFile): string | Uint8Array
export function renderTable(table: ThresholdTable, file: TableFile): string | Uint8Array {
  if (isIn(texts, file)) return texts[file].render(table)
  if (isIn(wordTexts, file)) return wordTexts[file].render(table)
  if (isIn(binaries, file)) return binaries[file].render(table)
  return wordBinaries[file].render(table)
}

/**
 * Read any file of a table back.
 *
 * Only the independent numbers are taken from it; the rest (codes, words, checksums, text) is derived again, and the
 * file must equal its re-emission byte for byte. So whatever is believed was also checked. Files of words alone
 * (adc_thr.mem, adc_thr.hex, adc_thr.bin) need the table they belong to.
 *
 * @param content  text, or bytes of a file
 * @param file     which rendering it is
 * @param table    what it must be, of adc-table.json
 * @throws OHM3006 anything else, with the first line or byte that differs; OHM5004 words without their table
 */
export function parseTable(content: string | Uint8Array, file: CompleteFile, table?: ThresholdTable): ThresholdTable
export function parseTable(content: string | Uint8Array, file: TableFile, table: ThresholdTable): ThresholdTable
export function parseTable(content: string | Uint8Array, file: TableFile, table?: ThresholdTable): ThresholdTable {
  if (content.length > MAX_LENGTH) fail('OHM3006', `${file} has ${content.length} bytes; no table is that long`)
  if (isIn(wordTexts, file)) {
    const text = textOf(content)
    return checkedWords(file, text, wordTexts[file].problem(text, tableFor(file, table)), table!)
  }
  if (isIn(wordBinaries, file)) {
    const bytes = bytesOf(content)
    return checkedWords(file, bytes, wordBinaries[file].problem(bytes, tableFor(file, table)), table!)
  }
  const exact = isIn(texts, file) ? textOf(content) : bytesOf(content)
  const source = readSource(exact, file)
  const problem = sourceProblem(source)
  if (problem !== null) return damaged(file, problem)
  const read = buildTable(source)
  compareExactly(file, exact, renderTable(read, file))
  if (table !== undefined && read.sha256 !== table.sha256)
    return damaged(file, `it is another table: its CRC-32 is ${read.crc32}, that of adc-table.json ${table.crc32}`)
  return read
}

function tableFor(file: TableFile, table: ThresholdTable | undefined): ThresholdTable {
  return table ?? fail('OHM5004', `${file} holds words only; it is read together with the table of adc-table.json`)
}

function checkedWords(
  file: WordFile,
  content: string | Uint8Array,
  found: { problem: string; line?: number } | null,
  table: ThresholdTable,
): ThresholdTable {
  if (found !== null) return damaged(file, found.problem, found.line === undefined ? {} : { line: found.line })
  compareExactly(file, content, renderTable(table, file))
  return table
}

/** @throws OHM3006 naming the first line, or byte, that differs */
function compareExactly(file: TableFile, found: string | Uint8Array, wanted: string | Uint8Array): void {
  if (typeof found === 'string' && typeof wanted === 'string') {
    if (found === wanted) return
    const lines = wanted.split('\n')
    const line = found.split('\n').findIndex((l, i) => l !== lines[i]) + 1
    const place = line > 0 ? { line } : {}
    damaged(file, `line ${line || lines.length} is not what its numbers and checksums give`, place)
  }
  const at = Array.prototype.findIndex.call(found, (byte: number, i: number) => byte !== wanted[i])
  if (at >= 0 || found.length !== wanted.length)
    damaged(file, `byte ${at < 0 ? found.length : at} is not what its numbers and checksums give`)
}

/** A byte-order mark must survive, to be seen as a difference. */
const textOf = (content: string | Uint8Array) =>
  typeof content === 'string' ? content : new TextDecoder('utf-8', { ignoreBOM: true }).decode(content)
const bytesOf = (content: string | Uint8Array) =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content

function readSource(content: string | Uint8Array, file: CompleteFile): TableSource {
  try {
    return isIn(texts, file) ? texts[file].read(content as string) : binaries[file].read(content as Uint8Array)
  } catch (error) {
    return damaged(file, error instanceof OhmbitError ? error.message : `it cannot be read`)
  }
}

function damaged(file: TableFile, reason: string, place: { line?: number } = {}): never {
  return fail('OHM3006', `${file} is damaged: ${reason}`, {
    at: { file, ...place },
    hint: 'emit the table again with ohmbit emit thresholds',
  })
}
