import { fail } from '../base/errors.ts'
import { LIMITS } from './check.ts'
import type { Quantizer } from './network.ts'

/** The soft quantizer q(a) = sum_i v_i tanh(h_i a - s_i) as training leaves it. */
export interface SoftQuantizer {
  /** v, one entry a threshold; may be negative. */
  readonly amplitudes: ArrayLike<number>
  /** s, as many. */
  readonly shifts: ArrayLike<number>
  /** h, common or one a threshold; not zero. */
  readonly scale: number | ArrayLike<number>
}

/**
 * The hard quantizer that a soft one becomes: thresholds t_i = s_i / h_i, cells (t_i, t_i+1].
 *
 * The triples (v_i, s_i, h_i) are sorted together by threshold; sorting v and s apart gives wrong levels whenever v does
 * not ascend with s.
 *
 * @param levelRule  'saturated': g_i = sum(v) - 2 sum_{i' >= i} v_{i'}, every tanh at +-1;
 *                   'soft-midpoint': q half-way between the thresholds, -+sum(v) outside
 * @returns          as many thresholds as amplitudes, one level more
 * @throws OHM1106 no or unequal numbers of parameters, a scale of zero, equal thresholds; OHM1103 not finite
 * Source: [0] eq. (33) (saturated); [1] eq. (5) (soft-midpoint)
 */
export function hardQuantizer(soft: SoftQuantizer, levelRule: 'saturated' | 'soft-midpoint'): Quantizer {
  const { amplitudes, shifts, scale } = soft
  const count = amplitudes.length
  const at = { pointer: 'quantizer' }
  const scales = typeof scale === 'number' ? Array.from({ length: count }, () => scale) : Array.from(scale)
  if (count < 1 || shifts.length !== count || scales.length !== count)
    fail(
      'OHM1106',
      `a soft quantizer has equally many amplitudes, shifts and scales, at least one; here ${count}, ${shifts.length} and ${scales.length}`,
      { at },
    )
  // The midpoint rule is quadratic in the number of thresholds.
  const most = levelRule === 'saturated' ? LIMITS.levels - 1 : 8192
  if (count > most)
    fail('OHM1106', `a soft quantizer (${levelRule}) of ${count} thresholds; ${most} are possible`, { at })
  const terms = scales
    // tanh is odd: a negative scale is a positive one with amplitude and shift negated.
    .map((h, i) => ({
      v: Math.sign(h) * amplitudes[i]!,
      h: Math.abs(h),
      s: Math.sign(h) * shifts[i]!,
      t: shifts[i]! / h,
    }))
    .sort((a, b) => a.t - b.t)
  for (const { v, h, s, t } of terms) {
    if (h === 0) fail('OHM1106', 'a soft quantizer with scale 0 has no threshold', { at })
    if (![v, h, s, t].every(Number.isFinite))
      fail('OHM1103', `a soft quantizer with amplitude ${v}, scale ${h} and shift ${s} is not finite`, { at })
  }
  const thresholds = Float64Array.from(terms, (term) => term.t + 0)
  const equal = thresholds.findIndex((t, i) => i > 0 && t === thresholds[i - 1])
  if (equal > 0)
    fail('OHM1106', `two thresholds of the soft quantizer coincide at ${thresholds[equal]}`, {
      at,
      hint: 'join the two terms: add their amplitudes',
    })

  const sum = terms.reduce((total, { v }) => total + v, 0)
  const levels = new Float64Array(count + 1)
  levels[0] = -sum
  levels[count] = sum
  let above = 0
  for (let i = count - 1; i > 0; i--) {
    above += terms[i]!.v
    const middle = (thresholds[i - 1]! + thresholds[i]!) / 2
    levels[i] =
      levelRule === 'saturated'
        ? sum - 2 * above
        : terms.reduce((q, { v, h, s }) => q + v * Math.tanh(h * middle - s), 0)
  }
  return { thresholds, levels, compare: 'gt', levelRule }
}
