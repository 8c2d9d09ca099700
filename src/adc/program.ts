/**
 * Writing codes to a converter's threshold DAC, and reading analog voltages through it.
 */
import type { ChipKey } from '../numerics/random.ts'
import { withValues } from '../profile/fields.ts'
import type { Profile } from '../profile/profile.ts'
import type { Converter } from './converter.ts'
import { type AdcDesign, dacVolts, lsb, nearestDacCode } from './design.ts'
import { type AdcInstance, fabricateAdc } from './instance.ts'

/** Finest grid that voltages are read on. */
const MOST_READ_BITS = 12

/** A threshold DAC of given codes, ascending; equal ones are kept apart within their step, so that volts ascend. */
function codesDesign(
  codes: readonly number[],
  compare: AdcDesign['compare'],
  adc: Profile['adc'],
  bits: number,
): AdcDesign {
  const volts = codes.map((c) => dacVolts(c, adc.fullScale, bits))
  const step = lsb(adc.fullScale, bits)
  const thresholds = Float64Array.from(volts)
  for (let from = 0, to = 0; from < codes.length; from = to) {
    while (to < codes.length && codes[to] === codes[from]) to++
    for (let k = from; to - from > 1 && k < to; k++) thresholds[k]! += ((k - from) / (to - from) - 0.4) * step
  }
  return {
    thresholds,
    dacCodes: Uint32Array.from(codes),
    nominal: Float64Array.from(volts),
    compare,
    merged: codes.reduce((n, c, k) => n + (k > 0 && c === codes[k - 1] ? 1 : 0), 0),
    outside: 0,
  }
}

/**
 * The same converter with other codes.
 *
 * @param tables  one table for all channels, or one a channel; each ascending
 * @param bits    of the DAC
 */
export function programmed(
  { profile, design, channels }: Converter,
  key: ChipKey,
  tables: readonly (readonly number[])[],
  bits: number,
): Converter {
  const designs = tables.map((codes) => codesDesign(codes, design.compare, profile.adc, bits))
  if (tables.length === 1) {
    const only = designs[0]!
    return { design: only, instance: fabricateAdc(only, profile, key), profile, channels }
  }
  // Where one number must stand for all channels: the middle of theirs.
  const middle = tables[0]!.map((_, k) => {
    const sorted = tables.map((codes) => codes[k]!).sort((a, b) => a - b)
    return sorted[sorted.length >> 1]!
  })
  const shared = codesDesign(ascending(middle), design.compare, profile.adc, bits)
  return {
    design: {
      ...shared,
      perChannel: designs.map(({ thresholds, dacCodes, nominal }) => ({ thresholds, dacCodes, nominal })),
    },
    instance: {
      ...fabricateAdc(shared, profile, key),
      perChannel: designs.map((d) => fabricateAdc(d, profile, key).thresholds),
    },
    profile,
    channels,
  }
}

/** Codes that fall are lifted to the one before. */
export function ascending(codes: readonly number[]): number[] {
  let last = 0
  return codes.map((c) => {
    last = Math.max(last, c)
    return last
  })
}

/** Nearest codes of voltages, made to ascend. */
export function codesOf(volts: ArrayLike<number>, fullScale: number, bits: number): number[] {
  return ascending(Array.from(volts, (v) => nearestDacCode(v, fullScale, bits)))
}

export interface Reader {
  readonly design: AdcDesign
  readonly instance: AdcInstance
  readonly profile: Profile
  /** volts on the scale of the nominal DAC: the middle of the cell of a code; beyond the ends half a step more */
  readonly volts: (code: number) => number
}

/**
 * The converter as a voltmeter: its comparator searches all codes of the DAC (the upper 12 bits of them). A flash converter
 * reads with one comparator whose offset is known by then.
 */
export function reader({ profile, design }: Converter, key: ChipKey, bits: number): Reader {
  const used = Math.min(bits, MOST_READ_BITS)
  const codes = Array.from({ length: 2 ** used }, (_, c) => c * 2 ** (bits - used))
  const flash = profile.adc.architecture === 'flash'
  const single = withValues(profile, {
    'adc.architecture': 'serial',
    'adc.search': 'binary',
    // One comparator's register: no error of many.
    'adc.thresholdSigma': 0,
    ...(flash ? { 'adc.comparator.offsetSigma': 0 } : {}),
  })
  const full = codesDesign(codes, design.compare, single.adc, bits)
  const volts = full.nominal
  return {
    design: full,
    instance: fabricateAdc(full, single, key),
    profile: single,
    volts: (code) => {
      const half = lsb(single.adc.fullScale, used) / 2
      return code === 0 ? volts[0]! - half : volts[code - 1]! + half
    },
  }
}
