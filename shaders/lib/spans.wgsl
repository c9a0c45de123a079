// spans: which keys four neighbouring queries see.
struct QuerySpan {
  rows: vec4u,       // of q; those past the end are the last
  first: vec4u,      // first key that each sees
  end: vec4u,        // behind its last key; 0 where it sees none: padding, or past the end
  first_of_all: u32, // over the four; first_of_all ≥ end_of_all where none sees any
  end_of_all: u32,
}

fn spans_of(i: u32, batch: u32) -> QuerySpan {
  let queries = i + vec4u(0u, 1u, 2u, 3u);
  let rows = batch * T + min(queries, vec4u(T - 1u));
  let segment0 = segments[rows.x];
  let segment1 = segments[rows.y];
  let segment2 = segments[rows.z];
  let segment3 = segments[rows.w];
  let firsts = vec4u(segment0.x, segment1.x, segment2.x, segment3.x);
  let ends = vec4u(segment0.y, segment1.y, segment2.y, segment3.y);
  let is_row = (queries < vec4u(T)) & (queries < ends);
  let first = select(vec4u(T), max(firsts, max(queries + 1u, vec4u(WINDOW)) - WINDOW), is_row);
  let end = select(vec4u(0u), queries + 1u, is_row);
  return QuerySpan(
    rows, first, end, min(min(first.x, first.y), min(first.z, first.w)), max(max(end.x, end.y), max(end.z, end.w)));
}

fn sees(queries: QuerySpan, i: u32, keys: vec4u) -> vec4<bool> {
  return (keys >= vec4u(queries.first[i])) & (keys < vec4u(queries.end[i]));
}
