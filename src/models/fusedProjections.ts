// Projections that one file holds as one matrix and another as several: onnxruntime-genai's model builder packs q, k
// and v together, and takes Phi-3's apart.
import { FormatError } from "../formats/formatError";
import { rowsOf, type StoredTensor, stackedStored } from "../formats/storedTensor";

const fused: readonly (readonly [whole: string, parts: readonly string[]])[] = [
  ["qkv_proj", ["q_proj", "k_proj", "v_proj"]],
  ["gate_up_proj", ["gate_proj", "up_proj"]],
];

/**
 * Puts the tensors of `shapes` that are missing into `stored`, as rows of a packed one or as several below each other,
 * and takes out what they are made of.
 * @throws FormatError when a packed one has another number of rows
 */
export function regroup(
  shapes: ReadonlyMap<string, readonly number[]>,
  stored: Map<string, StoredTensor>,
): void {
  const used = new Set<string>();
  for (const name of shapes.keys()) {
    if (stored.has(name)) continue;
    for (const [whole, parts] of fused) {
      const part = parts.find((each) => name.includes(`.${each}.`));
      const made = part
        ? cut(shapes, stored, parts, part, name, name.replace(`.${part}.`, `.${whole}.`))
        : name.includes(`.${whole}.`) &&
          stack(
            stored,
            parts.map((each) => name.replace(`.${whole}.`, `.${each}.`)),
          );
      if (!made) continue;
      stored.set(name, made.tensor);
      for (const each of made.from) used.add(each);
    }
  }
  for (const name of used) stored.delete(name);
}

interface Made {
  readonly tensor: StoredTensor;
  readonly from: readonly string[];
}

function cut(
  shapes: ReadonlyMap<string, readonly number[]>,
  stored: ReadonlyMap<string, StoredTensor>,
  parts: readonly string[],
  part: string,
  name: string,
  packedName: string,
): Made | undefined {
  const packed = stored.get(packedName);
  if (!packed) return undefined;
  const rows = parts.map((each) => shapes.get(name.replace(`.${part}.`, `.${each}.`))![0]!);
  const total = rows.reduce((sum, count) => sum + count, 0);
  if (packed.shape[0] !== total) {
    const expected = `${rows.join(" + ")} rows for ${parts.join(", ")} (config.json)`;
    throw new FormatError(packed.file, packedName, `expected ${expected}, got shape [${packed.shape}].`);
  }
  const index = parts.indexOf(part);
  const begin = rows.slice(0, index).reduce((sum, count) => sum + count, 0);
  return { tensor: rowsOf(packed, begin, begin + rows[index]!), from: [packedName] };
}

function stack(stored: ReadonlyMap<string, StoredTensor>, from: readonly string[]): Made | undefined {
  const parts = from.map((name) => stored.get(name));
  if (!parts.every((each) => each !== undefined)) return undefined;
  return { tensor: stackedStored(parts), from };
}
