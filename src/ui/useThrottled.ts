// Reads the store a few times a second instead of with every event, so that a fast run leaves the page smooth.
import { useEffect, useState } from "react";
import { useStudio } from "../studio/stores/studioStore";

type Studio = ReturnType<typeof useStudio.getState>;

/**
 * What `select` reads from the store, at most once in `intervalMs`; the last value always arrives.
 * @param select a function that stays the same between renders
 */
export function useThrottled<Value>(select: (studio: Studio) => Value, intervalMs: number): Value {
  const [value, setValue] = useState(() => select(useStudio.getState()));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let readAt = 0;
    const read = () => {
      timer = undefined;
      readAt = performance.now();
      setValue(() => select(useStudio.getState()));
    };
    const unsubscribe = useStudio.subscribe(() => {
      timer ??= setTimeout(read, Math.max(0, readAt + intervalMs - performance.now()));
    });
    read();
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [select, intervalMs]);
  return value;
}
