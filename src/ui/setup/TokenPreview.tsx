// Examples cut into tokens as the model reads them; what it is not trained to say is dimmed.
import { Button } from "@mantine/core";
import { useState } from "react";
import type { PreviewToken } from "../../studio/messages";
import classes from "./TokenPreview.module.css";

interface TokenPreviewProps {
  readonly examples: readonly (readonly PreviewToken[])[];
}

export function TokenPreview({ examples }: TokenPreviewProps) {
  const [chosen, setChosen] = useState(0);
  if (examples.length === 0) return null;
  const index = Math.min(chosen, examples.length - 1);
  return (
    <div>
      <div className={classes.head}>
        <h3 className={classes.title}>
          As the model reads it · {index + 1} of {examples.length}
        </h3>
        <Button size="compact-xs" variant="default" onClick={() => setChosen((index + 1) % examples.length)}>
          Next example
        </Button>
      </div>
      <Tokens tokens={examples[index]!} />
      <p className={classes.key}>
        <span className={classes.given}>Dimmed</span> is only read,{" "}
        <span className={classes.learned}>underlined</span> is learned.
      </p>
    </div>
  );
}

function Tokens({ tokens }: { readonly tokens: readonly PreviewToken[] }) {
  return (
    // A long example scrolls inside, which the keyboard must reach too.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box has to take the focus
    <p className={classes.tokens} tabIndex={0}>
      {spans(tokens).map(({ counts, start, parts }) => (
        <span key={start}>
          <span className={classes.hidden}>{counts ? " [learned:] " : " [only read:] "}</span>
          {parts.map((token, offset) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: tokens have no identity but their place
              key={start + offset}
              className={counts ? classes.learned : classes.given}
              data-odd={(start + offset) % 2 === 1 || undefined}
            >
              {token.text}
            </span>
          ))}
        </span>
      ))}
    </p>
  );
}

/** Runs of tokens that all count or all do not, so that a screen reader hears of each change once. */
function spans(tokens: readonly PreviewToken[]) {
  const found: { counts: boolean; start: number; parts: PreviewToken[] }[] = [];
  for (const [start, token] of tokens.entries()) {
    const last = found.at(-1);
    if (last?.counts === token.counts) last.parts.push(token);
    else found.push({ counts: token.counts, start, parts: [token] });
  }
  return found;
}
