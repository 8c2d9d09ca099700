/** decnet_levels.v: the reproduction level of a code. */
export const LEVELS = `\
// Code to reproduction level, the first layer's input word. One a clock, one clock.
// LEVEL_FILE: one level a code; codes beyond the last have the last one's.

\`default_nettype none

module decnet_levels #(
  parameter CODE_BITS = 2,
  parameter OUT_BITS = 16,
  parameter LEVEL_FILE = ""
) (
  input wire clk,
  input wire rst,
  input wire in_valid,
  output wire in_ready,
  input wire [CODE_BITS-1:0] in_code,
  output reg out_valid,
  input wire out_ready,
  output reg [OUT_BITS-1:0] out_word
);
  reg [OUT_BITS-1:0] words [0:(1<<CODE_BITS)-1];
  initial if (LEVEL_FILE != "") $readmemh(LEVEL_FILE, words);

  assign in_ready = out_ready || !out_valid;

  always @(posedge clk)
    if (rst)
      out_valid <= 1'b0;
    else if (in_ready)
      out_valid <= in_valid;

  always @(posedge clk)
    if (in_ready)
      out_word <= words[in_code];
endmodule

\`default_nettype wire
`
