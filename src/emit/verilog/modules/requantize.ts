/** decnet_requantize.v: from sums to words. */
export const REQUANTIZE = `\
// y = saturate((sum + offset) >> shift), the offset of a row being its bias and half a step of the result: rounding half
// up, once. A negative shift shifts left. LOW = 0 is a relu.
//
// ROWS sums in turn, one a clock; three clocks from sum to word.
// SHIFT holds for all rows, unless ROW_SHIFTS is 1: then SHIFT_FILE has one a row, eight bits, two's complement.

\`default_nettype none

module decnet_requantize #(
  parameter ROWS = 2,
  parameter ACC_BITS = 33,
  parameter OUT_BITS = 16,
  parameter RELU = 0,
  parameter SHIFT = 0,
  parameter ROW_SHIFTS = 0,
  parameter OFFSET_FILE = "",
  parameter SHIFT_FILE = ""
) (
  input wire clk,
  input wire rst,
  input wire in_valid,
  output wire in_ready,
  input wire [ACC_BITS-1:0] in_sum,
  output wire out_valid,
  input wire out_ready,
  output wire [OUT_BITS-1:0] out_word
);
  localparam ROW_BITS = ROWS > 1 ? $clog2(ROWS) : 1;
  localparam [31:0] LAST_ROW = ROWS - 1;
  localparam WIDE_BITS = (ACC_BITS > OUT_BITS ? ACC_BITS : OUT_BITS) + 1;
  localparam [OUT_BITS-1:0] HIGH = {1'b0, {(OUT_BITS-1){1'b1}}};
  localparam [OUT_BITS-1:0] LOW = RELU != 0 ? {OUT_BITS{1'b0}} : {1'b1, {(OUT_BITS-1){1'b0}}};
  localparam signed [WIDE_BITS-1:0] WIDE_HIGH = {{(WIDE_BITS-OUT_BITS){HIGH[OUT_BITS-1]}}, HIGH};
  localparam signed [WIDE_BITS-1:0] WIDE_LOW = {{(WIDE_BITS-OUT_BITS){LOW[OUT_BITS-1]}}, LOW};

  reg [ACC_BITS-1:0] offsets [0:ROWS-1];
  initial if (OFFSET_FILE != "") $readmemh(OFFSET_FILE, offsets);

  reg [2:0] valid;
  reg [ROW_BITS-1:0] row;
  reg [ACC_BITS-1:0] sum;
  reg [ACC_BITS-1:0] offset;
  reg signed [ACC_BITS-1:0] rounded;
  reg [OUT_BITS-1:0] word;
  wire signed [ACC_BITS-1:0] shifted;
  wire advance = out_ready || !valid[2];
  assign in_ready = advance;
  assign out_valid = valid[2];
  assign out_word = word;

  always @(posedge clk)
    if (rst) begin
      valid <= 3'b000;
      row <= {ROW_BITS{1'b0}};
    end else if (advance) begin
      valid <= {valid[1:0], in_valid};
      if (in_valid)
        row <= row == LAST_ROW[ROW_BITS-1:0] ? {ROW_BITS{1'b0}} : row + 1'b1;
    end

  generate
    if (ROW_SHIFTS != 0) begin : row_shift
      reg [7:0] shifts [0:ROWS-1];
      initial if (SHIFT_FILE != "") $readmemh(SHIFT_FILE, shifts);
      reg [7:0] read_shift;
      reg left;
      reg [7:0] amount;
      always @(posedge clk)
        if (advance) begin
          read_shift <= shifts[row];
          left <= read_shift[7];
          amount <= read_shift[7] ? 8'd0 - read_shift : read_shift;
        end
      wire signed [ACC_BITS-1:0] to_left = rounded <<< amount;
      wire signed [ACC_BITS-1:0] to_right = rounded >>> amount;
      assign shifted = left ? to_left : to_right;
    end else begin : one_shift
      localparam TO_LEFT = SHIFT < 0 ? -SHIFT : 0;
      localparam TO_RIGHT = SHIFT > 0 ? SHIFT : 0;
      assign shifted = (rounded >>> TO_RIGHT) <<< TO_LEFT;
    end
  endgenerate

  wire signed [WIDE_BITS-1:0] wide = {{(WIDE_BITS-ACC_BITS){shifted[ACC_BITS-1]}}, shifted};

  always @(posedge clk)
    if (advance) begin
      sum <= in_sum;
      offset <= offsets[row];
      rounded <= sum + offset;
      word <= wide > WIDE_HIGH ? HIGH : wide < WIDE_LOW ? LOW : wide[OUT_BITS-1:0];
    end
endmodule

\`default_nettype wire
`
