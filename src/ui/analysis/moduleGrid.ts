// Lays weights out by what they are and where: a row for each kind of module, a column for each layer.

export interface ModuleGrid {
  /** Layer numbers, rising; "–" for modules outside of the layers. */
  readonly layers: readonly string[];
  /** The shortest names that tell kinds of modules apart, in the order of the adapter. */
  readonly modules: readonly string[];
  /** At [module][layer]; undefined where the adapter changes none. */
  readonly paths: readonly (readonly (string | undefined)[])[];
}

/** @param paths of modules, e.g. "model.layers.0.self_attn.q_proj" or "transformer.h.0.attn.c_attn" */
export function moduleGrid(paths: readonly string[]): ModuleGrid {
  const rows = new Map<string, Map<string, string>>();
  const layers = new Set<string>();
  for (const path of paths) {
    const [, layer = "–", kind = path] = /^(?:.*?\.)??(\d+)\.(.+)$/.exec(path) ?? [];
    layers.add(layer);
    const row = rows.get(kind) ?? new Map<string, string>();
    rows.set(kind, row.set(layer, path));
  }
  const columns = [...layers].sort((left, right) => Number(left) - Number(right));
  const kinds = [...rows.keys()];
  return {
    layers: columns,
    modules: kinds.map((kind) => shortName(kind, kinds)),
    paths: [...rows.values()].map((row) => columns.map((layer) => row.get(layer))),
  };
}

/** "self_attn.q_proj" → "q_proj", but "attn.c_proj" beside "mlp.c_proj" stays. */
function shortName(kind: string, kinds: readonly string[]): string {
  const last = lastPart(kind);
  return kinds.filter((other) => lastPart(other) === last).length > 1 ? kind : last;
}

const lastPart = (path: string): string => path.slice(path.lastIndexOf(".") + 1);

/** "q_proj of layer 3", as captions name a weight. */
export function moduleTitle(path: string, { layers, modules, paths }: ModuleGrid): string {
  const row = paths.findIndex((line) => line.includes(path));
  if (row < 0) return path;
  const layer = layers[paths[row]!.indexOf(path)];
  return layer === "–" ? modules[row]! : `${modules[row]} of layer ${layer}`;
}
