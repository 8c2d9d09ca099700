import { basename, dirname, extname, join } from 'node:path'
import { fail, inFile, OhmbitError } from '../base/errors.ts'
import { kindOfPath, readBounded, readText } from '../base/files.ts'
import { isNpy } from '../numerics/npy.ts'
import { checkNetwork } from './check.ts'
import { parseJsonNetwork } from './formats/json.ts'
import { parseJsonObject } from './formats/json-object.ts'
import { type Manifest, parseManifest } from './formats/manifest.ts'
import { parseNpz } from './formats/npz.ts'
import { type OnnxLayers, parseOnnx, parseOnnxLayers } from './formats/onnx.ts'
import { parseQuantizerJson } from './formats/quantizer-json.ts'
import { parseSafetensors } from './formats/safetensors.ts'
import { isSafetensors } from './formats/tensors.ts'
import { isZip } from './formats/zip.ts'
import type { Network, Quantizer } from './network.ts'
import type { Task } from './task.ts'
import { parseTask } from './task-format.ts'

export interface ReadNetworkOptions {
  /** An ONNX graph y -> encoder output. */
  readonly encoder?: string
  /** An ONNX graph quantizer output -> estimate. */
  readonly decoder?: string
  /** A quantizer JSON; with a whole network it replaces the network's own. */
  readonly quantizer?: string
  /** What the network is for, in place of what its file says: a task, or its short form. */
  readonly task?: string | Task
}

const MAX_JSON = 256 << 20

/**
 * Read a trained network: .onnx, .safetensors, .npz or .json weights, told apart by their content.
 *
 * Encoder and decoder may be two ONNX graphs: `path` is then the one that the options do not name, or the quantizer JSON
 * if they name both. A manifest.json beside the file gives activations and task to .npz and .json, name and task to .onnx.
 *
 * @throws OHM1001 to OHM1005 the file, OHM1101 to OHM1109 its content; every problem names the file
 */
export async function readNetwork(path: string, options: ReadNetworkOptions = {}): Promise<Network> {
  const split = options.encoder !== undefined || options.decoder !== undefined
  const network = split ? await readParts(path, options) : await readWhole(path, options.quantizer)
  const task = options.task === undefined ? network.task : parseTask(options.task)
  return checkNetwork({ ...network, task })
}

async function readWhole(path: string, quantizerPath: string | undefined): Promise<Network> {
  const bytes = await readFile(path)
  const manifest = await readManifest(path)
  const network = within(path, () => parseWhole(bytes, manifest, basename(path)))
  const named = { ...network, name: network.name || basename(path, extname(path)) }
  return quantizerPath === undefined ? named : { ...named, quantizer: await readQuantizer(quantizerPath) }
}

/** @param manifest  what stands beside the file; a manifest that cannot be used fails only where it is needed */
function parseWhole(bytes: Uint8Array, manifest: () => Manifest | null, name: string): Network {
  switch (networkFormat(bytes, name)) {
    case 'safetensors':
      return parseSafetensors(bytes, name)
    case 'npz':
      return parseNpz(bytes, manifest(), name)
    case 'json':
      return parseJsonNetwork(new TextDecoder().decode(bytes), manifest(), name)
    case 'onnx':
      return { ...parseOnnx(bytes, name), ...describedBy(manifest) }
  }
}

/**
 * Name and task from a manifest, for a network that is whole without one: a manifest.json of something else, or with
 * activations that are not read, does no harm.
 */
function describedBy(manifest: () => Manifest | null): { name?: string; task?: Task | null } {
  try {
    const beside = manifest()
    return { ...(beside?.name == null ? {} : { name: beside.name }), task: beside?.task ?? null }
  } catch (error) {
    if (error instanceof OhmbitError && !error.problems.some((p) => p.code === 'OHM1109')) return {}
    throw error
  }
}

