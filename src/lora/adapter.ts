// Which linear layers an adapter changes, and the factors' shapes and starting values.
import type { LinearShape, LoraFactors, PeftAdapter } from "../formats/peft";
import { isTargetModule, type LoraAdapterConfig, rankOf, scalingOf } from "../formats/peftConfig";
import { RandomStream, streamKey } from "../random/philox";

/** One adapted layer: y = W0·x + scaling·B·(A·x), A [rank, in], B [out, rank]. */
export interface AdaptedModule extends LinearShape {
  /** Path in the base model, e.g. model.layers.0.self_attn.q_proj. */
  readonly path: string;
  readonly rank: number;
  readonly scaling: number;
  /** Keys the layer's dropout mask. */
  readonly dropoutStream: number;
}

/** A setting that does not fit the model; `field` is its name in the run's configuration. */
export class AdapterConfigError extends Error {
  override name = "AdapterConfigError";

  constructor(
    readonly field: "rank" | "targetModules",
    message: string,
  ) {
    super(message);
  }
}

export const factorName = (path: string, factor: "A" | "B"): string => `${path}.lora_${factor}.weight`;

/**
 * The layers that `config` selects among a model's linear layers, in the model's order.
 * @throws AdapterConfigError when none matches, a listed name matches none, or a rank is over what a layer has
 */
export function adaptedModules(
  config: LoraAdapterConfig,
  linears: ReadonlyMap<string, LinearShape>,
): AdaptedModule[] {
  const modules: AdaptedModule[] = [];
  for (const [path, shape] of linears) {
    if (!isTargetModule(config, path)) continue;
    const rank = rankOf(config, path);
    const most = Math.min(shape.inFeatures, shape.outFeatures);
    if (rank > most) {
      throw new AdapterConfigError(
        "rank",
        `rank: expected at most ${most} for ${path} [${shape.outFeatures}, ${shape.inFeatures}], got ${rank}`,
      );
    }
    const dropoutStream = streamKey(`dropout:${path}`);
    modules.push({ ...shape, path, rank, scaling: scalingOf(config, path), dropoutStream });
  }
  checkTargets(config, [...linears.keys()], modules);
  return modules;
}

function checkTargets(
  config: LoraAdapterConfig,
  paths: readonly string[],
  modules: readonly AdaptedModule[],
): void {
  const targets = typeof config.targetModules === "string" ? [] : config.targetModules;
  const unmatched = targets.filter(
    (target) => !paths.some((path) => path === target || path.endsWith(`.${target}`)),
  );
  if (modules.length > 0 && unmatched.length === 0) return;
  const names = [...new Set(paths.map((path) => path.split(".").at(-1)!))].join(", ");
  const got = unmatched.length > 0 ? unmatched.join(", ") : JSON.stringify(config.targetModules);
  throw new AdapterConfigError(
    "targetModules",
    `target modules: expected names among ${names}, got ${got || "none"}, which matches no layer of this model`,
  );
}

/**
 * PEFT's starting values: B zero; A uniform in ±1/√in (its kaiming_uniform_ with a = √5), or with "gaussian"
 * normal with deviation 1/rank. Source: peft, tuners/lora/layer.py, reset_lora_parameters.
 */
export function initialFactors(
  modules: readonly AdaptedModule[],
  init: true | "gaussian",
  seed: number,
): Map<string, LoraFactors> {
  return new Map(
    modules.map(({ path, rank, inFeatures, outFeatures }) => {
      const random = new RandomStream(seed, factorName(path, "A"));
      const bound = 1 / Math.sqrt(inFeatures);
      const draw = (i: number) =>
        init === "gaussian" ? random.normal(i) / rank : (2 * random.uniform(i) - 1) * bound;
      const loraA = Float32Array.from({ length: rank * inFeatures }, (_, i) => draw(i));
      const loraB = new Float32Array(outFeatures * rank);
      return [path, { loraA, loraB, rank, inFeatures, outFeatures }];
    }),
  );
}

/** Shapes of all factors in the order they lie in the flat buffer. */
export function factorShapes(modules: readonly AdaptedModule[]): [string, readonly number[]][] {
  return modules.flatMap(({ path, rank, inFeatures, outFeatures }): [string, readonly number[]][] => [
    [factorName(path, "A"), [rank, inFeatures]],
    [factorName(path, "B"), [outFeatures, rank]],
  ]);
}

/** Values by factor name, from factors by module path. */
export function factorValues({ factors }: Pick<PeftAdapter, "factors">): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const [path, { loraA, loraB }] of factors) {
    values.set(factorName(path, "A"), loraA);
    values.set(factorName(path, "B"), loraB);
  }
  return values;
}
