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

/**
 * The class of every device of an array.
 *
 * Clustered: every place of a line, and clusterLength - 1 places before it, may start a run. A device takes the lowest
 * draw u of the L runs that reach it; 1 - (1 - u)^L is uniform, so each class has its stated share exactly, at the ends
 * of a line too, and a run is of one class (where two meet, the class that comes first).
 *
 * @param uniform  draw of a place; `before` counts places before the line, the place itself being its first device
 * @returns        rows x cols: 0 for a working device, else 1 + index in FAULT_KINDS
 */
export function faultClasses(
  faults: Profile['device']['faults'],
  rows: number,
  cols: number,
  uniform: (row: number, col: number, before: number) => number,
): Uint8Array {
  const classes = new Uint8Array(rows * cols)
  const { clustering, clusterLength: length } = faults
  if (clustering === 'independent' || length === 1) {
    for (let k = 0; k < classes.length; k++)
      classes[k] = classNumber(uniform(Math.floor(k / cols), k % cols, 0), faults)
    return classes
  }
  const alongWord = clustering === 'word-line'
  const [lines, places] = alongWord ? [rows, cols] : [cols, rows]
  const at = (line: number, place: number) => (alongWord ? line * cols + place : place * cols + line)
  for (let line = 0; line < lines; line++)
    for (let start = 1 - length; start < places; start++) {
      const [place, before] = start < 0 ? [0, -start] : [start, 0]
      const u = alongWord ? uniform(line, place, before) : uniform(place, line, before)
      const found = classNumber(-Math.expm1(length * Math.log1p(-u)), faults)
      if (found === 0) continue
      for (let p = place; p < Math.min(start + length, places); p++) {
        const k = at(line, p)
        if (classes[k] === 0 || found < classes[k]!) classes[k] = found
      }
    }
  return classes
}

function classNumber(uniform: number, faults: Readonly<Record<FaultKind, number>>): number {
  const kind = faultOf(uniform, faults)
  return kind === null ? 0 : 1 + FAULT_KINDS.indexOf(kind)
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
