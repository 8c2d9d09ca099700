import { fail } from '../../base/errors.ts'
import type { NpyArray } from '../../numerics/npy.ts'
import { entriesOf, parseJsonObject } from './json-object.ts'

const MAX_HEADER = 16 << 20

/** Whether bytes begin as a safetensors file does: the length of a header that is a JSON object. */
export function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 9 || bytes[8] !== 0x7b) return false
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)
  return length <= BigInt(MAX_HEADER)
}

/**
 * The tensors and the metadata of a safetensors file, whatever they mean.
 *
 * @param name  of the file, for messages
 * @throws OHM1002, OHM1004, OHM1005 the container, OHM1107 data types other than F32 and F64
 */
export function parseTensors(
  bytes: Uint8Array,
  name: string,
): { tensors: Map<string, NpyArray>; metadata: Map<string, unknown> } {
  const damaged = (what: string): never => fail('OHM1004', `${name} is not a complete safetensors file: ${what}`)
  if (bytes.length < 8) damaged(`it has only ${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = Number(view.getBigUint64(0, true))
  if (length > MAX_HEADER) fail('OHM1002', `${name} claims a header of ${length} bytes; the limit is ${MAX_HEADER}`)
  if (8 + length > bytes.length) damaged(`its header claims ${length} bytes, ${bytes.length - 8} are there`)
  const header = parseJsonObject(new TextDecoder().decode(bytes.subarray(8, 8 + length)), `the header of ${name}`)
  const room = bytes.length - 8 - length

  const spans = [...header]
    .filter(([key]) => key !== '__metadata__')
    .map(([key, value]) => {
      const entry = entriesOf(value)
      const shape = integers(entry?.get('shape')) ?? damaged(`the tensor ${show(key)} has no valid shape`)
      const [from, to] = integers(entry?.get('data_offsets')) ?? []
      const dtype = entry?.get('dtype')
      const size = dtype === 'F32' ? 4 : dtype === 'F64' ? 8 : null
      if (size === null)
        fail('OHM1107', `the tensor ${show(key)} has the data type ${show(dtype)}; F32 and F64 are read`, {
          at: { pointer: key },
        })
      if (from === undefined || to === undefined || shape.length > 2)
        damaged(`the tensor ${show(key)} has no valid offsets or more than two axes`)
      const count = shape.reduce((a, b) => a * b, 1)
      if (to! - from! !== count * size!)
        damaged(
          `the tensor ${show(key)} of shape [${shape.join(', ')}] needs ${count * size!} bytes and is given ${to! - from!}`,
        )
      return { key, shape, size: size!, count, from: from!, to: to! }
    })
    .sort((a, b) => a.from - b.from || a.to - b.to)
  let end = 0
  for (const { key, from, to } of spans) {
    if (from !== end)
      damaged(`the tensor ${show(key)} begins at byte ${from}, ${end < from ? 'after a gap' : 'inside another'}`)
    end = to
  }
  if (end !== room) damaged(`its tensors take ${end} bytes, ${room} are there`)

  const tensors = new Map<string, NpyArray>()
  for (const { key, shape, size, count, from } of spans) {
    const data = new Float64Array(count)
    const start = 8 + length + from
    for (let i = 0; i < count; i++)
      data[i] = size === 4 ? view.getFloat32(start + 4 * i, true) : view.getFloat64(start + 8 * i, true)
    tensors.set(key, { shape, data })
  }
  return { tensors, metadata: entriesOf(header.get('__metadata__')) ?? new Map<string, unknown>() }
}

function integers(value: unknown): number[] | null {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0) ? value : null
}

const show = (value: unknown) => (value === undefined ? 'missing' : JSON.stringify(value)!.slice(0, 60))
