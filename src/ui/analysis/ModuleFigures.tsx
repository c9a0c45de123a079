// The figures of one weight, each as soon as it is computed.
import { Loader } from "@mantine/core";
import type { ReactNode } from "react";
import type { Result } from "../../studio/messages";
import { type AnalysedAdapter, useAnalysis } from "../../studio/stores/analysisStore";
import { Notice } from "../Notice";
import { ChoiceField } from "../setup/Field";
import { AmplificationTable } from "./AmplificationTable";
import classes from "./Analysis.module.css";
import { analysisExplanations, readings } from "./explanations";
import { FigureGroup } from "./FigureGroup";
import { MatrixImages } from "./MatrixImages";
import { type ModuleGrid, moduleTitle } from "./moduleGrid";
import { SimilarityMaps } from "./SimilarityMaps";
import { SingularValues } from "./SingularValues";

interface ModuleFiguresProps {
  readonly adapters: readonly AnalysedAdapter[];
  readonly modules: ModuleGrid;
  readonly paths: readonly string[];
}

export function ModuleFigures({ adapters, modules, paths }: ModuleFiguresProps) {
  const module = useAnalysis((analysis) => analysis.module);
  const block = useAnalysis((analysis) => analysis.block);
  const { showModule, showBlock } = useAnalysis.getState();
  if (!module) return null;
  const { path, similarities, amplification, images } = module;
  // Only the adapters that change this weight have figures of it.
  const columns = adapters.flatMap(({ choice, spectra }, which) => {
    const spectrum = spectra.find((each) => each.path === path);
    return spectrum ? [{ name: choice.name, spectrum, result: amplification?.[which] }] : [];
  });
  const [first] = columns;
  if (!first) return null;
  const firstPaths = adapters[0]!.paths;
  const amplified = columns.flatMap(({ result, ...column }) => (result ? [{ ...column, result }] : []));
  return (
    <>
      <div className={classes.choice}>
        <ChoiceField
          label="Weight on show"
          explanation="The figures below are of this one weight."
          value={path}
          choices={paths
            .filter((each) => firstPaths.includes(each))
            .map((value) => ({ value, label: moduleTitle(value, modules) }))}
          onChange={showModule}
        />
      </div>
      <FigureGroup
        title="Directions of the change"
        explanation={analysisExplanations.singularValues}
        reading={readings.singularValues}
      >
        <SingularValues
          series={columns.map(({ name, spectrum }) => ({ name, values: spectrum.singularValues }))}
        />
      </FigureGroup>
      <Computed result={similarities} what="Comparing directions">
        {(value) => <SimilarityMaps similarities={value} names={adapters.map(({ choice }) => choice.name)} />}
      </Computed>
      <FigureGroup
        title="Amplification"
        explanation={analysisExplanations.amplification}
        reading={readings.amplification}
      >
        {amplification ? (
          <AmplificationTable columns={amplified} />
        ) : (
          <Busy what="Looking for W's directions" />
        )}
      </FigureGroup>
      <FigureGroup title="ΔW and W" explanation={analysisExplanations.images} reading={readings.images}>
        <Computed result={images} what="Drawing ΔW and W">
          {(value) => (
            <MatrixImages images={value} shape={first.spectrum.shape} block={block} onBlock={showBlock} />
          )}
        </Computed>
      </FigureGroup>
    </>
  );
}

interface ComputedProps<Value> {
  readonly result: Result<Value> | undefined;
  readonly what: string;
  readonly children: (value: Value) => ReactNode;
}

/** What is shown of a result that may still be computed, or may not be had. */
function Computed<Value>({ result, what, children }: ComputedProps<Value>) {
  if (!result) return <Busy what={what} />;
  if (!result.ok) return <Notice kind="error">{result.problem.message}</Notice>;
  return children(result.value);
}

function Busy({ what }: { readonly what: string }) {
  return (
    <p className={classes.busy}>
      <Loader size="xs" /> {what}…
    </p>
  );
}
