import type { Warning } from '../../base/errors.ts'
import { knownOptions } from '../../base/options.ts'
import type { FixedDecoder } from '../../decoder/fixed-decoder.ts'
import { goldenVectors } from '../../decoder/golden.ts'
import type { Deployment } from '../../deployment/deployment.ts'
import type { Chip } from '../../deployment/fabricate.ts'
import { digitalHalf } from '../fixed-decoder.ts'
import type { ThresholdTable } from '../threshold-table/table.ts'
import { decoderRoms } from './memories.ts'
import { fingerprint, memoryText } from './memory.ts'
import { ACTIVATION } from './modules/activation.ts'
import { DENSE } from './modules/dense.ts'
import { LEVELS } from './modules/levels.ts'
import { REQUANTIZE } from './modules/requantize.ts'
import { SEARCH } from './modules/search.ts'
import { planVerilog, type VerilogPlan } from './plan.ts'
import { searchCases, searchMemories, searchTestbench, searchTop } from './search-testbench.ts'
import { goldenMemories, testbench } from './testbench.ts'
import { comment, topModule } from './top.ts'

export interface VerilogOptions {
  /** P: rows of a layer that are summed at the same time, 1 .. outputs of the widest layer. Default: 4. */
  readonly multipliers?: number
  /** Random golden vectors beside the fixed cases. Default: 200. */
  readonly randomVectors?: number
  /** Threshold-DAC resolution, for a profile whose DAC is unquantized. */
  readonly dacBits?: number
  /** Of ohmbit, for the head of each file. */
  readonly version?: string
}

interface File {
  readonly name: string
  readonly text: string
}

/** A layer as it was written. */
export interface VerilogLayer {
  readonly name: string
  readonly multipliers: number
  /** Proved: a two's-complement sum of so many bits cannot overflow. */
  readonly provedBits: number
  readonly accumulatorBits: number
  readonly intervalCycles: number
}

export interface Verilog {
  /** Modules (.v), testbenches (_tb.v), constants and golden vectors (.mem) */
  readonly files: readonly File[]
  readonly vectors: number
  /** From the clock that takes a vector's first code to the clock that gives its last word. */
  readonly latencyCycles: number
  /** Clocks between vectors. */
  readonly intervalCycles: number
  readonly layers: readonly VerilogLayer[]
  /** OHM4003 formats chosen here; those of the threshold table */
  readonly warnings: readonly Warning[]
}

/**
 * The digital half of a deployment as synthesizable Verilog-2005: threshold search and decoder, word for word those of
 * the simulator, each with a testbench.
 *
 * Byte-identical for identical input. A flash converter does not search: there are no files of the search then.
 *
 * @param from  a chip's table names the chip
 * @throws OHM4001 an accumulator that could overflow, OHM5004 options out of range, and what `thresholdTable` throws
 */
export function verilog(from: Deployment | Chip, options: VerilogOptions = {}): Verilog {
  knownOptions<VerilogOptions>('verilog', options, {
    multipliers: true,
    randomVectors: true,
    dacBits: true,
    version: true,
  })
  const { decoder, table, warnings } = digitalHalf(from, options.dacBits)
  const deployment = 'deployment' in from ? from.deployment : from
  const { id, adc } = deployment.profile
  const made = verilogOf(decoder, table.table, id, { ...options, search: adc.architecture !== 'flash' })
  return { ...made, warnings }
}

/** As `verilog`, from a decoder and its table. @param profile  id for the heads */
export function verilogOf(
  decoder: FixedDecoder,
  table: ThresholdTable,
  profile: string,
  options: VerilogOptions & {
    /** false: the converter is none that searches */
    readonly search?: boolean
  } = {},
): Omit<Verilog, 'warnings'> {
  // The text ends up in comments.
  const clean = (text: string) => text.replace(/[^\w.+-]/g, '')
  const version = options.version === undefined ? 'ohmbit' : `ohmbit ${clean(options.version)}`
  const about = [
    version,
    `network sha256: ${table.network.sha256}`,
    `profile ${clean(profile)} sha256: ${table.profile.sha256}`,
    ...(table.chip === null ? [] : [`chip: ${table.chip.chip} of seed ${table.chip.seed}`]),
  ]
  const decnet = decoderFiles(decoder, table.scanOrder, about, options)
  if (options.search === false) return decnet
  return { ...decnet, files: [...decnet.files, ...searchFiles(table, about)] }
}

/** The search alone: modules, constants, testbench. @param about  lines of the heads, the version first */
export function searchFiles(table: ThresholdTable, about: readonly string[]): File[] {
  const cases = searchCases(table)
  const [rom, golden] = searchMemories(table, cases)
  return [
    { name: 'adc_search.v', text: searchTop(table, about) },
    { name: 'adc_threshold_search.v', text: headed(about, SEARCH) },
    { name: 'adc_search_tb.v', text: searchTestbench(table, cases, fingerprint([rom]), about) },
    ...[rom, golden].map((m) => ({ name: m.name, text: memoryText(m, about[0] ?? 'ohmbit') })),
  ]
}

/** The decoder alone: modules, constants, testbench. @param about  lines of the heads, the version first */
export function decoderFiles(
  decoder: FixedDecoder,
  scanOrder: readonly number[],
  about: readonly string[],
  options: VerilogOptions = {},
): Omit<Verilog, 'warnings'> {
  const plan = planVerilog(decoder, scanOrder, options.multipliers)
  const roms = decoderRoms(plan)
  const vectors = goldenVectors(decoder, options.randomVectors)
  const version = about[0] ?? 'ohmbit'
  // Layers of one activation read the same table.
  const memories = new Map([...roms, ...goldenMemories(plan, vectors)].map((m) => [m.name, memoryText(m, version)]))
  return {
    files: [
      { name: 'decnet.v', text: topModule(plan, about) },
      { name: 'decnet_levels.v', text: headed(about, LEVELS) },
      { name: 'decnet_dense.v', text: headed(about, DENSE) },
      { name: 'decnet_requantize.v', text: headed(about, REQUANTIZE) },
      ...(plan.layers.some(({ table }) => table !== null)
        ? [{ name: 'decnet_activation.v', text: headed(about, ACTIVATION) }]
        : []),
      { name: 'decnet_tb.v', text: testbench(plan, roms, vectors.length, fingerprint(roms), about) },
      ...[...memories].map(([name, text]) => ({ name, text })),
    ],
    vectors: vectors.length,
    latencyCycles: plan.latencyCycles,
    intervalCycles: plan.intervalCycles,
    layers: plan.layers.map(layerOf),
  }
}

function layerOf({ layer, multipliers, accumulatorBits, intervalCycles }: VerilogPlan['layers'][number]): VerilogLayer {
  const provedBits = layer.bounds.reduce((m, b) => Math.max(m, b.bits), 0)
  return { name: layer.name, multipliers, provedBits, accumulatorBits, intervalCycles }
}

const headed = (about: readonly string[], text: string) => `${comment(about).join('\n')}\n${text}`
