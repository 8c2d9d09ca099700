import { codesOf, type GoldenVector } from '../../decoder/golden.ts'
import type { Rom } from './memories.ts'
import { type Memory, memory } from './memory.ts'
import type { VerilogPlan } from './plan.ts'
import { comment } from './top.ts'

/** "ohmb": stands behind the last golden word, so that a file that is missing or cut is seen. */
export const END_MARK = 0x6f686d62

/** Vectors that are run a second time with random pauses. */
const PAUSED = 40

/** Codes in scan order and output words, with their end marks. */
export function goldenMemories(plan: VerilogPlan, vectors: readonly GoldenVector[]): Memory[] {
  const { data, cols } = codesOf(vectors)
  const codes = Array.from(data, (_, k) => data[k - (k % cols) + plan.scanOrder[k % cols]!]!)
  const words = vectors.flatMap(({ output }) => output)
  const content = (what: string) => `${what} of ${vectors.length} golden vectors and the end mark ohmb`
  return [
    memory('decnet_golden_codes.mem', content('codes'), 32, [...codes, END_MARK]),
    memory('decnet_golden_words.mem', content('output words'), 32, [...words, END_MARK]),
  ]
}

/** decnet_tb.v: golden vectors through the top level. @param fingerprint  of the ROMs */
export function testbench(
  plan: VerilogPlan,
  roms: readonly Rom[],
  vectors: number,
  fingerprint: number,
  about: readonly string[],
): string {
  const { codeBits, outputs, outputBits, scanOrder, latencyCycles, intervalCycles } = plan
  const longest = roms.reduce((m, rom) => Math.max(m, Math.ceil(rom.bits / 32)), 1)
  return [
    ...comment([
      'Golden vectors through decnet: one alone, then all without a pause, then some with random pauses at both ends.',
      'The constants in the ROMs, the clocks of a vector and every output word must be right, or it ends in $fatal.',
      ...about,
    ]),
    '',
    '`default_nettype none',
    '',
    'module decnet_tb;',
    `  localparam VECTORS = ${vectors};`,
    `  localparam CHANNELS = ${scanOrder.length};`,
    `  localparam OUTPUTS = ${outputs};`,
    `  localparam LATENCY = ${latencyCycles};`,
    `  localparam INTERVAL = ${intervalCycles};`,
    `  localparam PAUSED = ${Math.min(PAUSED, vectors)};`,
    `  localparam PATIENCE = 1000 + 100 * LATENCY;`,
    `  localparam [31:0] FINGERPRINT = 32'h${hex32(fingerprint)};`,
    `  localparam [31:0] END_MARK = 32'h${hex32(END_MARK)};`,
    '',
    '  reg [31:0] codes [0:VECTORS*CHANNELS];',
    '  reg [31:0] words [0:VECTORS*OUTPUTS];',
    '',
    '  reg clk, rst;',
    '  reg code_valid;',
    '  wire code_ready;',
    '  wire out_valid;',
    '  reg out_ready;',
    `  wire [${outputBits - 1}:0] out_word;`,
    '  wire out_last;',
    '',
    '  // Pass 0: one vector; 1: all; 2: the first PAUSED again, with pauses.',
    '  reg [1:0] pass;',
    '  integer sent, received, clock, first_taken, last_given, heard, mismatches, latency, interval;',
    "  wire [31:0] pass_vectors = pass == 2'd0 ? 1 : pass == 2'd1 ? VECTORS : PAUSED;",
    '  reg [15:0] dice;',
    '',
    `  wire code_taken = code_valid && code_ready;`,
    '  wire word_given = out_valid && out_ready;',
    '  wire ends_vector = received % OUTPUTS == OUTPUTS - 1;',
    '  wire ends_pass = word_given && received == pass_vectors * OUTPUTS - 1;',
    '',
    '  decnet dut (',
    '    .clk(clk), .rst(rst),',
    `    .code_valid(code_valid), .code_ready(code_ready), .code(codes[sent][${codeBits - 1}:0]),`,
    '    .out_valid(out_valid), .out_ready(out_ready), .out_word(out_word), .out_last(out_last)',
    '  );',
    '',
    ...fingerprintLines(roms, longest),
    '  initial begin',
    "    clk = 1'b0;",
    '    forever #5 clk = !clk;',
    '  end',
    '',
    '  initial begin',
    "    codes[VECTORS*CHANNELS] = 32'd0;",
    "    words[VECTORS*OUTPUTS] = 32'd0;",
    '    $readmemh("decnet_golden_codes.mem", codes);',
    '    $readmemh("decnet_golden_words.mem", words);',
    "    rst = 1'b1;",
    '    #1;',
    '    if (codes[VECTORS*CHANNELS] !== END_MARK)',
    '      $fatal(1, "decnet_golden_codes.mem is missing or has not %0d vectors", VECTORS);',
    '    if (words[VECTORS*OUTPUTS] !== END_MARK)',
    '      $fatal(1, "decnet_golden_words.mem is missing or has not %0d vectors", VECTORS);',
    '    check_roms;',
    "    #41 rst = 1'b0;",
    '  end',
    '',
    '  always @(posedge clk)',
    '    if (rst) begin',
    "      pass <= 2'd0;",
    '      sent <= 0;',
    '      received <= 0;',
    '      clock <= 0;',
    '      heard <= 0;',
    '      mismatches <= 0;',
    '      first_taken <= 0;',
    '      last_given <= 0;',
    '      latency <= 0;',
    '      interval <= 0;',
    "      dice <= 16'hace1;",
    "      code_valid <= 1'b1;",
    "      out_ready <= 1'b1;",
    '    end else begin',
    '      clock <= clock + 1;',
    '      dice <= {dice[14:0], dice[15] ^ dice[13] ^ dice[12] ^ dice[10]};',
    '      if (code_taken) begin',
    '        sent <= sent + 1;',
    '        if (sent == 0)',
    '          first_taken <= clock;',
    '      end',
    '      // A code that is offered stays until it is taken.',
    '      if (ends_pass)',
    "        code_valid <= 1'b1;",
    '      else if (code_taken || !code_valid)',
    "        code_valid <= sent + (code_taken ? 1 : 0) < pass_vectors * CHANNELS && (pass != 2'd2 || dice[0]);",
    "      out_ready <= pass != 2'd2 || dice[7];",
    '      if (word_given) begin',
    '        heard <= clock;',
    '        received <= ends_pass ? 0 : received + 1;',
    `        if (out_word !== words[received][${outputBits - 1}:0] || out_last !== ends_vector) begin`,
    '          mismatches <= mismatches + 1;',
    '          if (mismatches < 10)',
    `            $display("decnet_tb: pass %0d vector %0d word %0d is %h, wanted %h; out_last %b", pass, received / OUTPUTS, received % OUTPUTS, out_word, words[received][${outputBits - 1}:0], out_last);`,
    '        end',
    '        if (ends_vector) begin',
    '          last_given <= clock;',
    "          if (pass == 2'd0)",
    '            latency <= clock - first_taken;',
    "          if (pass == 2'd1)",
    '            interval <= clock - last_given;',
    '        end',
    '      end',
    '      if (ends_pass) begin',
    '        sent <= 0;',
    "        pass <= pass + 2'd1;",
    '      end',
    "      if (pass == 2'd3)",
    '        judge;',
    '      if (clock - heard > PATIENCE)',
    '        $fatal(1, "decnet_tb: no word for %0d clocks, in pass %0d after %0d words", PATIENCE, pass, received);',
    '    end',
    '',
    '  task judge;',
    '    begin',
    '      if (mismatches != 0)',
    '        $fatal(1, "decnet_tb: %0d mismatches", mismatches);',
    '      if (latency != LATENCY)',
    '        $fatal(1, "decnet_tb: a vector takes %0d clocks, not %0d", latency, LATENCY);',
    '      if (VECTORS >= 16 && interval != INTERVAL)',
    '        $fatal(1, "decnet_tb: vectors are %0d clocks apart, not %0d", interval, INTERVAL);',
    '      $display("decnet_tb: PASS, %0d vectors, 0 mismatches, latency %0d clocks, one vector every %0d clocks", VECTORS, latency, interval);',
    '      $finish;',
    '    end',
    '  endtask',
    'endmodule',
    '',
    '`default_nettype wire',
    '',
  ].join('\n')
}

