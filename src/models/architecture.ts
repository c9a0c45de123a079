// Which tensors and linear modules a model has, by their Hugging Face names and shapes: its family is asked by
// running its ops once on one symbolic token and writing down what they ask for.
import type { ModelConfig } from "../formats/modelConfig";
import type { LinearShape } from "../formats/peft";
import { Storage } from "../gpu/tensor";
import { residentTensor, Trace } from "../ops/trace";
import { attendWithinBatch, modelHidden, modelLogits } from "./forward";

export interface Architecture {
  /** Every tensor, name → shape, linear weights as [out, in]; a tied head has none of its own. */
  readonly tensors: ReadonlyMap<string, readonly number[]>;
  /** What LoRA can adapt, by module path (`model.layers.0.self_attn.q_proj`), in the order it runs. */
  readonly linears: ReadonlyMap<string, LinearShape>;
}

/** Tensors and linear modules of a model. */
export function architectureOf(config: ModelConfig): Architecture {
  const tensors = new Map<string, readonly number[]>();
  const linears = new Map<string, LinearShape>();
  const place = (label: string, shape: readonly number[], dtype: "f32" | "u32" = "f32") =>
    residentTensor(label, shape, dtype, new Storage(label, 0, "resident"));
  const parameters = {
    weight(name: string, shape: readonly number[]) {
      tensors.set(name, shape);
      return place(name, shape);
    },
    lowRank(path: string) {
      const [outFeatures, inFeatures] = tensors.get(`${path}.weight`) as [number, number];
      linears.set(path, { inFeatures, outFeatures });
      return undefined;
    },
  };
  const nothing = place("nothing", [4]);
  const trace = new Trace({ step: nothing, cells: nothing, nothing }, false);
  const inputs = { batchSize: 1, sequenceLength: 1, tokens: place("token", [1], "u32"), angles: nothing };
  const attend = attendWithinBatch(trace, place("segments", [2], "u32"));
  const hidden = modelHidden(trace, config, parameters, inputs, attend);
  modelLogits(trace, config, parameters, hidden);
  return { tensors, linears };
}

/** Names of the linear modules without their layer, each once: what target modules are chosen from. */
export function linearNames(config: ModelConfig): string[] {
  const { linears } = architectureOf({ ...config, numHiddenLayers: 1 });
  return [...new Set([...linears.keys()].map((path) => path.split(".").at(-1)!))];
}
