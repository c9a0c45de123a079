// The page's end of the worker: starts it and lets callbacks through. All the page knows of the engine.
import { proxy, type Remote, wrap } from "comlink";
import type { LabWorker, PageWorker } from "./labMessages";

/** Starts the worker. */
export function startWorker(): Worker {
  return new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "engine" });
}

/** The worker's calls, with plain functions as callbacks. */
export function connectTo(worker: Worker): PageWorker {
  const remote = wrap<PageWorker>(worker);
  return {
    start: (onGpuChange) => remote.start(proxy(onGpuChange)),
    sampleDatasets: () => remote.sampleDatasets(),
    loadModel: (source, onProgress) => remote.loadModel(source, proxy(onProgress)),
    loadData: (source, options, onUpdate) => remote.loadData(source, options, onUpdate && proxy(onUpdate)),
    retokenize: (options, onUpdate) => remote.retokenize(options, onUpdate && proxy(onUpdate)),
    cancelData: () => remote.cancelData(),
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
    // A property that holds calls can itself be called through; comlink's types know it as a value only.
    lab: connectLab(remote.lab as unknown as Remote<LabWorker>),
  };
}

function connectLab(remote: Remote<LabWorker>): LabWorker {
  return {
    estimate: (experiment) => remote.estimate(experiment),
    run: (experiment, onUpdates) => remote.run(experiment, proxy(onUpdates)),
    resumeExperiment: (id, onUpdates) => remote.resumeExperiment(id, proxy(onUpdates)),
    pause: () => remote.pause(),
    resume: () => remote.resume(),
    stop: () => remote.stop(),
    skip: (cellId) => remote.skip(cellId),
    use: (id, cellId) => remote.use(id, cellId),
    answer: (id, prompt, maxNewTokens, onAnswer) => remote.answer(id, prompt, maxNewTokens, proxy(onAnswer)),
    exportExperiment: (id, what) => remote.exportExperiment(id, what),
    open: (file) => remote.open(file),
    list: () => remote.list(),
    snapshot: (id) => remote.snapshot(id),
    delete: (id) => remote.delete(id),
  };
}
