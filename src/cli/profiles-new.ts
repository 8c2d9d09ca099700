import { fail } from '../base/errors.ts'
import { kindOfPath } from '../base/files.ts'
import { presetIds, TEMPLATE } from '../profile/preset-files.ts'
import { newProfile } from '../profile/presets.ts'
import type { Run } from './command.ts'
import { writeOwn } from './shared.ts'

export const run: Run = async (invocation) => {
  const id = invocation.args[0]!
  const file = (invocation.options['output'] as string | undefined) ?? `${id}.json`
  const from = invocation.options['from'] as string | undefined
  // A profile is edited by hand, so even one that ohmbit wrote may hold somebody's work.
  const force = invocation.options['force'] === true
  if (!force && (await kindOfPath(file)) !== 'nothing')
    fail('OHM1006', `${file} exists`, { at: { file }, hint: 'choose another name with -o, or pass --force' })
  if ([...(await presetIds()), TEMPLATE].includes(id))
    fail('OHM1202', `${id} is the id of a shipped profile`, {
      hint: `give yours another: ohmbit profiles new my-${id} --from ${from ?? id}`,
    })
  const text = await newProfile(id, from === undefined ? {} : { from })
  await writeOwn(file, text, force)
  return {
    result: { id, file },
    text: `written: ${file}\nedit it, then: ohmbit profiles check ${file}`,
  }
}
