import { fail } from '../../base/errors.ts'
import type { NpyArray } from '../../numerics/npy.ts'
import type { Network } from '../network.ts'
import { numbersOf, parseJsonObject } from './json-object.ts'
import { type Manifest, parseManifest } from './manifest.ts'
import { isWeightKey, networkFromWeights } from './named-weights.ts'

/**
 * A network from JSON weights: {"F2": [[..], ..], "b2": [..], .., "thresholds": [..], "levels": [..]}.
 *
 * @param manifest  what stands beside the file; without one, the same keys are looked for in the file itself
 * @throws OHM1005, OHM1101, OHM1102, OHM1103, OHM1106
 */
export function parseJsonNetwork(text: string, manifest: Manifest | null, name = 'weights.json'): Network {
  notFinite(text)
  const entries = parseJsonObject(text, name)
  const tensors = new Map<string, NpyArray>()
  // A bare number of levels is what a manifest calls `levels`.
  for (const [key, value] of entries)
    if (isWeightKey(key) && !(key === 'levels' && typeof value === 'number')) tensors.set(key, arrayOf(key, value))
  const own = parseManifest(entries)
  const combined: Manifest = {
    ...(manifest ?? own),
    encoderActivations: manifest?.encoderActivations ?? own.encoderActivations,
    decoderActivations: manifest?.decoderActivations ?? own.decoderActivations,
  }
  return networkFromWeights(tensors, combined, 'json')
}

function arrayOf(key: string, value: unknown): NpyArray {
  const at = { pointer: `/${key}` }
  const flat = numbersOf(value) ?? (typeof value === 'number' ? [value] : null)
  if (flat !== null) return { shape: [flat.length], data: Float64Array.from(flat) }
  if (!Array.isArray(value)) fail('OHM1102', `${key} is not a list of numbers`, { at })
  const rows = value.map(
    (row, i) => numbersOf(row) ?? fail('OHM1102', `row ${i} of ${key} is not a list of numbers`, { at }),
  )
  const cols = rows[0]!.length
  const data = new Float64Array(rows.length * cols)
  rows.forEach((row, i) => {
    if (row.length !== cols) fail('OHM1102', `row ${i} of ${key} has ${row.length} entries, row 0 has ${cols}`, { at })
    data.set(row, i * cols)
  })
  return { shape: [rows.length, cols], data }
}

/** Python writes NaN and Infinity, which JSON does not have: the tensor is named rather than the syntax. */
function notFinite(text: string): void {
  const found = /[[,:]\s*(-?(?:NaN|Infinity))\s*[\],}]/.exec(text)
  if (found === null) return
  const key = [...text.slice(0, found.index + 1).matchAll(/"([^"\\]{1,60})"\s*:/g)].at(-1)?.[1] ?? 'a tensor'
  if (isWeightKey(key)) fail('OHM1103', `${key} holds ${found[1]}`, { at: { pointer: `/${key}` } })
}
