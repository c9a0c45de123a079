// The GPU and the model on it: opened, replaced, and opened again with the same model when the GPU was lost.
import { type Gpu, openGpu } from "../gpu/device";
import type { QuantisedDtype } from "../gpu/quantised";
import { checkModelFits, type ResidentModel, uploadModel } from "../models/residentModel";
import { keepChoices } from "./keptChoices";
import type { LoadedModel } from "./loadedModel";
import type { GpuChange, GpuInfo } from "./messages";
import { StudioError } from "./problems";

/** A model that is on an open GPU. */
export interface ReadyEngine {
  readonly gpu: Gpu;
  readonly model: LoadedModel;
  readonly resident: ResidentModel;
}

const reopenDelaysMs = [0, 500, 2000, 5000];

export class Engine {
  /** Told when the GPU is lost, when it is back, and when it stays away. */
  onChange: (change: GpuChange) => void = () => {};
  model: LoadedModel | undefined;
  /** In how many bits the linear weights of models are kept on the GPU; undefined as in their files. */
  quantisation: QuantisedDtype | undefined;
  #gpu: Gpu | undefined;
  #info: GpuInfo | undefined;
  #resident: ResidentModel | undefined;
  #recovery: Promise<void> | undefined;
  #isChanging = false;
  readonly #provider: GPU | undefined;

  /** @param provider navigator.gpu */
  constructor(provider: GPU | undefined) {
    this.#provider = provider;
  }

  get gpu(): Gpu | undefined {
    return this.#gpu;
  }

  /** Absent while there is no GPU. */
  get info(): GpuInfo | undefined {
    return this.#info;
  }

  /** @throws NoGpuError */
  async open(): Promise<GpuInfo> {
    const gpu = await openGpu(this.#provider);
    await keepChoices(gpu);
    const { name, isSoftware, tiling, maxBindingBytes } = gpu;
    const info = { name, isSoftware, tiling, maxBindingBytes };
    this.#gpu = gpu;
    this.#info = info;
    void gpu.device.lost.then(({ message, reason }) => {
      if (this.#gpu === gpu) this.#handleLost(message || reason);
    });
    return info;
  }

  /** The engine once it is back after a loss. @throws what the last attempt to open it failed with */
  async recovered(): Promise<ReadyEngine> {
    await this.#recovery;
    return this.ready();
  }

  /**
   * Takes the model into use, replacing the one before, which stays when this fails. Without a GPU the model can
   * still be looked at.
   * @param letGo ends whatever uses the weights that are replaced
   * @throws GpuMemoryError with both numbers when it is over the adapter's limits
   */
  async use(
    model: LoadedModel,
    onProgress: (fraction: number) => void,
    letGo: () => Promise<void>,
  ): Promise<void> {
    this.#isChanging = true;
    try {
      const folder = { ...model.folder, quantisation: this.quantisation };
      if (this.#gpu) checkModelFits(folder, this.#gpu);
      await letGo();
      const resident = this.#gpu && (await uploadModel(this.#gpu, folder, onProgress));
      this.#resident?.release();
      this.#resident = resident;
      this.model = { ...model, folder };
    } finally {
      this.#isChanging = false;
    }
  }

  /** @throws StudioError saying what is missing */
  ready(): ReadyEngine {
    if (!this.model) {
      throw new StudioError("model: expected a loaded model, got none. Load one first.", "model");
    }
    if (this.#isChanging) {
      throw new StudioError("model: expected a loaded model, got one still loading. Wait for it.", "model");
    }
    if (!this.#gpu || !this.#resident) {
      throw new StudioError(
        "GPU: expected one to compute on, got none. See the notice at the top of the page.",
      );
    }
    return { gpu: this.#gpu, model: this.model, resident: this.#resident };
  }

  #handleLost(reason: string): void {
    this.#gpu = undefined;
    this.#info = undefined;
    this.#resident = undefined;
    this.onChange({ status: "lost", message: `The GPU was lost (${reason}). Opening it again.` });
    const recovery = this.#reopen();
    this.#recovery = recovery.then(() => {});
    recovery.then(
      (info) => this.onChange({ status: "ready", info }),
      (error: Error) => {
        const message = `The GPU was lost (${reason}) and did not come back: ${error.message}. Reload the page.`;
        this.onChange({ status: "lost", message });
      },
    );
    this.#recovery.catch(() => {}); // reported above, and to whoever asks for it
  }

  /** Tries for some seconds: after a driver reset there may be no GPU for a moment. */
  async #reopen(): Promise<GpuInfo> {
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
}
