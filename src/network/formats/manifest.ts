import { fail, OhmbitError } from '../../base/errors.ts'
import type { Activation } from '../network.ts'
import type { Task } from '../task.ts'
import { parseTask } from '../task-format.ts'
import { entriesOf } from './json-object.ts'

/** What a manifest.json beside the weights says. */
export interface Manifest {
  readonly name: string | null
  /** One a layer, or null where the manifest does not say. */
  readonly encoderActivations: readonly Activation[] | null
  readonly decoderActivations: readonly Activation[] | null
  readonly task: Task | null
  /** Training run, seeds, scores: the remaining numbers and texts. */
  readonly provenance: Readonly<Record<string, string | number>>
}

const words: ReadonlyMap<string, Activation> = new Map<string, Activation>([
  ['tanh', 'tanh'],
  ['relu', 'relu'],
  ['sigmoid', 'sigmoid'],
  ['linear', 'linear'],
  ['identity', 'linear'],
  ['none', 'linear'],
])

const MAX_TEXT = 1000
const MAX_NOTES = 100

/**
 * Read the entries of a manifest: `name`, `enc_act`, `dec_act`, and `kind` with the task's parameters under the names
 * that training gave them: vqcs (N, M, S, noise_var), chanest (nt, nu, taup, P), detector (n or nt, nu, snr_db).
 * `task` may instead be a task object or its text.
 *
 * @throws OHM1104 unknown activation, OHM1109 task parameters
 */
export function parseManifest(entries: ReadonlyMap<string, unknown>): Manifest {
  const name = entries.get('name')
  return {
    name: typeof name === 'string' && name !== '' ? name.slice(0, MAX_TEXT) : null,
    encoderActivations: activations(entries, 'enc_act'),
    decoderActivations: activations(entries, 'dec_act'),
    task: taskOf(entries),
    provenance: notes(entries),
  }
}

function activations(entries: ReadonlyMap<string, unknown>, key: string): Activation[] | null {
  const value = entries.get(key)
  if (!Array.isArray(value)) return null
  return value.map(
    (word, i) =>
      words.get(String(word).toLowerCase()) ??
      fail('OHM1104', `${key} names the activation ${JSON.stringify(word)?.slice(0, 60)}`, {
        at: { pointer: `/${key}/${i}` },
        hint: `activations are ${[...new Set(words.values())].join(', ')}`,
      }),
  )
}

/** Whether a text is meant as a task: other texts, such as a title, are notes. */
const isTaskText = (value: unknown): value is string =>
  typeof value === 'string' && /^\s*(\{|(sparse-recovery|channel-estimation|symbol-detection)\b)/.test(value)

function taskOf(entries: ReadonlyMap<string, unknown>): Task | null {
  const value = (...keys: string[]) => keys.map((key) => entries.get(key)).find((v) => v !== undefined)
  const task = entriesOf(entries.get('task'))
  if (task !== null || isTaskText(entries.get('task'))) return parseTask(entries.get('task'))
  const described: Record<string, unknown> = (() => {
    switch (entries.get('kind')) {
      case 'vqcs':
        return {
          kind: 'sparse-recovery',
          N: value('N'),
          M: value('M'),
          S: value('S'),
          noiseVariance: value('noise_var', 'noiseVariance'),
          sensing: /gauss/i.test(String(entries.get('phi'))) ? 'gaussian' : 'dct',
        }
      case 'chanest':
        return {
          kind: 'channel-estimation',
          antennas: value('nt', 'antennas'),
          users: value('nu', 'users'),
          pilots: value('taup', 'pilots'),
          snr: value('P', 'snr'),
        }
      case 'detector':
        return {
          kind: 'symbol-detection',
          antennas: value('n', 'nt', 'antennas'),
          users: value('nu', 'users'),
          snrDb: value('snr_db', 'snrDb'),
          csiError: value('csi_error', 'csiError'),
        }
      default:
        return {}
    }
  })()
  if (described['kind'] === undefined) return null
  if (described['csiError'] === undefined) delete described['csiError']
  try {
    return parseTask(described)
  } catch (error) {
    if (!(error instanceof OhmbitError)) throw error
    throw new OhmbitError(error.problems.map((p) => ({ ...p, message: `manifest: ${p.message}` })))
  }
}

const structural = new Set(['name', 'kind', 'enc_act', 'dec_act', '__proto__', 'constructor', 'prototype'])

function notes(entries: ReadonlyMap<string, unknown>): Record<string, string | number> {
  const kept: [string, string | number][] = []
  for (const [key, value] of entries) {
    if (structural.has(key) || (key === 'task' && isTaskText(value)) || key.length > 100 || kept.length >= MAX_NOTES)
      continue
    if (typeof value === 'number' && Number.isFinite(value)) kept.push([key, value])
    else if (typeof value === 'string' && value !== '') kept.push([key, value.slice(0, MAX_TEXT)])
  }
  return Object.fromEntries(kept)
}
