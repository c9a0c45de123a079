// This engine's adapted linear layer as a contestant: forward, then dx, dA and dB, as one planned program. Fused as
// in training, or from separate kernels, which is what fusing is held against.
import type { Gpu } from "../../src/gpu/device";
import { allocate, bufferOf, readBuffer, release } from "../../src/gpu/memory";
import { type KernelCall, Program } from "../../src/gpu/program";
import { submit } from "../../src/gpu/submit";
import type { Storage, Tensor } from "../../src/gpu/tensor";
import { linear } from "../../src/ops/linear";
import { type LowRank, lowRankTable } from "../../src/ops/lowRank";
import { forwardProduct, inputGradient, weightGradient } from "../../src/ops/product";
import { residentTensor, Trace } from "../../src/ops/trace";
import type { Contestant } from "../contest";
import { type LinearInputs, type LinearSize, SCALING } from "../inputs";

export type LinearForm = "fused" | "separate";

interface Operands {
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly dy: Tensor;
  readonly lowRank: LowRank;
  /** The factors and their gradients as tensors of their own, at their places in the flat buffers. */
  readonly loraA: Tensor;
  readonly loraB: Tensor;
  readonly dA: Tensor;
  readonly dB: Tensor;
  readonly grads: Tensor;
}

interface Traced {
  readonly calls: readonly KernelCall[];
  /** What the plan computes, by name. */
  readonly results: ReadonlyMap<string, Tensor>;
}

/** @param backward false: forward only */
export async function openLinear(
  gpu: Gpu,
  size: LinearSize,
  inputs: LinearInputs,
  form: LinearForm,
  backward: boolean,
): Promise<Contestant & { readonly bytesMoved: number }> {
  const { device } = gpu;
  const { N, inFeatures, outFeatures, rank } = size;
  const loraBOffsetBytes = Math.ceil(inputs.loraA.byteLength / 256) * 256;
  const flatBytes = loraBOffsetBytes + inputs.loraB.byteLength;
  const scaling = form === "fused" ? SCALING : 1;
  const words = lowRankTable([{ rank, scaling, dropoutStream: 0, loraAOffsetBytes: 0, loraBOffsetBytes }]);
  const owned = await allocate(device, [
    { label: "x", sizeBytes: inputs.x.byteLength },
    { label: "weight", sizeBytes: inputs.weight.byteLength },
    { label: "dy", sizeBytes: inputs.dy.byteLength },
    { label: "factors", sizeBytes: flatBytes },
    { label: "grads", sizeBytes: flatBytes },
    { label: "table", sizeBytes: words.byteLength },
    { label: "scalars", sizeBytes: 256, usage: GPUBufferUsage.UNIFORM },
  ]);
  const [x, weight, dy, factors, grads, table, scalars] = owned as [
    Storage, Storage, Storage, Storage, Storage, Storage, Storage,
  ]; // biome-ignore format: one line of parts
  const upload = (storage: Storage, values: Float32Array | Uint32Array, offsetBytes = 0) =>
    device.queue.writeBuffer(bufferOf(storage), offsetBytes, values as BufferSource);
  upload(x, inputs.x);
  upload(weight, inputs.weight);
  upload(dy, inputs.dy);
  upload(factors, inputs.loraA);
  // Separate kernels get B scaled beforehand, in their favour.
  upload(
    factors,
    form === "fused" ? inputs.loraB : inputs.loraB.map((value) => SCALING * value),
    loraBOffsetBytes,
  );
  upload(table, words);

  const none = residentTensor("scalars", [8], "u32", scalars);
  const trace = new Trace({ step: none, cells: none, nothing: none }, backward, gpu.tiling);
  const place = (label: string, shape: readonly number[], storage: Storage, offsetBytes = 0) =>
    residentTensor(label, shape, "f32", storage, offsetBytes);
  const operands: Operands = {
    x: place("x", [N, inFeatures], x),
    weight: place("weight", [outFeatures, inFeatures], weight),
    dy: place("dy", [N, outFeatures], dy),
    lowRank: {
      factors: place("factors", [flatBytes / 4], factors),
      table: residentTensor("table", [words.length], "u32", table),
      ranks: [rank],
      dropout: 0,
    },
    grads: place("grads", [flatBytes / 4], grads),
    loraA: place("A", [rank, inFeatures], factors),
    loraB: place("B", [outFeatures, rank], factors, loraBOffsetBytes),
    dA: place("dA", [rank, inFeatures], grads),
    dB: place("dB", [outFeatures, rank], grads, loraBOffsetBytes),
  };
  const { calls, results } =
    form === "fused" ? traceFused(trace, operands) : traceSeparate(trace, size, operands);
  const kept = await keepApart(gpu, calls, results);
  const program = await Program.create(device, { linear: kept.calls });
  const run = () =>
    submit(device, (encoder) => {
      encoder.clearBuffer(bufferOf(grads));
      program.encode(encoder, "linear");
    });
  return {
    bytesMoved: bytesMoved(calls),
    run,
    finish: () => device.queue.onSubmittedWorkDone(),
    async results() {
      run();
      const arrays = new Map<string, Float32Array>();
      for (const [name, { storage, offsetBytes, sizeBytes }] of kept.results) {
        arrays.set(name, new Float32Array(await readBuffer(device, storage, offsetBytes, sizeBytes)));
      }
      // Scaled beforehand, B enters once too often in its own gradient.
      if (form === "separate")
        arrays.set(
          "dB",
          arrays.get("dB")!.map((value) => SCALING * value),
        );
      return arrays;
    },
    close() {
      program.destroy();
      release([...owned, ...kept.owned]);
    },
  };
}

