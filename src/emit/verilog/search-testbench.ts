import { dacVolts, lsb } from '../../adc/design.ts'
import type { ThresholdTable } from '../threshold-table/table.ts'
import { type Memory, memory } from './memory.ts'
import { END_MARK } from './testbench.ts'
import { comment } from './top.ts'

/** A held voltage, its code, and how many compares the search needs. */
export interface SearchCase {
  readonly volts: number
  readonly code: number
  readonly compares: number
}

/** Thresholds whose neighbourhood is tried; of more, evenly spaced ones. */
const MOST_THRESHOLDS = 256

/**
 * What the search is tried with: the volts that the DAC gives for each threshold, exactly, the next double below and
 * above, the wanted volts, + and - full scale and 0.
 *
 * Codes are those of an ideal comparator with the tie rule of the table.
 */
export function searchCases(table: ThresholdTable): SearchCase[] {
  const { dac, thresholds, range } = table
  const count = Math.min(dac.volts.length, MOST_THRESHOLDS)
  const picked = Array.from({ length: count }, (_, k) => Math.floor((k * dac.volts.length) / count))
  const volts = [
    -range.high,
    range.high,
    0,
    ...picked.flatMap((k) => [
      nextDouble(dac.volts[k]!, -1),
      dac.volts[k]!,
      nextDouble(dac.volts[k]!, 1),
      thresholds.volts[k]!,
    ]),
  ]
  return volts.map((v) => ({ volts: v, ...search(table, v) }))
}

function search(
  { dac, compare, search: kind, levelCount }: ThresholdTable,
  v: number,
): { code: number; compares: number } {
  const above = (k: number) => (compare === 'gt' ? v > dac.volts[k]! : v >= dac.volts[k]!)
  const top = levelCount - 1
  let code = 0
  if (kind !== 'binary') {
    while (code < top && above(code)) code++
    return { code, compares: Math.min(code + 1, top) }
  }
  let compares = 0
  for (let high = top; code < high; compares++) {
    const middle = (code + high) >> 1
    if (above(middle)) code = middle + 1
    else high = middle
  }
  return { code, compares }
}

/** The double next to x, up or down. */
function nextDouble(x: number, direction: 1 | -1): number {
  if (x === 0) return direction * Number.MIN_VALUE
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  view.setBigInt64(0, view.getBigInt64(0) + BigInt(x > 0 === direction > 0 ? 1 : -1))
  return view.getFloat64(0)
}

const bitsOf = (x: number): bigint => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  return view.getBigUint64(0)
}

/** The ROM of the search, and its golden conversions with their end mark. */
export function searchMemories(
  table: ThresholdTable,
  cases: readonly SearchCase[],
): readonly [rom: Memory, golden: Memory] {
  const golden = cases.map(
    ({ volts, code, compares }) => (bitsOf(volts) << 64n) | (BigInt(compares) << 32n) | BigInt(code),
  )
  return [
    memory(
      'adc_dac.mem',
      `DAC code of each threshold, ${table.compare}, crc32 of the table ${table.crc32}`,
      table.dac.bits,
      table.dac.codes,
    ),
    {
      name: 'adc_golden.mem',
      content: 'held volts (IEEE 754 double), compares, code; then the end mark ohmb',
      bits: 128,
      words: [...golden, BigInt(END_MARK)],
    },
  ]
}

export const codeBitsOf = (table: ThresholdTable): number => Math.ceil(Math.log2(table.levelCount))
const channelBitsOf = (table: ThresholdTable) => Math.max(1, Math.ceil(Math.log2(table.channels)))

/** Parameters of the search for a table. */
function parameterLines(table: ThresholdTable): string[] {
  return [
    `.LEVELS(${table.levelCount})`,
    `.CHANNELS(${table.channels})`,
    `.CODE_BITS(${codeBitsOf(table)})`,
    `.CHANNEL_BITS(${channelBitsOf(table)})`,
    `.DAC_BITS(${table.dac.bits})`,
    `.LINEAR(${table.search === 'binary' ? 0 : 1})`,
    '.DAC_FILE("adc_dac.mem")',
  ]
}

