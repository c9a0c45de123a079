// lora_backward_up: U and the partial sums of dB in one read of dy.
// math:     U[n,r] = s·Σ_m dy[n,m]·B[m,r]      sums[p][m,r] = s·Σ_{n in part p} dy[n,m]·S[n,r]
// shapes:   dy [N, out]  of each cell: B [out, R]  S, U [CELL_ROWS, R]  sums [PARTS, out, R]   rows padded to four
// dispatch: (largest R/4/16, PARTS, cells); a workgroup walks 32 rows of dy in blocks of 64 columns kept in workgroup
//           memory
// bindings: 0 dy  1 factors  2 S  3 U (written)  4 sums (written)  5 table
// numerics: f32 sums in order; parts are added by lora_sum_parts in order
// oracle:   oracle/goldens, lora_linear
override CELL_ROWS: u32;
override OUT4: u32;
override PARTS: u32; // CELL_ROWS/32

const ROWS = 32u;
const COLUMNS4 = 16u; // 64 columns
const RANKS4 = 16u;   // 64 ranks a workgroup

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> factors: array<vec4f>;
@group(0) @binding(2) var<storage, read> S: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> U: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> sums: array<vec4f>;
@group(0) @binding(5) var<storage, read> table: array<LoraCell>;

var<workgroup> block: array<vec4f, 512>; // ROWS × COLUMNS4 of s·dy

// What one workgroup works on: 32 rows of a cell from first_row, up to 64 ranks from r_start.
struct Share {
  lora: LoraCell,
  first_row: u32,
  r_start: u32,
  ranks4: u32,
}

fn row_of_s(lora: LoraCell, n: u32, r: u32) -> vec4f {
  // Past the end the block's row is zero.
  return S[lora.before4 * CELL_ROWS + min(n, CELL_ROWS - 1u) * lora.rank4 + r];
}

// U of the rows, four ranks at a time: task t is (row t % ROWS, rank block t / ROWS).
fn add_to_u(m_start: u32, share: Share, local: u32) {
  let rank4 = share.lora.rank4;
  for (var task = local; task < ROWS * share.ranks4; task += 64u) {
    let row = task % ROWS;
    let r = share.r_start + task / ROWS;
    let n = share.first_row + row;
    if (n >= CELL_ROWS) {
      continue;
    }
    var sum = vec4f();
    for (var c = 0u; c < min(COLUMNS4, OUT4 - m_start); c++) {
      let b = share.lora.b + (m_start + c) * 4u * rank4 + r;
      let b4 = mat4x4f(factors[b], factors[b + rank4], factors[b + 2u * rank4], factors[b + 3u * rank4]);
      sum += b4 * block[row * COLUMNS4 + c];
    }
    let at = share.lora.before4 * CELL_ROWS + n * rank4 + r;
    U[at] = select(U[at], vec4f(0.0), m_start == 0u) + sum;
  }
}

// dB of the block's columns: task t is (column block t % COLUMNS4, rank block t / COLUMNS4).
fn write_sums(m_start: u32, share: Share, part: u32, local: u32) {
  let lora = share.lora;
  for (var task = local; task < COLUMNS4 * share.ranks4; task += 64u) {
    let c = task % COLUMNS4;
    let r = share.r_start + task / COLUMNS4;
    if (m_start + c >= OUT4) {
      continue;
    }
    var tile = mat4x4f();
    for (var row = 0u; row < ROWS; row += 4u) {
      let n = share.first_row + row;
      let at = row * COLUMNS4 + c;
      let dy4 = mat4x4f(block[at], block[at + COLUMNS4], block[at + 2u * COLUMNS4], block[at + 3u * COLUMNS4]);
      let s4 = mat4x4f(
        row_of_s(lora, n, r), row_of_s(lora, n + 1u, r), row_of_s(lora, n + 2u, r), row_of_s(lora, n + 3u, r));
      tile += s4 * transpose(dy4);
    }
    for (var i = 0u; i < 4u; i++) {
      sums[((lora.before4 * PARTS * OUT4 + (part * OUT4 + m_start + c) * lora.rank4) * 4u + i * lora.rank4) + r] = tile[i];
    }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let lora = table[group.z];
  let r_start = group.x * RANKS4;
  if (r_start >= lora.rank4) {
    return;
  }
  let share = Share(lora, group.y * ROWS, r_start, min(RANKS4, lora.rank4 - r_start));
  let dy_start = group.z * CELL_ROWS;
  for (var m_start = 0u; m_start < OUT4; m_start += COLUMNS4) {
    for (var i = local; i < ROWS * COLUMNS4; i += 64u) {
      let n = share.first_row + i / COLUMNS4;
      let m = m_start + i % COLUMNS4;
      let inside = n < CELL_ROWS && m < OUT4;
      let at = (dy_start + min(n, CELL_ROWS - 1u)) * OUT4 + min(m, OUT4 - 1u);
      block[i] = select(vec4f(0.0), lora.scaling * dy[at], inside);
    }
    workgroupBarrier();
    add_to_u(m_start, share, local);
    write_sums(m_start, share, group.y, local);
    workgroupBarrier();
  }
}
