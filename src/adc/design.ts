/**
 * The serial ADC as designed: thresholds of the task on a threshold DAC. Deterministic, no chip in it.
 */
import type { Quantizer } from '../network/network.ts'
import type { Profile } from '../profile/profile.ts'
import { fitSar, type SarFit } from './memristive-sar.ts'

export interface AdcDesign {
  /** Wanted thresholds, volts. */
  readonly thresholds: Float64Array
  /** DAC codes 0 .. 2^bits - 1, or null for an unquantized DAC. */
  readonly dacCodes: Uint32Array | null
  /** What the nominal DAC gives, volts. */
  readonly nominal: Float64Array
  readonly compare: 'gt' | 'ge'
  /** Thresholds that share their DAC code with the one below. */
  readonly merged: number
  /** Thresholds beyond the DAC's range. */
  readonly outside: number
  /** What a memristive SAR stores; absent in other converters. */
  readonly sar?: SarFit
  /** Tables of single channels, where a calibration gave each its own. */
  readonly perChannel?: readonly Pick<AdcDesign, 'thresholds' | 'dacCodes' | 'nominal'>[]
}

/** One step of an N-bit threshold DAC over +-fullScale, volts. */
export function lsb(fullScale: number, bits: number): number {
  return fullScale / 2 ** (bits - 1)
}

/** Offset binary: dac(c) = (c - 2^(N-1)) LSB, so 0 V is exact. */
export function dacVolts(code: number, fullScale: number, bits: number): number {
  return (code - 2 ** (bits - 1)) * lsb(fullScale, bits)
}

/** Nearest code of a clamped voltage, ties down. */
export function nearestDacCode(volts: number, fullScale: number, bits: number): number {
  const top = 2 ** bits - 1
  const exact = volts / lsb(fullScale, bits) + 2 ** (bits - 1)
  return Math.min(top, Math.max(0, Math.ceil(exact - 0.5)))
}

/**
 * Place a quantizer's thresholds on the threshold DAC.
 *
 * @param voltsPerUnit  volts at the ADC's input per unit of the encoder's output
 * @param bits          DAC resolution; null for unquantized. A memristive SAR has stored levels instead.
 * @throws OHM3007 thresholds that a memristive SAR cannot realise
 */
export function designAdc(
  quantizer: Quantizer,
  voltsPerUnit: number,
  adc: Profile['adc'],
  bits: number | null = adc.dac.bits,
): AdcDesign {
  const thresholds = quantizer.thresholds.map((t) => t * voltsPerUnit)
  if (adc.architecture === 'memristive-sar') {
    const sar = fitSar(thresholds, adc)
    return {
      thresholds,
      dacCodes: null,
      nominal: sar.thresholds,
      compare: quantizer.compare,
      merged: sar.thresholds.reduce((n, t, k) => n + (k > 0 && t <= sar.thresholds[k - 1]! ? 1 : 0), 0),
      outside: 0,
      sar,
    }
  }
  return placeThresholds(thresholds, quantizer.compare, adc, bits)
}

/**
 * Thresholds on the DAC.
 *
 * @param thresholds  volts
 * @param bits        DAC resolution; null for unquantized
 */
export function placeThresholds(
  thresholds: Float64Array,
  compare: Quantizer['compare'],
  adc: Profile['adc'],
  bits: number | null = adc.dac.bits,
): AdcDesign {
  if (bits === null) return { thresholds, dacCodes: null, nominal: thresholds, compare, merged: 0, outside: 0 }
  const dacCodes = Uint32Array.from(thresholds, (t) => nearestDacCode(t, adc.fullScale, bits))
  return {
    thresholds,
    dacCodes,
    nominal: Float64Array.from(dacCodes, (c) => dacVolts(c, adc.fullScale, bits)),
    compare,
    merged: dacCodes.reduce((n, c, k) => n + (k > 0 && c === dacCodes[k - 1] ? 1 : 0), 0),
    outside: thresholds.reduce(
      (n, t) => n + (t < -adc.fullScale || t > dacVolts(2 ** bits - 1, adc.fullScale, bits) ? 1 : 0),
      0,
    ),
  }
}
