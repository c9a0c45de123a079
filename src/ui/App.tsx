// The page: set-up at the side, and in the middle the view on show: one run and what
// becomes of it, the rank lab, or what an adapter learned.
import { lazy, Suspense, useEffect } from "react";
import { useStudio } from "../studio/stores/studioStore";
import classes from "./App.module.css";
import { Charts } from "./charts/Charts";
import { Compare } from "./compare/Compare";
import { AdapterTransfer } from "./export/AdapterTransfer";
import { GpuNotice } from "./header/GpuNotice";
import { Header } from "./header/Header";
import { Plan } from "./plan/Plan";
import { TokenPreview } from "./plan/TokenPreview";
import { Runs } from "./runs/Runs";
import { Setup } from "./setup/Setup";
import { Speed } from "./speed/Speed";
import { RunBar } from "./status/RunBar";
import { KeptView } from "./views/KeptView";
import { useView, views } from "./views/view";

const Lab = lazy(() => import("./lab/Lab"));
const Benchmark = lazy(() => import("./benchmark/Benchmark"));
const Learned = lazy(() => import("./analysis/Learned"));

export function App() {
  const view = useView();
  useEffect(() => {
    void useStudio.getState().start();
  }, []);
  useEffect(() => {
    const name = views.find(({ id }) => id === view)?.name;
    document.title = view === "studio" ? "LoRA Studio" : `${name} · LoRA Studio`;
  }, [view]);
  return (
    <div className={classes.page}>
      <Header />
      <GpuNotice />
      <div className={classes.workspace} data-view={view}>
        {/* The benchmark brings its own models and settings. */}
        {view !== "benchmark" && (
          <aside className={classes.side} aria-label="Set-up">
            <Setup view={view} />
          </aside>
        )}
        <main className={classes.main}>
          <KeptView isActive={view === "studio"}>
            <RunBar />
            <Plan />
            <TokenPreview />
            <Charts />
            <Speed />
            <Compare />
            <AdapterTransfer />
            <Runs />
          </KeptView>
          <KeptView isActive={view === "lab"}>
            <Suspense fallback={<div className={classes.loading} />}>
              <Lab />
            </Suspense>
          </KeptView>
          <KeptView isActive={view === "learned"}>
            <Suspense fallback={<div className={classes.loading} />}>
              <Learned />
            </Suspense>
          </KeptView>
          <KeptView isActive={view === "benchmark"}>
            <Suspense fallback={<div className={classes.loading} />}>
              <Benchmark />
            </Suspense>
          </KeptView>
        </main>
      </div>
    </div>
  );
}
