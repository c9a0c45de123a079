enable subgroups;
diagnostic(off, subgroup_uniformity); // the four of a quad take each branch together

// quad: four neighbouring invocations share what each would otherwise fetch for itself. Where a fetch costs more than
// what is computed with it (software adapters: a gather with a bounds check for each lane), each of the four fetches one
// row, and all get the four by exchanging registers. Which of the four comes first differs from invocation to
// invocation, always in the same way: column i of quad(own) is row quad_rows(…)[i].
fn quad_rows(subgroup_invocation: u32) -> vec4u {
  return vec4u(subgroup_invocation & 3u) ^ vec4u(0u, 1u, 2u, 3u);
}

fn quad(own: vec4f) -> mat4x4f {
  return mat4x4f(own, quadSwapX(own), quadSwapY(own), quadSwapDiagonal(own));
}

// The same in one order for all four, where rows are terms of a sum: column i is what the quad's invocation i gives.
fn quad_in_order(own: vec4f) -> mat4x4f {
  return mat4x4f(quadBroadcast(own, 0u), quadBroadcast(own, 1u), quadBroadcast(own, 2u), quadBroadcast(own, 3u));
}
