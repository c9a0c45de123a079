// lora: where each cell of a race finds its part of one adapted layer. Cells lie side by side in the rows: cell c has
// rows c·CELL_ROWS …, a multiple of eight when there are several, so that no tile of eight rows meets two cells.
struct LoraCell {
  a: u32,       // first vec4 of A [R, in] in the flat buffer of factors, and of dA in that of gradients
  b: u32,       // first vec4 of B [out, R]
  before4: u32, // vec4s of rank in the cells before: where the cell's share of S, of U and of partial sums begins
  rank4: u32,   // vec4s of rank; 0 where the cell does not adapt the layer
  scaling: f32,
  stream: u32,  // keys the layer's dropout mask
}
