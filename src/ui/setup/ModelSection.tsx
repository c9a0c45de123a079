// Which base model is trained, what it is made of, and how to bring another one.
import { Button } from "@mantine/core";
import { useRef } from "react";
import { useStudio } from "../../studio/stores/studioStore";
import { explanations } from "../explanations";
import { formatBytes, formatCount, formatLargeCount } from "../format";
import { Notice } from "../Notice";
import { Section } from "../Section";
import { useExperimentBlocker } from "../views/useExperimentBlocker";
import classes from "./setup.module.css";

export function ModelSection() {
  const model = useStudio((studio) => studio.model);
  const isTraining = useStudio(({ run }) => run.status === "running" || run.status === "paused");
  const isRunning = useExperimentBlocker() !== undefined || isTraining;
  const input = useRef<HTMLInputElement>(null);
  const { loadModel } = useStudio.getState();
  const { info } = model;
  return (
    <Section
      id="model-heading"
      title="Model"
      summary={
        model.status === "loading"
          ? `Loading… ${Math.round(model.progress * 100)} %`
          : info && `${info.name} · ${formatLargeCount(info.parameterCount)} parameters`
      }
    >
      {model.problem && <Notice kind="error">{model.problem.message}</Notice>}
      <details className={classes.details}>
        <summary>About this model</summary>
        <p className={classes.hint}>{explanations.model}</p>
        {info ? (
          <dl className={classes.facts}>
            <Fact name="Parameters">{formatCount(info.parameterCount)}</Fact>
            <Fact name="Weights">
              {formatBytes(info.weightBytes)} in {info.dtype}
            </Fact>
            <Fact name="Layers">{info.layers}</Fact>
            <Fact name="Hidden size">{formatCount(info.hiddenSize)}</Fact>
            <Fact name="Vocabulary">{formatCount(info.vocabSize)} tokens</Fact>
            <Fact name="Longest text">{formatCount(info.maxPositionEmbeddings)} tokens</Fact>
          </dl>
        ) : (
          <p className={classes.hint}>No model is loaded.</p>
        )}
        <p className={classes.hint}>
          Another Llama model: choose its config.json, tokenizer.json, tokenizer_config.json and
          model.safetensors together. They stay on this machine.
        </p>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label="Model files"
          onChange={async (event) => {
            const chosen = [...(event.currentTarget.files ?? [])];
            event.currentTarget.value = "";
            if (chosen.length > 0)
              await loadModel({ kind: "files", name: "model from files", files: chosen });
          }}
        />
        <Button
          variant="default"
          size="xs"
          disabled={isRunning || model.status === "loading"}
          onClick={() => input.current?.click()}
        >
          Open model files
        </Button>
      </details>
    </Section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
