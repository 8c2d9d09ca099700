import { profileHash } from '../deployment/store.ts'
import { profileWarnings } from '../profile/doubts.ts'
import { showProfile } from '../profile/presets.ts'
import { readProfile, setProfileValues } from '../profile/read.ts'
import type { Run } from './command.ts'
import { columns, wrap } from './style.ts'

export const run: Run = async (invocation) => {
  const { c, columns: width } = invocation.style
  const changes = (invocation.options['set'] as string[] | undefined) ?? []
  const profile = await setProfileValues(await readProfile(invocation.args[0]!), changes)
  const rows = await showProfile(invocation.args[0]!, changes)
  const cut = (s: string) => (s.length > 60 ? `${s.slice(0, 57)}...` : s)
  return {
    result: { profile, fields: rows },
    text: [
      `${c.bold(profile.id)}  ${profile.description}`,
      wrap(`source: ${profile.source}`, width),
      '',
      columns(
        rows.map((r) => [
          r.path,
          r.isDefault ? c.dim(r.value) : c.bold(r.value),
          c.dim(r.isDefault ? 'default' : cut(r.source)),
        ]),
      ),
      '',
      'not modelled:',
      ...profile.notModelled.map((n) => wrap(`- ${n}`, width, '  ')),
    ].join('\n'),
    warnings: profileWarnings(profile),
    set: changes,
    profile: { id: profile.id, sha256: profileHash(profile) },
  }
}