/** A task that reads every ROM of the design and compares their fingerprint. */
function fingerprintLines(roms: readonly Rom[], longest: number): string[] {
  return [
    '  // FNV-1a over the 32-bit parts of every word that the ROMs hold.',
    '  reg [31:0] hash;',
    `  reg [${32 * longest - 1}:0] rom_word;`,
    '  integer k, part;',
    '  task hash_word;',
    '    input integer parts;',
    '    for (part = 0; part < parts; part = part + 1)',
    "      hash = (hash ^ rom_word[32*part +: 32]) * 32'h01000193;",
    '  endtask',
    '  task check_roms;',
    '    begin',
    "      hash = 32'h811c9dc5;",
    ...roms.flatMap(({ path, bits, words, name }) => [
      `      for (k = 0; k < ${words.length}; k = k + 1) begin`,
      `        rom_word = ${padded(`dut.${path}[k]`, bits, 32 * longest)};`,
      `        hash_word(${Math.ceil(bits / 32)});`,
      '      end',
      "      if (^hash === 1'bx)",
      `        $fatal(1, "${name} is missing or too short");`,
    ]),
    '      if (hash !== FINGERPRINT)',
    '        $fatal(1, "the ROMs hold other constants: fingerprint %h, wanted %h", hash, FINGERPRINT);',
    '    end',
    '  endtask',
    '',
  ]
}

const padded = (signal: string, bits: number, wanted: number) =>
  bits === wanted ? signal : `{${wanted - bits}'d0, ${signal}}`

const hex32 = (x: number) => x.toString(16).padStart(8, '0')
