// Measurements as the lab writes them: losses in nats, shares in percent.
import type { Measure, SettingResult } from "../../../studio/stores/labView";
import { formatLoss, formatPercent } from "../../format";

const isShare = (measure: Measure): boolean => measure === "exact" || measure === "fraction";

export function formatMeasure(value: number, measure: Measure): string {
  return isShare(measure) ? formatPercent(100 * value) : formatLoss(value);
}

/** "1.2345 ± 0.0021"; a single value has no deviation. */
export function formatSummary(summary: NonNullable<SettingResult["summary"]>, measure: Measure): string {
  const mean = formatMeasure(summary.mean, measure);
  return summary.std === null ? mean : `${mean} ± ${formatMeasure(summary.std, measure)}`;
}
