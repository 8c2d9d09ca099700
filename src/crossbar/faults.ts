/**
 * Faults: devices and lines that do not hold what was written. One uniform draw a device, cut into disjoint
 * intervals, so a device is in one class and switching a class off leaves the others' devices where they were
 * as long as the classes before it keep their probability.
 */
import type { Profile } from '../profile/profile.ts'

export type FaultKind = 'stuckAtMin' | 'stuckAtMax' | 'stuckAtMid' | 'formingFailure'

/** The order of the intervals on (0, 1). */
export const FAULT_KINDS: readonly FaultKind[] = ['stuckAtMin', 'stuckAtMax', 'stuckAtMid', 'formingFailure']

/** The class of a device from its uniform draw, or null for a working one. */
export function faultOf(uniform: number, faults: Readonly<Record<FaultKind, number>>): FaultKind | null {
  let edge = 0
  for (const kind of FAULT_KINDS) {
    edge += faults[kind]
    if (uniform < edge) return kind
  }
  return null
}

/** What a stuck device conducts, siemens. */
export function faultConductance(kind: Exclude<FaultKind, 'formingFailure'>, device: Profile['device']): number {
  switch (kind) {
    case 'stuckAtMin':
      return device.conductanceMin
    case 'stuckAtMax':
      return device.conductanceMax
    case 'stuckAtMid':
      return (device.conductanceMin + device.conductanceMax) / 2
  }
}

/** Whether any device or line can fail. */
export function hasFaults(faults: Readonly<Record<FaultKind | 'deadWordLine' | 'deadBitLine', number>>): boolean {
  return FAULT_KINDS.some((kind) => faults[kind] > 0) || faults.deadWordLine > 0 || faults.deadBitLine > 0
}
