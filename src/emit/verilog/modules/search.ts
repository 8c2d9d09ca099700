/** adc_threshold_search.v: the controller of the serial ADC. */
export const SEARCH = `\
// Controller of the serial ADC: finds the code of a held sample with one comparator and one threshold DAC.
//
// code = number of thresholds that the sample is above. Binary search: at most $clog2(LEVELS) compares; linear search
// (LINEAR = 1): code + 1, at most LEVELS - 1.
// A conversion takes one clock more than its compares, with the comparator decided in every clock.
//
// held_*      a sample is held at the comparator and stays there until code_valid
// dac_code    to the threshold DAC, while comparing
// decided     the comparator has settled on this dac_code; above = its decision
// channel     position in the scan order of the sample that is taken next: the address of the multiplexer
// DAC_FILE: DAC codes of the thresholds, ascending; offset binary.

\`default_nettype none

module adc_threshold_search #(
  parameter LEVELS = 4,
  parameter CHANNELS = 2,
  parameter CODE_BITS = 2,
  parameter CHANNEL_BITS = 1,
  parameter DAC_BITS = 10,
  parameter LINEAR = 0,
  parameter DAC_FILE = ""
) (
  input wire clk,
  input wire rst,
  input wire held_valid,
  output wire held_ready,
  output reg [CHANNEL_BITS-1:0] channel,
  output reg comparing,
  output reg [DAC_BITS-1:0] dac_code,
  input wire decided,
  input wire above,
  output reg code_valid,
  input wire code_ready,
  output wire [CODE_BITS-1:0] code
);
  localparam PROBE_BITS = LEVELS > 2 ? $clog2(LEVELS - 1) : 1;
  localparam [31:0] TOP = LEVELS - 1;
  localparam [31:0] FIRST = LINEAR != 0 ? 0 : TOP / 2;
  localparam [31:0] LAST_CHANNEL = CHANNELS - 1;

  reg [DAC_BITS-1:0] dac_codes [0:LEVELS-2];
  initial if (DAC_FILE != "") $readmemh(DAC_FILE, dac_codes);

  // The code lies in low .. high; the threshold tried is number probe.
  reg [CODE_BITS-1:0] low;
  reg [CODE_BITS-1:0] high;
  reg [CODE_BITS-1:0] probe;
  assign code = low;

  wire [CODE_BITS-1:0] next_low = above ? probe + 1'b1 : low;
  wire [CODE_BITS-1:0] next_high = above ? high : probe;
  // (low + high) / 2 without a carry
  wire [CODE_BITS-1:0] middle = next_low + ((next_high - next_low) >> 1);
  wire [CODE_BITS-1:0] next_probe = LINEAR != 0 ? next_low : middle;
  wire found = next_low == next_high;

  assign held_ready = !comparing && (!code_valid || code_ready);
  wire start = held_valid && held_ready;

  always @(posedge clk)
    if (rst) begin
      channel <= {CHANNEL_BITS{1'b0}};
      comparing <= 1'b0;
      code_valid <= 1'b0;
    end else begin
      if (start) begin
        channel <= channel == LAST_CHANNEL[CHANNEL_BITS-1:0] ? {CHANNEL_BITS{1'b0}} : channel + 1'b1;
        comparing <= 1'b1;
      end else if (comparing && decided && found)
        comparing <= 1'b0;
      if (comparing && decided && found)
        code_valid <= 1'b1;
      else if (code_ready)
        code_valid <= 1'b0;
    end

  always @(posedge clk)
    if (start) begin
      low <= {CODE_BITS{1'b0}};
      high <= TOP[CODE_BITS-1:0];
      probe <= FIRST[CODE_BITS-1:0];
      dac_code <= dac_codes[FIRST];
    end else if (comparing && decided) begin
      low <= next_low;
      high <= next_high;
      probe <= next_probe;
      if (!found)
        dac_code <= dac_codes[next_probe[PROBE_BITS-1:0]];
    end
endmodule

\`default_nettype wire
`
