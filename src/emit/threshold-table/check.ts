import type { Warning } from '../../base/errors.ts'
import { codeFormat, type TableSource, type ThresholdTable } from './table.ts'

/** What int16 words and their CRC can hold. */
export const TABLE_LIMITS = { levels: 65536, channels: 32768, dacBits: 16, frac: 1000 } as const

/** Why these numbers make no table, or null. Anything may stand in a source read from a file. */
export function sourceProblem(source: TableSource): string | null {
  const { thresholds, levels, levelFormat, scanOrder, chip } = source
  const whole = (x: number, low: number, high: number) => Number.isInteger(x) && x >= low && x <= high
  const positive = (x: number) => Number.isFinite(x) && x > 0
  if (!['gt', 'ge'].includes(source.compare)) return 'compare is neither gt nor ge'
  if (!['binary', 'linear', 'ramp'].includes(source.search)) return 'search is none of binary, linear and ramp'
  if (!['saturated', 'soft-midpoint', 'given'].includes(source.levelRule)) return 'the level rule is not known'
  if (!positive(source.fullScale) || Math.abs(codeFormat(source.fullScale).frac) > TABLE_LIMITS.frac)
    return `a full scale of ${source.fullScale} V has no 16-bit words`
  if (!positive(source.voltsPerUnit)) return `there are ${source.voltsPerUnit} volts per unit`
  if (levels.length < 2 || levels.length > TABLE_LIMITS.levels)
    return `there are ${levels.length} levels; 2 to ${TABLE_LIMITS.levels} are possible`
  if (thresholds.length !== levels.length - 1)
    return `there are ${thresholds.length} thresholds for ${levels.length} levels`
  for (const [k, t] of thresholds.entries())
    if (!Number.isFinite(t) || (k > 0 && !(t > thresholds[k - 1]!))) return `threshold ${k} (${t}) does not ascend`
  if (!levels.every(Number.isFinite)) return 'a reproduction level is not finite'
  if (levelFormat.signed !== true || !whole(levelFormat.bits, 2, 16) || !whole(levelFormat.frac, -1100, 1000))
    return 'the format of the levels does not fit 16 bits'
  if (!whole(source.dacBits, 1, TABLE_LIMITS.dacBits))
    return `the threshold DAC has ${source.dacBits} bits; 1 to ${TABLE_LIMITS.dacBits} fit a table`
  if (!whole(scanOrder.length, 1, TABLE_LIMITS.channels))
    return `there are ${scanOrder.length} channels; 1 to ${TABLE_LIMITS.channels} are possible`
  if (new Set(scanOrder).size !== scanOrder.length || !scanOrder.every((n) => whole(n, 0, scanOrder.length - 1)))
    return 'the scan order does not name every channel once'
  for (const hash of [source.networkSha256, source.profileSha256])
    if (!/^[0-9a-f]{64}$/.test(hash)) return 'a SHA-256 is not 64 lower-case hex digits'
  if (chip !== null && !(whole(chip.seed, 0, 0xffffffff) && whole(chip.chip, 0, 0xffffffff)))
    return 'seed or chip is not a whole number below 2^32'
  if (chip?.channel !== undefined && !whole(chip.channel, 0, scanOrder.length - 1))
    return `the table is for channel ${chip.channel}; there are channels 0 to ${scanOrder.length - 1}`
  if (chip?.channel !== undefined && chip.calibrated !== true) return 'only a calibrated table is for one channel'
  return null
}

/**
 * Levels that nothing produces, ascending.
 *
 * `dac`: two thresholds share a DAC code. `words`: two thresholds share a 16-bit code, or no word lies beyond the last.
 */
export function deadLevels({ dac, thresholds, compare, levelCount }: ThresholdTable): {
  readonly dac: readonly number[]
  readonly words: readonly number[]
} {
  const { codes } = thresholds
  const first = compare === 'ge' && codes[0] === -32768 ? [0] : []
  const last = compare === 'gt' && codes.at(-1) === 32767 ? [levelCount - 1] : []
  return { dac: merged(dac.codes), words: [...first, ...merged(codes), ...last] }
}

/** Indices of words equal to the one below. */
const merged = (words: readonly number[]) => words.flatMap((c, k) => (k > 0 && c === words[k - 1] ? [k] : []))

/** What a user must know about a table: levels that no input reaches, thresholds beyond the ends. */
export function tableWarnings(table: ThresholdTable): Warning[] {
  const warnings: Warning[] = []
  const { volts, codes } = table.thresholds
  const outside = (low: number, high: number) => volts.flatMap((t, k) => (t < low || t > high ? [k] : []))
  const onDac = merged(table.dac.codes)
  if (onDac.length > 0)
    warnings.push({
      code: 'OHM3001',
      message: `${counted(onDac, 'threshold')} on the same ${table.dac.bits}-bit DAC code as the one below: ${counted(onDac, 'level')} never produced`,
      at: { pointer: '/dac/codes' },
    })
  const onWords = merged(codes)
  if (onWords.length > 0)
    warnings.push({
      code: 'OHM3001',
      message: `${counted(onWords, 'threshold')} on the same 16-bit code as the one below: ${counted(onWords, 'level')} never produced by a digital comparison`,
      at: { pointer: '/thresholds/codes' },
    })
  const atEnd = deadLevels(table).words.filter((k) => k === 0 || k === codes.length)
  if (atEnd.length > 0)
    warnings.push({
      code: 'OHM3001',
      message: `${counted(atEnd, 'level')} never produced by a digital comparison: no 16-bit word lies ${atEnd[0] === 0 ? 'below threshold 0' : `above threshold ${codes.length - 1}`}`,
      at: { pointer: '/thresholds/codes' },
    })
  const { low, high } = table.range
  const beyondDac = outside(low, high - high / 2 ** (table.dac.bits - 1))
  if (beyondDac.length > 0)
    warnings.push({
      code: 'OHM3002',
      message: `${counted(beyondDac, 'threshold')} outside the ${table.dac.bits}-bit DAC on +-${high} V, set to its end code`,
      at: { pointer: '/dac/codes' },
    })
  const beyondWords = outside(-32768 * 2 ** -table.numberFormat.frac, 32767 * 2 ** -table.numberFormat.frac)
  if (beyondWords.length > 0)
    warnings.push({
      code: 'OHM3002',
      message: `${counted(beyondWords, 'threshold')} outside the 16-bit codes, saturated`,
      at: { pointer: '/thresholds/codes' },
    })
  return warnings
}

/** "threshold 3", "thresholds 1, 2 and 4", or the first four and how many more. */
function counted(indices: readonly number[], noun: string): string {
  if (indices.length === 1) return `${noun} ${indices[0]}`
  const shown = indices.slice(0, 4)
  const rest = indices.length - shown.length
  return rest > 0
    ? `${noun}s ${shown.join(', ')} and ${rest} more`
    : `${noun}s ${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}
