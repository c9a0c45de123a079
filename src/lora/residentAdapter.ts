// An adapter on the GPU beside a resident base model: swapped by choosing another one, merged for zero cost,
// unmerged without a trace, because the base weights are never written.
import { checkAdapterFits, type PeftAdapter } from "../formats/peft";
import type { Gpu } from "../gpu/device";
import { allocate, bufferOf, checkBindable, release } from "../gpu/memory";
import { Program } from "../gpu/program";
import { isQuantised } from "../gpu/quantised";
import { submit } from "../gpu/submit";
import { parameterBytes, Storage, type Tensor } from "../gpu/tensor";
import { architectureOf } from "../models/architecture";
import type { ResidentModel } from "../models/residentModel";
import { loraMerge } from "../ops/loraDelta";
import { residentTensor, Trace } from "../ops/trace";
import { type AdaptedModule, adaptedModules, factorShapes, factorValues } from "./adapter";
import { CellTables, flatTensor } from "./cells";
import { FlatParameters } from "./flatParameters";
import { type Injection, injectedParameters } from "./inject";
import { layOutTrainable } from "./layout";

export interface ResidentAdapter {
  readonly modules: readonly AdaptedModule[];
  /** What makes a model's parameters those of model + adapter. */
  readonly injection: Injection;
  release(): void;
}

/**
 * Uploads an adapter for a model.
 * @throws FormatError naming the first module that does not fit; GpuMemoryError when there is no room
 */
export async function uploadAdapter(
  gpu: Gpu,
  model: ResidentModel,
  adapter: PeftAdapter,
): Promise<ResidentAdapter> {
  const { linears } = architectureOf(model.config);
  checkAdapterFits(adapter, linears);
  const modules = adaptedModules(adapter.config, linears);
  const layout = layOutTrainable(factorShapes(modules));
  const paths = modules.map(({ path }) => path);
  const tables = new CellTables([{ layout, modules }], paths);
  const storages = (await allocate(gpu.device, [
    { label: "adapter", sizeBytes: layout.sizeBytes },
    { label: "adapter tables", sizeBytes: tables.sizeBytes },
  ])) as [Storage, Storage];
  new FlatParameters(layout, storages[0]).write(gpu, factorValues(adapter));
  gpu.device.queue.writeBuffer(bufferOf(storages[1]), 0, tables.bytes());
  const factors = flatTensor("adapter", storages[0], layout.sizeBytes);
  const injection = { lowRanks: tables.lowRanks(factors, storages[1], 0) };
  return { modules, injection, release: () => release(storages) };
}

export interface MergedWeights {
  /** W0 + scaling·B·A in f32 by parameter name, for the adapted layers only. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly injection: Injection;
  /** Unmerges: drops the merged copies, and the base answers again with the very same bits. */
  release(): void;
}

/** The weights that an adapter is merged into. @throws as mergeAdapter */
export function checkMergeable(
  { maxBindingBytes }: Pick<Gpu, "maxBindingBytes">,
  model: ResidentModel,
  { modules }: Pick<ResidentAdapter, "modules">,
): Tensor[] {
  const weights = modules.map(({ path }) => model.tensors.get(`${path}.weight`)!);
  const remedy = "keep the adapter beside its base, or merge with PEFT";
  for (const { label, dtype, shape } of weights) {
    if (isQuantised(dtype)) {
      throw new Error(
        `merge: expected weights as their file has them, got ${label} in ${dtype}; load the model in 16 bits`,
      );
    }
    checkBindable(maxBindingBytes, `merged ${label}`, parameterBytes(shape), remedy);
  }
  return weights;
}

/**
 * Merges into f32 copies of the adapted weights; 16 bits would round small updates away.
 * @throws Error for a base in fewer bits, whose rounding would stay in the result; GpuMemoryError for a matrix that the
 *   GPU cannot bind whole in f32
 */
export async function mergeAdapter(
  gpu: Gpu,
  model: ResidentModel,
  adapter: ResidentAdapter,
): Promise<MergedWeights> {
  const weights = checkMergeable(gpu, model, adapter);
  const requests = weights.map(({ label, shape }) => ({
    label: `merged ${label}`,
    sizeBytes: parameterBytes(shape),
  }));
  const storages = await allocate(gpu.device, requests);
  const tensors = new Map(
    weights.map(({ label, shape }, i) => [label, residentTensor(label, shape, "f32", storages[i]!)]),
  );
  const nothing = residentTensor("nothing", [1], "f32", new Storage("nothing", 16, "resident"));
  const trace = new Trace({ step: nothing, cells: nothing, nothing }, false); // merging binds none
  const parameters = injectedParameters(model, adapter.injection);
  for (const { path } of adapter.modules) {
    const name = `${path}.weight`;
    loraMerge(trace, model.tensors.get(name)!, parameters.lowRank(path)!, tensors.get(name)!);
  }
  const program = await Program.create(gpu.device, { merge: trace.calls });
  submit(gpu.device, (encoder) => program.encode(encoder, "merge"));
  program.destroy();
  const release = () => {
    for (const storage of storages) storage.buffer?.destroy();
  };
  return { tensors, injection: { trained: tensors }, release };
}
