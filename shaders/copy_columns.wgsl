// copy_columns: moves a range of columns between rows of different widths; a fused projection's parts.
// math:     copied[n, TO_FIRST + c] = c < WIDTH ? source[n, FROM_FIRST + c] : 0,  c < SPAN
// shapes:   source [N, FROM_WIDTH]  copied [N, TO_WIDTH]   widths padded to four
// dispatch: (N·SPAN / 64 over x and y)      bindings: 0 source  1 copied (its range written)
//           Unit is f32, or vec4f where all columns and widths are multiples of four and counted in vec4s
// numerics: exact
// oracle:   oracle/goldens of gpt2 and phi3
override N: u32;
override WIDTH: u32;
override SPAN: u32;
override FROM_FIRST: u32;
override FROM_WIDTH: u32;
override TO_FIRST: u32;
override TO_WIDTH: u32;

@group(0) @binding(0) var<storage, read> source: array<Unit>;
@group(0) @binding(1) var<storage, read_write> copied: array<Unit>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= N * SPAN) {
    return;
  }
  let n = i / SPAN;
  let c = i % SPAN;
  var value = Unit();
  if (c < WIDTH) {
    value = source[n * FROM_WIDTH + FROM_FIRST + c];
  }
  copied[n * TO_WIDTH + TO_FIRST + c] = value;
}
