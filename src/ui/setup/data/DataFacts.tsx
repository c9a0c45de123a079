// What came of the file: how many examples, how long they are, how much of them is learned, and what was left out.
import { useStudio } from "../../../studio/stores/studioStore";
import { formatCount, formatPercent } from "../../format";
import setup from "../setup.module.css";
import { LengthChart } from "./LengthChart";

export function DataFacts() {
  const info = useStudio((studio) => studio.data.info);
  if (!info) return null;
  const count = formatCount;
  const remarks = [
    `${formatPercent(100 * info.learnedShare)} of the tokens are learned, ${count(info.targetTokensPerExample)} of an example on average; the rest is only read.`,
    info.truncatedCount > 0 && `${count(info.truncatedCount)} cut to the sequence length.`,
    info.droppedCount > 0 && `${count(info.droppedCount)} left out: nothing to learn before the cut.`,
    info.emptyCount > 0 &&
      `${count(info.emptyCount)} empty ${info.emptyCount === 1 ? "row" : "rows"} left out.`,
    info.duplicateCount > 0 &&
      `${count(info.duplicateCount)} ${info.duplicateCount === 1 ? "is" : "are"} the same as an earlier one.`,
    info.validationName && `Held out: ${info.validationName}.`,
  ];
  return (
    <>
      {info.lengths && (
        <LengthChart
          lengths={info.lengths}
          longest={info.longestTokens}
          total={info.lengths.beyond + info.lengths.counts.reduce((sum, each) => sum + each, 0)}
        />
      )}
      <p className={setup.hint}>{remarks.filter(Boolean).join(" ")}</p>
    </>
  );
}
