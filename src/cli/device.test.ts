import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openNodeGpu } from "./device";

const launcher = join(import.meta.dirname, "../../scripts/cli.mjs");

describe("openNodeGpu", () => {
  it("runs a compute shader", async () => {
    const adapter = await (await openNodeGpu()).requestAdapter();
    const device = await adapter!.requestDevice();
    const code = `
      @group(0) @binding(0) var<storage, read_write> x: array<f32>;
      @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
        if (id.x < arrayLength(&x)) { x[id.x] = 2.0 * x[id.x] + 1.0; }
      }`;
    const x = Float32Array.from({ length: 1009 }, (_, i) => i);
    const buffer = device.createBuffer({
      size: x.byteLength,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    device.queue.writeBuffer(buffer, 0, x);
    const pipeline = await device.createComputePipelineAsync({
      layout: "auto",
      compute: { module: device.createShaderModule({ code }) },
    });
    const readback = device.createBuffer({
      size: x.byteLength,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(
      0,
      device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: [{ binding: 0, resource: { buffer } }],
      }),
    );
    pass.dispatchWorkgroups(Math.ceil(x.length / 64));
    pass.end();
    encoder.copyBufferToBuffer(buffer, 0, readback, 0, x.byteLength);
    device.queue.submit([encoder.finish()]);
    await readback.mapAsync(GPUMapMode.READ);
    const result = new Float32Array(readback.getMappedRange());
    expect([...result]).toEqual([...x].map((value) => 2 * value + 1));
    readback.unmap();
    device.destroy();
  });

  // Metal and Direct3D need no driver file that could be missing.
  it.runIf(process.platform === "linux")("names the packages to install where there is no adapter", () => {
    const program = `
      const { runnerImport } = await import("vite");
      const { module } = await runnerImport("./src/cli/device.ts", { logLevel: "error" });
      process.exit(await module.openNodeGpu().then(() => 0, (error) => { console.error(error.message); return 3; }));`;
    const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      cwd: join(import.meta.dirname, "../.."),
      encoding: "utf8",
      env: { ...process.env, VK_ICD_FILENAMES: "/nowhere.json", VK_DRIVER_FILES: "/nowhere.json" },
    });
    expect(stderr).toContain("WebGPU adapter: expected a GPU or a software Vulkan driver, got none");
    expect(stderr).toContain("apt-get install chromium");
    expect(status).toBe(3);
  });
});

describe("scripts/cli.mjs", () => {
  it("refuses a command that does not exist", () => {
    const { status, stderr } = spawnSync(process.execPath, [launcher, "fly"], { encoding: "utf8" });
    expect(stderr).toContain('command: expected the name of a file in src/cli, got "fly"');
    expect(status).toBe(2);
  });
});
