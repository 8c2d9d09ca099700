/**
 * The serial ADC's static decisions as a ladder: each channel's held voltage against every realised threshold.
 */

import { holdBehaviour } from '../../adc/convert.ts'
import type { AdcInstance } from '../../adc/instance.ts'
import { fail } from '../../base/errors.ts'
import type { Profile } from '../../profile/profile.ts'
import { anchor, comment, follower, instance, names, source } from './build.ts'
import type { Element, Subcircuit } from './circuit.ts'
import { choose, type Expression, greater, parameter, sum, type Term, term, volts } from './expression.ts'

export interface LadderSource {
  readonly instance: AdcInstance
  readonly compare: 'gt' | 'ge'
  readonly profile: Profile
  readonly channels: number
}

/** Choices within choices: what a circuit simulator's own reader still takes. */
const MAX_CHOICES = 500

/**
 * The code that the serial search makes of a channel's decisions.
 *
 * While realised thresholds ascend, any search counts them. Where mismatch swaps two, the path of the search decides:
 * nested choices in its order.
 *
 * @param decision  1 or 0 volts of comparator k
 * @throws OHM6003 when a linear search over thresholds out of order would nest too deep
 */
export function codeExpression(
  thresholds: ArrayLike<number>,
  search: Profile['adc']['search'] | 'flash',
  decision: (k: number) => Expression,
): Expression {
  const count = thresholds.length
  const all = Array.from({ length: count }, (_, k) => k)
  if (search === 'flash' || all.every((k) => k === 0 || thresholds[k]! >= thresholds[k - 1]!))
    return sum(all.map(decision))
  const choice = (k: number, yes: Term, no: Term) => choose(greater(decision(k), 0.5), yes, no)
  if (search !== 'binary') {
    if (count > MAX_CHOICES)
      fail('OHM6003', `a linear search over ${count} thresholds out of order would nest ${count} choices`, {
        hint: `the limit is ${MAX_CHOICES}; a binary search nests few (adc.search)`,
      })
    return term(all.reduceRight<Term>((rest, k) => choice(k, rest, k), count))
  }
  const binary = (low: number, high: number): Term => {
    if (low === high) return low
    const mid = (low + high) >> 1
    return choice(mid, binary(mid + 1, high), binary(low, mid))
  }
  return term(binary(0, count))
}

/** Subcircuit adc, pins ch_* (channel voltages), held_* (what the comparator sees) and code_*. */
export function ladderSubcircuit({ instance: made, compare, profile, channels }: LadderSource): Subcircuit {
  const { adc } = profile
  const { settled } = holdBehaviour(profile)
  // Channels with a table of their own have sources of their own.
  const { perChannel } = made
  const thresholdNode = (n: number, k: number) => (perChannel === undefined ? `t_${k}` : `t_${n}_${k}`)
  const sources = (n: number, table: Float64Array) =>
    Array.from(table, (t, k) => source(thresholdNode(n, k), thresholdNode(n, k), t + 0))
  const elements: Element[] = [
    comment('realised thresholds, volts'),
    ...(perChannel?.slice(0, channels).flatMap((table, n) => sources(n, table)) ?? sources(0, made.thresholds)),
  ]
  const clipped = (n: number) => (adc.clip ? `clip_${n}` : `ch_${n}`)
  for (let n = 0; n < channels; n++) {
    const thresholds = perChannel?.[n] ?? made.thresholds
    elements.push(comment(`channel ${n}`))
    if (adc.clip)
      elements.push(instance(`clip_${n}`, [`ch_${n}`, `clip_${n}`], 'ob_clip', { rail: parameter('adc_full_scale') }))
    let node = clipped(n)
    // Channel 0 follows itself: nothing leaks in.
    if (adc.crosstalk !== 0 && n > 0) {
      const crosstalk = parameter('adc_crosstalk')
      elements.push(instance(`mux_${n}`, [node, clipped(n - 1), `mux_${n}`], 'ob_mux', { crosstalk }))
      node = `mux_${n}`
    }
    if (settled !== 1) {
      const before = n === 0 ? '0' : `hold_${n - 1}`
      elements.push(
        instance(`hold_${n}`, [node, before, `hold_${n}`], 'ob_hold', { settled: parameter('adc_settled') }),
      )
      node = `hold_${n}`
    }
    elements.push(
      instance(`front_${n}`, [node, `held_${n}`], 'ob_front_end', {
        gain: parameter('adc_gain'),
        offset: parameter('adc_offset'),
        cubic: parameter('adc_cubic'),
      }),
    )
    for (let k = 0; k < thresholds.length; k++)
      elements.push(
        instance(`cmp_${n}_${k}`, [`held_${n}`, thresholdNode(n, k), `d_${n}_${k}`], `ob_comparator_${compare}`, {
          offset: parameter('comparator_offset'),
        }),
      )
    const search = adc.architecture === 'flash' ? 'flash' : adc.search
    elements.push(
      follower(
        `code_${n}`,
        codeExpression(thresholds, search, (k) => volts(`d_${n}_${k}`)),
      ),
      anchor(`code_${n}`),
    )
  }
  const pins = [...names('ch', channels), ...names('held', channels), ...names('code', channels)]
  return { name: 'adc', about: [], pins, parameters: {}, elements }
}

/** Parameters of the ladder. */
export function ladderParameters({ instance, profile }: LadderSource): Record<string, number> {
  return {
    adc_full_scale: profile.adc.fullScale,
    adc_crosstalk: profile.adc.crosstalk,
    adc_settled: holdBehaviour(profile).settled,
    adc_gain: instance.gain,
    adc_offset: instance.offset,
    adc_cubic: profile.adc.frontEnd.cubic,
    comparator_offset: instance.comparatorOffset,
  }
}
