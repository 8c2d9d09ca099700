/**
 * One fabricated serial ADC: what mismatch made of the design, drawn once a chip.
 */
import { type ChipKey, normalAt, site, stages } from '../numerics/random.ts'
import type { Profile } from '../profile/profile.ts'
import { type AdcDesign, lsb } from './design.ts'
import { sarThresholds } from './memristive-sar.ts'

export interface AdcInstance {
  /** Realised threshold voltages, comparator offset not included; in a flash converter with those of its comparators. */
  readonly thresholds: Float64Array
  readonly comparatorOffset: number
  /** 1 + relative error */
  readonly gain: number
  /** volts */
  readonly offset: number
  /** Thresholds of single channels, where a calibration gave each its own; absent: `thresholds` for all. */
  readonly perChannel?: readonly Float64Array[]
}

/**
 * Transfer of a binary-weighted array with unit-element mismatch: bit b has weight 2^b + sigma 2^(b/2) xi, end points
 * corrected (a gain error of the DAC is a matter of the reference, not of matching).
 *
 * Source: sigma_DNL,max = sigma_u sqrt(2^N - 1) at mid scale [textbook]
 */
function mismatchedDac(profile: Profile, bits: number, key: ChipKey): (code: number) => number {
  const { unitSigma } = profile.adc.dac
  const at = site(stages.adc, 'dacUnit')
  const weights = Array.from({ length: bits }, (_, b) => 2 ** b + unitSigma * 2 ** (b / 2) * normalAt(key, at, b))
  const total = weights.reduce((a, b) => a + b, 0)
  const step = lsb(profile.adc.fullScale, bits)
  return (code) => {
    let sum = 0
    for (let b = 0; b < bits; b++) if (Math.floor(code / 2 ** b) % 2 === 1) sum += weights[b]!
    return ((sum * (2 ** bits - 1)) / total - 2 ** (bits - 1)) * step
  }
}

/** Draw one ADC. With another design and the same key it is the same converter with other numbers written to it. */
export function fabricateAdc(design: AdcDesign, profile: Profile, key: ChipKey): AdcInstance {
  const { adc } = profile
  let thresholds = design.nominal
  if (design.sar !== undefined && adc.memristor.sigma > 0) {
    const at = site(stages.adc, 'storedLevel')
    thresholds = sarThresholds(
      design.sar.stored.map((values, step) =>
        values.map((x, i) => x + adc.memristor.sigma * adc.fullScale * normalAt(key, at, step, i)),
      ),
    )
  }
  if (design.dacCodes !== null && adc.dac.bits !== null && adc.dac.unitSigma > 0) {
    const dac = mismatchedDac(profile, adc.dac.bits, key)
    thresholds = Float64Array.from(design.dacCodes, dac)
  }
  if (adc.thresholdSigma > 0) {
    const at = site(stages.adc, 'thresholdError')
    thresholds = thresholds.map((t, k) => t + adc.thresholdSigma * normalAt(key, at, k >> 15, k & 32767))
  }
  // Every comparator of a flash converter has an offset of its own, which is one with its threshold.
  const flash = adc.architecture === 'flash'
  if (flash && adc.comparator.offsetSigma > 0) {
    const at = site(stages.adc, 'comparatorOffset')
    thresholds = thresholds.map((t, k) => t + adc.comparator.offsetSigma * normalAt(key, at, k >> 15, 1 + (k & 32767)))
  }
  const draw = (sigma: number, mechanism: 'comparatorOffset' | 'frontEndGain' | 'frontEndOffset') =>
    sigma > 0 ? sigma * normalAt(key, site(stages.adc, mechanism)) : 0
  return {
    thresholds,
    comparatorOffset: flash ? 0 : draw(adc.comparator.offsetSigma, 'comparatorOffset'),
    gain: 1 + draw(adc.frontEnd.gainSigma, 'frontEndGain'),
    offset: draw(adc.frontEnd.offsetSigma, 'frontEndOffset'),
  }
}
