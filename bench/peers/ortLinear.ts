// The adapted linear layer, forward, in ONNX Runtime Web on WebGPU: it has no training. Input and output stay on the
// GPU and the graph is captured, as its documentation advises for speed.
import * as ort from "onnxruntime-web/webgpu";
import type { Contestant } from "../contest";
import { type LinearInputs, type LinearSize, SCALING } from "../inputs";
import { type OnnxGraph, onnxModel } from "./onnx";

export async function openOrtLinear(size: LinearSize, inputs: LinearInputs): Promise<Contestant> {
  const { N, inFeatures, outFeatures } = size;
  ort.env.wasm.numThreads = 1; // its threads need a page isolated from other origins; the work is on the GPU
  const session = await ort.InferenceSession.create(onnxModel(layerGraph(size, inputs)), {
    executionProviders: ["webgpu"],
    preferredOutputLocation: "gpu-buffer",
  });
  const device = await ort.env.webgpu.device;
  const buffer = device.createBuffer({
    size: inputs.x.byteLength,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
  });
  device.queue.writeBuffer(buffer, 0, inputs.x);
  const x = ort.Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims: [N, inFeatures] });
  let last: ort.Tensor | undefined;
  const run = async () => {
    last?.dispose();
    last = (await session.run({ x })).y as ort.Tensor;
  };
  return {
    async results() {
      await run();
      const values = (await last!.getData()) as Float32Array;
      if (values.length !== N * outFeatures)
        throw new Error(`y: expected ${N * outFeatures} values, got ${values.length}`);
      return new Map([["y", values]]);
    },
    run,
    finish: () => device.queue.onSubmittedWorkDone(),
    async close() {
      last?.dispose();
      buffer.destroy();
      await session.release();
    },
  };
}

/** y = x·Wᵀ + (x·Aᵀ)·(s·Bᵀ), its constants transposed beforehand: ONNX's MatMul takes [in, out]. */
function layerGraph({ N, inFeatures, outFeatures, rank }: LinearSize, inputs: LinearInputs): OnnxGraph {
  const constant = (values: Float32Array, rows: number, columns: number) => ({
    shape: [columns, rows],
    values: transposed(values, rows, columns),
  });
  const scaled = inputs.loraB.map((value) => SCALING * value);
  return {
    nodes: [
      { type: "MatMul", inputs: ["x", "W"], output: "base" },
      { type: "MatMul", inputs: ["x", "A"], output: "S" },
      { type: "MatMul", inputs: ["S", "B"], output: "low" },
      { type: "Add", inputs: ["base", "low"], output: "y" },
    ],
    constants: new Map([
      ["W", constant(inputs.weight, outFeatures, inFeatures)],
      ["A", constant(inputs.loraA, rank, inFeatures)],
      ["B", constant(scaled, outFeatures, rank)],
    ]),
    input: { name: "x", shape: [N, inFeatures] },
    output: { name: "y", shape: [N, outFeatures] },
  };
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = values[row * columns + column]!;
  }
  return result;
}
