import { listPresets } from '../profile/presets.ts'
import type { Run } from './command.ts'
import { columns } from './style.ts'

export const run: Run = async ({ style: { c } }) => {
  const presets = await listPresets()
  return {
    result: { presets },
    text: `${columns(presets.map((p) => [c.bold(p.id), p.description]))}\n\nohmbit profiles show ID prints every value with its source; profiles new ID starts your own.`,
  }
}
