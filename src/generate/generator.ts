// Text generation with a key/value cache: the prompt in blocks, then token by token, as one planned program with
// two phases. Base and adapter generate from the same resident weights; only the injection differs.
import type { Gpu } from "../gpu/device";
import { allocate, bufferOf, release } from "../gpu/memory";
import { type KernelCall, Program } from "../gpu/program";
import { ReadbackRing } from "../gpu/readback";
import { submit } from "../gpu/submit";
import { parameterBytes, type Storage, type Tensor } from "../gpu/tensor";
import { type Injection, injectedParameters } from "../lora/inject";
import { modelHidden, modelLogits } from "../models/forward";
import type { ResidentModel } from "../models/residentModel";
import { rotaryTable, rotaryTableSize } from "../models/rotaryTable";
import { cachedAttention, cacheShapeOf } from "../ops/cachedAttention";
import { gatherRows } from "../ops/gatherRows";
import { residentTensor, Trace } from "../ops/trace";
import { RandomStream } from "../random/philox";
import { checkSampling, type SamplingOptions, sampleToken } from "./sampling";

/** Prompt tokens that one submission takes in. */
const PREFILL_ROWS = 32;
/** Workgroup memory that attention_cached needs beside one score per position. */
const SCRATCH_BYTES = 512;

export interface GeneratorOptions {
  readonly gpu: Gpu;
  readonly model: ResidentModel;
  /** What to add to the base: an adapter, merged weights, or nothing. */
  readonly injection?: Injection;
  /** Most tokens of prompt and answer together; lowered to what model and GPU allow. */
  readonly contextLength: number;
}

export interface GenerationRequest {
  /** At least one token. */
  readonly promptIds: readonly number[];
  readonly maxNewTokens: number;
  readonly sampling: SamplingOptions;
  readonly seed: number;
  /** Ids that end the text; the one met is not part of the answer. */
  readonly stopTokenIds: readonly number[];
  readonly signal?: AbortSignal;
}

export interface GenerationResult {
  readonly ids: readonly number[];
  readonly stopped: "endOfText" | "length" | "cancelled";
}

type Phase = "prefill" | "decode";

export class Generator {
  private constructor(
    private readonly gpu: Gpu,
    private readonly program: Program<Phase>,
    /** Where each phase leaves the logits of its last row [1, V]. */
    private readonly results: Readonly<Record<Phase, Tensor>>,
    private readonly inputs: Storage,
    private readonly ring: ReadbackRing,
    private readonly owned: readonly Storage[],
    /** Most tokens of prompt and answer together. */
    readonly contextLength: number,
  ) {}

  /** @throws GpuMemoryError when cache and activations do not fit. */
  static async create({ gpu, model, injection = {}, contextLength }: GeneratorOptions): Promise<Generator> {
    const { config } = model;
    const scores = Math.floor((gpu.device.limits.maxComputeWorkgroupStorageSize - SCRATCH_BYTES) / 4);
    const context = Math.floor(Math.min(contextLength, config.maxPositionEmbeddings, scores) / 4) * 4;
    const positions = context + PREFILL_ROWS; // the last block of a prompt may reach past the context
    const cacheBytes = parameterBytes(cacheShapeOf(context, config));
    const caches = Array.from({ length: config.numHiddenLayers * 2 }, (_, i) => ({
      label: `${i % 2 === 0 ? "keys" : "values"} ${i >> 1}`,
      sizeBytes: cacheBytes,
    }));
    const owned = await allocate(gpu.device, [
      { label: "decoder inputs", sizeBytes: 1024, usage: GPUBufferUsage.UNIFORM },
      { label: "angles", sizeBytes: rotaryTableSize(config, positions) * 4 },
      ...caches,
    ]);
    try {
      const [inputs, angles, ...cacheStorages] = owned as [Storage, Storage, ...Storage[]];
      const table = rotaryTable(config, positions);
      gpu.device.queue.writeBuffer(bufferOf(angles), 0, table);
      const anglesTensor = residentTensor("angles", [table.length], "f32", angles);
      const traced = (rows: number) =>
        traceDecoder(model, injection, {
          rows,
          context,
          inputs,
          angles: anglesTensor,
          caches: cacheStorages,
        });
      const prefill = traced(PREFILL_ROWS);
      const decode = traced(1);
      const program = await Program.create(gpu.device, { prefill: prefill.calls, decode: decode.calls });
      const results = { prefill: prefill.logits, decode: decode.logits };
      const ring = new ReadbackRing(gpu.device, config.vocabSize * 4, 1);
      return new Generator(gpu, program, results, inputs, ring, owned, context);
    } catch (error) {
      release(owned);
      throw error;
    }
  }

