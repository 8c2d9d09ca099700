/**
 * Presets and the template, for listing, showing and starting one's own.
 */
import { applyEdits, modify } from 'jsonc-parser'
import { fail } from '../base/errors.ts'
import { readText } from '../base/files.ts'
import { quote } from '../base/json.ts'
import { expectation, FIELD_PATHS, FIELDS, type FieldPath, formatValue, ID_PATTERN, valueAt } from './fields.ts'
import { findProfile, presetFile, presetIds, TEMPLATE } from './preset-files.ts'
import { readProfileWithSources, setProfileValues } from './read.ts'

export interface PresetEntry {
  readonly id: string
  readonly description: string
  readonly file: string
}

/** The shipped presets, by id. */
export async function listPresets(): Promise<PresetEntry[]> {
  const entries: PresetEntry[] = []
  for (const id of await presetIds()) {
    const { profile, file } = await readProfileWithSources(presetFile(id), { fileOnly: true })
    entries.push({ id: profile.id, description: profile.description, file })
  }
  return entries
}

export interface ProfileRow {
  readonly path: FieldPath
  /** With its unit. */
  readonly value: string
  /** SI unit, or null for what has none. */
  readonly unit: string | null
  readonly source: string
  readonly meaning: string
  /** What the field accepts. */
  readonly accepts: string
  /** Whether the profile leaves the value to its default. */
  readonly isDefault: boolean
}

/**
 * Every value of a profile with its unit, source and meaning.
 *
 * @param changes  `PATH=VALUE` as for `setProfileValues`
 * @throws what `readProfile` and `setProfileValues` throw
 */
export async function showProfile(idOrPath: string, changes: readonly string[] = []): Promise<ProfileRow[]> {
  const { profile, sources } = await readProfileWithSources(idOrPath)
  const changed = await setProfileValues(profile, changes)
  const set = new Set(changes.map((c) => c.slice(0, c.indexOf('=')).trim()))
  return FIELD_PATHS.map((path) => {
    const field = FIELDS[path]
    const given = set.has(path) ? { source: '--set' } : sources[path]
    return {
      path,
      value: formatValue(field, valueAt(changed, path)),
      unit: field.kind === 'quantity' ? field.unit : null,
      source: given === undefined ? field.source : given.source,
      meaning: field.meaning,
      accepts: expectation(field),
      isDefault: given === undefined,
    }
  })
}

/**
 * The text of a new profile: the explained template, or a copy of a preset, under another id.
 *
 * @throws OHM1202 an id that cannot be one, OHM1201 an unknown preset
 */
export async function newProfile(id: string, options: { from?: string } = {}): Promise<string> {
  if (!ID_PATTERN.test(id))
    fail('OHM1202', `${quote(id)} cannot be the id of a profile`, {
      hint: 'use 1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first',
    })
  const file = options.from === undefined ? presetFile(TEMPLATE) : await findProfile(options.from)
  const text = await readText(file, 1 << 20)
  return applyEdits(text, modify(text, ['id'], id, {}))
}
