// An experiment's record: how it begins, how an opened file becomes one, and whether it can go on.
import { cellsOf, type Experiment } from "../lab/experiment";
import type { ExperimentContent } from "../lab/experimentFile";
import { dataFingerprint } from "../train/checkpoint";
import type { ExperimentRecord } from "./labMessages";
import type { StoredExperiment } from "./labStorage";
import { describeIdentity, identityOf, type LoadedModel } from "./loadedModel";
import { StudioError } from "./problems";
import type { TokenizedData } from "./trainingData";

/** By which data are recognised after tokenizing. */
export const fingerprintsOf = ({ examples, evalExamples }: TokenizedData) => ({
  fingerprint: dataFingerprint(examples),
  evaluationFingerprint: dataFingerprint(evalExamples),
});

/** A new experiment; nothing is kept before it is saved. */
export function newExperiment(
  experiment: Experiment,
  loaded: LoadedModel,
  { name, key }: { readonly name: string; readonly key: string },
  data: TokenizedData,
): StoredExperiment {
  const id = crypto.randomUUID();
  const record: ExperimentRecord = {
    ...{ id, name: experiment.name, createdAt: Date.now(), status: "running", experiment, keptCells: [] },
    ...{ modelName: loaded.info.name, dataName: name },
  };
  const { info, folder } = loaded;
  const { quantisation } = folder;
  const model = {
    ...{ name: info.name, parameterCount: info.parameterCount, fingerprint: identityOf(loaded) },
    ...(quantisation && { quantisation }),
  };
  return { id, record, model, data: { name, key, ...fingerprintsOf(data) } };
}

/** @throws StudioError saying why it cannot go on, or what to load first */
export function checkResumable(
  { record, model }: StoredExperiment,
  ended: number,
  loaded: LoadedModel,
): void {
  const cells = cellsOf(record.experiment).length;
  if (record.status === "opened") {
    const problem = `${record.name}: expected an experiment that was begun here, got one from a file.`;
    throw new StudioError(`${problem} Run it anew.`);
  }
  if (ended >= cells) {
    throw new StudioError(`${record.name}: expected cells left to train, got all ${cells} ended.`);
  }
  const identity = identityOf(loaded);
  if (model.fingerprint !== identity) {
    const was = describeIdentity(model.name, model.fingerprint);
    const remedy = `Load the model ${was} that the experiment was started with, then resume it.`;
    const got = describeIdentity(loaded.info.name, identity);
    throw new StudioError(`model: expected ${was}, got ${got}. ${remedy}`, "model");
  }
}

/** An experiment that was read from a file. @param missing what has to be loaded to run it to the same numbers */
export function openedExperiment(
  { experiment, createdAt, model, data }: ExperimentContent,
  missing: string | undefined,
): StoredExperiment {
  const id = crypto.randomUUID();
  const record: ExperimentRecord = {
    ...{ id, name: experiment.name, createdAt, status: "opened", experiment, keptCells: [] },
    ...{ modelName: model.name, dataName: data.name },
    ...(missing !== undefined && { reason: missing }),
  };
  return { id, record, model: { ...model, fingerprint: "" }, data: { ...data, key: "" } };
}
