// What a method trains: a LoRA adapter's factors, every parameter, or the biases alone (BitFit, Zaken et al. 2021).
import { checkAdapterFits, type PeftAdapter } from "../formats/peft";
import { defaultLoraAdapterConfig, type LoraAdapterConfig } from "../formats/peftConfig";
import { heldTensor } from "../formats/storedTensor";
import { toFloat32 } from "../formats/tensor";
import type { Gpu } from "../gpu/device";
import { checkBindable } from "../gpu/memory";
import { adaptedModules, factorName, factorShapes, factorValues, initialFactors } from "../lora/adapter";
import type { CellParameters } from "../lora/cells";
import { layOutTrainable } from "../lora/layout";
import { architectureOf } from "../models/architecture";
import { familyOf } from "../models/families";
import type { ModelWeights } from "../models/residentModel";
import type { AdapterSettings, TrainConfig } from "./config";

export interface Trainee extends CellParameters {
  /** PEFT's description of the adapter; null for the other methods. */
  readonly adapterConfig: LoraAdapterConfig | null;
  readonly loraDropout: number;
  /** Starting values by name; made when asked for, since a full model's are large. */
  initialValues(): Promise<ReadonlyMap<string, Float32Array>>;
}

/** One of the runs that train together: what it was asked for, and what it trains. */
export interface Cell {
  readonly config: TrainConfig;
  readonly trainee: Trainee;
}

/**
 * What is trained is updated as one buffer, which is not split as frozen weights are.
 * @throws GpuMemoryError with both numbers when it is over what a kernel can bind
 */
export function checkTrainedFits(
  { layout }: Pick<Trainee, "layout">,
  { maxBindingBytes }: Pick<Gpu, "maxBindingBytes">,
): void {
  checkBindable(
    maxBindingBytes,
    "what is trained",
    layout.sizeBytes,
    "train an adapter, or one of lower rank",
  );
}

/** The settings of a run in PEFT's form. */
export function adapterConfigOf(settings: AdapterSettings, baseModelName: string | null): LoraAdapterConfig {
  const { rank, ...rest } = settings;
  return { ...defaultLoraAdapterConfig, ...rest, r: rank, baseModelNameOrPath: baseModelName };
}

/**
 * @param initialAdapter start from these factors, with that adapter's rank, alpha and targets
 * @throws AdapterConfigError when the settings do not fit the model; FormatError when the adapter does not;
 *   Error for BitFit on a model without biases
 */
export function traineeOf(
  config: TrainConfig,
  model: ModelWeights,
  baseModelName: string | null,
  initialAdapter?: PeftAdapter,
): Trainee {
  if (config.method === "lora") return loraTrainee(config, model, baseModelName, initialAdapter);
  if (initialAdapter) throw new Error(`method: expected lora to start from an adapter, got ${config.method}`);
  if (config.method === "full" && model.quantisation) {
    throw new Error(
      "method: expected lora or bitfit on a base in fewer bits, got full, which trains the weights themselves; " +
        "choose lora, or keep the base as in its file",
    );
  }
  const all = [...model.tensors].map(([name, { shape }]) => [name, shape] as const);
  const trained = config.method === "full" ? all : all.filter(([name]) => name.endsWith(".bias"));
  if (trained.length === 0) {
    throw new Error(
      "method: expected a model with biases for bitfit, got one without any; choose lora or full",
    );
  }
  const initialValues = async () => {
    const values = new Map<string, Float32Array>();
    for (const [name] of trained) values.set(name, toFloat32(await heldTensor(model.tensors.get(name)!)));
    return values;
  };
  return {
    layout: layOutTrainable(trained),
    modules: [],
    adapterConfig: null,
    loraDropout: 0,
    initialValues,
  };
}

function loraTrainee(
  config: TrainConfig,
  model: ModelWeights,
  baseModelName: string | null,
  initialAdapter: PeftAdapter | undefined,
): Trainee {
  const { linears } = architectureOf(model.config);
  if (initialAdapter) checkAdapterFits(initialAdapter, linears);
  const adapterConfig = initialAdapter
    ? {
        ...initialAdapter.config,
        baseModelNameOrPath: baseModelName,
        loraDropout: config.adapter.loraDropout,
      }
    : {
        ...adapterConfigOf(config.adapter, baseModelName),
        fanInFanOut: familyOf(model.config).transposed !== undefined,
      };
  const modules = adaptedModules(adapterConfig, linears);
  const initialValues = async () =>
    factorValues(
      initialAdapter ?? { factors: initialFactors(modules, config.adapter.initLoraWeights, config.seed) },
    );
  const { loraDropout } = adapterConfig;
  return {
    layout: layOutTrainable(factorShapes(modules)),
    modules,
    adapterConfig,
    loraDropout,
    initialValues,
  };
}

/** The adapter in PEFT's form, from trained values by parameter name; null for methods that train none. */
export function trainedAdapter(
  { adapterConfig, modules }: Trainee,
  params: ReadonlyMap<string, Float32Array>,
): PeftAdapter | null {
  if (!adapterConfig) return null;
  const factors = modules.map(({ path, rank, inFeatures, outFeatures }) => {
    const loraA = params.get(factorName(path, "A"))!;
    const loraB = params.get(factorName(path, "B"))!;
    return [path, { loraA, loraB, rank, inFeatures, outFeatures }] as const;
  });
  return { config: adapterConfig, factors: new Map(factors) };
}