/** adc_search.v: the search with the parameters of a table. */
export function searchTop(table: ThresholdTable, about: readonly string[]): string {
  const { levelCount, search: kind, dac, compare, channels, scanOrder } = table
  const most = kind === 'binary' ? Math.ceil(Math.log2(levelCount)) : levelCount - 1
  const steps = kind === 'ramp' ? ' (of the ramp only the steps at thresholds)' : ''
  return [
    ...comment([
      `The controller of this serial ADC: ${levelCount} levels, ${kind} search${steps}, threshold DAC of ${dac.bits} bits (offset binary,`,
      `volts = (code - ${2 ** (dac.bits - 1)}) x ${lsb(table.range.high, dac.bits)}), ${channels} channels. Verilog-2005.`,
      ...about,
      '',
      `above = held voltage ${compare === 'gt' ? '>' : '>='} threshold. At most ${most} compares; clocks of a conversion = compares + 1.`,
      `Scan order of the channels: ${scanOrder.every((n, k) => n === k) ? '0, 1, 2 ..' : scanOrder.join(' ')}; channel is the position in it.`,
      'Ports: adc_threshold_search.v.',
    ]),
    '',
    '`default_nettype none',
    '',
    'module adc_search (',
    '  input wire clk,',
    '  input wire rst,',
    '  input wire held_valid,',
    '  output wire held_ready,',
    `  output wire [${channelBitsOf(table) - 1}:0] channel,`,
    '  output wire comparing,',
    `  output wire [${dac.bits - 1}:0] dac_code,`,
    '  input wire decided,',
    '  input wire above,',
    '  output wire code_valid,',
    '  input wire code_ready,',
    `  output wire [${codeBitsOf(table) - 1}:0] code`,
    ');',
    '  adc_threshold_search #(',
    parameterLines(table)
      .map((line) => `    ${line}`)
      .join(',\n'),
    '  ) search (',
    '    .clk(clk), .rst(rst), .held_valid(held_valid), .held_ready(held_ready), .channel(channel),',
    '    .comparing(comparing), .dac_code(dac_code), .decided(decided), .above(above),',
    '    .code_valid(code_valid), .code_ready(code_ready), .code(code)',
    '  );',
    'endmodule',
    '',
    '`default_nettype wire',
    '',
  ].join('\n')
}

