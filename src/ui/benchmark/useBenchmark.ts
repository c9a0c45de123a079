// A benchmark run as the page sees it: started, followed, cancelled; what was found stays until the next one.
import { useState } from "react";
import { type RunningBench, startBench } from "../../../bench/client";
import type { BenchEvent, BenchReport, CaseResult, Fact } from "../../../bench/report";

export interface BenchmarkState {
  readonly status: "idle" | "running" | "done" | "cancelled" | "failed";
  readonly progress: { readonly text: string; readonly fraction: number };
  readonly cases: readonly CaseResult[];
  readonly facts: readonly Fact[];
  /** Once all is told. */
  readonly report?: BenchReport;
  readonly problem?: string;
}

export interface BenchmarkOptions {
  readonly quick: boolean;
  readonly peers: boolean;
  /** Only parts whose id contains this; "" for all. */
  readonly only: string;
}

const nothing: BenchmarkState = {
  status: "idle",
  progress: { text: "", fraction: 0 },
  cases: [],
  facts: [],
};

export function useBenchmark() {
  const [state, setState] = useState(nothing);
  const [running, setRunning] = useState<RunningBench>();

  const run = ({ only, ...options }: BenchmarkOptions) => {
    setState({ ...nothing, status: "running", progress: { text: "Starting", fraction: 0 } });
    const bench = startBench({ ...options, ...(only && { only }) }, (event) =>
      setState((before) => afterEvent(before, event)),
    );
    setRunning(bench);
    bench.done.then(
      () => setState((before) => ({ ...before, status: "done" })),
      (error: Error) => setState((before) => ({ ...before, status: "failed", problem: error.message })),
    );
  };
  const cancel = () => {
    running?.stop();
    setState((before) => ({ ...before, status: "cancelled" }));
  };
  return { state, run, cancel };
}

function afterEvent(state: BenchmarkState, event: BenchEvent): BenchmarkState {
  switch (event.type) {
    case "progress":
      return { ...state, progress: event };
    case "case":
      return { ...state, cases: [...state.cases, event.result] };
    case "facts":
      return { ...state, facts: [...state.facts, ...event.facts] };
    case "report":
      return { ...state, report: event.report };
  }
}
