// Which columns make an example. Guessed from the file; every change shows at once in the preview.
import { Checkbox, Textarea } from "@mantine/core";
import { useId } from "react";
import type { DataMapping } from "../../../studio/messages";
import { useStudio } from "../../../studio/stores/studioStore";
import { explanations } from "../../explanations";
import { ChoiceField, FieldLabel } from "../Field";
import setup from "../setup.module.css";
import { ColumnField } from "./ColumnField";
import classes from "./data.module.css";
import { freshMapping, mappingNames, templateHint } from "./mappings";
import { useDataDisabled } from "./useDataDisabled";

export function MappingForm() {
  const sketch = useStudio(({ data }) => data.sketch ?? data.info);
  const settings = useStudio(({ data }) => data.settings);
  const disabled = useDataDisabled();
  const { setDataSettings } = useStudio.getState();
  if (!sketch) return null;
  const { format, columns } = sketch;
  const mapping = settings.mapping ?? sketch.mapping;
  return (
    <fieldset className={classes.mapping} disabled={disabled}>
      <legend className={setup.legend}>How a row becomes an example</legend>
      {format === "text" && (
        <ChoiceField
          label="The text is"
          explanation={explanations.textAs}
          value={settings.textAs}
          disabled={disabled}
          choices={[
            { value: "blocks", label: "One long text, cut into pieces" },
            { value: "lines", label: "An example in each line" },
          ]}
          onChange={(textAs) =>
            setDataSettings({ textAs: textAs === "lines" ? "lines" : "blocks", mapping: null })
          }
        />
      )}
      {mapping && format !== "text" && (
        <>
          <ChoiceField
            label="Columns hold"
            explanation={explanations.mapping}
            value={mapping.kind}
            disabled={disabled}
            choices={Object.entries(mappingNames).map(([value, label]) => ({ value, label }))}
            onChange={(kind) =>
              setDataSettings({ mapping: freshMapping(kind as DataMapping["kind"], columns) })
            }
          />
          <MappingFields mapping={mapping} columns={columns} disabled={disabled} />
        </>
      )}
      {mapping?.kind === "messages" && sketch.chatTemplate && (
        <p className={setup.hint}>{templateHint[sketch.chatTemplate]}</p>
      )}
      {(format === "csv" || format === "tsv") && (
        <Checkbox
          size="xs"
          label="The first row names the columns"
          checked={settings.hasHeader ?? sketch.hasHeader ?? true}
          disabled={disabled}
          onChange={(event) => setDataSettings({ hasHeader: event.currentTarget.checked, mapping: null })}
        />
      )}
    </fieldset>
  );
}

interface MappingFieldsProps {
  readonly mapping: DataMapping;
  readonly columns: readonly string[];
  readonly disabled: boolean;
}

function MappingFields({ mapping, columns, disabled }: MappingFieldsProps) {
  const { setDataSettings } = useStudio.getState();
  if (mapping.kind === "template")
    return <TemplateFields mapping={mapping} columns={columns} disabled={disabled} />;
  const fields = {
    promptCompletion: { prompt: "Column to read", completion: "Column to learn" },
    instruction: { instruction: "Instruction", input: "Input", output: "Answer" },
    messages: { messages: "Column with the turns" },
    text: { text: "Column with the text" },
  }[mapping.kind];
  return (
    <div className={classes.columns}>
      {Object.entries(fields).map(([name, label]) => (
        <ColumnField
          key={name}
          name={name}
          label={label}
          value={String(mapping[name as keyof typeof mapping])}
          columns={columns}
          optional={name === "input"}
          disabled={disabled}
          onChange={(column) => setDataSettings({ mapping: { ...mapping, [name]: column } })}
        />
      ))}
    </div>
  );
}

function TemplateFields({
  mapping,
  columns,
  disabled,
}: MappingFieldsProps & { readonly mapping: DataMapping & { kind: "template" } }) {
  const problem = useStudio(({ data }) =>
    data.problem?.field === "mapping.template" ? data.problem.message : undefined,
  );
  const { setDataSettings } = useStudio.getState();
  const id = useId();
  return (
    <>
      <div>
        <FieldLabel label="Template" explanation={explanations.template} htmlFor={id} />
        <Textarea
          id={id}
          size="sm"
          autosize
          minRows={2}
          maxRows={8}
          spellCheck={false}
          classNames={{ input: classes.template }}
          value={mapping.template}
          error={problem}
          disabled={disabled}
          onChange={(event) =>
            setDataSettings({ mapping: { ...mapping, template: event.currentTarget.value } })
          }
        />
        <p className={setup.hint}>Columns: {columns.map((column) => `{${column}}`).join(" ")}</p>
      </div>
      <ChoiceField
        label="Learned is"
        explanation={explanations.learn}
        value={mapping.learn}
        disabled={disabled}
        choices={[
          { value: "lastColumn", label: "The last column, with what follows" },
          { value: "all", label: "All of it" },
        ]}
        onChange={(learn) =>
          setDataSettings({ mapping: { ...mapping, learn: learn === "all" ? "all" : "lastColumn" } })
        }
      />
    </>
  );
}
