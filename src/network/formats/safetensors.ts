import { fail, OhmbitError, type Problem } from '../../base/errors.ts'
import { matrix } from '../../numerics/matrix.ts'
import type { NpyArray } from '../../numerics/npy.ts'
import { checkNetwork, LIMITS } from '../check.ts'
import type { Activation, DenseLayer, Network, Quantizer } from '../network.ts'
import { parseTask } from '../task-format.ts'
import { entriesOf, parseJsonObject } from './json-object.ts'
import { parseTensors } from './tensors.ts'

const FORMAT = 'ohmbit/network/1'
const activations: readonly Activation[] = ['tanh', 'relu', 'sigmoid', 'linear']
const compares: readonly Quantizer['compare'][] = ['gt', 'ge']
const levelRules: readonly Quantizer['levelRule'][] = ['saturated', 'soft-midpoint', 'given']

/**
 * The native form of a network. The same network gives the same bytes; a tensor is F64 if any of its numbers needs
 * it, else F32, so that reading it back gives exactly the same network.
 *
 * Source: the safetensors format (8-byte header length, JSON header, tensors without gaps)
 */
export function formatSafetensors(network: Network): Uint8Array {
  const exact = (data: Float64Array) => data.every((x) => Object.is(Math.fround(x), x))
  const tensors = tensorsOf(network).map((tensor) => ({ ...tensor, size: exact(tensor.data) ? 4 : 8 }))
  // Doubles first: so every tensor is aligned to its word.
  const inOrder = [...tensors].sort((a, b) => b.size - a.size)
  const offsets = new Map<string, number>()
  let length = 0
  for (const { name, data, size } of inOrder) {
    offsets.set(name, length)
    length += data.length * size
  }
  const header: Record<string, unknown> = { __metadata__: { ohmbit: JSON.stringify(metadataOf(network)) } }
  for (const { name, shape, data, size } of tensors) {
    const from = offsets.get(name)!
    header[name] = { dtype: size === 4 ? 'F32' : 'F64', shape, data_offsets: [from, from + data.length * size] }
  }
  const text = new TextEncoder().encode(JSON.stringify(header))
  // Spaces after the header, so that the tensors begin at a word.
  const start = 8 + Math.ceil(text.length / 8) * 8
  const bytes = new Uint8Array(start + length).fill(0x20, 8 + text.length, start)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(start - 8), true)
  bytes.set(text, 8)
  for (const { name, data, size } of inOrder) {
    let at = start + offsets.get(name)!
    for (const x of data) {
      if (size === 4) view.setFloat32(at, x, true)
      else view.setFloat64(at, x, true)
      at += size
    }
  }
  return bytes
}

function tensorsOf({ encoder, quantizer, decoder }: Network) {
  const layers = (part: string, list: readonly DenseLayer[]) =>
    list.flatMap(({ weight, bias }, i) => [
      { name: `${part}.${i}.weight`, shape: [weight.rows, weight.cols], data: weight.data },
      { name: `${part}.${i}.bias`, shape: [bias.length], data: bias },
    ])
  return [
    ...layers('encoder', encoder),
    { name: 'quantizer.thresholds', shape: [quantizer.thresholds.length], data: quantizer.thresholds },
    { name: 'quantizer.levels', shape: [quantizer.levels.length], data: quantizer.levels },
    ...layers('decoder', decoder),
  ]
}

function metadataOf({ name, encoder, quantizer, decoder, task, provenance }: Network) {
  return {
    format: FORMAT,
    name,
    activations: { encoder: encoder.map((l) => l.activation), decoder: decoder.map((l) => l.activation) },
    compare: quantizer.compare,
    levelRule: quantizer.levelRule,
    task,
    provenance: provenanceOf(provenance),
  }
}

/**
 * Read the native form.
 *
 * @param name  of the file, for messages
 * @throws OHM1002, OHM1004, OHM1005 the container; OHM1101 tensors or metadata missing; OHM1107 data types; and what
 *         checkNetwork finds
 */
export function parseSafetensors(bytes: Uint8Array, name = 'network.safetensors'): Network {
  const { tensors, metadata } = parseTensors(bytes, name)
  const text = metadata.get('ohmbit')
  if (typeof text !== 'string')
    fail('OHM1101', `${name} has no metadata key "ohmbit", so activations and quantizer rule are unknown`, {
      hint: `add metadata ohmbit = {"format":"${FORMAT}","activations":{"encoder":["tanh",..],"decoder":[..,"linear"]}}`,
    })
  const entries = parseJsonObject(text, `the metadata of ${name}`)
  if (entries.get('format') !== FORMAT)
    fail('OHM1101', `${name} has the format ${show(entries.get('format'))}; this version reads ${FORMAT}`)
  const words = entriesOf(entries.get('activations'))
  const problems: Problem[] = []
  const missing = (pointer: string, message: string) => problems.push({ code: 'OHM1101', message, at: { pointer } })
  const used = new Set<string>()
  const take = (key: string): NpyArray => {
    used.add(key)
    const tensor = tensors.get(key)
    if (tensor === undefined) missing(key, `there is no tensor ${key}`)
    return tensor ?? { shape: [0], data: new Float64Array(0) }
  }
  const choice = <T extends string>(key: string, value: unknown, allowed: readonly T[]): T => {
    const found = allowed.find((word) => word === (value ?? allowed[0]))
    if (found === undefined) missing(key, `${key} is ${show(value)}; it must be one of ${allowed.join(', ')}`)
    return found ?? allowed[0]!
  }
  const part = (key: 'encoder' | 'decoder'): DenseLayer[] => {
    const list = words?.get(key)
    if (!Array.isArray(list) || list.length < 1 || list.length > LIMITS.layers) {
      missing(`activations/${key}`, `the metadata names no ${key} activations (1 to ${LIMITS.layers})`)
      return []
    }
    return list.map((word, i) => {
      const weight = take(`${key}.${i}.weight`)
      const [rows, cols] = weight.shape.length === 2 ? [weight.shape[0]!, weight.shape[1]!] : [weight.data.length, 1]
      return {
        weight: matrix(rows, cols, weight.data),
        bias: take(`${key}.${i}.bias`).data,
        activation: choice(`activations/${key}/${i}`, word ?? null, activations),
      }
    })
  }
  const network: Network = {
    name: typeof entries.get('name') === 'string' ? (entries.get('name') as string) : '',
    encoder: part('encoder'),
    quantizer: {
      thresholds: take('quantizer.thresholds').data,
      levels: take('quantizer.levels').data,
      compare: choice('compare', entries.get('compare'), compares),
      levelRule: choice('levelRule', entries.get('levelRule') ?? 'given', levelRules),
    },
    decoder: part('decoder'),
    task: (entries.get('task') ?? null) === null ? null : parseTask(entries.get('task')),
    provenance: provenanceOf(entries.get('provenance')),
  }
  for (const key of tensors.keys()) if (!used.has(key)) missing(key, `there is a tensor ${key} that no layer uses`)
  if (problems.length > 0) throw new OhmbitError(problems)
  return checkNetwork(network)
}

/** Texts and numbers under keys that JSON from outside may have; anything else is neither written nor read. */
function provenanceOf(value: unknown): Record<string, string | number> {
  return Object.fromEntries(
    [...(entriesOf(value) ?? [])].filter(
      ([key, x]) =>
        !['__proto__', 'constructor', 'prototype'].includes(key) &&
        (typeof x === 'string' || (typeof x === 'number' && Number.isFinite(x))),
    ),
  ) as Record<string, string | number>
}

const show = (value: unknown) => (value === undefined ? 'missing' : JSON.stringify(value)!.slice(0, 60))
