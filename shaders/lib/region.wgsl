// region: the part of the flat buffers of everything trained that belongs to one cell of a race.
struct Region {
  first4: u32, // first vec4
  size4: u32,
  parts: u32,  // partial sums of its gradient norm
  padding: u32,
}
