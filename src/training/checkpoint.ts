/**
 * Where a run stands, as bytes: enough to go on and end in the same bits.
 *
 * Magic, length of a JSON header (32 bits, little-endian), the header, padding to a multiple of eight, every number as
 * a 64-bit float, and the SHA-256 of all before it. The header says which experiment and data the run is of.
 */
import { fail } from '../base/errors.ts'
import { sha256Hex } from '../base/hash.ts'
import { parseJson } from '../base/json.ts'
import type { Engine } from '../numerics/kernels/module.ts'
import type { Candidate, Snapshot, TrainingState } from './train.ts'

const MAGIC = 'ohmbit checkpoint 1\n'
const DIGEST = 32
const MAX_HEADER = 1 << 16

/** What a checkpoint belongs to; all of it decides the bits of the result. */
export interface CheckpointOf {
  /** SHA-256 of the experiment with everything it refers to but own data. */
  readonly experiment: string
  /** SHA-256 of own data; empty where vectors are drawn from a task. */
  readonly data: string
  /** Kernels, and threads where there are two: what the bits depend on. */
  readonly engine: Engine | `${Engine}, 2 threads`
  /** Of ohmbit. */
  readonly version: string
}

export function encodeCheckpoint(of: CheckpointOf, state: TrainingState): Uint8Array {
  const candidate = (c: Candidate | null) => (c === null ? null : { run: c.run, iteration: c.iteration })
  const header = {
    ...of,
    run: state.run,
    iteration: state.iteration,
    stale: state.stale,
    parameters: state.values.length,
    best: candidate(state.best),
    chosen: candidate(state.chosen),
    hardware: state.hardware.map(({ iteration }) => iteration),
  }
  const text = new TextEncoder().encode(MAGIC.padEnd(24) + JSON.stringify(header))
  const arrays = [
    state.values,
    state.first,
    state.second,
    ...[state.best, state.chosen].flatMap((c) => (c === null ? [] : [Float64Array.of(c.score), c.values])),
    ...state.hardware.map(({ values }) => values),
  ]
  const start = Math.ceil(text.length / 8) * 8
  const end = start + 8 * arrays.reduce((n, a) => n + a.length, 0)
  const bytes = new Uint8Array(end + DIGEST)
  bytes.set(text)
  const view = new DataView(bytes.buffer)
  view.setUint32(20, text.length - 24, true)
  let at = start
  for (const array of arrays)
    for (const x of array) {
      view.setFloat64(at, x, true)
      at += 8
    }
  bytes.set(digestOf(bytes.subarray(0, end)), end)
  return bytes
}

/**
 * @param of      what is to be gone on with
 * @param length  its number of parameters
 * @throws OHM7003 damaged, or of something else
 */
export function decodeCheckpoint(bytes: Uint8Array, of: CheckpointOf, length: number, file: string): TrainingState {
  const refuse = (message: string, hint = 'begin anew with --force'): never =>
    fail('OHM7003', message, { at: { file }, hint })
  const latin = (from: number, to: number) => new TextDecoder('latin1').decode(bytes.subarray(from, to))
  if (latin(0, MAGIC.length) !== MAGIC)
    return refuse(`${file} is no checkpoint of this version`, 'another file stands in its place: choose another -o')
  const end = bytes.length - DIGEST
  if (end < 24 || !digestOf(bytes.subarray(0, end)).every((byte, i) => byte === bytes[end + i]))
    return refuse(`${file} is damaged or cut short: its checksum is not that of its content`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = view.getUint32(20, true)
  if (size > MAX_HEADER || 24 + size > end) return refuse(`${file} is damaged: its header does not fit`)
  const header = headerOf(new TextDecoder().decode(bytes.subarray(24, 24 + size)))
  if (header === null) return refuse(`${file} is damaged: its header cannot be read`)
  const other = (what: string, way: string) =>
    refuse(`${file} is of another ${what}`, `${way}, or begin anew with --force`)
  if (header.data !== of.data) other('set of data', 'give the data that it was begun with')
  if (header.experiment !== of.experiment) other('experiment', 'give the experiment that it was begun with')
  if (header.engine !== of.engine)
    other(
      `engine: it was begun with ${header.engine}, here is ${of.engine}`,
      `go on with --engine ${header.engine.replace(', 2 threads', ' --threads 2')}`,
    )
  if (header.version !== of.version)
    other(`version of ohmbit: it was begun with ${header.version}, here is ${of.version}`, 'go on with that version')
  const count =
    length * (3 + [header.best, header.chosen].filter((c) => c !== null).length + header.hardware.length) +
    [header.best, header.chosen].filter((c) => c !== null).length
  let at = Math.ceil((24 + size) / 8) * 8
  if (header.parameters !== length || at + 8 * count !== end)
    return refuse(`${file} is damaged: it holds ${(end - at) / 8} numbers instead of ${count}`)
  const take = (n: number) => {
    const out = new Float64Array(n)
    for (let k = 0; k < n; k++, at += 8) out[k] = view.getFloat64(at, true)
    return out
  }
  const candidate = (c: Place | null): Candidate | null =>
    c === null ? null : { ...c, score: take(1)[0]!, values: take(length) }
  return {
    run: header.run,
    iteration: header.iteration,
    stale: header.stale,
    values: take(length),
    first: take(length),
    second: take(length),
    best: candidate(header.best),
    chosen: candidate(header.chosen),
    hardware: header.hardware.map((iteration): Snapshot => ({ iteration, values: take(length) })),
  }
}

interface Place {
  readonly run: number
  readonly iteration: number
}

interface Header extends CheckpointOf, Place {
  readonly stale: number
  readonly parameters: number
  readonly best: Place | null
  readonly chosen: Place | null
  readonly hardware: readonly number[]
}

/** Null where it is not what `encodeCheckpoint` writes. */
function headerOf(text: string): Header | null {
  let value: unknown
  try {
    value = parseJson(text, undefined, { maxDepth: 4 }).value
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const h = value as Readonly<Record<string, unknown>>
  const whole = (x: unknown) => Number.isSafeInteger(x) && (x as number) >= 0
  const place = (x: unknown) =>
    x === null || (typeof x === 'object' && whole((x as Header)['run']) && whole((x as Header)['iteration']))
  const right =
    ['experiment', 'data', 'engine', 'version'].every((key) => typeof h[key] === 'string') &&
    ['run', 'iteration', 'stale', 'parameters'].every((key) => whole(h[key])) &&
    place(h['best']) &&
    place(h['chosen']) &&
    Array.isArray(h['hardware']) &&
    (h['hardware'].length === 0 || h['hardware'].length === 2) &&
    h['hardware'].every(whole)
  return right ? (h as unknown as Header) : null
}

const digestOf = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from(sha256Hex(bytes).match(/../g)!, (pair) => Number.parseInt(pair, 16))
