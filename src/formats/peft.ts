// PEFT adapter folder: adapter_config.json and adapter_model.safetensors ↔ typed factors.
import { FormatError, shown } from "./formatError";
import {
  isTargetModule,
  type LoraAdapterConfig,
  rankOf,
  readAdapterConfig,
  writeAdapterConfig,
} from "./peftConfig";
import { readSafetensors, writeSafetensors } from "./safetensors";
import { fromFloat32, type Tensor, toFloat32 } from "./tensor";

/** The two files of an adapter folder, by their names. */
export interface PeftAdapterFiles {
  readonly "adapter_config.json": Uint8Array;
  readonly "adapter_model.safetensors": Uint8Array;
}

/** Features of a linear layer; its weight is [outFeatures, inFeatures]. */
export interface LinearShape {
  readonly inFeatures: number;
  readonly outFeatures: number;
}

/** The factors of one adapted linear module: ΔW = scaling · loraB · loraA, row-major f32. */
export interface LoraFactors extends LinearShape {
  /** [rank, inFeatures] */
  readonly loraA: Float32Array;
  /** [outFeatures, rank] */
  readonly loraB: Float32Array;
  readonly rank: number;
}

export interface PeftAdapter {
  readonly config: LoraAdapterConfig;
  /** By module path in the base model (`model.layers.0.self_attn.q_proj`), in the order of the file. */
  readonly factors: ReadonlyMap<string, LoraFactors>;
}

const weightsName = "adapter_model.safetensors";
const keyPattern = /^base_model\.model\.(.+)\.lora_([AB])\.weight$/;

/**
 * Reads an adapter; factors stored in 16 bits are widened to f32.
 * @throws FormatError naming the file and the field or tensor that is wrong or unsupported
 */
export function readPeftAdapter(files: PeftAdapterFiles): PeftAdapter {
  const config = readAdapterConfig(files["adapter_config.json"]);
  const { tensors } = readSafetensors(files[weightsName], weightsName);
  const halves = new Map<string, { A?: Tensor; B?: Tensor }>();
  for (const [name, tensor] of tensors) {
    const match = keyPattern.exec(name);
    if (!match)
      throw new FormatError(
        weightsName,
        name,
        `expected a LoRA factor of a linear module, got ${reasonOf(name)}.`,
      );
    checkMatrix(name, tensor);
    const [, modulePath, half] = match as unknown as [string, string, "A" | "B"];
    halves.set(modulePath, { ...halves.get(modulePath), [half]: tensor });
  }
  if (halves.size === 0)
    throw new FormatError(weightsName, "", "expected LoRA factors, got a file without tensors.");
  const factors = new Map<string, LoraFactors>();
  for (const [modulePath, { A, B }] of halves) {
    const name = (half: "A" | "B") => `base_model.model.${modulePath}.lora_${half}.weight`;
    if (!A || !B)
      throw new FormatError(weightsName, name(A ? "B" : "A"), "expected this tensor, got only its partner.");
    if (!isTargetModule(config, modulePath)) {
      const targets = shown(config.targetModules);
      throw new FormatError(
        weightsName,
        name("A"),
        `expected a module of target_modules ${targets}, got ${modulePath}.`,
      );
    }
    const rank = rankOf(config, modulePath);
    const [aRank, inFeatures] = A.shape as [number, number];
    const [outFeatures, bRank] = B.shape as [number, number];
    if (aRank !== rank)
      throw new FormatError(
        weightsName,
        name("A"),
        `expected rank ${rank} (r, rank_pattern), got shape [${A.shape}].`,
      );
    if (bRank !== rank)
      throw new FormatError(
        weightsName,
        name("B"),
        `expected rank ${rank} (r, rank_pattern), got shape [${B.shape}].`,
      );
    factors.set(modulePath, { loraA: toFloat32(A), loraB: toFloat32(B), rank, inFeatures, outFeatures });
  }
  return { config, factors };
}

function checkMatrix(name: string, { dtype, shape }: Tensor): void {
  if (dtype !== "F32" && dtype !== "F16" && dtype !== "BF16") {
    throw new FormatError(weightsName, name, `expected F32, F16 or BF16, got ${dtype}.`);
  }
  if (shape.length !== 2 || shape.includes(0)) {
    throw new FormatError(weightsName, name, `expected a matrix, got shape [${shape}].`);
  }
}

/** What a foreign key is, in words, where it is one that PEFT writes. */
function reasonOf(name: string): string {
  if (name.includes("lora_magnitude_vector")) return "a DoRA magnitude (use_dora), which is not supported";
  if (name.includes("lora_embedding_")) return "a factor of an embedding, which is not supported";
  if (name.endsWith("lora_B.bias")) return "a bias of lora_B (lora_bias), which is not supported";
  if (name.endsWith("base_layer.bias")) return "a trained bias (bias), which is not supported";
  return "something else. A fully trained module beside the adapter (modules_to_save) is not supported";
}

/**
 * Writes the two files as PEFT 0.21's `save_pretrained` does: F32 factors, no adapter name in the keys.
 * @throws RangeError when factors do not have the size their shape says
 */
export function writePeftAdapter({ config, factors }: PeftAdapter): PeftAdapterFiles {
  const tensors = new Map<string, Tensor>();
  for (const [modulePath, { loraA, loraB, rank, inFeatures, outFeatures }] of factors) {
    const put = (half: "A" | "B", values: Float32Array, shape: number[]) =>
      tensors.set(`base_model.model.${modulePath}.lora_${half}.weight`, {
        dtype: "F32",
        shape,
        bytes: fromFloat32(values, "F32"),
      });
    put("A", loraA, [rank, inFeatures]);
    put("B", loraB, [outFeatures, rank]);
  }
  return {
    "adapter_config.json": writeAdapterConfig(config),
    [weightsName]: writeSafetensors(tensors, { format: "pt" }),
  };
}

/**
 * Checks that the adapter belongs to a base model with these linear modules.
 * @param moduleShapes by module path; see models/architecture
 * @throws FormatError naming the first module that differs and both shapes
 */
export function checkAdapterFits(
  { config, factors }: PeftAdapter,
  moduleShapes: ReadonlyMap<string, LinearShape>,
  fileName: string = weightsName,
): void {
  const remedy = `The adapter was made for another model${config.baseModelNameOrPath ? ` (${config.baseModelNameOrPath})` : ""}.`;
  for (const [modulePath, { inFeatures, outFeatures }] of factors) {
    const base = moduleShapes.get(modulePath);
    const got = `weight [${outFeatures}, ${inFeatures}] in the adapter`;
    if (!base) {
      throw new FormatError(
        fileName,
        modulePath,
        `expected a linear module of the loaded model, got ${got} and none in the model. ${remedy}`,
      );
    }
    if (base.inFeatures !== inFeatures || base.outFeatures !== outFeatures) {
      const expected = `[${base.outFeatures}, ${base.inFeatures}]`;
      throw new FormatError(
        fileName,
        modulePath,
        `expected weight ${expected} as in the loaded model, got ${got}. ${remedy}`,
      );
    }
  }
  for (const [modulePath, { inFeatures, outFeatures }] of moduleShapes) {
    if (factors.has(modulePath) || !isTargetModule(config, modulePath)) continue;
    const expected = `factors for weight [${outFeatures}, ${inFeatures}], which target_modules selects`;
    throw new FormatError(fileName, modulePath, `expected ${expected}, got none in the adapter. ${remedy}`);
  }
}
