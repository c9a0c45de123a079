// How the verdict on a table marks its settings.
import type { ResultTable, SettingResult } from "../../../studio/stores/labView";

/** Whether the setting is among those that cannot be told from the best. */
export function isWithinNoise({ verdict }: ResultTable, { settingId }: SettingResult): boolean {
  return verdict.kind === "within noise" && verdict.settingIds.includes(settingId);
}

export function isBest({ verdict }: ResultTable, { settingId }: SettingResult): boolean {
  return verdict.kind === "best" && verdict.settingId === settingId;
}