/** adc_search_tb.v: an ideal comparator and threshold DAC around the search. */
export function searchTestbench(
  table: ThresholdTable,
  cases: readonly SearchCase[],
  fingerprint: number,
  about: readonly string[],
): string {
  const { dac, compare, channels, range } = table
  const clocks = cases.reduce((sum, { compares }) => sum + compares + 1, 0)
  return [
    ...comment([
      'The search with an ideal comparator and threshold DAC: all golden voltages without a pause, then with random pauses.',
      ...about,
    ]),
    '',
    '`default_nettype none',
    '',
    'module adc_search_tb;',
    `  localparam CASES = ${cases.length};`,
    `  localparam LEVELS = ${table.levelCount};`,
    `  localparam CHANNELS = ${channels};`,
    `  localparam CLOCKS = ${clocks};`,
    `  localparam PATIENCE = 1000 + 100 * LEVELS;`,
    `  localparam [127:0] END_MARK = 128'h${END_MARK.toString(16)};`,
    `  // volts of one step of the DAC, and the code of 0 V`,
    `  localparam [63:0] STEP = 64'h${bitsOf(dacVolts(2 ** (dac.bits - 1) + 1, range.high, dac.bits))
      .toString(16)
      .padStart(16, '0')};`,
    `  localparam MIDDLE = ${2 ** (dac.bits - 1)};`,
    '',
    `  localparam [31:0] FINGERPRINT = 32'h${fingerprint.toString(16).padStart(8, '0')};`,
    '',
    '  reg [127:0] golden [0:CASES];',
    '  reg clk, rst;',
    '  reg held_valid, decided, code_ready;',
    '  wire held_ready, comparing, code_valid;',
    `  wire [${channelBitsOf(table) - 1}:0] channel;`,
    `  wire [${dac.bits - 1}:0] dac_code;`,
    `  wire [${codeBitsOf(table) - 1}:0] code;`,
    '  integer held, clock, started, heard, compares, mismatches, clocks;',
    '  reg [1:0] pass;',
    '  reg [15:0] dice;',
    '  // FNV-1a over the DAC codes that the ROM holds',
    '  reg [31:0] hash;',
    '  integer k;',
    '',
    '  wire [127:0] row = golden[held];',
    '  real volts, threshold;',
    '  reg above;',
    '  always @* begin',
    '    volts = $bitstoreal(row[127:64]);',
    "    threshold = ($itor({1'b0, dac_code}) - $itor(MIDDLE)) * $bitstoreal(STEP);",
    `    above = volts ${compare === 'gt' ? '>' : '>='} threshold;`,
    '  end',
    '',
    '  adc_search dut (',
    '    .clk(clk), .rst(rst), .held_valid(held_valid), .held_ready(held_ready), .channel(channel),',
    '    .comparing(comparing), .dac_code(dac_code), .decided(decided), .above(above),',
    '    .code_valid(code_valid), .code_ready(code_ready), .code(code)',
    '  );',
    '',
    '  initial begin',
    "    clk = 1'b0;",
    '    forever #5 clk = !clk;',
    '  end',
    '',
    '  initial begin',
    "    golden[CASES] = 128'd0;",
    '    $readmemh("adc_golden.mem", golden);',
    "    rst = 1'b1;",
    '    #1;',
    '    if (golden[CASES] !== END_MARK)',
    '      $fatal(1, "adc_golden.mem is missing or has not %0d conversions", CASES);',
    "    hash = 32'h811c9dc5;",
    '    for (k = 0; k < LEVELS - 1; k = k + 1)',
    `      hash = (hash ^ {${32 - dac.bits}'d0, dut.search.dac_codes[k]}) * 32'h01000193;`,
    "    if (^hash === 1'bx)",
    '      $fatal(1, "adc_dac.mem is missing or too short");',
    '    if (hash !== FINGERPRINT)',
    '      $fatal(1, "the ROM holds other DAC codes: fingerprint %h, wanted %h", hash, FINGERPRINT);',
    "    #41 rst = 1'b0;",
    '  end',
    '',
    '  wire start = held_valid && held_ready;',
    '  wire given = code_valid && code_ready;',
    '  wire ends_pass = given && held == CASES - 1;',
    '',
    '  always @(posedge clk)',
    '    if (rst) begin',
    "      pass <= 2'd0;",
    '      held <= -1;',
    '      clock <= 0;',
    '      started <= 0;',
    '      heard <= 0;',
    '      compares <= 0;',
    '      mismatches <= 0;',
    '      clocks <= 0;',
    "      dice <= 16'hace1;",
    "      held_valid <= 1'b1;",
    "      decided <= 1'b1;",
    "      code_ready <= 1'b1;",
    '    end else begin',
    '      clock <= clock + 1;',
    '      dice <= {dice[14:0], dice[15] ^ dice[13] ^ dice[12] ^ dice[10]};',
    "      decided <= pass == 2'd0 || dice[2];",
    "      code_ready <= pass == 2'd0 || dice[7];",
    '      // The sample of the next conversion is held when its start is due.',
    "      held_valid <= (held + (start ? 1 : 0) < CASES - 1 || ends_pass) && (pass == 2'd0 || dice[0]);",
    '      if (start) begin',
    `        if (channel !== position[${channelBitsOf(table) - 1}:0])`,
    '          mismatches <= mismatches + 1;',
    '        held <= held == CASES - 1 ? 0 : held + 1;',
    '        compares <= 0;',
    '        if (held == -1)',
    '          started <= clock;',
    '      end else if (ends_pass)',
    '        held <= -1;',
    '      if (comparing && decided)',
    '        compares <= compares + 1;',
    '      if (given) begin',
    '        heard <= clock;',
    `        if (code !== row[${codeBitsOf(table) - 1}:0] || compares != row[63:32]) begin`,
    '          mismatches <= mismatches + 1;',
    '          if (mismatches < 10)',
    '            $display("adc_search_tb: pass %0d, %g V has code %0d after %0d compares, wanted %0d after %0d", pass, volts, code, compares, row[31:0], row[63:32]);',
    '        end',
    '      end',
    '      if (ends_pass) begin',
    "        if (pass == 2'd0)",
    '          clocks <= clock - started;',
    "        pass <= pass + 2'd1;",
    '      end',
    "      if (pass == 2'd2)",
    '        judge;',
    '      if (clock - heard > PATIENCE)',
    '        $fatal(1, "adc_search_tb: no code for %0d clocks, in pass %0d at case %0d", PATIENCE, pass, held);',
    '    end',
    '',
    '  // Conversions started so far, modulo the channels.',
    '  reg [31:0] position;',
    '  always @(posedge clk)',
    '    if (rst)',
    "      position <= 32'd0;",
    '    else if (start)',
    "      position <= position == CHANNELS - 1 ? 32'd0 : position + 32'd1;",
    '',
    '  task judge;',
    '    begin',
    '      if (mismatches != 0)',
    '        $fatal(1, "adc_search_tb: %0d mismatches", mismatches);',
    '      if (clocks != CLOCKS)',
    '        $fatal(1, "adc_search_tb: %0d conversions took %0d clocks, not %0d", CASES, clocks, CLOCKS);',
    '      $display("adc_search_tb: PASS, %0d conversions, 0 mismatches, %0d clocks", CASES, clocks);',
    '      $finish;',
    '    end',
    '  endtask',
    'endmodule',
    '',
    '`default_nettype wire',
    '',
  ].join('\n')
}
