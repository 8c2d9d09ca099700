/** Artefacts: what a lab needs to build a deployment. Writers and their readers only, no physics. */
export { type CSource, type CSourceOptions, cSource } from './c/c-source.ts'
export { type ChipNetlists, chipNetlists } from './spice/chips.ts'
export type { Circuit } from './spice/circuit.ts'
export {
  type ConversionNetlist,
  type ConversionOptions,
  channelVolts,
  conversionNetlist,
} from './spice/conversion.ts'
export type { ConvertedChannel, TransientProbe } from './spice/conversion-expected.ts'
export { DIALECTS, type Dialect, type DialectId } from './spice/dialects/dialect.ts'
export { dialect } from './spice/dialects/index.ts'
export type { Probe } from './spice/expected.ts'
export { type SpiceNetlist, type SpiceOptions, spiceNetlist } from './spice/netlist.ts'
export { type ColumnNoiseNetlist, type ColumnNoiseOptions, columnNoiseNetlist } from './spice/noise.ts'
export { type Reading, readCircuit } from './spice/read.ts'
export { tileNetlists } from './spice/tiles.ts'
export { type CompleteFile, parseTable, type TableFile, type WordFile } from './threshold-table/renderings.ts'
export type { ThresholdTable } from './threshold-table/table.ts'
export {
  channelTables,
  type EmittedTable,
  type ThresholdTableOptions,
  thresholdTable,
} from './threshold-table/threshold-table.ts'
export { type Verilog, type VerilogOptions, verilog } from './verilog/verilog.ts'
