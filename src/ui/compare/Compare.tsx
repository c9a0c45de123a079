// One prompt, answered by the base model and by the adapter, side by side and with the same random choices.
import { Button, Textarea } from "@mantine/core";
import { useId } from "react";
import { useLab } from "../../studio/stores/labStore";
import { useStudio } from "../../studio/stores/studioStore";
import { Section } from "../Section";
import { AnswerPane } from "./AnswerPane";
import classes from "./Compare.module.css";
import { SamplingSettings } from "./SamplingSettings";

export function Compare() {
  const { prompt, base, adapter } = useStudio(({ compare }) => compare);
  const current = useStudio((studio) => studio.adapter);
  const samplePrompt = useStudio(({ data }) => data.info?.samplePrompt);
  const ownBlocker = useStudio(generateBlocker);
  const isRacing = useLab(({ status }) => status === "running" || status === "starting");
  const blocker = ownBlocker ?? (isRacing ? "Pause or stop the experiment to ask the model." : undefined);
  const { setPrompt, generate, cancelGenerate } = useStudio.getState();
  const id = useId();
  const isBusy = base.busy || adapter.busy;
  const areSame =
    base.result && adapter.result && !isBusy && base.text === adapter.text && base.text.length > 0;
  return (
    <Section
      id="compare-heading"
      title="Compare"
      summary="Base model and adapter, same prompt, same random choices"
    >
      <div className={classes.promptHead}>
        <label htmlFor={id} className={classes.label}>
          Prompt
        </label>
        {samplePrompt !== undefined && samplePrompt !== prompt && (
          <Button size="compact-xs" variant="default" onClick={() => setPrompt(samplePrompt)}>
            Take one from the data
          </Button>
        )}
      </div>
      <Textarea
        id={id}
        autosize
        minRows={2}
        maxRows={8}
        value={prompt}
        classNames={{ input: classes.prompt }}
        onChange={(event) => setPrompt(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !blocker) generate();
        }}
      />
      <div className={classes.actions}>
        <Button
          size="sm"
          onClick={generate}
          disabled={blocker !== undefined}
          aria-describedby="generate-blocker"
        >
          Generate
        </Button>
        <Button size="sm" variant="default" onClick={cancelGenerate} disabled={!isBusy}>
          Cancel
        </Button>
        <p id="generate-blocker" className={classes.hint}>
          {blocker ?? <span className={classes.shortcut}>Ctrl + Enter works too.</span>}
        </p>
      </div>
      <SamplingSettings />
      <div className={classes.answers}>
        <AnswerPane label="Base model output" title="Base model" answer={base} />
        <AnswerPane
          label="Adapter output"
          title={current ? `Adapter · ${current.name}` : "Adapter"}
          answer={adapter}
          absent={current ? undefined : "No adapter yet: press Train, or import one below, under Export."}
        />
      </div>
      <p className={classes.verdict}>
        {areSame ? "Both answers are the same: here the adapter changes nothing." : ""}
      </p>
    </Section>
  );
}

type Studio = ReturnType<typeof useStudio.getState>;

function generateBlocker({ gpu, model, compare, run }: Studio): string | undefined {
  if (gpu.status === "missing" || gpu.status === "lost") return "Needs a GPU.";
  if (!model.info) return "Needs a model.";
  if (run.status === "running" || run.status === "starting") return "Pause or stop the run to ask the model.";
  if (compare.base.busy || compare.adapter.busy) return "Answering…";
  if (compare.prompt === "") return "Write a prompt first.";
  return undefined;
}
