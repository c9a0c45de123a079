// The adapter's way out of the browser and in: the files of Hugging Face PEFT.
import { Button } from "@mantine/core";
import { useRef } from "react";
import type { CurrentAdapter } from "../../studio/messages";
import { useStudio } from "../../studio/stores/studioStore";
import { formatCount } from "../format";
import { Notice } from "../Notice";
import { Section } from "../Section";
import classes from "./AdapterTransfer.module.css";

export function AdapterTransfer() {
  const adapter = useStudio((studio) => studio.adapter);
  const { busy, message, problem } = useStudio((studio) => studio.transfer);
  const hasModel = useStudio(({ model }) => model.info !== undefined);
  const input = useRef<HTMLInputElement>(null);
  const { exportAdapter, importAdapter } = useStudio.getState();
  return (
    <Section id="transfer-heading" title="Export" summary={adapter && describe(adapter)}>
      <p className={classes.text}>{contents(adapter)}</p>
      <div className={classes.actions}>
        <Button size="sm" variant="default" disabled={!adapter || busy} onClick={exportAdapter}>
          Export adapter
        </Button>
        <Button
          size="sm"
          variant="default"
          disabled={!hasModel || busy}
          onClick={() => input.current?.click()}
        >
          Import adapter
        </Button>
        <input
          ref={input}
          type="file"
          hidden
          multiple
          accept=".zip,.json,.safetensors"
          aria-label="Adapter files"
          onChange={async (event) => {
            const chosen = [...(event.currentTarget.files ?? [])];
            event.currentTarget.value = "";
            if (chosen.length > 0) await importAdapter(chosen);
          }}
        />
        <p className={classes.message}>{busy ? "Working…" : message}</p>
      </div>
      {problem && <Notice kind="error">{problem.message}</Notice>}
    </Section>
  );
}

function describe({
  name,
  method,
  rank,
  loraAlpha,
  targetModules,
  trainableParameters,
}: CurrentAdapter): string {
  const size = `${formatCount(trainableParameters)} parameters`;
  if (method !== "lora") return `${name} · ${size}`;
  // Runs are named by their rank unless they have been renamed.
  const title = name.includes(`rank ${rank}`) ? name : `${name} · rank ${rank}`;
  return `${title} · alpha ${loraAlpha} · ${targetModules.join(", ")} · ${size}`;
}

function contents(adapter: CurrentAdapter | undefined): string {
  const extras = "a model card, and run.json with the whole configuration and all measurements.";
  if (!adapter)
    return "There is no adapter yet. Train one, or import one that was trained for this model, here or with PEFT: the zip, or its two files.";
  if (adapter.method !== "lora")
    return `A zip with the whole changed model as a Hugging Face folder, ${extras}`;
  return `A zip with adapter_model.safetensors and adapter_config.json, which Hugging Face PEFT loads, ${extras}`;
}
