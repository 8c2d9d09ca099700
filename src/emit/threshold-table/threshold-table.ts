import { fail, type Warning } from '../../base/errors.ts'
import { sha256Hex } from '../../base/hash.ts'
import { knownOptions } from '../../base/options.ts'
import { fittingFormat } from '../../decoder/format.ts'
import type { Deployment } from '../../deployment/deployment.ts'
import type { Chip } from '../../deployment/fabricate.ts'
import { formatSafetensors } from '../../network/formats/safetensors.ts'
import { dimensions } from '../../network/network.ts'
import { profileToJson } from '../../profile/canonical.ts'
import { sourceProblem, TABLE_LIMITS, tableWarnings } from './check.ts'
import { type BinaryFile, binaryFiles, renderTable, type TextFile, textFiles } from './renderings.ts'
import { buildTable, type TableSource, type ThresholdTable } from './table.ts'

export interface ThresholdTableOptions {
  /** Threshold-DAC resolution, for a profile whose DAC is unquantized. */
  readonly dacBits?: number
  /** The chip is a calibrated one (`calibrateAdc`): the table says so. */
  readonly calibrated?: boolean
  /** The table of one channel, where the calibration gave each its own; default: the one for all. */
  readonly channel?: number
}

export interface EmittedTable {
  readonly table: ThresholdTable
  /** adc-table.json (canonical), adc_table.h, adc_table.csv, adc_spi.csv, adc.svd, adc_thr.mem, adc_thr.hex */
  readonly files: readonly { readonly name: TextFile; readonly text: string }[]
  /** adc_multithreshold.onnx, adc_thr.bin */
  readonly binaries: readonly { readonly name: BinaryFile; readonly bytes: Uint8Array }[]
  /** OHM3001 levels never produced, OHM3002 thresholds beyond the ends */
  readonly warnings: readonly Warning[]
}

const WANTED: Warning = {
  code: 'OHM3009',
  message: 'the converter is a memristive SAR: the table holds the wanted thresholds, not those of its stored levels',
  at: { pointer: '/adc/architecture' },
}

/**
 * The thresholds of a deployment as what a lab programs into its ADC: volts, DAC codes, 16-bit words, checksums.
 *
 * @param from  a chip's table names the chip
 * @throws OHM3004 an unquantized DAC and no dacBits, OHM3005 more than 16-bit words can hold,
 *         OHM5004 dacBits not a whole number or not those of the profile
 */
export function thresholdTable(from: Deployment | Chip, options: ThresholdTableOptions = {}): EmittedTable {
  knownOptions<ThresholdTableOptions>('thresholdTable', options, { dacBits: true, calibrated: true, channel: true })
  const deployment = 'deployment' in from ? from.deployment : from
  const { network, profile } = deployment
  const { quantizer } = network
  const dacBits = bitsOf(profile.adc.dac.bits, options.dacBits)
  const source: TableSource = {
    compare: deployment.adc.compare,
    search: profile.adc.search,
    fullScale: profile.adc.fullScale,
    voltsPerUnit: deployment.layers.at(-1)!.outputVoltsPerUnit,
    thresholds: Array.from((deployment.adc.perChannel?.[options.channel ?? -1] ?? deployment.adc).thresholds),
    levelRule: quantizer.levelRule,
    levels: Array.from(quantizer.levels),
    // The words a fixed-point decoder starts from, or the best 16-bit ones.
    levelFormat: deployment.decoder?.levels.format ?? fittingFormat(quantizer.levels, 16),
    dacBits,
    scanOrder: Array.from({ length: dimensions(network).channels }, (_, n) => n),
    networkSha256: sha256Hex(formatSafetensors(network)),
    profileSha256: sha256Hex(profileToJson(profile)),
    chip:
      'deployment' in from
        ? {
            ...from.key,
            ...(options.calibrated === true ? { calibrated: true } : {}),
            ...(options.channel === undefined ? {} : { channel: options.channel }),
          }
        : null,
  }
  const problem = sourceProblem(source)
  if (problem !== null) fail('OHM3005', `no threshold table can be made: ${problem}`, { at: { pointer: '/adc' } })
  const table = buildTable(source)
  return {
    table,
    files: textFiles.map((name) => ({ name, text: renderTable(table, name) })),
    binaries: binaryFiles.map((name) => ({ name, bytes: renderTable(table, name) })),
    warnings: [...(deployment.adc.sar === undefined ? [] : [WANTED]), ...tableWarnings(table)],
  }
}

/** The tables of single channels of a calibrated chip; none where one table serves all. */
export function channelTables(from: Chip): readonly EmittedTable[] {
  const { perChannel } = from.deployment.adc
  return (perChannel ?? []).map((_, channel) => thresholdTable(from, { calibrated: true, channel }))
}

/** The resolution of the table's DAC. */
function bitsOf(inProfile: number | null, asked: number | undefined): number {
  const bits = inProfile ?? asked
  if (bits === undefined)
    fail('OHM3004', 'the threshold DAC of this profile is unquantized, so there are no DAC codes', {
      at: { pointer: '/adc/dac/bits' },
      hint: 'pass --dac-bits N, or deploy with --set adc.dac.bits=N',
    })
  if (asked !== undefined && asked !== bits)
    fail('OHM5004', `the table was asked for with ${asked} DAC bits; the deployment has ${bits}`, {
      at: { pointer: '/adc/dac/bits' },
      hint: `deploy with --set adc.dac.bits=${asked}`,
    })
  if (!Number.isInteger(bits) || bits < 1)
    fail('OHM5004', `DAC bits are ${bits}; they must be a whole number from 1 to ${TABLE_LIMITS.dacBits}`)
  return bits
}
