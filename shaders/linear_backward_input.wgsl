// linear_backward_input: dx = dy·W + mask∘(U·A), the base product with its low-rank tail, a cell's own.
// math:     dx[n,k] (+)= Σ_m dy[n,m]·W[m,k] + mask[n,k]·Σ_r U[n,r]·A[r,k],  U = s·dy·B
// shapes:   dy [N, out]  W [out, in]  U [CELL_ROWS, R] and A [R, in] of each cell  dx [N, in]   rows padded to four
// dispatch: (in/4/8, N/4/8); one invocation computes a 4×4 tile kept as a matrix whose column i is row i of dx
// bindings: 0 step  1 dy  2 W  3 U  4 factors  5 dx (written, or added to when ACCUMULATE)  6 table  7 cells
// numerics: f32 sums in order of m, in blocks, after the tail: behind the output head, m runs over a vocabulary
// oracle:   oracle/goldens, lora_linear
override N: u32;
override IN4: u32;
override OUT4: u32;
override CELL_ROWS: u32;
override HAS_TAIL: bool;
override ACCUMULATE: bool;

const BLOCK4 = 128u; // 512 terms

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> W: array<vec2u>;
@group(0) @binding(3) var<storage, read> U: array<vec4f>;
@group(0) @binding(4) var<storage, read> factors: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(6) var<storage, read> table: array<LoraCell>;
@group(0) @binding(7) var<storage, read> cells: array<CellStep>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x;
  let row = id.y * 4u;
  if (column >= IN4 || row >= N) {
    return;
  }
  let rows = min(vec4u(row, row + 1u, row + 2u, row + 3u), vec4u(N - 1u)); // past the end: read, never written
  var tile = mat4x4f();

  if (HAS_TAIL) {
    let cell = row / CELL_ROWS;
    let lora = table[cell];
    let rank4 = lora.rank4;
    let cell_rows = rows - cell * CELL_ROWS;
    let u_start = lora.before4 * CELL_ROWS + cell_rows * rank4;
    for (var k = 0u; k < rank4; k++) {
      let u = mat4x4f(U[u_start.x + k], U[u_start.y + k], U[u_start.z + k], U[u_start.w + k]);
      let a = lora.a + 4u * k * IN4 + column;
      tile += mat4x4f(factors[a], factors[a + IN4], factors[a + 2u * IN4], factors[a + 3u * IN4]) * u;
    }
    if (DROPOUT > 0.0 && rank4 > 0u) {
      for (var i = 0u; i < 4u; i++) {
        tile[i] *= dropout4(cell_rows[i] * IN4 + column, cells[cell].seed, lora.stream);
      }
    }
  }

  let dy_start = rows * OUT4;
  for (var start = 0u; start < OUT4; start += BLOCK4) {
    var part = mat4x4f();
    for (var m = start; m < min(start + BLOCK4, OUT4); m++) {
      let dy4 = mat4x4f(dy[dy_start.x + m], dy[dy_start.y + m], dy[dy_start.z + m], dy[dy_start.w + m]);
      let w = 4u * m * IN4 + column;
      part += mat4x4f(weight4(w), weight4(w + IN4), weight4(w + 2u * IN4), weight4(w + 3u * IN4)) * dy4;
    }
    tile += part;
  }

  for (var i = 0u; i < min(4u, N - row); i++) {
    let at = (row + i) * IN4 + column;
    if (ACCUMULATE) {
      dx[at] += tile[i];
    } else {
      dx[at] = tile[i];
    }
  }
}
