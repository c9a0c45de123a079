// The zip that a person takes away.
import { writePeftAdapter } from "../formats/peft";
import { packZip } from "../formats/zip";
import type { ModelInfo, RunHistory } from "./messages";
import { writeModelCard, writeRunJson } from "./modelCard";
import type { TunedAdapter } from "./tunedAdapter";

/** adapter_model.safetensors, adapter_config.json, README.md and run.json, in one zip. */
export function exportAdapter(
  tuned: TunedAdapter,
  model: ModelInfo,
  history: RunHistory,
): { readonly fileName: string; readonly bytes: Uint8Array<ArrayBuffer> } {
  const encoder = new TextEncoder();
  const files = new Map<string, Uint8Array>([
    ...Object.entries(writePeftAdapter(tuned.adapter)),
    ["README.md", encoder.encode(writeModelCard(tuned, model, history))],
    ["run.json", encoder.encode(writeRunJson(tuned, model, history))],
  ]);
  const stem = tuned.info.name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "");
  return { fileName: `${stem || "adapter"}.zip`, bytes: new Uint8Array(packZip(files)) };
}
