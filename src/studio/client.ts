// The page's end of the worker: starts it and lets callbacks through. All the page knows of the engine.
import { proxy, wrap } from "comlink";
import type { StudioWorker } from "./messages";

/** Starts the worker. */
export function startWorker(): Worker {
  return new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "engine" });
}

/** The worker's calls, with plain functions as callbacks. */
export function connectTo(worker: Worker): StudioWorker {
  const remote = wrap<StudioWorker>(worker);
  return {
    start: (onGpuChange) => remote.start(proxy(onGpuChange)),
    sampleDatasets: () => remote.sampleDatasets(),
    loadModel: (source, onProgress) => remote.loadModel(source, proxy(onProgress)),
    loadData: (source, options) => remote.loadData(source, options),
    retokenize: (options) => remote.retokenize(options),
    estimate: (config) => remote.estimate(config),
    train: (config, onUpdates) => remote.train(config, proxy(onUpdates)),
    resumeRun: (id, onUpdates) => remote.resumeRun(id, proxy(onUpdates)),
    pause: () => remote.pause(),
    resume: () => remote.resume(),
    stop: () => remote.stop(),
    generate: (request, onText) => remote.generate(request, proxy(onText)),
    cancelGenerate: () => remote.cancelGenerate(),
    currentAdapter: () => remote.currentAdapter(),
    exportAdapter: () => remote.exportAdapter(),
    importAdapter: (files) => remote.importAdapter(files),
    listRuns: () => remote.listRuns(),
    runHistory: (id) => remote.runHistory(id),
    renameRun: (id, name) => remote.renameRun(id, name),
    deleteRun: (id) => remote.deleteRun(id),
    useRun: (id) => remote.useRun(id),
  };
}
