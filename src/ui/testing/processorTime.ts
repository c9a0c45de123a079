// What the page's thread computes, in time of the processor, which other work on the machine does not lengthen.
import { cdp } from "vitest/browser";

/** Chrome's DevTools protocol, as far as it is used here; its types are not a dependency. */
interface Devtools {
  send(method: "Performance.enable", params: { timeDomain: "threadTicks" }): Promise<void>;
  send(method: "Performance.getMetrics"): Promise<{ metrics: { name: string; value: number }[] }>;
}

/** @returns a clock: milliseconds computed so far, styles, layout and painting with them */
export async function processorClock(): Promise<() => Promise<number>> {
  const devtools = cdp() as unknown as Devtools;
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  return async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return 1000 * metrics.find(({ name }) => name === "TaskDuration")!.value;
  };
}
