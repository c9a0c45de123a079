// Reads the lab a few times a second instead of with every step, for what is text and need not keep up with the curves.
import { useEffect, useState } from "react";
import type { LabStore } from "../../../studio/stores/labState";
import { useLab } from "../../../studio/stores/labStore";

/** The lab's state, at most once in `intervalMs`; the last state always arrives. */
export function useLabThrottled(intervalMs: number): LabStore {
  const [lab, setLab] = useState(() => useLab.getState());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let readAt = 0;
    const read = () => {
      timer = undefined;
      readAt = performance.now();
      setLab(useLab.getState());
    };
    const unsubscribe = useLab.subscribe(() => {
      timer ??= setTimeout(read, Math.max(0, readAt + intervalMs - performance.now()));
    });
    read();
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [intervalMs]);
  return lab;
}
