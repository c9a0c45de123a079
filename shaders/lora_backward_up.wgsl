// lora_backward_up: U and the partial sums of dB in one read of dy.
// math:     U[n,r] = s·Σ_m dy[n,m]·B[m,r]      sums[p][m,r] = s·Σ_{n in part p} dy[n,m]·S[n,r]
// shapes:   dy [N, out]  B [out, R]  S, U [N, R]  sums [N/32, out, R]   rows padded to four
// dispatch: (R/4/16, N/32); a workgroup walks 32 rows of dy in blocks of 64 columns kept in workgroup memory
// bindings: 0 dy  1 loraB  2 S  3 U (written)  4 sums (written)
// numerics: f32 sums in order; parts are added by sum_parts in order
// oracle:   oracle/goldens, lora_linear
override N: u32;
override OUT4: u32;
override RANK4: u32;
override SCALING: f32;

const ROWS = 32u;
const COLUMNS4 = 16u; // 64 columns
const RANKS4 = 16u;   // 64 ranks a workgroup

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> loraB: array<vec4f>;
@group(0) @binding(2) var<storage, read> S: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> U: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> sums: array<vec4f>;

var<workgroup> block: array<vec4f, 512>; // ROWS × COLUMNS4 of s·dy

fn row_of_s(n: u32, r: u32) -> vec4f {
  return S[min(n, N - 1u) * RANK4 + r]; // past the end the block's row is zero
}

// U of the rows, four ranks at a time: task t is (row t % ROWS, rank block t / ROWS).
fn add_to_u(m_start: u32, r_start: u32, ranks4: u32, first_row: u32, local: u32) {
  for (var task = local; task < ROWS * ranks4; task += 64u) {
    let row = task % ROWS;
    let r = r_start + task / ROWS;
    let n = first_row + row;
    if (n >= N) {
      continue;
    }
    var sum = vec4f();
    for (var c = 0u; c < min(COLUMNS4, OUT4 - m_start); c++) {
      let b = (m_start + c) * 4u * RANK4 + r;
      sum += mat4x4f(loraB[b], loraB[b + RANK4], loraB[b + 2u * RANK4], loraB[b + 3u * RANK4]) * block[row * COLUMNS4 + c];
    }
    let at = n * RANK4 + r;
    U[at] = select(U[at], vec4f(0.0), m_start == 0u) + sum;
  }
}

// dB of the block's columns: task t is (column block t % COLUMNS4, rank block t / COLUMNS4).
fn write_sums(m_start: u32, r_start: u32, ranks4: u32, first_row: u32, part: u32, local: u32) {
  for (var task = local; task < COLUMNS4 * ranks4; task += 64u) {
    let c = task % COLUMNS4;
    let r = r_start + task / COLUMNS4;
    if (m_start + c >= OUT4) {
      continue;
    }
    var tile = mat4x4f();
    for (var row = 0u; row < ROWS; row += 4u) {
      let n = first_row + row;
      let at = row * COLUMNS4 + c;
      let dy4 = mat4x4f(block[at], block[at + COLUMNS4], block[at + 2u * COLUMNS4], block[at + 3u * COLUMNS4]);
      tile += mat4x4f(row_of_s(n, r), row_of_s(n + 1u, r), row_of_s(n + 2u, r), row_of_s(n + 3u, r)) * transpose(dy4);
    }
    for (var i = 0u; i < 4u; i++) {
      sums[((part * OUT4 + m_start + c) * 4u + i) * RANK4 + r] = tile[i];
    }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let first_row = group.y * ROWS;
  let r_start = group.x * RANKS4;
  let ranks4 = min(RANKS4, RANK4 - r_start);
  for (var m_start = 0u; m_start < OUT4; m_start += COLUMNS4) {
    for (var i = local; i < ROWS * COLUMNS4; i += 64u) {
      let n = first_row + i / COLUMNS4;
      let m = m_start + i % COLUMNS4;
      let inside = n < N && m < OUT4;
      block[i] = select(vec4f(0.0), SCALING * dy[min(n, N - 1u) * OUT4 + min(m, OUT4 - 1u)], inside);
    }
    workgroupBarrier();
    add_to_u(m_start, r_start, ranks4, first_row, local);
    write_sums(m_start, r_start, ranks4, first_row, group.y, local);
    workgroupBarrier();
  }
}
