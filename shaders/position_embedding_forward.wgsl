// position_embedding_forward: adds each row's learned position, in place.
// math:     x[n] += W[p − FIRST] where W, rows FIRST … of the whole table, has it: p = step.position + n mod T − first,
//           first the row where n's example begins, 0 unless SEGMENTED
// shapes:   x [N, C]  W [ROWS, C]   N = B·T      dispatch: (N·C/4 / 64 over x and y)
// bindings: 0 step  1 W  2 segments  3 x (changed)
// numerics: f32; rows past the last position, which a prompt's last block may have, take the last one's
// oracle:   oracle/goldens of gpt2
override N: u32;
override T: u32;
override C4: u32;
override POSITIONS: u32; // of the whole table
override FIRST: u32;
override ROWS: u32;
override SEGMENTED: u32; // 0: no segments are bound

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> W: array<vec2u>;
@group(0) @binding(2) var<storage, read> segments: array<vec2u>;
@group(0) @binding(3) var<storage, read_write> x: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i < N * C4) {
    let n = i / C4;
    var position = step.position + n % T;
    if (SEGMENTED == 1u) {
      position -= segments[n].x;
    }
    let row = min(position, POSITIONS - 1u) - FIRST; // wraps round for a position before the first
    if (row < ROWS) {
      x[i] += weight4(row * C4 + i % C4);
    }
  }
}
