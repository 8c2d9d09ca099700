/**
 * What goes with what.
 */
import type { Profile } from './profile.ts'

/** Why a profile's encoder is no static circuit, or null. */
export function notStatic({ device, crossbar, periphery }: Profile): string | null {
  if (crossbar.partialSums.kind === 'digitised') return 'partial sums are converted before they are added'
  if (periphery.input.encoding === 'bit-serial') return 'inputs are sent bit after bit'
  if (periphery.input.encoding === 'pulse-width' && device.iv.model !== 'linear')
    return 'pulses on non-linear devices are no voltages in proportion'
  return null
}
