/**
 * Where presets lie. The folder stands at the same distance from src/profile and from dist/profile.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fail } from '../base/errors.ts'
import { kindOfPath } from '../base/files.ts'
import { quote } from '../base/json.ts'
import { suggest } from '../base/suggest.ts'

const FOLDER = fileURLToPath(new URL('../../hardware-profiles/', import.meta.url))

/** Ids of presets: no dot and no slash, so that none leads out of the folder. */
const PRESET_ID = /^[a-z0-9][a-z0-9-]{0,63}$/

/** The file to start one's own profile from; lies beside the presets and is none. */
export const TEMPLATE = 'template'

/** Ids of the shipped presets, sorted. */
export async function presetIds(): Promise<string[]> {
  return (await readdir(FOLDER))
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .filter((id) => PRESET_ID.test(id) && id !== TEMPLATE)
    .sort()
}

/** Path of a preset's file. */
export function presetFile(id: string): string {
  if (!PRESET_ID.test(id)) fail('OHM1201', `${quote(id)} is not an id of a preset`)
  return join(FOLDER, `${id}.json`)
}

/**
 * The file behind a preset id or a path.
 *
 * @throws OHM1201 when it is neither
 */
export async function findProfile(idOrPath: string): Promise<string> {
  if (PRESET_ID.test(idOrPath)) {
    const file = presetFile(idOrPath)
    if ((await kindOfPath(file)) === 'file') return file
  }
  if ((await kindOfPath(idOrPath)) === 'file') return idOrPath
  const ids = await presetIds()
  const meant = suggest(idOrPath, ids)
  return fail('OHM1201', `${quote(idOrPath)} is neither a preset nor a file`, {
    hint: `${meant === null ? '' : `did you mean ${meant}? `}presets: ${ids.join(', ')}`,
  })
}
