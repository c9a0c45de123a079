// Which files of a repository a model needs: its configuration, its tokenizer and one set of weights.
import { z } from "zod";
import { checkSchema, decodeUtf8, parseJson } from "../formats/jsonFile";
import type { HubFile, HubRepository } from "./hubClient";
import { HubError } from "./hubError";

const required = ["config.json", "tokenizer.json", "tokenizer_config.json"] as const;
const optional = ["generation_config.json", "special_tokens_map.json", "chat_template.jinja"] as const;
const weightsName = "model.safetensors";
const indexName = "model.safetensors.index.json";
const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/**
 * Configuration and tokenizer, and the index of sharded weights: small files, read before any weights.
 * @throws HubError when the repository holds no model that can be read here
 */
export function describingFiles({ id, files }: HubRepository): HubFile[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  for (const path of required) {
    if (byPath.has(path)) continue;
    const remedy =
      path === "config.json"
        ? "It is no Transformers model: choose another repository."
        : "Choose a repository with a fast tokenizer, which most have.";
    throw new HubError("unsuitable", `${id}: expected ${path} in the repository, got none. ${remedy}`);
  }
  if (!byPath.has(weightsName) && !byPath.has(indexName)) {
    const others = files.filter(({ path }) => /\.(bin|gguf|onnx|h5|pt|safetensors)$/.test(path));
    const got =
      others
        .map(({ path }) => path)
        .slice(0, 3)
        .join(", ") || "none";
    throw new HubError(
      "unsuitable",
      `${id}: expected weights in ${weightsName} or in shards with ${indexName}, got ${got}. ` +
        "Choose a repository with safetensors weights that are not quantised.",
    );
  }
  const index = byPath.has(weightsName) ? [] : [indexName];
  return [...required, ...optional, ...index].flatMap((path) => byPath.get(path) ?? []);
}

/**
 * The files that hold the weights.
 * @param index bytes of model.safetensors.index.json where the repository has shards instead of one file
 * @throws HubError or FormatError when the index does not fit the repository
 */
export function weightFiles({ id, files }: HubRepository, index: Uint8Array | undefined): HubFile[] {
  const whole = files.find(({ path }) => path === weightsName);
  if (whole) return [whole];
  const { weight_map } = checkSchema(
    indexSchema,
    parseJson(decodeUtf8(index!, indexName), indexName),
    indexName,
  );
  return [...new Set(Object.values(weight_map))].map((path) => {
    const file = files.find((each) => each.path === path);
    if (file) return file;
    throw new HubError("unsuitable", `${id}: expected ${path}, which ${indexName} names, got none.`);
  });
}
