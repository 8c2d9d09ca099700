/** Artefacts: what a lab needs to build a deployment. Writers and their readers only, no physics. */
export { type CSource, type CSourceOptions, cSource } from './c/c-source.ts'
export type { Probe } from './spice/expected.ts'
export { type SpiceNetlist, type SpiceOptions, spiceNetlist } from './spice/netlist.ts'
export { type CompleteFile, parseTable, type TableFile, type WordFile } from './threshold-table/renderings.ts'
export type { ThresholdTable } from './threshold-table/table.ts'
export {
  channelTables,
  type EmittedTable,
  type ThresholdTableOptions,
  thresholdTable,
} from './threshold-table/threshold-table.ts'
export { type Verilog, type VerilogOptions, verilog } from './verilog/verilog.ts'
