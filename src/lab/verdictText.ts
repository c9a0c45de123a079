// Whether the results say which setting is best, in a sentence: the same one on the page, in files and in the terminal.
import { isLowerBetter, type ResultTable } from "./results";

/** What the table's numbers allow to be said, and how it was decided. */
export function verdictText({ verdict, rows, measure }: ResultTable): string {
  const nameOf = (id: string) =>
    rows.flatMap(({ settings }) => settings).find((setting) => setting?.settingId === id)?.settingLabel ?? id;
  switch (verdict.kind) {
    case "best":
      return `Best: ${nameOf(verdict.settingId)}. Its spread over seeds overlaps with no other's.`;
    case "within noise": {
      const [best, ...others] = verdict.settingIds.map(nameOf);
      const direction = isLowerBetter(measure) ? "lowest" : "highest";
      return `Within noise: ${best} has the ${direction} mean, but its spread over seeds overlaps with ${listed(others)}. No setting is marked as best.`;
    }
    case "one seed":
      return "One seed shows no spread: the differences may be chance. Add seeds to learn which are real.";
    case "one setting":
      return "There is one setting only: nothing to compare it with.";
    case "none":
      return "No results yet.";
  }
}

const mostNamed = 3;

function listed(names: readonly string[]): string {
  const named = names.slice(0, mostNamed).join(" and ");
  return names.length > mostNamed ? `${named} and ${names.length - mostNamed} more` : named;
}
