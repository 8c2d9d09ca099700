/**
 * The serial ADC's static decisions as a ladder: each channel's held voltage against every realised threshold.
 */
import { holdBehaviour } from '../../adc/convert.ts'
import type { AdcInstance } from '../../adc/instance.ts'
import type { Profile } from '../../profile/profile.ts'
import { card, names, parameters, spiceNumber } from './text.ts'

export interface LadderSource {
  readonly instance: AdcInstance
  readonly compare: 'gt' | 'ge'
  readonly profile: Profile
  readonly channels: number
}

/**
 * The code that the serial search makes of a channel's decisions, as an expression.
 *
 * While realised thresholds ascend, any search counts them. Where mismatch swaps two, the path of the search decides:
 * nested choices in its order.
 */
export function codeExpression(
  thresholds: ArrayLike<number>,
  search: Profile['adc']['search'] | 'flash',
  decision: (k: number) => string,
): string {
  const count = thresholds.length
  const all = Array.from({ length: count }, (_, k) => k)
  if (search === 'flash' || all.every((k) => k === 0 || thresholds[k]! >= thresholds[k - 1]!))
    return all.map(decision).join('+')
  const choice = (k: number, yes: string, no: string) => `(${decision(k)} > 0.5 ? ${yes} : ${no})`
  if (search !== 'binary') return all.reduceRight((rest, k) => choice(k, rest, String(k)), String(count))
  const binary = (low: number, high: number): string => {
    if (low === high) return String(low)
    const mid = (low + high) >> 1
    return choice(mid, binary(mid + 1, high), binary(low, mid))
  }
  return binary(0, count)
}

/** Subcircuit adc, pins ch_* (channel voltages), held_* (what the comparator sees) and code_*. */
export function ladderSubcircuit({ instance, compare, profile, channels }: LadderSource): string[] {
  const { adc } = profile
  const { settled } = holdBehaviour(profile)
  const { thresholds } = instance
  const lines = [
    card('.subckt', 'adc', names('ch', channels), names('held', channels), names('code', channels)),
    '* realised thresholds, volts',
    ...Array.from(thresholds, (t, k) => `vt_${k} t_${k} 0 ${spiceNumber(t)}`),
  ]
  const clipped = (n: number) => (adc.clip ? `clip_${n}` : `ch_${n}`)
  for (let n = 0; n < channels; n++) {
    lines.push(`* channel ${n}`)
    if (adc.clip) lines.push(`xclip_${n} ch_${n} clip_${n} ob_clip rail={adc_full_scale}`)
    let node = clipped(n)
    // Channel 0 follows itself: nothing leaks in.
    if (adc.crosstalk !== 0 && n > 0) {
      lines.push(`xmux_${n} ${node} ${clipped(n - 1)} mux_${n} ob_mux crosstalk={adc_crosstalk}`)
      node = `mux_${n}`
    }
    if (settled !== 1) {
      lines.push(`xhold_${n} ${node} ${n === 0 ? '0' : `hold_${n - 1}`} hold_${n} ob_hold settled={adc_settled}`)
      node = `hold_${n}`
    }
    lines.push(
      card(
        `xfront_${n} ${node} held_${n} ob_front_end`,
        parameters({ gain: '{adc_gain}', offset: '{adc_offset}', cubic: '{adc_cubic}' }),
      ),
    )
    for (let k = 0; k < thresholds.length; k++)
      lines.push(`xcmp_${n}_${k} held_${n} t_${k} d_${n}_${k} ob_comparator_${compare} offset={comparator_offset}`)
    const code = codeExpression(
      thresholds,
      adc.architecture === 'flash' ? 'flash' : adc.search,
      (k) => `v(d_${n}_${k})`,
    )
    lines.push(
      `bcode_${n} code_${n} 0 V={${code.replace(/(.{90}[^+:?]*[+:?])/g, '$1\n+ ')}}`,
      `rcode_${n} code_${n} 0 1e9`,
    )
  }
  lines.push('.ends adc')
  return lines
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
