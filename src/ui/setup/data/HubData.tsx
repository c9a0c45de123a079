// A data set of the Hub by its id: its training split is fetched once and then treated as a file. Where several splits
// could be meant, one is chosen here.
import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useId, useState } from "react";
import { useHub } from "../../../studio/stores/hubStore";
import { useStudio } from "../../../studio/stores/studioStore";
import { explanations } from "../../explanations";
import { ChoiceField, FieldLabel } from "../Field";
import { HubAccess } from "../model/HubAccess";
import setup from "../setup.module.css";
import classes from "./data.module.css";
import { useDataDisabled } from "./useDataDisabled";

export function HubData() {
  const shown = useStudio(({ data }) => data.attempted ?? data.source);
  const needsToken = useStudio(({ data }) => /access token/.test(data.problem?.message ?? ""));
  const splits = useStudio(({ data }) => data.problem?.splits);
  const [typed, setTyped] = useState<string>();
  const disabled = useDataDisabled();
  const { loadData } = useStudio.getState();
  const id = useId();
  const name = typed ?? (shown?.kind === "hub" ? shown.name : "");
  const load = (event: FormEvent) => {
    event.preventDefault();
    const { endpoint, accessToken } = useHub.getState();
    const access = { endpoint, accessToken: accessToken.trim() || undefined };
    void loadData({ kind: "hub", name: name.trim(), access });
  };
  return (
    <details className={setup.details}>
      <summary>From the Hugging Face Hub</summary>
      <form className={classes.hub} onSubmit={load}>
        <FieldLabel label="Data set" explanation={explanations.hubData} htmlFor={id} />
        <div className={classes.hubRow}>
          <TextInput
            id={id}
            size="sm"
            autoComplete="off"
            spellCheck={false}
            placeholder="owner/name"
            value={name}
            disabled={disabled}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Button type="submit" size="sm" variant="default" disabled={disabled || name.trim() === ""}>
            Load
          </Button>
        </div>
      </form>
      {shown?.kind === "hub" && splits && (
        <div className={classes.hub}>
          <ChoiceField
            label="Split"
            explanation={explanations.hubSplit}
            value=""
            disabled={disabled}
            choices={[
              { value: "", label: `Choose one of ${splits.length}`, disabled: true },
              ...splits.map((split) => ({ value: split.name, label: splitLabel(split) })),
            ]}
            onChange={(split) => loadData({ ...shown, split })}
          />
        </div>
      )}
      {shown?.kind === "hub" && shown.split && <p className={setup.hint}>Split: {shown.split}</p>}
      {shown?.kind === "hub" && <HubAccess problem={undefined} needsToken={needsToken} />}
    </details>
  );
}

const splitLabel = ({ name, fileCount }: { readonly name: string; readonly fileCount: number }): string =>
  fileCount === 1 ? name : `${name} · ${fileCount} files`;
