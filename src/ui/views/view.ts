// Which view of the page is on show: the part of its address after the “#”, so that a view can be linked to.
import { useSyncExternalStore } from "react";

export const views = [
  { id: "studio", name: "Studio" },
  { id: "lab", name: "Rank lab" },
  { id: "learned", name: "Analysis" },
  { id: "benchmark", name: "Benchmark" },
] as const;

export type View = (typeof views)[number]["id"];

export function useView(): View {
  return useSyncExternalStore(subscribe, readView);
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener("hashchange", onChange);
  return () => window.removeEventListener("hashchange", onChange);
}

function readView(): View {
  const asked = window.location.hash.slice(1);
  return views.find(({ id }) => id === asked)?.id ?? "studio";
}
