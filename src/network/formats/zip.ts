import { inflateRawSync } from 'node:zlib'
import { fail } from '../../base/errors.ts'
import { crc32 } from '../../base/hash.ts'

/** One file of a zip archive, as the central directory describes it. */
export interface ZipEntry {
  readonly name: string
  readonly method: number
  readonly compressed: number
  readonly size: number
  readonly crc: number
  /** Of the local header. */
  readonly offset: number
}

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const MAX_ENTRIES = 4096
/**
 * Most bytes an archive may unpack to: trained weights hardly compress, so much more than the file's own size is a bomb.
 */
export const unpackedLimit = (fileBytes: number): number => Math.min(1 << 30, Math.max(16 << 20, 32 * fileBytes))

/** Whether bytes begin as a zip archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return (
    bytes[0] === 0x50 && bytes[1] === 0x4b && ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6))
  )
}

/**
 * The directory of a zip archive. Only what numpy writes is read: one disk, stored or deflated, no encryption, no zip64.
 *
 * @throws OHM1004 damaged or repeated names; OHM1003 a kind of archive that is not read; OHM1002 unpacks to too much
 * Source: PKWARE APPNOTE 6.3.9, sections 4.3.7, 4.3.12, 4.3.16
 */
export function zipEntries(bytes: Uint8Array, file: string): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = findEnd(view)
  if (end < 0) damaged(file, 'the directory at its end is missing; it is probably cut short')
  const count = view.getUint16(end + 10, true)
  const size = view.getUint32(end + 12, true)
  const start = view.getUint32(end + 16, true)
  if (count === 0xffff || size === 0xffffffff || start === 0xffffffff)
    fail('OHM1003', `${file} is a zip64 archive, which is not read`, {
      hint: 'keep the file below 4 GiB and 65535 arrays',
    })
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count)
    fail('OHM1003', `${file} is one part of a split archive`)
  if (count > MAX_ENTRIES) fail('OHM1002', `${file} holds ${count} arrays; the limit is ${MAX_ENTRIES}`)
  if (start + size !== end) damaged(file, 'its directory does not end where the end record begins')

  const entries: ZipEntry[] = []
  const names = new Set<string>()
  let at = start
  let unpacked = 0
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== CENTRAL) damaged(file, `directory entry ${i} is not there`)
    const nameEnd = at + 46 + view.getUint16(at + 28, true)
    const next = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
    if (next > end) damaged(file, `directory entry ${i} is cut short`)
    const name = new TextDecoder().decode(bytes.subarray(at + 46, nameEnd))
    if (names.has(name)) damaged(file, `it holds ${name} twice`)
    names.add(name)
    if (view.getUint16(at + 8, true) & 1) fail('OHM1003', `${name} in ${file} is encrypted`)
    const entry: ZipEntry = {
      name,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      compressed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    }
    if ([entry.compressed, entry.size, entry.offset].includes(0xffffffff))
      fail('OHM1003', `${name} in ${file} needs zip64, which is not read`)
    unpacked += entry.size
    entries.push(entry)
    at = next
  }
  if (at !== end) damaged(file, 'its directory has another length than its end record states')
  if (unpacked > unpackedLimit(bytes.length))
    fail(
      'OHM1002',
      `${file} would unpack to ${unpacked} bytes; the limit for its size is ${unpackedLimit(bytes.length)}`,
    )
  return entries
}

/**
 * Unpack one entry, into exactly the stated number of bytes.
 *
 * @throws OHM1004 damaged, or more or fewer bytes than stated; OHM1003 a compression that is not read
 */
export function unzip(bytes: Uint8Array, entry: ZipEntry, file: string): Uint8Array {
  const { name, method, compressed, size, crc, offset } = entry
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (offset + 30 > bytes.length || view.getUint32(offset, true) !== LOCAL)
    damaged(file, `${name} is not where the directory says`)
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
  if (start + compressed > bytes.length) damaged(file, `${name} is cut short`)
  const packed = bytes.subarray(start, start + compressed)
  const content = method === 0 ? packed : method === 8 ? inflate(packed, entry, file) : null
  if (content === null)
    fail('OHM1003', `${name} in ${file} is compressed by method ${method}; stored and deflated arrays are read`)
  if (content.length !== size) damaged(file, `${name} has ${content.length} bytes instead of ${size}`)
  if (crc32(content) !== crc) damaged(file, `${name} does not have the CRC that the directory states`)
  return content
}

function inflate(packed: Uint8Array, { name, size }: ZipEntry, file: string): Uint8Array {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) })
  } catch {
    damaged(file, `${name} cannot be inflated to ${size} bytes`)
  }
}

/** Where the end record begins: its comment must reach exactly to the end of the file. -1 if there is none. */
function findEnd(view: DataView): number {
  const last = view.byteLength - 22
  for (let at = last; at >= 0 && at >= last - 0xffff; at--)
    if (view.getUint32(at, true) === END && at + 22 + view.getUint16(at + 20, true) === view.byteLength) return at
  return -1
}

function damaged(file: string, what: string): never {
  fail('OHM1004', `${file} is not a complete archive: ${what}`)
}