function traceFused(trace: Trace, { x, weight, dy, lowRank, grads, dA, dB }: Operands): Traced {
  const results = new Map<string, Tensor>();
  trace.trainable(lowRank.factors, grads);
  trace.record([lowRank.factors], x, (dx) => results.set("dx", dx)); // x is a value of the step: its gradient counts
  const y = linear(trace, { x, weight }, { label: "y", lowRank });
  results.set("y", y);
  trace.backward(y, dy);
  if (trace.training) results.set("dA", dA).set("dB", dB);
  return { calls: trace.calls, results };
}

/** y = x·Wᵀ; S = x·Aᵀ; y += S·Bᵀ; and backward U = dy·B, dB, dA, dy·W and += U·A, each a kernel of its own. */
function traceSeparate(
  trace: Trace,
  { N, inFeatures, outFeatures, rank }: LinearSize,
  operands: Operands,
): Traced {
  const { x, weight, dy, loraA, loraB, dA, dB } = operands;
  trace.trainable(loraA, dA);
  trace.trainable(loraB, dB);
  const base = trace.activation("x·Wᵀ", [N, outFeatures]);
  const S = trace.activation("S", [N, rank]);
  const y = trace.activation("y", [N, outFeatures]);
  const U = trace.activation("U", [N, rank]);
  const dx = trace.activation("dx", [N, inFeatures]);
  forwardProduct(trace, { x, weight, y: base });
  forwardProduct(trace, { x, weight: loraA, y: S });
  forwardProduct(trace, { x: S, weight: loraB, y, residual: base });
  inputGradient(trace, { dy, weight: loraB, dx: { tensor: U, accumulate: false } });
  weightGradient(trace, dy, S, loraB);
  weightGradient(trace, U, x, loraA);
  inputGradient(trace, { dy, weight, dx: { tensor: dx, accumulate: false } });
  inputGradient(trace, { dy: U, weight: loraA, dx: { tensor: dx, accumulate: true } });
  return { calls: trace.calls, results: new Map(Object.entries({ y, dx, dA, dB })) };
}

/** Gives results places of their own, so that they are still there when the plan's end is reached. */
async function keepApart(
  gpu: Gpu,
  calls: readonly KernelCall[],
  results: ReadonlyMap<string, Tensor>,
): Promise<Traced & { readonly owned: readonly Storage[] }> {
  const planned = [...results].filter(([, { storage }]) => storage.kind === "planned");
  const owned = await allocate(
    gpu.device,
    planned.map(([label, { sizeBytes }]) => ({ label, sizeBytes })),
  );
  const places = new Map(planned.map(([, { storage }], i) => [storage, owned[i]!]));
  const moved = (tensor: Tensor): Tensor => ({
    ...tensor,
    storage: places.get(tensor.storage) ?? tensor.storage,
  });
  return {
    owned,
    calls: calls.map((call) => ({
      ...call,
      bindings: Object.fromEntries(
        Object.entries(call.bindings).map(([name, tensor]) => [name, moved(tensor)]),
      ),
    })),
    results: new Map([...results].map(([name, tensor]) => [name, moved(tensor)])),
  };
}

/** Bytes that cross memory when a call reads or writes each of its operands once. */
function bytesMoved(calls: readonly KernelCall[]): number {
  return calls
    .flatMap(({ bindings }) => Object.values(bindings))
    .filter(({ label }) => label !== "scalars" && label !== "table")
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
