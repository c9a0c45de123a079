// The side of the page where a run is put together, from top to bottom in the order it is decided.
import { AdapterSection } from "./AdapterSection";
import { DataSection } from "./DataSection";
import { ModelSection } from "./ModelSection";
import { TrainingSection } from "./TrainingSection";

export function Setup() {
  return (
    <>
      <ModelSection />
      <DataSection />
      <AdapterSection />
      <TrainingSection />
    </>
  );
}
