// Which files of a repository a model needs: its configuration, its tokenizer and one set of weights.
import { z } from "zod";
import { checkSchema, decodeUtf8, parseJson } from "../formats/jsonFile";
import { bestExport, isOnnxFile } from "../formats/onnxFiles";
import { HubError } from "./hubError";

/** A file of a repository. LFS files carry the digest of their bytes, others git's own. */
export interface HubFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256?: string | undefined;
  /** SHA-1 of git's blob: "blob SIZE\0" and the bytes. */
  readonly gitSha1?: string | undefined;
}

/** A repository at one commit: a download continues with the same bytes even when the branch has moved. */
export interface HubRepository {
  readonly id: string;
  readonly revision: string;
  readonly commit: string;
  readonly files: readonly HubFile[];
}

const required = ["config.json", "tokenizer.json", "tokenizer_config.json"] as const;
const optional = ["generation_config.json", "special_tokens_map.json", "chat_template.jinja"] as const;
const weightsName = "model.safetensors";
const indexName = "model.safetensors.index.json";
const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/**
 * Configuration and tokenizer, and the index of sharded weights: small files, read before any weights.
 * @throws HubError when the repository holds no model that can be read here
 */
export function describingFiles(repository: HubRepository): HubFile[] {
  const { id, files } = repository;
  const byPath = new Map(files.map((file) => [file.path, file]));
  for (const path of required) {
    if (byPath.has(path)) continue;
    const remedy =
      path === "config.json"
        ? "It is no Transformers model: choose another repository."
        : "Choose a repository with a fast tokenizer, which most have.";
    throw new HubError("unsuitable", `${id}: expected ${path} in the repository, got none. ${remedy}`);
  }
  const hasSafetensors = hasWeights(files);
  if (!hasSafetensors && exportFiles(files).length === 0) {
    const others = files.filter(({ path }) => /\.(bin|gguf|onnx|h5|pt|safetensors)$/.test(path));
    const got =
      others
        .map(({ path }) => path)
        .slice(0, 3)
        .join(", ") || "none";
    throw new HubError(
      "unsuitable",
      `${id}: expected weights in ${weightsName}, in shards with ${indexName}, or in model.onnx or onnx/model.onnx, ` +
        `got ${got}. Choose a repository with safetensors weights that are not quantised.`,
    );
  }
  const index = hasSafetensors && !byPath.has(weightsName) ? [indexName] : [];
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
  if (!index) return exportFiles(files);
  const { weight_map } = checkSchema(
    indexSchema,
    parseJson(decodeUtf8(index, indexName), indexName),
    indexName,
  );
  return [...new Set(Object.values(weight_map))].map((path) => {
    const file = files.find((each) => each.path === path);
    if (file) return file;
    throw new HubError("unsuitable", `${id}: expected ${path}, which ${indexName} names, got none.`);
  });
}

/** Whether a repository has safetensors; otherwise its ONNX exports are looked for. */
export const hasWeights = (files: readonly HubFile[]): boolean =>
  files.some(({ path }) => path === weightsName || path === indexName);

/** Where Optimum and transformers.js put exports. */
export const exportFolder = "onnx";

/** The best export at the top of the repository, or in its folder of exports, with the files its weights lie in. */
function exportFiles(files: readonly HubFile[]): HubFile[] {
  for (const folder of ["", `${exportFolder}/`]) {
    const inner = files.filter(
      ({ path }) => path.startsWith(folder) && isOnnxFile(path.slice(folder.length)),
    );
    const names = inner.map(({ path }) => path.slice(folder.length)).filter((name) => !name.includes("/"));
    const best = bestExport(names);
    if (best) return inner.filter(({ path }) => best.files.includes(path.slice(folder.length)));
  }
  return [];
}
