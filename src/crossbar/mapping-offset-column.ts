/**
 * One column a weight, and a column in the middle of the range that is subtracted from all of them.
 */
import type { Range, Scheme } from './mapping-scheme.ts'

/**
 * G = gRef + span x / 2 with gRef the level nearest to the middle, x = w / wMax, span = gMax - gMin.
 *
 * Weights are laid about the level the reference really has, so that a middle between two levels shifts none of them;
 * then the largest weight of one sign is cut by at most half a level.
 *
 * Source: CrossSim, offset core
 */
export function offsetColumn({ low, high, nearest }: Range): Scheme {
  const half = (high - low) / 2
  const reference = nearest(low + half)
  return {
    columns: [{ weight: 1, slice: 0 }],
    reference,
    fullScale: half,
    write: (x, into, at) => {
      into[at] = nearest(Math.min(high, Math.max(low, reference + half * x)))
    },
  }
}
