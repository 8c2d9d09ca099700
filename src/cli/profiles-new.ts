import { newProfile } from '../profile/presets.ts'
import type { Run } from './command.ts'
import { writeOwn } from './shared.ts'

export const run: Run = async (invocation) => {
  const id = invocation.args[0]!
  const file = (invocation.options['output'] as string | undefined) ?? `${id}.json`
  const from = invocation.options['from'] as string | undefined
  const text = await newProfile(id, from === undefined ? {} : { from })
  await writeOwn(file, text, invocation.options['force'] === true)
  return {
    result: { id, file },
    text: `written: ${file}\nedit it, then: ohmbit profiles check ${file}`,
  }
}
