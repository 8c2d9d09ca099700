/**
 * A shard as a Parquet file. Its bytes follow from its rows: numbers as they are (PLAIN, not compressed, one page a
 * column), so that a column is read by its place in the file.
 *
 * The last key-value entry, `ohmbit.sha256`, is the SHA-256 of the file with the 64 digits of that entry as zeros: any
 * changed byte is found, also by a program that knows nothing of Parquet.
 */
import { createHash } from 'node:crypto'
import { type FileMetaData, parquetMetadata, type SchemaElement } from 'hyparquet'
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer'
import { OhmbitError } from '../../base/errors.ts'
import type { Point, Row, Shard, Study } from '../study.ts'
import { COUNTERS, type Column, columnsOf, pointValue, rowNumber } from './columns.ts'

const DIGEST_KEY = 'ohmbit.sha256'
/** What stands before the digits: the key, then a field of type binary and the length 64 of the compact protocol. */
const MARK = new Uint8Array([...new TextEncoder().encode(DIGEST_KEY), 0x18, 0x40])
const DIGITS = 64

/** A file and its last part may be so large; what is longer was not written here. */
export const MAX_SHARD_BYTES = 256 << 20
const LIMITS = { footer: 64 << 10, rows: 1 << 20 } as const

/** Name of a shard's file. */
export function shardName({ point, firstChip, chips }: Shard): string {
  const digits = (n: number, width: number) => String(n).padStart(width, '0')
  return `p${digits(point, 5)}-c${digits(firstChip, 7)}-n${chips}.parquet`
}

export const SHARD_NAME = /^p\d{5,10}-c\d{7,10}-n\d{1,10}\.parquet$/

/** Mechanisms and counters fit their columns; a counter that has none is a mistake of this program. */
function checkRows(rows: readonly Row[]): void {
  const known: ReadonlySet<string> = new Set(COUNTERS)
  for (const row of rows)
    for (const name of Object.keys(row.counters))
      if (!known.has(name)) throw new OhmbitError({ code: 'OHM9002', message: `counter ${name} has no column` })
}

/**
 * @param owner  SHA-256 of study.json: a shard of another study is none of this one
 * @param rows   of this shard, in chip order
 */
export function formatShard(
  study: Study,
  owner: string,
  point: Point,
  shard: Shard,
  rows: readonly Row[],
  version: string,
): Uint8Array {
  checkRows(rows)
  const columns = columnsOf(study)
  const text = study.networks[point.network]!.name
  const data = (column: Column): ColumnSource['data'] => {
    if (!('from' in column)) {
      const value = column.path === 'network' ? text : pointValue(study, point, column.path)
      return rows.map(() => (column.type === 'STRING' && value !== null ? String(value) : value))
    }
    const numbers = rows.map((row) => rowNumber(row, column.from))
    if (column.type === 'INT32') return Int32Array.from(numbers)
    return column.type === 'INT64' ? BigInt64Array.from(numbers, BigInt) : Float64Array.from(numbers)
  }
  const bytes = new Uint8Array(
    parquetWriteBuffer({
      columnData: columns.map((column) => ({ name: column.name, data: data(column), encoding: 'PLAIN' })),
      schema: schemaOf(columns),
      codec: 'UNCOMPRESSED',
      statistics: false,
      rowGroupSize: LIMITS.rows,
      pageSize: MAX_SHARD_BYTES,
      kvMetadata: [
        { key: 'ohmbit.study', value: owner },
        { key: 'ohmbit.shard', value: shardName(shard) },
        { key: DIGEST_KEY, value: '0'.repeat(DIGITS) },
      ],
      createdBy: `ohmbit version ${version}`,
    }),
  )
  const at = digestAt(bytes)
  if (at === null) throw new OhmbitError({ code: 'OHM9002', message: 'the digest of a shard has no place' })
  bytes.set(new TextEncoder().encode(createHash('sha256').update(bytes).digest('hex')), at)
  return bytes
}

function schemaOf(columns: readonly Column[]): SchemaElement[] {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.map((column): SchemaElement => {
      const { name, type } = column
      // A value of the profile may be null.
      const repetition_type = 'from' in column || column.path === 'network' ? 'REQUIRED' : 'OPTIONAL'
      return type === 'STRING'
        ? { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type }
        : { name, type, repetition_type }
    }),
  ]
}

/** Where the digits stand: after the last mark. Null: there is none. */
function digestAt(bytes: Uint8Array): number | null {
  const from = Math.max(0, bytes.length - LIMITS.footer)
  for (let i = bytes.length - MARK.length - DIGITS; i >= from; i--)
    if (MARK.every((byte, k) => bytes[i + k] === byte)) return i + MARK.length
  return null
}

