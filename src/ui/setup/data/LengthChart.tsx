// How long the examples are, with the place where they are cut.
import type { LengthHistogram } from "../../../studio/messages";
import { numberOf } from "../../../studio/stores/settings";
import { useStudio } from "../../../studio/stores/studioStore";
import { formatCount } from "../../format";
import classes from "./data.module.css";

interface LengthChartProps {
  readonly lengths: LengthHistogram;
  /** Tokens of the longest example. */
  readonly longest: number;
  /** Examples in the picture. */
  readonly total: number;
}

export function LengthChart({ lengths: { width, counts, beyond }, longest, total }: LengthChartProps) {
  const sequenceLength = useStudio(({ settings }) => numberOf(settings.sequenceLength));
  const highest = Math.max(...counts, 1);
  const end = width * counts.length;
  const cutAt = sequenceLength < end ? sequenceLength / end : undefined;
  const cut = counts.reduce(
    (sum, count, bar) => sum + ((bar + 1) * width > sequenceLength ? count : 0),
    beyond,
  );
  const label =
    `Lengths of ${formatCount(total)} examples, up to ${formatCount(longest)} tokens. ` +
    (cut === 0 ? "None is cut." : `About ${formatCount(cut)} are longer than the sequence length.`);
  return (
    <figure className={classes.lengths}>
      <div className={classes.bars} role="img" aria-label={label}>
        {counts.map((count, bar) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
            key={bar}
            data-cut={bar * width >= sequenceLength || undefined}
            style={{ height: `${count === 0 ? 0 : Math.max(3, (100 * count) / highest)}%` }}
          />
        ))}
        {cutAt !== undefined && <i className={classes.cut} style={{ left: `${100 * cutAt}%` }} />}
      </div>
      <figcaption className={classes.axis}>
        <span>1</span>
        <span>tokens per example{cutAt !== undefined && ", cut at the line"}</span>
        <span>
          {formatCount(end)}
          {beyond > 0 && "+"}
        </span>
      </figcaption>
    </figure>
  );
}
