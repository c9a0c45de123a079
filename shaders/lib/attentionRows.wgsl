// attentionRows: four components of four neighbouring rows of a head, for the tiled backward kernels of attention; zero
// past a head's last component.
fn fetch_queries(batch: u32, head: u32, i: u32, d: u32, of_gradient: bool) -> mat4x4f {
  var rows: mat4x4f;
  for (var r = 0u; r < 4u; r++) {
    let at = head_at(batch, i + r, HEADS, head) + min(d, D4 - 1u);
    if (of_gradient) {
      rows[r] = select(vec4f(0.0), dout[at], d < D4);
    } else {
      rows[r] = select(vec4f(0.0), q[at], d < D4);
    }
  }
  return rows;
}

fn fetch_keys(batch: u32, head: u32, j: u32, d: u32, of_values: bool) -> mat4x4f {
  var rows: mat4x4f;
  for (var r = 0u; r < 4u; r++) {
    let at = head_at(batch, j + r, KV_HEADS, head) + min(d, D4 - 1u);
    if (of_values) {
      rows[r] = select(vec4f(0.0), v[at], d < D4);
    } else {
      rows[r] = select(vec4f(0.0), k[at], d < D4);
    }
  }
  return rows;
}