  /**
   * Generates until a stop token, the length, or cancellation.
   * @param onToken called with each new id as it is known
   * @throws RangeError when the prompt is empty or too long, or an option is out of range
   */
  async generate(
    request: GenerationRequest,
    onToken: (id: number) => void = () => {},
  ): Promise<GenerationResult> {
    const { promptIds, maxNewTokens, sampling, seed, stopTokenIds, signal } = request;
    checkSampling(sampling);
    if (promptIds.length === 0) throw new RangeError("prompt: expected at least one token, got none");
    if (promptIds.length >= this.contextLength) {
      throw new RangeError(
        `prompt: expected fewer than ${this.contextLength} tokens, got ${promptIds.length}; shorten it`,
      );
    }
    const random = new RandomStream(seed, "sample");
    const ids: number[] = [];
    let logits = new Float32Array();
    for (let first = 0; first < promptIds.length; first += PREFILL_ROWS) {
      logits = await this.#advance("prefill", promptIds.slice(first, first + PREFILL_ROWS), first);
    }
    while (ids.length < maxNewTokens) {
      if (signal?.aborted) return { ids, stopped: "cancelled" };
      const next = sampleToken(logits, sampling, random.uniform(ids.length));
      if (stopTokenIds.includes(next)) return { ids, stopped: "endOfText" };
      ids.push(next);
      onToken(next);
      const position = promptIds.length + ids.length - 1;
      if (position >= this.contextLength || ids.length === maxNewTokens) break;
      logits = await this.#advance("decode", [next], position);
    }
    return { ids, stopped: "length" };
  }

  destroy(): void {
    this.program.destroy();
    this.ring.destroy();
    release(this.owned);
  }

  /** Takes in tokens at `position` and returns the logits behind the last of them, [V]. */
  async #advance(
    phase: Phase,
    tokens: readonly number[],
    position: number,
  ): Promise<Float32Array<ArrayBuffer>> {
    const { device } = this.gpu;
    const bytes = new ArrayBuffer(INPUT_BYTES);
    const scalars = new Uint32Array(bytes, 0, 8);
    scalars[1] = 1; // one row goes on to the head
    scalars[4] = position;
    new Uint32Array(bytes, ROW_INDEX_OFFSET, 1)[0] = tokens.length - 1;
    new Uint32Array(bytes, TOKENS_OFFSET, PREFILL_ROWS).set(tokens);
    device.queue.writeBuffer(bufferOf(this.inputs), 0, bytes);
    let read: (() => Promise<ArrayBuffer>) | undefined;
    submit(device, (encoder) => {
      this.program.encode(encoder, phase);
      read = this.ring.encodeCopy(encoder, bufferOf(this.results[phase].storage));
    });
    return new Float32Array(await read!());
  }
}

// Layout of the decoder's input buffer; offsets as WebGPU asks of bindings.
const ROW_INDEX_OFFSET = 256;
const TOKENS_OFFSET = 512;
const INPUT_BYTES = TOKENS_OFFSET + PREFILL_ROWS * 4;

interface DecoderParts {
  /** New tokens a submission takes in. */
  readonly rows: number;
  readonly context: number;
  readonly inputs: Storage;
  readonly angles: Tensor;
  /** Keys and values of each layer, in turn. */
  readonly caches: readonly Storage[];
}

function traceDecoder(
  model: ResidentModel,
  injection: Injection,
  { rows, context, inputs, angles, caches }: DecoderParts,
): { calls: readonly KernelCall[]; logits: Tensor } {
  const { config } = model;
  const step = residentTensor("step", [8], "u32", inputs);
  const tokens = residentTensor("tokens", [rows], "u32", inputs, TOKENS_OFFSET);
  const rowIndex = residentTensor("last row", [1], "u32", inputs, ROW_INDEX_OFFSET);
  const trace = new Trace({ step, cells: step, nothing: step }, false, model.tiling); // decoding has no use for cells
  const parameters = injectedParameters(model, injection);
  const cacheShape = cacheShapeOf(context, config);
  const cacheOf = (storage: Storage) => residentTensor(storage.label, cacheShape, "f32", storage);
  const hidden = modelHidden(
    trace,
    config,
    parameters,
    { batchSize: 1, sequenceLength: rows, tokens, angles },
    (layer, operands, attributes) => {
      const cache = { keys: cacheOf(caches[2 * layer]!), values: cacheOf(caches[2 * layer + 1]!) };
      return cachedAttention(trace, { ...operands, cache }, attributes);
    },
  );
  const last = gatherRows(trace, { x: hidden, rowIndex, rowSlot: rowIndex }, { label: "last row" }); // [1, C]
  return { calls: trace.calls, logits: modelLogits(trace, config, parameters, last) };
}
