/** What the devices of a tile hold right after they were written. */
import { type ChipKey, drawArray, normalAt, site } from '../numerics/random.ts'
import type { Profile } from '../profile/profile.ts'
import type { Tile } from './mapping.ts'
import { held, programmingModels, programmingSpread } from './programming.ts'
import { NO_WRITES, type WriteCounts, type WriteDraws, writeVerify } from './write-verify.ts'

/** Spreads of a tile's targets: sigma, then shift of each. */
interface Spreads {
  readonly sigma: Float64Array
  readonly shift: Float64Array
  /** No device differs from its target. */
  readonly none: boolean
}

/** For the chips of one deployment. */
const known = new WeakMap<
  Float64Array,
  { readonly device: Profile['device']; readonly seconds: number; readonly spreads: Spreads }
>()

function spreadsOf(targets: Float64Array, device: Profile['device'], seconds: number): Spreads {
  const found = known.get(targets)
  if (found !== undefined && found.device === device && found.seconds === seconds) return found.spreads
  const each = Array.from(targets, (target) => programmingSpread(target, device, seconds))
  const spreads = {
    sigma: Float64Array.from(each, ({ sigma }) => sigma),
    shift: Float64Array.from(each, ({ shift }) => shift),
    none: each.every(({ sigma, shift }) => sigma === 0 && shift === 0),
  }
  known.set(targets, { device, seconds, spreads })
  return spreads
}

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
  const { model, scale } = device.programming
  if (model !== 'write-verify' || scale === 0) {
    const at = site(stage, 'programming', index)
    const { sigma, shift, none } = spreadsOf(data, device, seconds)
    const written = data.slice()
    if (none) return { written, writes: NO_WRITES }
    const { shape } = programmingModels[model]
    // One draw a device, whichever the model takes.
    const drawn = drawArray(shape === 'uniform' ? 'uniform' : 'normal', key, at, rows, cols)
    if (shape === 'normal')
      // `held` written out: this is most of what a chip costs.
      for (let k = 0; k < written.length; k++) {
        const s = sigma[k]!
        const d = shift[k]!
        if (s !== 0 || d !== 0) written[k] = Math.max(0, data[k]! + d + (s === 0 ? 0 : s * drawn[k]!))
      }
    else {
      let k = 0
      const draw = () => drawn[k]!
      for (; k < written.length; k++)
        written[k] = held(data[k]!, { sigma: sigma[k]!, shift: shift[k]! }, shape, draw, draw)
    }
    return { written, writes: NO_WRITES }
  }
  const at = {
    pulse: site(stage, 'writePulse', index),
    read: site(stage, 'verifyRead', index),
    relaxation: site(stage, 'writeRelaxation', index),
  }
  const written = new Float64Array(rows * cols)
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
