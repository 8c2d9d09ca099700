import { kindOfPath } from '../base/files.ts'
import { profileHash } from '../deployment/store.ts'
import { profileWarnings } from '../profile/doubts.ts'
import { presetFile, presetIds } from '../profile/preset-files.ts'
import { readProfile } from '../profile/read.ts'
import type { Run } from './command.ts'
import { inputOf } from './shared.ts'

/** A profile that is not valid ends in its list of problems and exit code 3. */
export const run: Run = async ({ args }) => {
  const given = args[0]!
  const shipped = (await kindOfPath(given)) === 'nothing' && (await presetIds()).includes(given)
  const file = shipped ? presetFile(given) : given
  const profile = await readProfile(file, { fileOnly: true })
  return {
    result: { id: profile.id, valid: true },
    text: shipped ? `${given}: valid, shipped with ohmbit` : `${given}: valid profile ${profile.id}`,
    warnings: profileWarnings(profile),
    inputs: [await inputOf(file)],
    profile: { id: profile.id, sha256: profileHash(profile) },
  }
}
