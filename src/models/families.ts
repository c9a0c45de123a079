// The model families this program runs. One more is a file like the ones imported here, its line below, and a
// golden (oracle/cases.py).
import { z } from "zod";
import { shown } from "../formats/formatError";
import { checkSchema, decodeUtf8, parseJson } from "../formats/jsonFile";
import type { ModelConfig } from "../formats/modelConfig";
import type { Family } from "./family";
import { gpt2 } from "./gpt2";
import { llama } from "./llama";
import { mistral } from "./mistral";
import { phi3 } from "./phi3";
import { qwen2 } from "./qwen2";
import { qwen3 } from "./qwen3";

const families: ReadonlyMap<string, Family> = new Map(
  [llama, mistral, qwen2, qwen3, gpt2, phi3].map((family) => [family.modelType, family]),
);

const supported = `This program runs ${[...families.values()]
  .map(({ modelType, architecture }) => `${modelType} (${architecture})`)
  .join(", ")}.`;

const kindSchema = z
  .looseObject({
    model_type: z.string().refine((type) => families.has(type), {
      error: ({ input }) => `expected a supported model, got ${shown(input)}. ${supported}`,
    }),
    architectures: z.array(z.string()).nullish(),
  })
  .superRefine(({ model_type, architectures }, context) => {
    const architecture = families.get(model_type)?.architecture;
    if (!architecture || !architectures || architectures.includes(architecture)) return;
    const message = `expected ${architecture}, got ${shown(architectures)}. ${supported}`;
    context.addIssue({ code: "custom", path: ["architectures"], message });
  });

/** Reads config.json. @throws FormatError naming the field, and what is supported where the model is not */
export function readModelConfig(bytes: Uint8Array, fileName = "config.json"): ModelConfig {
  const json = checkSchema(kindSchema, parseJson(decodeUtf8(bytes, fileName), fileName), fileName);
  return families.get(json.model_type)!.readConfig(json, fileName);
}

/** The family of a config that readModelConfig gave. */
export function familyOf({ modelType }: ModelConfig): Family {
  return families.get(modelType)!;
}
