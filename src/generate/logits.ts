// Logits of whole sequences at once: what parity with other implementations is measured on.
import type { TokenIds } from "../data/examples";
import type { Gpu } from "../gpu/device";
import { allocate, bufferOf, readBuffer, release } from "../gpu/memory";
import { Program } from "../gpu/program";
import { submit } from "../gpu/submit";
import type { Storage } from "../gpu/tensor";
import { type Injection, injectedParameters } from "../lora/inject";
import { attendWithinBatch, modelHidden, modelLogits } from "../models/forward";
import { cropParameter, type ResidentModel } from "../models/residentModel";
import { rotaryTable } from "../models/rotaryTable";
import { segmentsOf } from "../ops/segments";
import { residentTensor, Trace } from "../ops/trace";

/**
 * Logits [B·T, V] of right-padded sequences, row by row.
 * @param tokens B sequences of at most T ids
 */
export async function sequenceLogits(
  gpu: Gpu,
  model: ResidentModel,
  injection: Injection,
  sequences: readonly TokenIds[],
): Promise<Float32Array<ArrayBuffer>> {
  const { config } = model;
  const batchSize = sequences.length;
  const sequenceLength = Math.max(...sequences.map(({ length }) => length));
  const rows = batchSize * sequenceLength;
  const table = rotaryTable(config, sequenceLength);
  const storages = await allocate(gpu.device, [
    { label: "tokens", sizeBytes: rows * 4 },
    { label: "segments", sizeBytes: 2 * rows * 4 },
    { label: "angles", sizeBytes: table.byteLength },
    { label: "step", sizeBytes: 32, usage: GPUBufferUsage.UNIFORM },
  ]);
  const [tokens, segments, angles, step] = storages as [Storage, Storage, Storage, Storage];
  try {
    const { queue } = gpu.device;
    const ids = new Uint32Array(rows);
    sequences.forEach((sequence, b) => {
      ids.set(sequence, b * sequenceLength);
    });
    queue.writeBuffer(bufferOf(tokens), 0, ids);
    const lengths = sequences.map(({ length }) => [length]);
    queue.writeBuffer(bufferOf(segments), 0, segmentsOf(lengths, sequenceLength));
    queue.writeBuffer(bufferOf(angles), 0, table);

    const stepTensor = residentTensor("step", [8], "u32", step);
    const trace = new Trace(
      { step: stepTensor, cells: stepTensor, nothing: stepTensor },
      false,
      model.tiling,
    );
    const hidden = modelHidden(
      trace,
      config,
      injectedParameters(model, injection),
      {
        batchSize,
        sequenceLength,
        tokens: residentTensor("tokens", [rows], "u32", tokens),
        angles: residentTensor("angles", [table.length], "f32", angles),
      },
      attendWithinBatch(trace, residentTensor("segments", [2 * rows], "u32", segments)),
    );
    const result = modelLogits(trace, config, injectedParameters(model, injection), hidden);
    const program = await Program.create(gpu.device, { forward: trace.calls });
    submit(gpu.device, (encoder) => program.encode(encoder, "forward"));
    const padded = new Float32Array(await readBuffer(gpu.device, result.storage, 0, result.sizeBytes));
    program.destroy();
    return cropParameter(padded, [rows, config.vocabSize]);
  } finally {
    release(storages);
  }
}
