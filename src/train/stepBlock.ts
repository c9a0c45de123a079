// The block of bytes that a step uploads: its scalars (shaders/lib/step.wgsl) and its batch, in one buffer.
import type { Batch } from "../data/batches";
import type { Storage, Tensor } from "../gpu/tensor";
import { residentTensor } from "../ops/trace";

/** Sizes that are fixed for a whole run. */
export interface StepShape {
  readonly batchSize: number;
  readonly sequenceLength: number;
  /** Most rows of a batch whose next token counts. */
  readonly lossRows: number;
  readonly vocabSize: number;
  /** Whether the embedding is trained, which needs tokens sorted by id. */
  readonly sortsTokens: boolean;
}

/** Scalars of one micro-batch; see shaders/lib/step.wgsl for their meaning. */
export interface StepScalars {
  readonly seed: number;
  readonly microStep: number;
  readonly inverseTokens: number;
  readonly learningRate: number;
  readonly stepSize: number;
  readonly sqrtBiasCorrection2: number;
}

const STEP_BYTES = 32;
const ALIGNMENT = 256;

type ArrayName = "tokens" | "lengths" | "rowIndex" | "targets" | "rowSlot" | "tokenOrder" | "tokenStart";

export class StepBlock {
  readonly sizeBytes: number;
  readonly #places = new Map<ArrayName, { offsetBytes: number; count: number }>();

  constructor(readonly shape: StepShape) {
    const rows = shape.batchSize * shape.sequenceLength;
    const counts: [ArrayName, number][] = [
      ["tokens", rows],
      ["lengths", shape.batchSize],
      ["rowIndex", shape.lossRows],
      ["targets", shape.lossRows],
      ["rowSlot", rows],
    ];
    if (shape.sortsTokens) counts.push(["tokenOrder", rows], ["tokenStart", shape.vocabSize + 1]);
    let offsetBytes = ALIGNMENT; // the scalars come first
    for (const [name, count] of counts) {
      this.#places.set(name, { offsetBytes, count });
      offsetBytes += Math.ceil((count * 4) / ALIGNMENT) * ALIGNMENT;
    }
    this.sizeBytes = offsetBytes;
  }

  /** The block's scalars and arrays as tensors in a storage of at least `sizeBytes`. */
  tensors(storage: Storage): { readonly step: Tensor } & Readonly<Record<ArrayName, Tensor>> {
    const array = (name: ArrayName): Tensor => {
      const place = this.#places.get(name);
      if (!place) return residentTensor(name, [0], "u32", storage); // asked for only when sortsTokens
      return residentTensor(name, [place.count], "u32", storage, place.offsetBytes);
    };
    return {
      step: residentTensor("step", [STEP_BYTES / 4], "u32", storage),
      tokens: array("tokens"),
      lengths: array("lengths"),
      rowIndex: array("rowIndex"),
      targets: array("targets"),
      rowSlot: array("rowSlot"),
      tokenOrder: array("tokenOrder"),
      tokenStart: array("tokenStart"),
    };
  }

  /** Writes one micro-batch at `offsetBytes` of `target`; a batch with fewer examples leaves empty sequences. */
  write(target: ArrayBuffer, offsetBytes: number, batch: Batch, scalars: StepScalars): void {
    const { shape } = this;
    if (batch.sequenceLength !== shape.sequenceLength || batch.batchSize > shape.batchSize) {
      const expected = `${shape.batchSize}×${shape.sequenceLength}`;
      throw new Error(`batch: expected at most ${expected}, got ${batch.batchSize}×${batch.sequenceLength}`);
    }
    if (batch.lossRows.length > shape.lossRows) {
      throw new Error(
        `batch: expected at most ${shape.lossRows} counted tokens, got ${batch.lossRows.length}`,
      );
    }
    new Uint8Array(target, offsetBytes, this.sizeBytes).fill(0);
    const view = new DataView(target, offsetBytes, STEP_BYTES);
    view.setUint32(0, scalars.seed, true);
    view.setUint32(4, scalars.microStep, true);
    view.setUint32(8, batch.lossRows.length, true);
    view.setFloat32(12, scalars.inverseTokens, true);
    view.setFloat32(16, scalars.learningRate, true);
    view.setFloat32(20, scalars.stepSize, true);
    view.setFloat32(24, scalars.sqrtBiasCorrection2, true);

    const array = (name: ArrayName): Uint32Array => {
      const place = this.#places.get(name)!;
      return new Uint32Array(target, offsetBytes + place.offsetBytes, place.count);
    };
    array("tokens").set(batch.tokens);
    array("lengths").set(batch.lengths);
    array("rowIndex").set(batch.lossRows);
    array("targets").set(batch.targets);
    const rowSlot = array("rowSlot");
    batch.lossRows.forEach((row, slot) => {
      rowSlot[row] = slot + 1;
    });
    if (shape.sortsTokens) sortTokens(array("tokens"), array("tokenOrder"), array("tokenStart"));
  }
}

/** Counting sort: positions by token, and where each token's run starts. */
function sortTokens(tokens: Uint32Array, order: Uint32Array, start: Uint32Array): void {
  for (const token of tokens) start[token + 1]!++;
  for (let token = 1; token < start.length; token++) start[token]! += start[token - 1]!;
  const next = start.slice();
  tokens.forEach((token, position) => {
    order[next[token]!++] = position;
  });
}