/** Whether the file has the bytes that were written. */
function isWhole(bytes: Uint8Array): boolean {
  if (bytes.length > MAX_SHARD_BYTES) return false
  const at = digestAt(bytes)
  if (at === null) return false
  const stated = new TextDecoder('latin1').decode(bytes.subarray(at, at + DIGITS))
  const zeros = new Uint8Array(DIGITS).fill(0x30)
  const hash = createHash('sha256')
    .update(bytes.subarray(0, at))
    .update(zeros)
    .update(bytes.subarray(at + DIGITS))
  return hash.digest('hex') === stated
}

/**
 * The rows of a shard's file; null where the file is damaged, cut, or not that of this shard of this study.
 *
 * Safe for any bytes: nothing is allocated beyond their number, nothing is unpacked.
 */
export function parseShard(study: Study, owner: string, shard: Shard, bytes: Uint8Array): Row[] | null {
  if (!isWhole(bytes) || shard.chips > LIMITS.rows) return null
  const columns = columnsOf(study)
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (view.getUint32(bytes.length - 8, true) > LIMITS.footer) return null
    const metadata = parquetMetadata(bytes, { geoparquet: false })
    const stated = new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value]))
    if (stated.get('ohmbit.study') !== owner || stated.get('ohmbit.shard') !== shardName(shard)) return null
    if (!fits(metadata, columns, shard.chips)) return null
    const numbers = columns.map((column, c) => ('from' in column ? readNumbers(metadata, c, column, view) : null))
    return rowsOf(study, columns, numbers, shard)
  } catch {
    return null
  }
}

function fits({ schema, row_groups, num_rows }: FileMetaData, columns: readonly Column[], chips: number): boolean {
  const wanted = schemaOf(columns)
  const same = (key: 'name' | 'type' | 'repetition_type' | 'num_children') =>
    wanted.every((element, i) => schema[i]![key] === element[key])
  return (
    schema.length === wanted.length &&
    (['name', 'type', 'repetition_type', 'num_children'] as const).every(same) &&
    row_groups.length === 1 &&
    Number(num_rows) === chips &&
    row_groups[0]!.columns.length === columns.length
  )
}

const WIDTH = { INT32: 4, INT64: 8, DOUBLE: 8 } as const

/** The numbers of a column: the end of its only page. */
function readNumbers(metadata: FileMetaData, index: number, column: Column, view: DataView): Float64Array {
  const chunk = metadata.row_groups[0]!.columns[index]!.meta_data!
  const rows = Number(metadata.num_rows)
  const type = column.type as keyof typeof WIDTH
  const end = Number(chunk.data_page_offset) + Number(chunk.total_compressed_size)
  const begin = end - rows * WIDTH[type]
  if (chunk.codec !== 'UNCOMPRESSED' || !(begin >= Number(chunk.data_page_offset))) throw new RangeError('column')
  const get = {
    INT32: (at: number) => view.getInt32(at, true),
    INT64: (at: number) => Number(view.getBigInt64(at, true)),
    DOUBLE: (at: number) => view.getFloat64(at, true),
  }[type]
  return Float64Array.from({ length: rows }, (_, r) => get(begin + r * WIDTH[type]))
}

function rowsOf(
  study: Study,
  columns: readonly Column[],
  numbers: readonly (Float64Array | null)[],
  shard: Shard,
): Row[] | null {
  const column = (name: string) => numbers[columns.findIndex((c) => c.name === name)]!
  const [point, chip, value, codeErrors, weight, mechanisms] = [
    column('point'),
    column('chip'),
    column(study.metric),
    column('codeErrors'),
    column('weight'),
    column('mechanisms'),
  ]
  const counters = COUNTERS.map((name) => ({ name, data: column(name) })).filter(({ data }) =>
    data.some((n) => n !== 0),
  )
  const rows: Row[] = []
  for (let r = 0; r < shard.chips; r++) {
    if (point[r] !== shard.point || chip[r] !== shard.firstChip + r) return null
    const counted: Record<string, number> = {}
    for (const { name, data } of counters) if (data[r] !== 0) counted[name] = data[r]!
    rows.push({
      point: point[r]!,
      chip: chip[r]!,
      value: value[r]!,
      codeErrors: codeErrors[r]!,
      weight: weight[r]!,
      mechanisms: mechanisms[r]!,
      counters: counted,
    })
  }
  return rows
}
