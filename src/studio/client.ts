// The page's end of the worker: starts it and lets callbacks through. All the page knows of the engine.
import { proxy, type Remote, transfer, wrap } from "comlink";
import type { AnalysisWorker } from "./analysisMessages";
import type { HubWorker } from "./hubMessages";
import type { LabWorker, PageWorker } from "./labMessages";
import type { StudioWorker } from "./messages";

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
    setBaseWeights: (quantisation, onProgress) => remote.setBaseWeights(quantisation, proxy(onProgress)),
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
    profileStep: () => remote.profileStep(),
    generate: (request, onText) => remote.generate(request, proxy(onText)),
    cancelGenerate: () => remote.cancelGenerate(),
    currentAdapter: () => remote.currentAdapter(),
    exportAdapter: (target) => remote.exportAdapter(target),
    importAdapter: (files) => remote.importAdapter(files),
    connectAnalysis: (port) => remote.connectAnalysis(transfer(port, [port])),
    listRuns: () => remote.listRuns(),
    runHistory: (id) => remote.runHistory(id),
    runModel: (id) => remote.runModel(id),
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

/** Starts the analysis' worker with a way of its own to the engine's, and gives its calls. */
export async function startAnalysis(studio: StudioWorker): Promise<AnalysisWorker> {
  const worker = new Worker(new URL("./analysisWorker.ts", import.meta.url), {
    type: "module",
    name: "analysis",
  });
  const remote = wrap<AnalysisWorker>(worker);
  const { port1, port2 } = new MessageChannel();
  await Promise.all([remote.connect(transfer(port1, [port1])), studio.connectAnalysis(port2)]);
  return {
    connect: (port) => remote.connect(transfer(port, [port])),
    open: (source) => remote.open(source),
    close: (key) => remote.close(key),
    spectra: (key, onProgress) => remote.spectra(key, proxy(onProgress)),
    similarities: (path, key, other) => remote.similarities(path, key, other),
    amplification: (path, key) => remote.amplification(path, key),
    images: (path, key, block) => remote.images(path, key, block),
    weightNorms: (paths) => remote.weightNorms(paths),
  };
}

/** Starts the worker that fetches models, and gives its calls. */
export function startHub(): HubWorker {
  const remote = wrap<HubWorker>(
    new Worker(new URL("./hubWorker.ts", import.meta.url), { type: "module", name: "hub" }),
  );
  return {
    search: (access, query) => remote.search(access, query),
    download: (access, id, revision, onProgress) => remote.download(access, id, revision, proxy(onProgress)),
    cancelDownload: () => remote.cancelDownload(),
    listKept: () => remote.listKept(),
    removeKept: (folder) => remote.removeKept(folder),
  };
}
