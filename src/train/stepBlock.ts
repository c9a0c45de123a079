// The block of bytes that a step uploads: its scalars (shaders/lib/step.wgsl) and its batch, in one buffer. Every cell
// of a race gets the same batch, in rows of its own.
import type { Batch } from "../data/batches";
import type { Storage, Tensor } from "../gpu/tensor";
import { segmentsOf } from "../ops/segments";
import { residentTensor } from "../ops/trace";

/** Sizes that are fixed for a whole run; in a race, those of one cell. */
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
  readonly microStep: number;
  readonly inverseTokens: number;
  readonly sqrtBiasCorrection2: number;
  readonly cells: readonly CellScalars[];
}

export interface CellScalars {
  readonly seed: number;
  /** False once the cell has ended: its values stay. */
  readonly trains: boolean;
  readonly learningRate: number;
  readonly stepSize: number;
}

const STEP_BYTES = 32;
/** Words of CellStep in shaders/lib/step.wgsl. */
const CELL_WORDS = 4;
const ALIGNMENT = 256;

type ArrayName =
  | "cells"
  | "tokens"
  | "segments"
  | "rowIndex"
  | "targets"
  | "rowSlot"
  | "tokenOrder"
  | "tokenStart";

export class StepBlock {
  readonly sizeBytes: number;
  readonly #places = new Map<ArrayName, { offsetBytes: number; count: number }>();

  constructor(
    readonly shape: StepShape,
    readonly cellCount: number,
  ) {
    const rows = cellCount * shape.batchSize * shape.sequenceLength;
    const counts: [ArrayName, number][] = [
      ["cells", cellCount * CELL_WORDS],
      ["tokens", rows],
      ["segments", 2 * rows],
      ["rowIndex", cellCount * shape.lossRows],
      ["targets", cellCount * shape.lossRows],
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
      cells: array("cells"),
      tokens: array("tokens"),
      segments: array("segments"),
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
    view.setUint32(0, scalars.microStep, true);
    view.setUint32(4, batch.lossRows.length, true);
    view.setFloat32(8, scalars.inverseTokens, true);
    view.setFloat32(12, scalars.sqrtBiasCorrection2, true);

    const array = (name: ArrayName): Uint32Array => {
      const place = this.#places.get(name)!;
      return new Uint32Array(target, offsetBytes + place.offsetBytes, place.count);
    };
    const segments = segmentsOf(batch.lengths, shape.sequenceLength);
    const [rowSlot, cells] = [array("rowSlot"), array("cells")];
    const cellFloats = new Float32Array(cells.buffer, cells.byteOffset, cells.length);
    scalars.cells.forEach(({ seed, trains, learningRate, stepSize }, c) => {
      cells.set([seed, trains ? 1 : 0], c * CELL_WORDS);
      cellFloats.set([learningRate, stepSize], c * CELL_WORDS + 2);
      const firstRow = c * shape.batchSize * shape.sequenceLength;
      const firstSlot = c * shape.lossRows;
      array("tokens").set(batch.tokens, firstRow);
      array("segments").set(segments, 2 * firstRow);
      array("targets").set(batch.targets, firstSlot);
      const rowIndex = array("rowIndex");
      batch.lossRows.forEach((row, slot) => {
        rowIndex[firstSlot + slot] = firstRow + row;
        rowSlot[firstRow + row] = firstSlot + slot + 1;
      });
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
