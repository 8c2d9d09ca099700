import { fail } from '../base/errors.ts'

/** An array as numpy stores it, of any rank. */
export interface NpyArray {
  readonly shape: readonly number[]
  /** C order: the last axis runs fastest. */
  readonly data: Float64Array
}

interface Dtype {
  readonly size: number
  readonly get: (view: DataView, offset: number) => number
}

const wide = (x: bigint): number =>
  x >= BigInt(Number.MIN_SAFE_INTEGER) && x <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(x) : Number.NaN

/** Little-endian real types; a number that float64 cannot hold exactly comes out as NaN. */
const dtypes: ReadonlyMap<string, Dtype> = new Map<string, Dtype>([
  ['<f4', { size: 4, get: (v, o) => v.getFloat32(o, true) }],
  ['<f8', { size: 8, get: (v, o) => v.getFloat64(o, true) }],
  ['|b1', { size: 1, get: (v, o) => v.getUint8(o) }],
  ['|i1', { size: 1, get: (v, o) => v.getInt8(o) }],
  ['|u1', { size: 1, get: (v, o) => v.getUint8(o) }],
  ['<i2', { size: 2, get: (v, o) => v.getInt16(o, true) }],
  ['<u2', { size: 2, get: (v, o) => v.getUint16(o, true) }],
  ['<i4', { size: 4, get: (v, o) => v.getInt32(o, true) }],
  ['<u4', { size: 4, get: (v, o) => v.getUint32(o, true) }],
  ['<i8', { size: 8, get: (v, o) => wide(v.getBigInt64(o, true)) }],
  ['<u8', { size: 8, get: (v, o) => wide(v.getBigUint64(o, true)) }],
])

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
const MAX_RANK = 32
const MAX_HEADER = 1 << 16

/** Whether bytes begin as a .npy file does. */
export function isNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((b, i) => bytes[i] === b)
}

/**
 * Read a .npy file, versions 1 to 3. The declared size is compared with the bytes before anything is allocated.
 *
 * @param name  of the file or the tensor, for messages
 * @returns     float32, float64, integers and booleans as float64, all exact
 * @throws OHM1004 damaged, OHM1107 data type, byte order, integers beyond 2^53
 * Source: numpy/lib/format.py
 */
