import type { Warning } from '../../base/errors.ts'
import { knownOptions } from '../../base/options.ts'
import type { Deployment } from '../../deployment/deployment.ts'
import type { Chip } from '../../deployment/fabricate.ts'
import { digitalHalf } from '../fixed-decoder.ts'
import { goldenSource, goldenText } from '../golden/golden-file.ts'
import { renderSource } from '../threshold-table/c-source.ts'
import type { ThresholdTable } from '../threshold-table/table.ts'
import { type Banner, decnetHeader, decnetSource, selftestVectors } from './decnet.ts'
import { cmakeLists, exampleMain } from './example.ts'
import type { FirstLayer } from './first-layer.ts'
import { BYTES, codeType } from './integers.ts'
import { type DecnetPlan, type Footprint, planDecnet, stackBytesOf, tableBytesOf, weightBytesOf } from './plan.ts'

export interface CSourceOptions {
  /** `table`: sums over codes without a multiplication a weight; `auto` (default): where that is not larger. */
  readonly firstLayer?: FirstLayer
  /** Threshold-DAC resolution, for a profile whose DAC is unquantized. */
  readonly dacBits?: number
  /** Of ohmbit, for the head of each file. */
  readonly version?: string
}

/** How a decoder layer was written. */
export interface EmittedLayer {
  readonly name: string
  readonly form: 'weights' | 'table'
  readonly weights: string
  readonly accumulator: 'int32_t' | 'int64_t'
  /** Proved: a two's-complement sum of so many bits cannot overflow. */
  readonly accumulatorBits: number
}

export interface CSource {
  /** decnet.h, decnet.c, adc_table.h, adc_table.c, main.c, CMakeLists.txt, golden.json */
  readonly files: readonly { readonly name: string; readonly text: string }[]
  readonly footprint: Footprint
  readonly layers: readonly EmittedLayer[]
  /** OHM4003 formats chosen here; those of the threshold table */
  readonly warnings: readonly Warning[]
}

/**
 * The digital half of a deployment as C99: threshold table and decoder, word for word those of the simulator.
 *
 * No heap, no floating point, no static variables; constants are static const tables. Byte-identical for identical input.
 *
 * @param from  a chip's table names the chip
 * @throws OHM4001 an accumulator that could overflow, OHM5004 a first-layer table of more than 2^22 entries, and what
 *         `thresholdTable` throws
 */
export function cSource(from: Deployment | Chip, options: CSourceOptions = {}): CSource {
  knownOptions<CSourceOptions>('cSource', options, { firstLayer: true, dacBits: true, version: true })
  const { decoder, table, warnings } = digitalHalf(from, options.dacBits)
  const plan = planDecnet(decoder, options.firstLayer)
  const banner = bannerOf(table.table, options.version)
  const golden = goldenSource(decoder, table.table)
  const embedded = selftestVectors(plan, golden.vectors)
  const header = table.files.find((f) => f.name === 'adc_table.h')!
  return {
    files: [
      { name: 'decnet.h', text: decnetHeader(plan, banner, 'decnet') },
      { name: 'decnet.c', text: decnetSource(plan, embedded, banner, 'decnet') },
      header,
      { name: 'adc_table.c', text: renderSource(table.table) },
      { name: 'main.c', text: exampleMain(table.table, banner) },
      { name: 'CMakeLists.txt', text: cmakeLists(banner) },
      { name: 'golden.json', text: goldenText(golden) },
    ],
    footprint: footprintOf(plan, table.table, embedded.length),
    layers: plan.layers.map(({ layer, columns, weightType, accumulator, bits }) => ({
      name: layer.name,
      form: columns === null ? 'weights' : 'table',
      weights: columns?.entryType ?? weightType,
      accumulator,
      accumulatorBits: bits,
    })),
    warnings,
  }
}

function bannerOf({ network, profile, chip }: ThresholdTable, version?: string): Banner {
  // The text ends up in a comment.
  const name = version === undefined ? 'ohmbit' : `ohmbit ${version.replace(/[^\w.+-]/g, '')}`
  return [
    name,
    `network sha256: ${network.sha256}`,
    `profile sha256: ${profile.sha256}`,
    ...(chip === null ? [] : [`chip: ${chip.chip} of seed ${chip.seed}`]),
  ]
}

/** Instructions, fitted to gcc 12 -Os -mcpu=cortex-m4: self-tests with search, a layer, a tanh or sigmoid. */
const CODE_BYTES = { fixed: 420, layer: 200, activation: 140 } as const

function footprintOf(plan: DecnetPlan, table: ThresholdTable, vectors: number): Footprint {
  const weightBytes = weightBytesOf(plan)
  const tableBytes = tableBytesOf(plan)
  const adcTableBytes = 2 * (2 * (table.levelCount - 1) + table.levelCount + table.channels)
  const selftestBytes = vectors * (plan.channels * BYTES[codeType(plan.levels)] + plan.outputs * BYTES.int16_t)
  const codeBytes =
    CODE_BYTES.fixed + plan.layers.length * CODE_BYTES.layer + plan.tables.length * CODE_BYTES.activation
  return {
    weightBytes,
    tableBytes,
    adcTableBytes,
    selftestBytes,
    flashBytes: weightBytes + tableBytes + adcTableBytes + selftestBytes + codeBytes,
    stackBytes: stackBytesOf(plan),
  }
}
