// Models of the Hub: some to start from, others by name, any by its id.
import { Button, TextInput } from "@mantine/core";
import { useId } from "react";
import type { FoundModel } from "../../../studio/hubMessages";
import { isGoingOn, knownModels, useHub } from "../../../studio/stores/hubStore";
import { explanations } from "../../explanations";
import { formatBytes, formatLargeCount } from "../../format";
import { FieldLabel } from "../Field";
import { HubAccess } from "./HubAccess";
import { ModelRow } from "./ModelRow";
import classes from "./model.module.css";
import { UseModel } from "./UseModel";

export function HubTab() {
  const { query, revision, searchProblem, download } = useHub();
  const { setQuery, setRevision } = useHub.getState();
  const id = useId();
  const problemOf = (field: string) =>
    [download?.problem, searchProblem].find((problem) => problem?.field === field)?.message;
  return (
    <>
      <div className={classes.fields}>
        <div>
          <FieldLabel label="Name or repository" explanation={explanations.hubModel} htmlFor={id} />
          <TextInput
            id={id}
            type="search"
            placeholder="smollm, or owner/name"
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            value={query}
            error={problemOf("model")}
            onChange={(event) => setQuery(event.currentTarget.value)}
          />
        </div>
        <div>
          <FieldLabel label="Revision" explanation={explanations.hubRevision} htmlFor={`${id}-revision`} />
          <TextInput
            id={`${id}-revision`}
            autoComplete="off"
            spellCheck={false}
            value={revision}
            error={problemOf("revision")}
            onChange={(event) => setRevision(event.currentTarget.value)}
          />
        </div>
      </div>
      <Models />
      <HubAccess
        problem={problemOf("endpoint")}
        needsToken={problemOf("model")?.includes("token") === true}
      />
    </>
  );
}

function Models() {
  const { query, found, isSearching, searchProblem } = useHub();
  const typed = idOf(query);
  const rows = found?.filter(({ id }) => id !== typed) ?? [];
  const heading = !query.trim()
    ? "Good ones to start from"
    : isSearching
      ? "Searching…"
      : searchProblem
        ? "The search failed"
        : found
          ? `Found on the Hub: ${found.length || "none"}`
          : "As typed";
  return (
    <div className={classes.models}>
      <h3 className={classes.listTitle} aria-live="polite">
        {heading}
      </h3>
      {searchProblem && !searchProblem.field && <p className={classes.problem}>{searchProblem.message}</p>}
      <ul className={classes.list}>
        {!query.trim() &&
          knownModels.map(({ id, parameterCount, sizeBytes, about }) => (
            <ModelRow
              key={id}
              name={id}
              facts={[`${formatLargeCount(parameterCount)} parameters`, formatBytes(sizeBytes)]}
              about={about}
            >
              <Get id={id} />
            </ModelRow>
          ))}
        {typed && (
          <ModelRow name={typed} facts={factsOf(found?.find(({ id }) => id === typed)) ?? ["as typed"]}>
            <Get id={typed} />
          </ModelRow>
        )}
        {query.trim() &&
          rows.map((model) => (
            <ModelRow key={model.id} name={model.id} facts={factsOf(model)!}>
              <Get id={model.id} />
            </ModelRow>
          ))}
      </ul>
    </div>
  );
}

function factsOf(model: FoundModel | undefined): string[] | undefined {
  if (!model) return undefined;
  const { parameterCount, downloads, isGated } = model;
  return [
    ...(parameterCount ? [`${formatLargeCount(parameterCount)} parameters`] : []),
    `${formatLargeCount(downloads)} downloads`,
    ...(isGated ? ["asks to accept terms"] : []),
  ];
}

/** Takes a model that is kept, and downloads one that is not. */
function Get({ id }: { readonly id: string }) {
  const revision = useHub((hub) => hub.revision.trim() || "main");
  const kept = useHub((hub) => hub.kept?.find((each) => each.id === id && each.revision === revision));
  const isBusy = useHub(({ download }) => download !== undefined && isGoingOn(download));
  const { startDownload } = useHub.getState();
  if (kept?.isComplete) return <UseModel source={{ kind: "kept", name: id, folder: kept.folder }} />;
  const verb = kept ? "Continue" : "Download";
  return (
    <Button
      size="compact-sm"
      variant="default"
      aria-label={`${verb} ${id}`}
      disabled={isBusy}
      onClick={() => startDownload(id, kept?.commit ?? revision)}
    >
      {verb}
    </Button>
  );
}

/** The repository that the text names, typed or pasted; a word alone is a search. */
function idOf(query: string): string | undefined {
  return /^(?:https?:\/\/[^/\s]+\/)?([\w.-]+\/[\w.-]+?)(?:\/(?:tree|blob|resolve)\/.*)?\/?$/.exec(
    query.trim(),
  )?.[1];
}
