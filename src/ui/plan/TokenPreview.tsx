// Examples cut into tokens as the model reads them; what it is not trained to say is dimmed.
import { Button } from "@mantine/core";
import { useState } from "react";
import type { PreviewToken } from "../../studio/messages";
import { useStudio } from "../../studio/stores/studioStore";
import classes from "./TokenPreview.module.css";

const none: readonly (readonly PreviewToken[])[] = [];

export function TokenPreview() {
  const examples = useStudio(({ data }) => (data.sketch ?? data.info)?.preview ?? none);
  const [chosen, setChosen] = useState(0);
  const index = Math.min(chosen, Math.max(0, examples.length - 1));
  return (
    <section className={classes.preview} aria-labelledby="preview-heading">
      <div className={classes.head}>
        <h2 id="preview-heading" className={classes.title}>
          As the model reads it
        </h2>
        <p className={classes.key}>
          <span className={classes.given}>Dimmed</span> is only read,{" "}
          <span className={classes.learned}>underlined</span> is learned.
        </p>
        <span className={classes.count}>{examples.length > 0 && `${index + 1} of ${examples.length}`}</span>
        <Button
          size="compact-xs"
          variant="default"
          disabled={examples.length < 2}
          onClick={() => setChosen((index + 1) % examples.length)}
        >
          Next example
        </Button>
      </div>
      <Tokens tokens={examples[index] ?? []} />
    </section>
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
