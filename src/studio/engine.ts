// The GPU and the model on it: opened, replaced, and opened again with the same model when the GPU was lost.
import { type Gpu, openGpu } from "../gpu/device";
import type { ResidentModel } from "../models/residentModel";
import { uploadModel } from "../models/residentModel";
import type { LoadedModel } from "./loadedModel";
import type { GpuInfo } from "./messages";
import { StudioError } from "./problems";

/** A model that is on an open GPU. */
export interface ReadyEngine {
  readonly gpu: Gpu;
  readonly model: LoadedModel;
  readonly resident: ResidentModel;
}

const reopenDelaysMs = [0, 500, 2000, 5000];

export class Engine {
  model: LoadedModel | undefined;
  #gpu: Gpu | undefined;
  #resident: ResidentModel | undefined;
  readonly #provider: GPU | undefined;
  readonly #onLost: (message: string) => void;

  /**
   * @param provider navigator.gpu
   * @param onLost called when the GPU goes away; `reopen` brings it back
   */
  constructor(provider: GPU | undefined, onLost: (message: string) => void) {
    this.#provider = provider;
    this.#onLost = onLost;
  }

  get gpu(): Gpu | undefined {
    return this.#gpu;
  }

  /** @throws NoGpuError */
  async open(): Promise<GpuInfo> {
    const gpu = await openGpu(this.#provider);
    this.#gpu = gpu;
    void gpu.device.lost.then(({ message, reason }) => {
      if (this.#gpu !== gpu) return;
      this.#gpu = undefined;
      this.#resident = undefined;
      this.#onLost(message || reason);
    });
    const { maxStorageBufferBindingSize, maxBufferSize } = gpu.device.limits;
    const maxBindingBytes = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    return { name: gpu.name, isSoftware: gpu.isSoftware, maxBindingBytes };
  }

  /**
   * Opens the GPU again and puts the model back onto it, trying for some seconds: after a driver reset there may
   * be none for a moment.
   * @throws what the last attempt failed with
   */
  async reopen(): Promise<GpuInfo> {
    let failure: unknown;
    for (const delayMs of reopenDelaysMs) {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      try {
        const info = await this.open();
        if (this.model) this.#resident = await uploadModel(this.#gpu!, this.model.folder);
        return info;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /**
   * Takes the model into use, replacing the one before, which stays when this fails. Without a GPU the model can
   * still be looked at.
   * @throws GpuMemoryError with both numbers when it is over the adapter's limits
   */
  async use(model: LoadedModel, onProgress: (fraction: number) => void): Promise<void> {
    const resident = this.#gpu && (await uploadModel(this.#gpu, model.folder, onProgress));
    this.#resident?.release();
    this.#resident = resident;
    this.model = model;
  }

  /** @throws StudioError saying what is missing */
  ready(): ReadyEngine {
    if (!this.model)
      throw new StudioError("model: expected a loaded model, got none. Load one first.", "model");
    if (!this.#gpu || !this.#resident) {
      throw new StudioError(
        "GPU: expected one to compute on, got none. See the notice at the top of the page.",
      );
    }
    return { gpu: this.#gpu, model: this.model, resident: this.#resident };
  }
}
