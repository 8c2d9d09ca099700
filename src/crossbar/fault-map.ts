/**
 * What is broken in one array: drawn before anything is written, so that a chip can be repaired around its faults.
 */
import { type ChipKey, site, uniformAt } from '../numerics/random.ts'
import type { Profile } from '../profile/profile.ts'
import { FAULT_KINDS, type FaultKind, faultClasses, faultConductance, hasFaults } from './faults.ts'

export type FaultCounts = Readonly<Record<FaultKind | 'deadWordLine' | 'deadBitLine', number>>

/** No faults at all. */
export const NO_FAULTS: FaultCounts = {
  stuckAtMin: 0,
  stuckAtMax: 0,
  stuckAtMid: 0,
  formingFailure: 0,
  deadWordLine: 0,
  deadBitLine: 0,
}

export interface FaultMap {
  /** word lines x bit lines, row-major: what a faulty device conducts, siemens; NaN = it holds what is written. */
  readonly stuck: Float64Array
  /** 1 where a device never formed or lies on a dead line: it carries no current and makes no noise; null = none. */
  readonly open: Uint8Array | null
  readonly counts: FaultCounts
}

/**
 * The faults of one array, or null where the profile has none. A dead line is open: none of its devices conducts.
 *
 * @param stage  encoder layer, part of the random key
 * @param index  tile of the layer, part of the random key
 */
export function faultMap(
  { rows, cols }: { readonly rows: number; readonly cols: number },
  device: Profile['device'],
  key: ChipKey,
  stage: number,
  index: number,
): FaultMap | null {
  if (!hasFaults(device.faults)) return null
  const at = {
    fault: site(stage, 'fault', index),
    word: site(stage, 'deadWordLine', index),
    bit: site(stage, 'deadBitLine', index),
  }
  const stuck = new Float64Array(rows * cols).fill(Number.NaN)
  const counts: Record<keyof FaultCounts, number> = { ...NO_FAULTS }
  let open: Uint8Array | null = null
  const disconnect = (i: number, j: number) => {
    open ??= new Uint8Array(rows * cols)
    open[i * cols + j] = 1
    stuck[i * cols + j] = 0
  }
  if (FAULT_KINDS.some((kind) => device.faults[kind] > 0)) {
    const draw = (i: number, j: number, before: number) => uniformAt(key, at.fault, i, j, 0, before)
    for (const [k, number] of faultClasses(device.faults, rows, cols, draw).entries()) {
      if (number === 0) continue
      const kind = FAULT_KINDS[number - 1]!
      counts[kind]++
      if (kind === 'formingFailure') disconnect(Math.floor(k / cols), k % cols)
      else stuck[k] = faultConductance(kind, device)
    }
  }
  for (let i = 0; i < rows; i++)
    if (uniformAt(key, at.word, i) < device.faults.deadWordLine) {
      counts.deadWordLine++
      for (let j = 0; j < cols; j++) disconnect(i, j)
    }
  for (let j = 0; j < cols; j++)
    if (uniformAt(key, at.bit, 0, j) < device.faults.deadBitLine) {
      counts.deadBitLine++
      for (let i = 0; i < rows; i++) disconnect(i, j)
    }
  return { stuck, open, counts }
}
