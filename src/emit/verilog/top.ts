import { formatText } from '../../decoder/format.ts'
import type { LayerPlan, VerilogPlan } from './plan.ts'

/** `// ` before every line. */
export const comment = (lines: readonly string[]): string[] => lines.map((line) => `// ${line}`.trimEnd())

/** decnet.v: the stages in a row. @param about  lines of the head */
export function topModule(plan: VerilogPlan, about: readonly string[]): string {
  const { layers, codeBits, levels, outputs, outputBits, decoder, scanOrder } = plan
  const last = layers.at(-1)!.layer
  const rowBits = Math.max(1, Math.ceil(Math.log2(outputs)))
  const words = layers.map(({ layer, table }) => (table === null ? layer.pre.bits : layer.output.bits))
  return [
    ...comment([
      'DecNet: codes of the converter in, words of the estimate out. Verilog-2005.',
      ...about,
      '',
      `In: ${scanOrder.length} codes a vector, 0 .. ${levels - 1}, in scan order${scanOrder.every((n, k) => n === k) ? ' (channel 0 first)' : `: channels ${scanOrder.join(' ')}`}.`,
      `Out: ${outputs} words a vector, ${formatText(last.output)} (value = word x 2^${-last.output.frac}), component 0 first; out_last marks the last.`,
      'A code or word is passed on at a rising clock edge with valid and ready. rst is synchronous, active high.',
      `From the edge that takes the first code to the edge that gives the last word: ${plan.latencyCycles} clocks, codes and words unhindered.`,
      `Once all layers are busy: one vector every ${plan.intervalCycles} clocks.`,
      '',
      ...layers.map(layerText),
    ]),
    '',
    '`default_nettype none',
    '',
    'module decnet (',
    '  input wire clk,',
    '  input wire rst,',
    '  input wire code_valid,',
    '  output wire code_ready,',
    `  input wire [${codeBits - 1}:0] code,`,
    '  output wire out_valid,',
    '  input wire out_ready,',
    `  output wire [${outputBits - 1}:0] out_word,`,
    '  output wire out_last',
    ');',
    ...instance(
      'decnet_levels',
      'levels',
      [
        ['CODE_BITS', codeBits],
        ['OUT_BITS', decoder.levels.format.bits],
        ['LEVEL_FILE', '"decnet_levels.mem"'],
      ],
      ['code_valid', 'code_ready', 'in_code', 'code'],
      wires('level', decoder.levels.format.bits),
    ),
    ...layers.flatMap((layer, l) => layerInstances(layer, l, l === 0 ? 'level' : `y_${l - 1}`)),
    `  assign out_valid = y_${layers.length - 1}_valid;`,
    `  assign y_${layers.length - 1}_ready = out_ready;`,
    `  assign out_word = y_${layers.length - 1};`,
    '',
    `  localparam [${rowBits - 1}:0] LAST_ROW = ${rowBits}'d${outputs - 1};`,
    `  reg [${rowBits - 1}:0] row;`,
    '  assign out_last = row == LAST_ROW;',
    '  always @(posedge clk)',
    '    if (rst)',
    `      row <= ${rowBits}'d0;`,
    '    else if (out_valid && out_ready)',
    `      row <= out_last ? ${rowBits}'d0 : row + 1'b1;`,
    'endmodule',
    '',
    '`default_nettype wire',
    '',
  ].join('\n')

  function layerText({ layer, multipliers, accumulatorBits, intervalCycles }: LayerPlan): string {
    const proved = layer.bounds.reduce((m, b) => Math.max(m, b.bits), 0)
    const low = layer.bounds.reduce((m, b) => Math.min(m, b.low), 0)
    const high = layer.bounds.reduce((m, b) => Math.max(m, b.high), 0)
    return (
      `${layer.name}: ${layer.inputs} -> ${layer.outputs}, ${layer.activation}, ${multipliers} multipliers, ${intervalCycles} clocks a vector; ` +
      `sums proved within ${low} .. ${high}, ${proved} bits (written with ${accumulatorBits}); ` +
      `in ${formatText(layer.input)}, before the activation ${formatText(layer.pre)}, out ${formatText(layer.output)}`
    )
  }

  function layerInstances(layer: LayerPlan, l: number, source: string): string[] {
    const { shifts, table, accumulatorBits, multipliers } = layer
    const { inputs, outputs: rows, activation, pre } = layer.layer
    const quantized = table === null ? `y_${l}` : `z_${l}`
    const one = typeof shifts === 'number'
    return [
      ...instance(
        'decnet_dense',
        `dense_${l}`,
        [
          ['INPUTS', inputs],
          ['OUTPUTS', rows],
          ['MULTIPLIERS', multipliers],
          ['X_BITS', layer.inputBits],
          ['W_BITS', layer.weightBits],
          ['ACC_BITS', accumulatorBits],
          ['WEIGHT_FILE', `"decnet_weights_${l}.mem"`],
        ],
        [`${source}_valid`, `${source}_ready`, 'in_word', source],
        wires(`sum_${l}`, accumulatorBits),
        'out_sum',
      ),
      ...instance(
        'decnet_requantize',
        `requantize_${l}`,
        [
          ['ROWS', rows],
          ['ACC_BITS', accumulatorBits],
          ['OUT_BITS', pre.bits],
          ['RELU', activation === 'relu' ? 1 : 0],
          ['SHIFT', one ? shifts : 0],
          ['ROW_SHIFTS', one ? 0 : 1],
          ['OFFSET_FILE', `"decnet_offsets_${l}.mem"`],
          ['SHIFT_FILE', one ? '""' : `"decnet_shifts_${l}.mem"`],
        ],
        [`sum_${l}_valid`, `sum_${l}_ready`, 'in_sum', `sum_${l}`],
        wires(quantized, pre.bits),
      ),
      ...(table === null
        ? []
        : instance(
            'decnet_activation',
            `activation_${l}`,
            [
              ['OUT_BITS', words[l]!],
              ['INDEX_SHIFT', table.indexShift],
              ['OUTPUT_SHIFT', table.outputShift],
              ['ODD', table.symmetry === 'odd' ? 1 : 0],
              ['TABLE_FILE', `"decnet_${table.id}.mem"`],
            ],
            [`z_${l}_valid`, `z_${l}_ready`, 'in_word', `z_${l}`],
            wires(`y_${l}`, words[l]!),
          )),
    ]
  }
}

const wires = (name: string, bits: number) => ({ name, bits })

/** One module and the wires behind it. @param source  valid, ready, port and signal of its input */
function instance(
  module: string,
  name: string,
  parameters: readonly (readonly [string, number | string])[],
  [valid, ready, port, signal]: readonly [string, string, string, string],
  out: { readonly name: string; readonly bits: number },
  outPort = 'out_word',
): string[] {
  return [
    `  wire ${out.name}_valid;`,
    `  wire ${out.name}_ready;`,
    `  wire [${out.bits - 1}:0] ${out.name};`,
    `  ${module} #(`,
    parameters.map(([key, value]) => `    .${key}(${value})`).join(',\n'),
    `  ) ${name} (`,
    '    .clk(clk), .rst(rst),',
    `    .in_valid(${valid}), .in_ready(${ready}), .${port}(${signal}),`,
    `    .out_valid(${out.name}_valid), .out_ready(${out.name}_ready), .${outPort}(${out.name})`,
    '  );',
    '',
  ]
}
