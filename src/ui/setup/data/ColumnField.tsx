// One column of the file, chosen by name, with what is wrong with it.
import { useStudio } from "../../../studio/stores/studioStore";
import { explanations } from "../../explanations";
import { ChoiceField } from "../Field";

interface ColumnFieldProps {
  /** The mapping's field. */
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly columns: readonly string[];
  readonly optional: boolean;
  readonly disabled: boolean;
  readonly onChange: (column: string) => void;
}

export function ColumnField({ name, value, columns, optional, ...field }: ColumnFieldProps) {
  const problem = useStudio(({ data }) =>
    data.problem?.field === `mapping.${name}` ? data.problem.message : undefined,
  );
  const isKnown = value === "" || columns.includes(value);
  const choices = [
    ...(optional ? [{ value: "", label: "None" }] : []),
    ...(isKnown ? [] : [{ value, label: `${value} (not in this file)` }]),
    ...columns.map((column) => ({ value: column, label: column })),
  ];
  return (
    <ChoiceField
      {...field}
      explanation={explanations.column}
      value={value}
      choices={choices}
      problem={problem}
    />
  );
}
