/** decnet_dense.v: W x, without bias, on a few multipliers. */
export const DENSE = `\
// W x of one layer on MULTIPLIERS multipliers: outputs are taken in groups of so many, one input a clock.
//
// In: INPUTS words, one a clock at most. Out: OUTPUTS sums, one a clock at most.
// A second bank takes the next vector in meanwhile, and the sums of a group leave while the next group is multiplied.
// ACC_BITS is proved to hold every sum; it is at least one more than X_BITS and than W_BITS.
// WEIGHT_FILE: word g INPUTS + i holds the weights of outputs g MULTIPLIERS .. (g + 1) MULTIPLIERS - 1, lowest first.

\`default_nettype none

module decnet_dense #(
  parameter INPUTS = 2,
  parameter OUTPUTS = 2,
  parameter MULTIPLIERS = 1,
  parameter X_BITS = 16,
  parameter W_BITS = 16,
  parameter ACC_BITS = 33,
  parameter WEIGHT_FILE = ""
) (
  input wire clk,
  input wire rst,
  input wire in_valid,
  output wire in_ready,
  input wire [X_BITS-1:0] in_word,
  output wire out_valid,
  input wire out_ready,
  output wire [ACC_BITS-1:0] out_sum
);
  localparam GROUPS = (OUTPUTS + MULTIPLIERS - 1) / MULTIPLIERS;
  localparam DEPTH = GROUPS * INPUTS;
  localparam INDEX_BITS = INPUTS > 1 ? $clog2(INPUTS) : 1;
  localparam ADDRESS_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1;
  localparam COUNT_BITS = $clog2(MULTIPLIERS + 1);
  localparam [31:0] LAST_INDEX = INPUTS - 1;
  localparam [31:0] LAST_ADDRESS = DEPTH - 1;
  localparam [31:0] GROUP_ROWS = MULTIPLIERS;
  localparam [31:0] FINAL_ROWS = OUTPUTS - (GROUPS - 1) * MULTIPLIERS;

  reg [MULTIPLIERS*W_BITS-1:0] weights [0:DEPTH-1];
  initial if (WEIGHT_FILE != "") $readmemh(WEIGHT_FILE, weights);

  // Input: one bank is filled, the other is multiplied.
  reg [X_BITS-1:0] bank [0:(2<<INDEX_BITS)-1];
  reg [1:0] full;
  reg write_bank;
  reg [INDEX_BITS-1:0] write_index;
  reg read_bank;
  reg [INDEX_BITS-1:0] read_index;
  reg [ADDRESS_BITS-1:0] address;

  wire go;
  wire issue = go && full[read_bank];
  wire group_end = read_index == LAST_INDEX[INDEX_BITS-1:0];
  wire vector_end = address == LAST_ADDRESS[ADDRESS_BITS-1:0];
  assign in_ready = !full[write_bank];

  always @(posedge clk)
    if (rst) begin
      full <= 2'b00;
      write_bank <= 1'b0;
      write_index <= {INDEX_BITS{1'b0}};
      read_bank <= 1'b0;
      read_index <= {INDEX_BITS{1'b0}};
      address <= {ADDRESS_BITS{1'b0}};
    end else begin
      if (in_valid && in_ready) begin
        if (write_index == LAST_INDEX[INDEX_BITS-1:0]) begin
          write_index <= {INDEX_BITS{1'b0}};
          write_bank <= !write_bank;
          full[write_bank] <= 1'b1;
        end else
          write_index <= write_index + 1'b1;
      end
      if (issue) begin
        read_index <= group_end ? {INDEX_BITS{1'b0}} : read_index + 1'b1;
        address <= vector_end ? {ADDRESS_BITS{1'b0}} : address + 1'b1;
        if (vector_end) begin
          full[read_bank] <= 1'b0;
          read_bank <= !read_bank;
        end
      end
    end

  always @(posedge clk)
    if (in_valid && in_ready)
      bank[{write_bank, write_index}] <= in_word;

  // Clock 1: word and weights; clock 2: products; clock 3: sums.
  reg [X_BITS-1:0] x;
  reg [MULTIPLIERS*W_BITS-1:0] w;
  reg read_valid, read_first, read_last, read_final;
  reg product_valid, product_first, product_last, product_final;
  reg sum_done, sum_final;

  always @(posedge clk)
    if (go) begin
      x <= bank[{read_bank, read_index}];
      w <= weights[address];
      read_first <= read_index == {INDEX_BITS{1'b0}};
      read_last <= group_end;
      read_final <= vector_end;
      product_first <= read_first;
      product_last <= read_last;
      product_final <= read_final;
      sum_final <= product_final;
    end

  always @(posedge clk)
    if (rst) begin
      read_valid <= 1'b0;
      product_valid <= 1'b0;
      sum_done <= 1'b0;
    end else if (go) begin
      read_valid <= full[read_bank];
      product_valid <= read_valid;
      sum_done <= product_valid && product_last;
    end

  // The sums of a group leave one after the other, through the last lane.
  reg [COUNT_BITS-1:0] left;
  wire taken = out_valid && out_ready;
  wire drain_free = !out_valid || (taken && left == {{(COUNT_BITS-1){1'b0}}, 1'b1});
  wire move = sum_done && drain_free;
  assign out_valid = left != {COUNT_BITS{1'b0}};
  assign go = !sum_done || drain_free;

  always @(posedge clk)
    if (rst)
      left <= {COUNT_BITS{1'b0}};
    else if (move)
      left <= sum_final ? FINAL_ROWS[COUNT_BITS-1:0] : GROUP_ROWS[COUNT_BITS-1:0];
    else if (taken)
      left <= left - 1'b1;

  genvar p;
  generate
    for (p = 0; p < MULTIPLIERS; p = p + 1) begin : lane
      // The last lane has the first output of a group.
      localparam AT = (MULTIPLIERS - 1 - p) * W_BITS;
      reg signed [ACC_BITS-1:0] product;
      reg signed [ACC_BITS-1:0] sum;
      reg [ACC_BITS-1:0] drain;
      wire [ACC_BITS-1:0] behind;
      if (p > 0) begin : chained
        assign behind = lane[p-1].drain;
      end else begin : first
        assign behind = {ACC_BITS{1'b0}};
      end
      always @(posedge clk) begin
        if (go) begin
          product <= $signed(x) * $signed(w[AT +: W_BITS]);
          if (product_valid)
            sum <= product_first ? product : sum + product;
        end
        if (move)
          drain <= sum;
        else if (taken)
          drain <= behind;
      end
    end
  endgenerate
  assign out_sum = lane[MULTIPLIERS-1].drain;
endmodule

\`default_nettype wire
`
