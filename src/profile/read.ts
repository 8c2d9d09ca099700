/**
 * Profiles from presets and files.
 */
import { dirname, join } from 'node:path'
import { fail } from '../base/errors.ts'
import { liesWithin, readText } from '../base/files.ts'
import { quote } from '../base/json.ts'
import { knownOptions } from '../base/options.ts'
import { type ParsedProfile, parseProfile, type TableReader } from './parse.ts'
import { findProfile } from './preset-files.ts'
import type { Profile } from './profile.ts'
import { MAX_TABLE_BYTES, parseCurveCsv, parseTableCsv } from './table-csv.ts'

export { profileFromJson, profileToJson } from './canonical.ts'
export { type ParsedProfile, type Provenance, parseProfile, profileProblems } from './parse.ts'
export { setProfileValues } from './set.ts'

/** Bytes of a profile file. */
const MAX_BYTES = 1 << 20

export interface ReadProfileOptions {
  /** Take the argument as a path, even if it is the id of a preset. */
  readonly fileOnly?: boolean
}

/**
 * Read a hardware profile.
 *
 * @param idOrPath  id of a preset (`ohmbit profiles list`), or path of a file; the preset wins, `./name` is the file
 * @throws OHM1201 neither, OHM1001, OHM1002, and all of `parseProfile`
 */
export async function readProfile(idOrPath: string, options: ReadProfileOptions = {}): Promise<Profile> {
  return (await readProfileWithSources(idOrPath, options)).profile
}

/** As `readProfile`, with where each value comes from. */
export async function readProfileWithSources(
  idOrPath: string,
  options: ReadProfileOptions = {},
): Promise<ParsedProfile & { readonly file: string }> {
  knownOptions<ReadProfileOptions>('readProfile', options, { fileOnly: true })
  const file = options.fileOnly === true ? idOrPath : await findProfile(idOrPath)
  const text = await readText(file, MAX_BYTES)
  return { ...(await parseProfile(text, file, tablesBeside(file))), file }
}

/** A file in the profile's own folder, and no other. */
const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9_. -]{0,199}$/

/** @throws OHM1202 a name that leads elsewhere or a table with mistakes, OHM1001, OHM1002 */
function tablesBeside(profile: string): TableReader {
  return async (name, kind) => {
    if (!PLAIN_NAME.test(name))
      fail('OHM1202', `${quote(name)} is not the plain name of a file beside the profile`, {
        hint: 'put the CSV into the folder of the profile and give its name alone',
      })
    const folder = dirname(profile)
    const file = join(folder, name)
    if (!(await liesWithin(folder, file)))
      fail('OHM1202', `${quote(name)} is a link that leads out of the folder of the profile`, {
        hint: 'put the CSV itself into the folder of the profile',
      })
    const text = await readText(file, MAX_TABLE_BYTES)
    return kind === 'table' ? parseTableCsv(text, file) : parseCurveCsv(text, file)
  }
}