async function readParts(path: string, options: ReadNetworkOptions): Promise<Network> {
  const encoderPath = options.encoder ?? path
  const decoderPath = options.decoder ?? path
  const named = [options.encoder, options.decoder, options.quantizer]
  const quantizerPath =
    options.quantizer ?? (named.slice(0, 2).every((p) => p !== undefined && p !== path) ? path : undefined)
  if (named.every((p) => p !== undefined) && !named.includes(path))
    fail('OHM9001', `${path} is not needed: encoder, decoder and quantizer are all given`, {
      hint: 'give one of the three files as FILE',
    })
  const layers = async (file: string) => {
    const bytes = await readFile(file)
    return within(file, () => parseOnnxLayers(bytes, basename(file)))
  }
  const [encoder, decoder] = [await layers(encoderPath), await layers(decoderPath)]
  if (decoder.quantizer !== null)
    fail('OHM1105', `the decoder graph ${decoderPath} holds a quantizer`, { at: { file: decoderPath } })
  const quantizer = quantizerPath === undefined ? encoder.quantizer : await readQuantizer(quantizerPath)
  if (quantizer === null)
    fail('OHM1106', 'an encoder and a decoder graph need a quantizer', {
      hint: 'give --quantizer FILE with {"thresholds": [..], "levels": [..]}',
    })
  return {
    name: encoder.name || basename(encoderPath, extname(encoderPath)),
    encoder: encoder.layers,
    quantizer,
    decoder: decoder.layers,
    task: null,
    provenance: joined(encoder, decoder),
    ...describedBy(await readManifest(encoderPath)),
  }
}

function joined(encoder: OnnxLayers, decoder: OnnxLayers): Record<string, string | number> {
  const notes = [encoder.provenance['notes'], decoder.provenance['notes']].filter((n) => n !== undefined)
  return { ...decoder.provenance, ...encoder.provenance, ...(notes.length === 0 ? {} : { notes: notes.join('; ') }) }
}

async function readQuantizer(path: string): Promise<Quantizer> {
  const text = await readText(path, MAX_JSON)
  return within(path, () => parseQuantizerJson(text, basename(path)))
}

/** The manifest beside a file, read only when it is asked for; null if there is none or it is no manifest of weights. */
async function readManifest(path: string): Promise<() => Manifest | null> {
  const file = join(dirname(path), 'manifest.json')
  if (basename(path) === 'manifest.json' || (await kindOfPath(file)) !== 'file') return () => null
  const text = await readText(file, MAX_JSON)
  return () => within(file, () => parseManifest(parseJsonObject(text, 'manifest.json')))
}

async function readFile(path: string): Promise<Uint8Array> {
  if ((await kindOfPath(path)) === 'folder')
    fail('OHM1001', `cannot read ${path}: it is a folder`, {
      at: { file: path },
      hint: 'name the file in it, for instance model.onnx or weights.npz',
    })
  return readBounded(path)
}

export type NetworkFormat = 'onnx' | 'safetensors' | 'npz' | 'json'

/** Which of the network formats bytes are in. @throws OHM1003 none, OHM1002 JSON beyond the limit */
export function networkFormat(bytes: Uint8Array, name: string): NetworkFormat {
  const unknown = (what: string, hint = 'networks are .onnx, .safetensors, .npz or .json'): never =>
    fail('OHM1003', `${name} ${what}`, { hint })
  if (isZip(bytes)) return 'npz'
  if (isSafetensors(bytes)) return 'safetensors'
  if (isNpy(bytes)) return unknown('is one .npy array, not a network')
  const start = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart()
  if (start.startsWith('{')) {
    if (bytes.length > MAX_JSON) fail('OHM1002', `${name} has ${bytes.length} bytes; the limit for JSON is ${MAX_JSON}`)
    return 'json'
  }
  if (start.startsWith('version https://git-lfs'))
    return unknown('is a git-lfs pointer, not the file itself', 'fetch it with git lfs pull')
  if (start.startsWith('\ufffdHDF')) return unknown('is an HDF5 file', 'export the model to ONNX')
  if (bytes.length === 0) return unknown('is empty')
  const extension = extname(name).toLowerCase()
  if (extension === '.npz' || extension === '.safetensors' || extension === '.json')
    fail('OHM1004', `${name} does not begin as a ${extension} file does; it is damaged or something else`)
  // ONNX has no magic number: an ONNX file begins with a field of its outermost message.
  return extension === '.onnx' || [0x08, 0x12, 0x1a, 0x22, 0x3a, 0x42].includes(bytes[0]!)
    ? 'onnx'
    : unknown('is in none of the network formats')
}

function within<T>(file: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw error instanceof OhmbitError ? inFile(error, file) : error
  }
}
