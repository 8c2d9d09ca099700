/** What the devices of a tile hold right after they were written. */
import { type ChipKey, drawnArray, normalAt, site } from '../numerics/random.ts'
import type { Profile } from '../profile/profile.ts'
import type { Tile } from './mapping.ts'
import { programmed } from './programming.ts'
import { NO_WRITES, type WriteCounts, type WriteDraws, writeVerify } from './write-verify.ts'

/**
 * @param stage  encoder layer, part of the random key
 * @param index  tile of the layer, part of the random key
 * @returns      word lines x bit lines, row-major, siemens; pulses are counted where there are any
 */
export function writeTile(
  { target }: Pick<Tile, 'target'>,
  { device, environment }: Pick<Profile, 'device' | 'environment'>,
  key: ChipKey,
  stage: number,
  index: number,
): { readonly written: Float64Array; readonly writes: WriteCounts } {
  const seconds = environment.timeSinceProgramming
  const { rows, cols, data } = target
  const written = new Float64Array(rows * cols)
  const { model, scale } = device.programming
  if (model !== 'write-verify' || scale === 0) {
    const at = site(stage, 'programming', index)
    const normal = drawnArray('normal', key, at, rows, cols)
    const uniform = drawnArray('uniform', key, at, rows, cols)
    for (let k = 0; k < written.length; k++)
      written[k] = programmed(
        data[k]!,
        device,
        seconds,
        () => normal(k),
        () => uniform(k),
      )
    return { written, writes: NO_WRITES }
  }
  const at = {
    pulse: site(stage, 'writePulse', index),
    read: site(stage, 'verifyRead', index),
    relaxation: site(stage, 'writeRelaxation', index),
  }
  const writes = { ...NO_WRITES }
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++) {
      const draws: WriteDraws = {
        pulse: (n) => normalAt(key, at.pulse, i, j, n),
        read: (n) => normalAt(key, at.read, i, j, n),
        relaxation: () => normalAt(key, at.relaxation, i, j),
      }
      const { conductance, pulses, accepted } = writeVerify(data[i * cols + j]!, device, seconds, draws)
      written[i * cols + j] = conductance
      writes.devices++
      writes.pulses += pulses
      writes.mostPulses = Math.max(writes.mostPulses, pulses)
      if (!accepted) writes.failures++
    }
  return { written, writes }
}
