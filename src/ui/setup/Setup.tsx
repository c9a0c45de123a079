// The side of the page where a run is put together, from top to bottom in the order it is decided. The rank lab has
// the same model, data and training, and a grid in the place of the one adapter.
import { lazy, Suspense } from "react";
import type { View } from "../views/view";
import { AdapterSection } from "./AdapterSection";
import { DataSection } from "./data/DataSection";
import { ModelSection } from "./ModelSection";
import classes from "./setup.module.css";
import { TrainingSection } from "./TrainingSection";

const ExperimentSection = lazy(() => import("../lab/setup/ExperimentSection"));

export function Setup({ view }: { readonly view: View }) {
  // What an adapter learned is measured against the model: there is nothing else to set up.
  if (view === "learned") return <ModelSection />;
  return (
    <>
      <ModelSection />
      <DataSection />
      {view === "lab" ? (
        <Suspense fallback={<div className={classes.experimentSpace} />}>
          <ExperimentSection />
        </Suspense>
      ) : (
        <AdapterSection />
      )}
      <TrainingSection />
    </>
  );
}
