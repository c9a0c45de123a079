// Which base model is trained, what it is made of, and how to bring another one.
import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useHub } from "../../studio/stores/hubStore";
import { useStudio } from "../../studio/stores/studioStore";
import { explanations } from "../explanations";
import { formatBytes, formatCount, formatLargeCount } from "../format";
import { Notice } from "../Notice";
import { Section } from "../Section";
import { BaseWeightsField } from "./BaseWeightsField";
import { DownloadStatus } from "./model/DownloadStatus";
import modelClasses from "./model/model.module.css";
import classes from "./setup.module.css";

const ModelDialog = lazy(() => import("./model/ModelDialog"));

export function ModelSection() {
  const model = useStudio((studio) => studio.model);
  const hasDownload = useHub(({ download }) => download !== undefined);
  const [isChoosing, setChoosing] = useState<boolean>();
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
      {hasDownload && !isChoosing && (
        <div className={modelClasses.inSection}>
          <DownloadStatus />
        </div>
      )}
      <Button variant="default" size="xs" className={modelClasses.choose} onClick={() => setChoosing(true)}>
        Choose a model
      </Button>
      {/* Once it was opened it stays, closed: what was typed is there when it opens again. */}
      {isChoosing !== undefined && (
        <Suspense>
          <ModelDialog opened={isChoosing} onClose={() => setChoosing(false)} />
        </Suspense>
      )}
      {info?.codeBits && (
        <div className={modelClasses.inSection}>
          <Notice kind="warning">
            A dequantised base: its weights are computed from codes of {info.codeBits} bits, and are not the
            values that the model was made with. An adapter learns to go with these.
          </Notice>
        </div>
      )}
      <BaseWeightsField />
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
