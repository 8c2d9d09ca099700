import { profileHash } from '../deployment/store.ts'
import { readProfile } from '../profile/read.ts'
import type { Run } from './command.ts'
import { inputOf } from './shared.ts'

/** A profile that is not valid ends in its list of problems and exit code 3. */
export const run: Run = async ({ args }) => {
  const profile = await readProfile(args[0]!, { fileOnly: true })
  return {
    result: { id: profile.id, valid: true },
    text: `${args[0]}: valid profile ${profile.id}`,
    inputs: [await inputOf(args[0]!)],
    profile: { id: profile.id, sha256: profileHash(profile) },
  }
}
