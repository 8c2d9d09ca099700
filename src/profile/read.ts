/**
 * Profiles from presets and files.
 */
import { readText } from '../base/files.ts'
import { type ParsedProfile, parseProfile } from './parse.ts'
import { findProfile } from './preset-files.ts'
import type { Profile } from './profile.ts'

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
  const file = options.fileOnly === true ? idOrPath : await findProfile(idOrPath)
  const text = await readText(file, MAX_BYTES)
  return { ...(await parseProfile(text, file)), file }
}
