// The workspace: set-up at the side, the run in the middle, below it what becomes of it.
import { useEffect } from "react";
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
import { RunBar } from "./status/RunBar";

export function App() {
  useEffect(() => {
    void useStudio.getState().start();
  }, []);
  return (
    <div className={classes.page}>
      <Header />
      <GpuNotice />
      <div className={classes.workspace}>
        <aside className={classes.side} aria-label="Set-up">
          <Setup />
        </aside>
        <main className={classes.main}>
          <RunBar />
          <Plan />
          <TokenPreview />
          <Charts />
          <Compare />
          <AdapterTransfer />
          <Runs />
        </main>
      </div>
    </div>
  );
}