export function parseNpy(bytes: Uint8Array, name: string): NpyArray {
  const at = { pointer: name }
  const damaged = (what: string): never => fail('OHM1004', `${name} is not a complete .npy array: ${what}`, { at })
  if (!isNpy(bytes)) damaged('it does not begin with \\x93NUMPY')
  if (bytes.length < 12) damaged(`it ends after ${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = bytes[6]!
  if (version < 1 || version > 3) damaged(`format version ${version} is unknown`)
  const start = version === 1 ? 10 : 12
  const headerLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (headerLength > MAX_HEADER || start + headerLength > bytes.length)
    damaged(`its header claims ${headerLength} bytes, ${bytes.length - start} are there`)
  const text = new TextDecoder().decode(bytes.subarray(start, start + headerLength))
  if (/(['"])descr\1\s*:\s*[[(]/.test(text))
    fail('OHM1107', `${name} is a structured array; plain float32 and float64 arrays are read`, { at })
  const { descr, fortranOrder, shape } = parseHeader(text) ?? damaged('its header cannot be read')

  const dtype =
    dtypes.get(descr) ??
    fail('OHM1107', `${name} has the data type ${descr}; float32 and float64, little-endian, are read`, {
      at,
      hint: 'save it with numpy.save(path, array.astype("<f4"))',
    })
  const count = shape.reduce((product, n) => product * n, 1)
  const found = bytes.length - start - headerLength
  if (count * dtype.size !== found)
    damaged(`shape (${shape.join(', ')}) of ${descr} needs ${count * dtype.size} bytes, ${found} are there`)

  const data = new Float64Array(count)
  for (let i = 0, o = start + headerLength; i < count; i++, o += dtype.size) data[i] = dtype.get(view, o)
  if (descr.endsWith('8') && descr !== '<f8') {
    const bad = data.findIndex(Number.isNaN)
    if (bad >= 0) fail('OHM1107', `${name} holds an integer beyond 2^53 at entry ${bad}`, { at })
  }
  return { shape, data: fortranOrder ? toCOrder(shape, data) : data }
}

/** Numbers whose first axis runs fastest, with the last running fastest. */
function toCOrder(shape: readonly number[], data: Float64Array): Float64Array {
  if (shape.filter((n) => n !== 1).length < 2) return data
  const out = new Float64Array(data.length)
  const index = new Array<number>(shape.length).fill(0)
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1))
  let at = 0
  for (const x of data) {
    out[at] = x
    for (let i = 0; i < shape.length; i++) {
      at += strides[i]!
      if (++index[i]! < shape[i]!) break
      index[i] = 0
      at -= strides[i]! * shape[i]!
    }
  }
  return out
}

interface Header {
  readonly descr: string
  readonly fortranOrder: boolean
  readonly shape: number[]
}

/** The three entries of the header, in any order; null for anything else, structured types included. */
function parseHeader(text: string): Header | null {
  const entries = new Map<string, string>()
  const body = /^\{(.*)\}[ \n]*$/s.exec(text)?.[1]
  if (body === undefined) return null
  const entry =
    /\s*(['"])(descr|fortran_order|shape)\1\s*:\s*('[^'"\\]*'|"[^'"\\]*"|True|False|\([\dL, ]*\))\s*(?:,|$)/y
  while (entry.lastIndex < body.trimEnd().length) {
    const match = entry.exec(body)
    if (match === null || entries.has(match[2]!)) return null
    entries.set(match[2]!, match[3]!)
  }
  const [descr, order, shape] = [entries.get('descr'), entries.get('fortran_order'), entries.get('shape')]
  if (descr === undefined || order === undefined || shape === undefined) return null
  if (!/^['"]/.test(descr) || !/^[TF]/.test(order) || !/^\(( *\d+L? *,)*( *\d+L? *)?\)$/.test(shape)) return null
  const sizes = (shape.match(/\d+/g) ?? []).map(Number)
  if (sizes.length > MAX_RANK || sizes.some((n) => !Number.isSafeInteger(n))) return null
  return { descr: descr.slice(1, -1), fortranOrder: order === 'True', shape: sizes }
}

/**
 * A .npy file, byte for byte as numpy.save writes it (format version 1).
 *
 * @param shape  its product must be data.length
 * @param dtype  f8 is exact; f4 rounds to the nearest float32
 */
export function formatNpy(shape: readonly number[], data: ArrayLike<number>, dtype: 'f4' | 'f8'): Uint8Array {
  if (shape.reduce((a, b) => a * b, 1) !== data.length)
    throw new RangeError(`formatNpy: ${data.length} entries for shape (${shape.join(', ')})`)
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const dictionary = `{'descr': '<${dtype}', 'fortran_order': False, 'shape': ${tuple}, }`
  // numpy leaves room for the first axis to grow to 21 digits, then pads the data to a multiple of 64.
  const grown = shape.length === 0 ? 0 : 21 - String(shape[0]).length
  const length = (Math.floor((10 + dictionary.length + grown + 1) / 64) + 1) * 64 - 10
  const header = `${dictionary.padEnd(length - 1)}\n`
  const size = dtype === 'f4' ? 4 : 8
  const bytes = new Uint8Array(10 + length + data.length * size)
  const view = new DataView(bytes.buffer)
  bytes.set([...MAGIC, 1, 0])
  view.setUint16(8, length, true)
  bytes.set(new TextEncoder().encode(header), 10)
  for (let i = 0, o = 10 + length; i < data.length; i++, o += size)
    if (size === 4) view.setFloat32(o, data[i]!, true)
    else view.setFloat64(o, data[i]!, true)
  return bytes
}
