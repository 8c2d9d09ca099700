import { dacVolts, nearestDacCode } from '../../adc/design.ts'
import { crc32, sha256Hex } from '../../base/hash.ts'
import { floorWord, type NumberFormat, saturate, toWord, wordValue } from '../../decoder/format.ts'
import type { Quantizer } from '../../network/network.ts'
import type { Profile } from '../../profile/profile.ts'

export const TABLE_FORMAT = 'ohmbit/adc-table/1'

/** What the CRC covers, in words that stand in every rendering. */
export const CRC_LAYOUT =
  'int16 little-endian: compare (gt 0, ge 1), fraction bits, threshold codes, level words, DAC codes (16-bit pattern), scan order'

/** The chip a table is for. */
export interface TableChip {
  readonly seed: number
  readonly chip: number
  /** Its thresholds are those of this chip's calibration; absent: those of the deployment. */
  readonly calibrated?: true
  /** The only channel it is for; absent: for all. */
  readonly channel?: number
}

/** The numbers a table is made from; everything else in it follows. */
export interface TableSource {
  readonly compare: Quantizer['compare']
  readonly search: Profile['adc']['search']
  /** volts; the converter's range is +- this */
  readonly fullScale: number
  /** volts at the comparator per unit of the network's encoder output */
  readonly voltsPerUnit: number
  /** volts, strictly ascending, I - 1 */
  readonly thresholds: readonly number[]
  readonly levelRule: Quantizer['levelRule']
  /** network units, I */
  readonly levels: readonly number[]
  readonly levelFormat: NumberFormat
  readonly dacBits: number
  /** Channels in the order in which they are converted. */
  readonly scanOrder: readonly number[]
  readonly networkSha256: string
  readonly profileSha256: string
  readonly chip: TableChip | null
}

type WordFormat = NumberFormat & { readonly rounding: 'floor' | 'ceil' | 'half-even'; readonly overflow: 'saturate' }

/** The threshold table of one serial ADC. Its JSON form is canonical; every other file is a rendering of it. */
export interface ThresholdTable {
  readonly format: typeof TABLE_FORMAT
  /** I: codes are 0 .. I - 1 */
  readonly levelCount: number
  /** code = number of thresholds below the input (gt), or not above it (ge) */
  readonly compare: 'gt' | 'ge'
  readonly order: 'ascending'
  readonly search: Profile['adc']['search']
  readonly unit: 'V'
  /** volts */
  readonly range: { readonly low: number; readonly high: number }
  readonly voltsPerUnit: number
  /** Of the threshold codes: for whole x, x > t is x > floor(t 2^frac), and x >= t is x >= ceil(t 2^frac). */
  readonly numberFormat: WordFormat
  readonly thresholds: {
    readonly volts: readonly number[]
    readonly codes: readonly number[]
    readonly hex: readonly string[]
  }
  readonly levels: {
    readonly rule: Quantizer['levelRule']
    /** network units */
    readonly values: readonly number[]
    readonly format: WordFormat
    readonly words: readonly number[]
  }
  /** Largest distances: code and DAC code from threshold (volts), word from level (network units). */
  readonly quantizationError: { readonly codeVolts: number; readonly dacVolts: number; readonly level: number }
  /** Offset binary: volts = (code - 2^(bits - 1)) high / 2^(bits - 1). */
  readonly dac: { readonly bits: number; readonly codes: readonly number[]; readonly volts: readonly number[] }
  readonly channels: number
  readonly scanOrder: readonly number[]
  /** Eight hex digits over `crc32Of`. */
  readonly crc32: string
  readonly crc32Of: string
  readonly network: { readonly sha256: string }
  readonly profile: { readonly sha256: string }
  readonly chip: TableChip | null
  /** Of the JSON text without this field. */
  readonly sha256: string
}

/**
 * The format of the threshold codes: 16 bits, most fractional bits at which +-fullScale is a word.
 *
 * @param fullScale  volts, positive and finite
 */
export function codeFormat(fullScale: number): NumberFormat {
  let frac = 14 - Math.floor(Math.log2(fullScale)) + 1
  while (fullScale * 2 ** frac > 32767) frac--
  return { signed: true, bits: 16, frac }
}

/** The code of a threshold in a digital comparison of words, saturated. */
export function thresholdCode(volts: number, compare: 'gt' | 'ge', format: NumberFormat): number {
  return compare === 'gt' ? floorWord(volts, format) : saturate(Math.ceil(volts * 2 ** format.frac), format)
}

