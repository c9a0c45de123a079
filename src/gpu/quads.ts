// Whether four neighbouring invocations of a workgroup are a quad of a subgroup, in order, as shaders/lib/quad.wgsl
// needs it. WebGPU leaves it open how invocations map to subgroups, and a kernel cannot tell that it was wrong: so a
// device is asked once, before kernels rely on it.
import { allocate, bufferOf, readBuffer, release } from "./memory";

const code = `enable subgroups;
@group(0) @binding(0) var<storage, read_write> seen: array<vec4u>;
@compute @workgroup_size(8, 4)
fn main(@builtin(local_invocation_index) i: u32, @builtin(subgroup_invocation_id) invocation: u32) {
  seen[i] = vec4u(invocation & 3u, quadSwapX(i), quadSwapY(i), quadSwapDiagonal(i));
}`;
const INVOCATIONS = 32;

/** What an invocation of place `i` in its workgroup must see: its place in the quad, and its three neighbours'. */
export const expectedQuad = (i: number): number[] => [i & 3, i ^ 1, i ^ 2, i ^ 3];

/** @returns false where the device has no subgroups, or numbers them in another way */
export async function hasQuads(device: GPUDevice): Promise<boolean> {
  if (!device.features.has("subgroups")) return false;
  const module = device.createShaderModule({ label: "quads", code });
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module } });
  const [storage] = await allocate(device, [{ label: "quads", sizeBytes: 16 * INVOCATIONS }]);
  try {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    const resource = { buffer: bufferOf(storage!) };
    const layout = pipeline.getBindGroupLayout(0);
    pass.setBindGroup(0, device.createBindGroup({ layout, entries: [{ binding: 0, resource }] }));
    pass.dispatchWorkgroups(1);
    pass.end();
    device.queue.submit([encoder.finish()]);
    const seen = new Uint32Array(await readBuffer(device, storage!));
    return Array.from({ length: INVOCATIONS }, (_, i) => expectedQuad(i))
      .flat()
      .every((expected, at) => seen[at] === expected);
  } finally {
    release([storage!]);
  }
}
