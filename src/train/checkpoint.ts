// A run's state as one safetensors file: trained values, both moments, and in the metadata the step, the
// configuration and what the run was made on. Batches, masks and the schedule are pure functions of step and
// seed, so the step is the data cursor and the random state too.
import { z } from "zod";
import type { Examples } from "../data/examples";
import { FormatError } from "../formats/formatError";
import { parseJson } from "../formats/jsonFile";
import { readSafetensors, writeSafetensors } from "../formats/safetensors";
import { fromFloat32, type Tensor, toFloat32 } from "../formats/tensor";
import type { TrainableLayout } from "../lora/layout";
import { type TrainConfig, trainConfigSchema } from "./config";
import type { TrainedState } from "./session";

const format = "lora-studio-checkpoint";
const parts = ["params", "m", "v"] as const;

export interface Checkpoint {
  /** Updates done. */
  readonly step: number;
  readonly config: TrainConfig;
  /** Fingerprint of the examples; see dataFingerprint. */
  readonly data: string;
  readonly state: TrainedState;
}

export function writeCheckpoint(checkpoint: Checkpoint, layout: TrainableLayout): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, Tensor>();
  for (const part of parts) {
    for (const { name, shape } of layout.entries) {
      const values = checkpoint.state[part].get(name)!;
      tensors.set(`${part}.${name}`, { dtype: "F32", shape, bytes: fromFloat32(values, "F32") });
    }
  }
  const { step, config, data } = checkpoint;
  return new Uint8Array(
    writeSafetensors(tensors, { format, step: String(step), config: JSON.stringify(config), data }),
  );
}

/** @throws FormatError when the bytes are no checkpoint or damaged */
export function readCheckpoint(bytes: Uint8Array, fileName = "checkpoint.safetensors"): Checkpoint {
  const { metadata, tensors } = readSafetensors(bytes, fileName);
  if (metadata.format !== format) {
    throw new FormatError(
      fileName,
      "__metadata__.format",
      `expected "${format}", got ${metadata.format ?? "none"}.`,
    );
  }
  const config = trainConfigSchema.safeParse(parseJson(metadata.config ?? "", fileName, "config"));
  if (!config.success) throw new FormatError(fileName, "config", z.prettifyError(config.error));
  const state = { params: new Map(), m: new Map(), v: new Map() } as Record<
    (typeof parts)[number],
    Map<string, Float32Array>
  >;
  for (const [key, tensor] of tensors) {
    const dot = key.indexOf(".");
    const part = key.slice(0, dot) as (typeof parts)[number];
    if (!parts.includes(part))
      throw new FormatError(fileName, key, "expected a name of params, m or v, got another.");
    state[part].set(key.slice(dot + 1), toFloat32(tensor));
  }
  return { step: Number(metadata.step), config: config.data, data: metadata.data ?? "", state };
}

/** Of sets that were asked about before: of millions of examples it takes a second, and every checkpoint asks. */
const fingerprints = new WeakMap<Examples, string>();

/** FNV-1a over all token ids and masks: tells whether a run goes on with the data that it began with. */
export function dataFingerprint(examples: Examples): string {
  const known = fingerprints.get(examples);
  if (known !== undefined) return known;
  let hash = 0x811c9dc5;
  const mix = (value: number) => {
    hash = Math.imul(hash ^ value, 0x01000193);
  };
  for (const { ids, lossMask } of examples) {
    mix(ids.length);
    for (let t = 0; t < ids.length; t++) mix(ids[t]! * 2 + lossMask[t]!);
  }
  const fingerprint = `${examples.length}-${(hash >>> 0).toString(16).padStart(8, "0")}`;
  fingerprints.set(examples, fingerprint);
  return fingerprint;
}
