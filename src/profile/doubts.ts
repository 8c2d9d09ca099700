/** What is valid in a profile, but probably not meant. */
import type { Warning } from '../base/errors.ts'
import type { Profile } from './profile.ts'
import { unusedWarnings } from './unused.ts'

/** Values without effect, and measured tables whose means look like shifts. */
export function profileWarnings(profile: Profile): Warning[] {
  return [...unusedWarnings(profile), ...shiftWarnings(profile)]
}

/** Share of a target by which a mean may miss it before the row counts as odd. */
const FAR = 0.5

function shiftWarnings({ device: { programming } }: Profile): Warning[] {
  if (programming.model !== 'table' || programming.table === null) return []
  const rows = programming.table.filter(([target]) => target > 0)
  const far = rows.filter(([target, mean]) => Math.abs(mean - target) > FAR * target).length
  if (far <= rows.length / 2) return []
  return [
    {
      code: 'OHM1208',
      message: `in ${far} of ${rows.length} rows of device.programming.table the mean misses its target by more than half of it: means are the conductances that devices end at, not their shifts`,
      at: { pointer: '/device/programming/table' },
    },
  ]
}