/** Derive a table. The source must satisfy `sourceProblem`. */
export function buildTable(source: TableSource): ThresholdTable {
  const { compare, fullScale, dacBits } = source
  // JSON has no negative zero.
  const volts = source.thresholds.map((t) => t + 0)
  const values = source.levels.map((g) => g + 0)
  const format = codeFormat(fullScale)
  const codes = volts.map((t) => thresholdCode(t, compare, format) + 0)
  const words = values.map((g) => toWord(g, source.levelFormat) + 0)
  const dacCodes = volts.map((t) => nearestDacCode(t, fullScale, dacBits))
  const dac = dacCodes.map((c) => dacVolts(c, fullScale, dacBits))
  const farthest = (a: readonly number[], b: (k: number) => number) =>
    a.reduce((worst, x, k) => Math.max(worst, Math.abs(x - b(k))), 0)
  const table: Omit<ThresholdTable, 'sha256'> = {
    format: TABLE_FORMAT,
    levelCount: values.length,
    compare,
    order: 'ascending',
    search: source.search,
    unit: 'V',
    range: { low: -fullScale, high: fullScale },
    voltsPerUnit: source.voltsPerUnit,
    numberFormat: { ...format, rounding: compare === 'gt' ? 'floor' : 'ceil', overflow: 'saturate' },
    thresholds: { volts, codes, hex: codes.map(hex16) },
    levels: {
      rule: source.levelRule,
      values,
      format: { ...copyFormat(source.levelFormat), rounding: 'half-even', overflow: 'saturate' },
      words,
    },
    quantizationError: {
      codeVolts: farthest(volts, (k) => wordValue(codes[k]!, format)),
      dacVolts: farthest(volts, (k) => dac[k]!),
      level: farthest(values, (k) => wordValue(words[k]!, source.levelFormat)),
    },
    dac: { bits: dacBits, codes: dacCodes, volts: dac },
    channels: source.scanOrder.length,
    scanOrder: [...source.scanOrder],
    crc32: hexDigits(crc32(crcBytes(compare, format.frac, codes, words, dacCodes, source.scanOrder)), 8),
    crc32Of: CRC_LAYOUT,
    network: { sha256: source.networkSha256 },
    profile: { sha256: source.profileSha256 },
    chip: source.chip === null ? null : copyChip(source.chip),
  }
  return { ...table, sha256: sha256Hex(jsonText(table)) }
}

/** The numbers a table was made from. */
export function sourceOf(table: ThresholdTable): TableSource {
  return {
    compare: table.compare,
    search: table.search,
    fullScale: table.range.high,
    voltsPerUnit: table.voltsPerUnit,
    thresholds: table.thresholds.volts,
    levelRule: table.levels.rule,
    levels: table.levels.values,
    levelFormat: copyFormat(table.levels.format),
    dacBits: table.dac.bits,
    scanOrder: table.scanOrder,
    networkSha256: table.network.sha256,
    profileSha256: table.profile.sha256,
    chip: table.chip,
  }
}

/** The canonical text: two spaces, one value a line, a newline at the end. */
export function jsonText(table: ThresholdTable | Omit<ThresholdTable, 'sha256'>): string {
  return `${JSON.stringify(table, null, 2)}\n`
}

/** The bytes under the CRC: see CRC_LAYOUT. */
function crcBytes(compare: 'gt' | 'ge', frac: number, ...arrays: readonly (readonly number[])[]): Uint8Array {
  const words = [compare === 'gt' ? 0 : 1, frac, ...arrays.flat()]
  const view = new DataView(new ArrayBuffer(2 * words.length))
  // setInt16 keeps the low 16 bits: DAC codes above 32767 go in as their pattern.
  for (const [i, word] of words.entries()) view.setInt16(2 * i, word, true)
  return new Uint8Array(view.buffer)
}

const hexDigits = (x: number, digits: number) => x.toString(16).padStart(digits, '0')

/** Two's complement, four digits. */
const hex16 = (word: number) => `0x${hexDigits(word & 0xffff, 4)}`

const copyChip = ({ seed, chip, calibrated, channel }: TableChip): TableChip => ({
  seed,
  chip,
  ...(calibrated === undefined ? {} : { calibrated }),
  ...(channel === undefined ? {} : { channel }),
})

const copyFormat = ({ signed, bits, frac }: NumberFormat): NumberFormat => ({ signed, bits, frac })
