/**
 * The search of a serial ADC as expressions of the decisions it has stored: which threshold comes next, and the code.
 */

import { rampPlaces } from '../../adc/convert.ts'
import type { AdcDesign } from '../../adc/design.ts'
import type { AdcInstance } from '../../adc/instance.ts'
import { fail } from '../../base/errors.ts'
import type { Profile } from '../../profile/profile.ts'
import type { Strobe } from './conversion-timing.ts'
import { choose, type Expression, greater, sum, type Term, term, volts } from './expression.ts'

export type SearchKind = 'binary' | 'upward' | 'flash'

/** What decides how a deck searches. @returns `upward` for linear and ramp */
export function searchKind({ adc }: Profile): SearchKind {
  if (adc.architecture === 'flash') return 'flash'
  return adc.search === 'binary' ? 'binary' : 'upward'
}

/** Steps of a search, one memory each: the longest path, or one a threshold. */
export const stepsOf = (kind: SearchKind, thresholds: number): number =>
  kind === 'binary' ? Math.ceil(Math.log2(thresholds + 1)) : kind === 'flash' ? 1 : thresholds

/**
 * Strobes of one channel.
 *
 * @throws OHM6005 where a ramp would have to compare two different thresholds at one step
 */
export function strobesOf(
  kind: SearchKind,
  design: AdcDesign,
  instance: AdcInstance,
  profile: Profile,
  channel: number,
): Strobe[] {
  const table = instance.perChannel?.[channel] ?? instance.thresholds
  const steps = stepsOf(kind, table.length)
  const place = rampPlaces(design, profile.adc)
  const out: Strobe[] = []
  for (let k = 0; k < steps; k++) {
    const cycle = 1 + (place === null ? k : place(channel, k))
    const before = out.at(-1)
    if (before?.cycle !== cycle) {
      out.push({ cycle, first: k, last: k })
      continue
    }
    if (table[k] !== table[before.last])
      fail('OHM6005', `thresholds ${before.last} and ${k} share a DAC code and differ: no ramp compares both at once`, {
        hint: 'use more adc.dac.bits, or adc.thresholdSigma 0',
      })
    out[out.length - 1] = { ...before, last: k }
  }
  return out
}

/** Name of the node that holds threshold k, and of the one that holds decision j. */
export const thresholdNode = (k: number): string => `t_${k}`
export const bitNode = (j: number): string => `bit_${j}`

const decided = (j: number, yes: Term, no: Term) => choose(greater(volts(bitNode(j)), 0.5), yes, no)

/**
 * The threshold that the DAC is to give, of the nodes t_k, bit_j and step. Beyond the end of a path it stays.
 */
export function nextThreshold(kind: SearchKind, count: number): Expression {
  const reached = (step: number) => greater(volts('step'), step - 0.5)
  const t = (k: number) => volts(thresholdNode(k))
  if (kind === 'binary') {
    const from = (low: number, high: number, depth: number, before: Expression): Expression => {
      if (low === high) return before
      const mid = (low + high) >> 1
      const [up, down] = [from(mid + 1, high, depth + 1, t(mid)), from(low, mid, depth + 1, t(mid))]
      // Both ends of the search: nothing to choose.
      if (up.op === 'volts' && down.op === 'volts' && up.node === down.node) return t(mid)
      return choose(reached(depth + 1), decided(depth, up, down), t(mid))
    }
    return from(0, count, 0, t(0))
  }
  // Halves, so that choices nest as deep as the logarithm of their number.
  const among = (low: number, high: number): Expression => {
    if (low === high) return t(low)
    const mid = (low + high + 1) >> 1
    return choose(reached(mid), among(mid, high), among(low, mid - 1))
  }
  return among(0, count - 1)
}

/** The code in volts of the nodes bit_j, which for an upward search are decisions up to the first that says no. */
export function codeOfBits(kind: SearchKind, count: number): Expression {
  if (kind !== 'binary') return sum(Array.from({ length: count }, (_, k) => volts(bitNode(k))))
  const from = (low: number, high: number, depth: number): Term => {
    if (low === high) return low
    const mid = (low + high) >> 1
    return decided(depth, from(mid + 1, high, depth + 1), from(low, mid, depth + 1))
  }
  return term(from(0, count, 0))
}
