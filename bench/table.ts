// A report as text: one line per contestant and figure, in Markdown, so that it can be pasted as it is.
import type { BenchReport, CaseResult, Fact } from "./report";

export function reportText({ machine, packages, cases, facts, startedAt, seconds }: BenchReport): string {
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return [
    `${machine.adapter} (${machine.driver}), ${machine.runtime}, ${machine.cores} cores, ${startedAt}, ${Math.round(seconds)} s`,
    ...(versions.length > 0 ? [versions.join(", ")] : []),
    "",
    ...cases.flatMap(caseLines),
    ...(facts.length > 0 ? ["| figure | value | bar | |", "|---|---|---|---|", ...facts.map(factLine)] : []),
  ].join("\n");
}

export function caseLines({ title, contestants, flops, tokens, tolerance }: CaseResult): string[] {
  const rate = flops !== undefined ? "GFLOP/s" : "tokens/s";
  return [
    `| ${title} | median ms | quartiles | ${rate} | times as long | difference (≤ ${tolerance}) |`,
    "|---|---|---|---|---|---|",
    ...contestants.map(({ contestant, timing, difference, ratio, skipped }) => {
      if (!timing) return `| ${contestant} | left out: ${skipped} | | | | |`;
      const { medianMs, lowMs, highMs, samples, runsPerSample } = timing;
      const perMs = flops !== undefined ? flops / 1e6 : 1000 * (tokens ?? 0);
      return [
        "",
        contestant,
        milliseconds(medianMs),
        `${milliseconds(lowMs)}–${milliseconds(highMs)} (${samples}×${runsPerSample})`,
        significant(perMs / medianMs),
        ratio?.toFixed(2) ?? "",
        difference?.toExponential(1) ?? "",
        "",
      ]
        .join(" | ")
        .trim();
    }),
    "",
  ];
}

export function factLine({ title, value, unit, bar, holds, detail }: Fact): string {
  const verdict = holds === undefined ? "" : holds ? " ✓" : " **missed**";
  return `| ${title} | ${significant(value)} ${unit} | ${bar ?? ""}${verdict} | ${detail ?? ""} |`;
}

const milliseconds = (ms: number): string =>
  ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : ms.toFixed(0);
const significant = (value: number): string => (value === 0 ? "0" : Number(value.toPrecision(3)).toString());
