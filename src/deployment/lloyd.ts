/**
 * Thresholds and levels for what a chip's outputs really are: the half-steps of Lloyd's iteration, with the ideal level
 * of each sample as what is to be reproduced.
 *
 * Source: S. P. Lloyd, IEEE Trans. Inf. Theory 28 (1982) 129, for a target that is not the quantizer's input
 */

export interface Sample {
  /** volts, as read */
  readonly read: number
  /** network units, the level an ideal chip would give */
  readonly level: number
}

const MOST_ROUNDS = 50

/**
 * Thresholds of least squared error in the level, one after the other between its neighbours, until none moves.
 *
 * @param start   volts, ascending
 * @param levels  I, network units
 */
export function bestThresholds(
  samples: readonly Sample[],
  start: Float64Array,
  levels: ArrayLike<number>,
): Float64Array {
  const sorted = [...samples].sort((a, b) => a.read - b.read)
  const reads = sorted.map((s) => s.read)
  const t = start.slice()
  /** First sample above a voltage. */
  const place = (v: number) => {
    let low = 0
    let high = reads.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (reads[middle]! > v) high = middle
      else low = middle + 1
    }
    return low
  }
  for (let round = 0; round < MOST_ROUNDS; round++) {
    let moved = false
    for (let k = 0; k < t.length; k++) {
      const from = k === 0 ? 0 : place(t[k - 1]!)
      const to = k === t.length - 1 ? reads.length : place(t[k + 1]!)
      if (to - from < 2) continue
      // Gain of giving sample i the lower of the two levels, summed up to each place.
      let sum = 0
      let best = 0
      let at = from
      let now = 0
      const here = place(t[k]!)
      for (let i = from; i < to; i++) {
        const { level } = sorted[i]!
        sum += (level - levels[k + 1]!) ** 2 - (level - levels[k]!) ** 2
        if (i + 1 === here) now = sum
        // Equal readings cannot be told apart.
        if (i + 1 < to && reads[i + 1] === reads[i]) continue
        if (sum > best) {
          best = sum
          at = i + 1
        }
      }
      if (!(best > now * (1 + 1e-12) + 1e-300) || at === here) continue
      const margin = (reads.at(-1)! - reads[0]!) / reads.length
      const below = at === 0 ? reads[0]! - margin : reads[at - 1]!
      const above = at === reads.length ? reads[at - 1]! : reads[at]!
      const lowest = k === 0 ? Number.NEGATIVE_INFINITY : t[k - 1]!
      const highest = k === t.length - 1 ? Number.POSITIVE_INFINITY : t[k + 1]!
      t[k] = Math.min(highest, Math.max(lowest, (below + above) / 2))
      moved = true
    }
    if (!moved) break
  }
  return t
}

/**
 * Levels of least squared error: the mean of what each code should have been. Codes seen fewer than `least` times keep
 * theirs.
 */
export function bestLevels(
  codes: ArrayLike<number>,
  wanted: ArrayLike<number>,
  levels: Float64Array,
  least = 16,
): Float64Array {
  const sums = new Float64Array(levels.length)
  const counts = new Float64Array(levels.length)
  for (let i = 0; i < codes.length; i++) {
    sums[codes[i]!]! += wanted[i]!
    counts[codes[i]!]!++
  }
  return levels.map((g, c) => (counts[c]! >= least ? sums[c]! / counts[c]! : g))
}
