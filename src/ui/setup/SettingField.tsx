// A number of the form, tied to its name in the configuration and to the problems reported under that name.
import type { Settings } from "../../studio/stores/state";
import { useStudio } from "../../studio/stores/studioStore";
import { explanations } from "../explanations";
import { NumberField } from "./Field";
import { useProblem } from "./useProblem";

type NumericSetting = {
  [Name in keyof Settings]: number extends Settings[Name] ? Name : never;
}[keyof Settings] &
  keyof typeof explanations;

interface SettingFieldProps {
  readonly name: NumericSetting;
  readonly label: string;
  readonly step?: number | { readonly factor: number };
  readonly disabled?: boolean;
}

export function SettingField({ name, ...field }: SettingFieldProps) {
  const value = useStudio(({ settings }) => settings[name]);
  const problem = useProblem(name);
  const { setSetting } = useStudio.getState();
  return (
    <NumberField
      {...field}
      explanation={explanations[name]}
      value={value}
      problem={problem}
      onChange={(text) => setSetting(name, text)}
    />
  );
}
