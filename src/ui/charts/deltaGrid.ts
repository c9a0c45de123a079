// Lays ‖ΔW‖ by module path out as a grid: a row for each module name, a column for each layer.

export interface DeltaGrid {
  readonly layers: readonly string[];
  readonly modules: readonly { readonly name: string; readonly norms: readonly (number | undefined)[] }[];
  readonly largest: number;
}

/** @param norms ‖ΔW‖_F by path, e.g. "model.layers.0.self_attn.q_proj" */
export function deltaGrid(norms: Readonly<Record<string, number>>): DeltaGrid {
  const rows = new Map<string, Map<string, number>>();
  const layers = new Set<string>();
  for (const [path, norm] of Object.entries(norms)) {
    const layer = /(?:^|\.)layers\.(\d+)\./.exec(path)?.[1] ?? "–";
    const name = path.slice(path.lastIndexOf(".") + 1);
    layers.add(layer);
    const row = rows.get(name) ?? new Map<string, number>();
    rows.set(name, row.set(layer, norm));
  }
  const columns = [...layers].sort((left, right) => Number(left) - Number(right));
  return {
    layers: columns,
    modules: [...rows].map(([name, row]) => ({ name, norms: columns.map((layer) => row.get(layer)) })),
    largest: Object.values(norms).reduce((largest, norm) => (norm > largest ? norm : largest), 0),
  };
}
