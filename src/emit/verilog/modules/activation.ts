/** decnet_activation.v: tanh or sigmoid from a table. */
export const ACTIVATION = `\
// f(x) of a 16-bit word: straight lines between table entries for |x|, rounded half up once, then the symmetry
// f(-x) = -f(x) (ODD = 1) or 1 - f(x), then limited to +-(2^(OUT_BITS - 1) - 1).
//
// One word a clock; five clocks from word to word.
// TABLE_FILE: 2^(15 - INDEX_SHIFT) + 1 entries of 16 bits for |x| = 0, 2^INDEX_SHIFT, 2 2^INDEX_SHIFT .. 2^15.

\`default_nettype none

module decnet_activation #(
  parameter OUT_BITS = 16,
  parameter INDEX_SHIFT = 7,
  parameter OUTPUT_SHIFT = 7,
  parameter ODD = 1,
  parameter TABLE_FILE = ""
) (
  input wire clk,
  input wire rst,
  input wire in_valid,
  output wire in_ready,
  input wire [15:0] in_word,
  output wire out_valid,
  input wire out_ready,
  output wire [OUT_BITS-1:0] out_word
);
  localparam INDEX_BITS = 16 - INDEX_SHIFT;
  localparam [31:0] STEP = 1 << INDEX_SHIFT;
  localparam [31:0] BELOW_INDEX = STEP - 1;
  localparam [31:0] LAST_INDEX = 1 << (15 - INDEX_SHIFT);
  localparam [31:0] HALF = (1 << OUTPUT_SHIFT) >> 1;
  localparam [31:0] ONE = 1 << (OUT_BITS - 1);
  localparam [31:0] LIMIT = ONE - 1;
  localparam [31:0] NEGATIVE_LIMIT = 0 - LIMIT;

  reg [15:0] entries [0:LAST_INDEX];
  initial if (TABLE_FILE != "") $readmemh(TABLE_FILE, entries);

  reg [4:0] valid;
  wire advance = out_ready || !valid[4];
  assign in_ready = advance;
  assign out_valid = valid[4];

  always @(posedge clk)
    if (rst)
      valid <= 5'b00000;
    else if (advance)
      valid <= {valid[3:0], in_valid};

  reg [3:0] negative;
  reg [15:0] size;
  reg [15:0] entry, next_entry, weight;
  reg [31:0] base, rise;
  reg [31:0] rounded;
  reg [OUT_BITS-1:0] word;
  wire [INDEX_BITS-1:0] index = size[15:INDEX_SHIFT];
  wire [INDEX_BITS-1:0] next_index = index == LAST_INDEX[INDEX_BITS-1:0] ? index : index + 1'b1;
  wire [31:0] mirrored = ODD != 0 ? 32'd0 - rounded : ONE - rounded;
  wire signed [31:0] result = negative[3] ? mirrored : rounded;
  assign out_word = word;

  always @(posedge clk)
    if (advance) begin
      negative <= {negative[2:0], in_word[15]};
      size <= in_word[15] ? 16'd0 - in_word : in_word;

      entry <= entries[index];
      next_entry <= entries[next_index];
      weight <= size & BELOW_INDEX[15:0];

      base <= ({16'd0, entry} << INDEX_SHIFT) + HALF;
      rise <= {16'd0, next_entry - entry} * {16'd0, weight};

      rounded <= (base + rise) >> OUTPUT_SHIFT;

      word <= result > $signed(LIMIT) ? LIMIT[OUT_BITS-1:0]
        : result < $signed(NEGATIVE_LIMIT) ? NEGATIVE_LIMIT[OUT_BITS-1:0] : result[OUT_BITS-1:0];
    end
endmodule

\`default_nettype wire
`
