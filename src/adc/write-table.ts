/**
 * Finding the codes whose transitions lie where they are wanted: a map of the whole DAC first, then each table by itself.
 */
import type { ChipKey } from '../numerics/random.ts'
import { withValues } from '../profile/fields.ts'
import type { Converter } from './converter.ts'
import { dacVolts, lsb } from './design.ts'
import type { Measured } from './measure.ts'
import { ascending, codesOf, programmed } from './program.ts'

/** Codes of the DAC that its overall transfer is taken from. */
const PROBES = 17
/** Times a table is measured and corrected. */
const ROUNDS = 4

/** Transitions of a converter with one table for all channels; the guess has an entry a threshold, volts. */
export type Measure = (of: Converter, guess: Float64Array) => Measured

export interface TransferMap {
  /** volts of the nominal DAC to volts at the multiplexer, and back */
  readonly toInput: (volts: number) => number
  readonly toDac: (volts: number) => number
}

/**
 * Transitions of codes all over the DAC, joined by lines: gain, offset and curvature of front end and comparator. In a
 * flash converter every threshold has errors of its own, which the correction of the table finds.
 */
export function transferMap(converter: Converter, bits: number, measure: Measure, key: ChipKey): TransferMap {
  const same = (x: number) => x
  const { adc } = converter.profile
  if (adc.architecture === 'flash') return { toInput: same, toDac: same }
  const top = 2 ** bits - 1
  const codes = [...new Set(Array.from({ length: PROBES }, (_, i) => Math.round((top * i) / (PROBES - 1))))]
  const volts = Float64Array.from(codes, (c) => dacVolts(c, adc.fullScale, bits))
  // The probes are written to one register after the other: errors of registers have no place here.
  const alike = withValues(converter.profile, { 'adc.thresholdSigma': 0, 'adc.search': 'binary' })
  const { transitions } = measure(programmed({ ...converter, profile: alike }, key, [codes], bits), volts)
  const points = codes.flatMap((_, i) => {
    const u = transitions[i]!
    return Number.isFinite(u) ? [[volts[i]!, u] as const] : []
  })
  // Where the front end compresses, only what ascends can be turned round.
  const rising = points.filter(([, u], i) => points.slice(0, i).every(([, earlier]) => earlier < u))
  if (rising.length < 2) return { toInput: same, toDac: same }
  const back = rising.map(([v, u]) => [u, v] as const)
  return { toInput: (v) => interpolate(rising, v), toDac: (v) => interpolate(back, v) }
}

/** Lines through ascending points, the outermost ones extended. */
function interpolate(points: readonly (readonly [number, number])[], x: number): number {
  if (Number.isNaN(x)) return x
  let i = 1
  while (i < points.length - 1 && points[i]![0] < x) i++
  const [x0, y0] = points[i - 1]!
  const [x1, y1] = points[i]!
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0)
}

export interface WrittenTable {
  readonly converter: Converter
  /** DAC codes: one row, or one a channel. */
  readonly codes: readonly (readonly number[])[]
  /** volts rms, measured transitions from the wanted ones; those beyond the ends of the DAC are left out */
  readonly residual: number
}

/**
 * Find and write the codes whose transitions lie nearest to the wanted ones.
 *
 * @param wanted  volts at the multiplexer: one row for all channels, or one a channel
 */
export function writeTable(
  converter: Converter,
  wanted: readonly Float64Array[],
  map: TransferMap,
  bits: number,
  key: ChipKey,
  measure: Measure,
): WrittenTable {
  const rows = wanted.map((row) => findCodes(converter, row, map, bits, key, measure))
  const errors = rows.flatMap((row) => row.errors)
  const codes = rows.map((row) => row.codes)
  return {
    converter: programmed(converter, key, codes, bits),
    codes,
    residual: Math.sqrt(errors.reduce((s, e) => s + e * e, 0) / Math.max(1, errors.length)),
  }
}

function findCodes(
  converter: Converter,
  wanted: Float64Array,
  map: TransferMap,
  bits: number,
  key: ChipKey,
  measure: Measure,
): { codes: readonly number[]; errors: readonly number[] } {
  const { fullScale } = converter.profile.adc
  const step = lsb(fullScale, bits)
  const top = 2 ** bits - 1
  let codes: readonly number[] = codesOf(wanted.map(map.toDac), fullScale, bits)
  let best: { codes: readonly number[]; errors: readonly number[]; sum: number } | null = null
  for (let round = 0; round < ROUNDS; round++) {
    const { transitions } = measure(programmed(converter, key, [codes], bits), wanted)
    const off = codes.map((c, k) => {
      const e = transitions[k]! - wanted[k]!
      const beyond = (c === 0 && e > 0) || (c === top && e < 0)
      return Number.isFinite(e) && !beyond ? e : 0
    })
    const sum = off.reduce((s, e) => s + e * e, 0)
    if (best === null || sum < best.sum) best = { codes, errors: off, sum }
    const next = ascending(codes.map((c, k) => Math.min(top, Math.max(0, c - Math.round(off[k]! / step)))))
    if (next.every((c, k) => c === codes[k])) break
    codes = next
  }
  return best!
}
