/**
 * One fabricated serial ADC: what mismatch made of the design, drawn once a chip.
 */
import { type ChipKey, type Mechanism, normalAt, site, stages } from '../numerics/random.ts'
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

/** Standard deviations of the converter, each with independent standard normal deviates that are drawn once a chip. */
export const CONVERTER_SPREADS = [
  'adc.memristor.sigma',
  'adc.dac.unitSigma',
  'adc.thresholdSigma',
  'adc.comparator.offsetSigma',
  'adc.frontEnd.gainSigma',
  'adc.frontEnd.offsetSigma',
] as const
export type ConverterSpread = (typeof CONVERTER_SPREADS)[number]

/**
 * The standard normal deviates that a chip's converter has of one spread: of stored levels step by step, of the bits of
 * the DAC from the lowest, of thresholds (or a flash converter's comparators) from the lowest, or a single one. None
 * where the spread is 0 or the converter has no such part.
 */
export function converterDeviates(
  spread: ConverterSpread,
  { sar, dacCodes, nominal }: AdcDesign,
  { adc }: Pick<Profile, 'adc'>,
  key: ChipKey,
): Float64Array {
  const draw = (
    sigma: number,
    mechanism: Mechanism,
    count: number,
    row: (k: number) => number = () => 0,
    col: (k: number) => number = () => 0,
  ) => {
    const at = site(stages.adc, mechanism)
    return Float64Array.from({ length: sigma > 0 ? count : 0 }, (_, k) => normalAt(key, at, row(k), col(k)))
  }
  const thresholds = nominal.length
  const flash = adc.architecture === 'flash'
  switch (spread) {
    case 'adc.memristor.sigma': {
      const places = (sar?.stored ?? []).flatMap((values, step) => values.map((_, i) => [step, i] as const))
      return draw(
        adc.memristor.sigma,
        'storedLevel',
        places.length,
        (k) => places[k]![0],
        (k) => places[k]![1],
      )
    }
    case 'adc.dac.unitSigma':
      return draw(adc.dac.unitSigma, 'dacUnit', dacCodes === null ? 0 : (adc.dac.bits ?? 0), (b) => b)
    case 'adc.thresholdSigma':
      return draw(
        adc.thresholdSigma,
        'thresholdError',
        thresholds,
        (k) => k >> 15,
        (k) => k & 32767,
      )
    case 'adc.comparator.offsetSigma':
      // Every comparator of a flash converter has an offset of its own.
      return draw(
        adc.comparator.offsetSigma,
        'comparatorOffset',
        flash ? thresholds : 1,
        flash ? (k) => k >> 15 : undefined,
        flash ? (k) => 1 + (k & 32767) : undefined,
      )
    case 'adc.frontEnd.gainSigma':
      return draw(adc.frontEnd.gainSigma, 'frontEndGain', 1)
    case 'adc.frontEnd.offsetSigma':
      return draw(adc.frontEnd.offsetSigma, 'frontEndOffset', 1)
  }
}

/**
 * Transfer of a binary-weighted array with unit-element mismatch: bit b has weight 2^b + sigma 2^(b/2) xi, end points
 * corrected (a gain error of the DAC is a matter of the reference, not of matching).
 *
 * Source: sigma_DNL,max = sigma_u sqrt(2^N - 1) at mid scale [textbook]
 */
function mismatchedDac(profile: Profile, deviates: Float64Array): (code: number) => number {
  const { unitSigma } = profile.adc.dac
  const bits = deviates.length
  const weights = Array.from(deviates, (xi, b) => 2 ** b + unitSigma * 2 ** (b / 2) * xi)
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
  const deviates = (spread: ConverterSpread) => converterDeviates(spread, design, profile, key)
  let thresholds = design.nominal
  const stored = deviates('adc.memristor.sigma')
  if (design.sar !== undefined && stored.length > 0) {
    let k = 0
    thresholds = sarThresholds(
      design.sar.stored.map((values) => values.map((x) => x + adc.memristor.sigma * adc.fullScale * stored[k++]!)),
    )
  }
  const units = deviates('adc.dac.unitSigma')
  if (design.dacCodes !== null && units.length > 0)
    thresholds = Float64Array.from(design.dacCodes, mismatchedDac(profile, units))
  const spreadBy = (sigma: number, xi: Float64Array) => {
    if (xi.length > 0) thresholds = thresholds.map((t, k) => t + sigma * xi[k]!)
  }
  spreadBy(adc.thresholdSigma, deviates('adc.thresholdSigma'))
  // The offset of a flash converter's comparator is one with its threshold.
  const flash = adc.architecture === 'flash'
  const offsets = deviates('adc.comparator.offsetSigma')
  if (flash) spreadBy(adc.comparator.offsetSigma, offsets)
  const single = (sigma: number, xi: Float64Array) => (xi.length > 0 ? sigma * xi[0]! : 0)
  return {
    thresholds,
    comparatorOffset: flash ? 0 : single(adc.comparator.offsetSigma, offsets),
    gain: 1 + single(adc.frontEnd.gainSigma, deviates('adc.frontEnd.gainSigma')),
    offset: single(adc.frontEnd.offsetSigma, deviates('adc.frontEnd.offsetSigma')),
  }
}
