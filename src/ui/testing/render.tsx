// Puts a component on the test page as main.tsx puts the studio there.
import { MantineProvider } from "@mantine/core";
import { type ReactElement, useState } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { onTestFinished } from "vitest";
import { cssVariables, theme } from "../theme";

/**
 * Shows the element until the test ends.
 * @returns its container, and what shows another element in its place, at once
 */
export function render(element: ReactElement) {
  const container = document.createElement("div");
  document.body.append(container);
  const root = createRoot(container);
  let show: (next: ReactElement) => void = () => {};
  // Below the provider, which does not change while a page is open either.
  const Stage = () => {
    const [shown, setShown] = useState(element);
    show = setShown;
    return shown;
  };
  flushSync(() =>
    root.render(
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} forceColorScheme="light">
        <Stage />
      </MantineProvider>,
    ),
  );
  onTestFinished(() => {
    root.unmount();
    container.remove();
  });
  return { container, rerender: (next: ReactElement) => flushSync(() => show(next)) };
}
