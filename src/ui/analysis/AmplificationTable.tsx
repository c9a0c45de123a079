// Table 7 of the LoRA paper for one weight: how much of W lies in the adapter's directions, and the factor.
import { Button } from "@mantine/core";
import { useId } from "react";
import type { Amplification, ChangeSpectrum } from "../../studio/analysisMessages";
import type { Result } from "../../studio/messages";
import { saveJson } from "../charts/figureFiles";
import { formatSmall } from "../format";
import { Notice } from "../Notice";
import classes from "./Analysis.module.css";

interface AmplificationColumn {
  readonly name: string;
  readonly spectrum: ChangeSpectrum;
  readonly result: Result<Amplification | null>;
}

const rows = [
  ["‖UᵀWV‖, directions of ΔW", ({ throughChange }: Amplification) => throughChange],
  ["‖UᵀWV‖, strongest of W", ({ throughWeight }: Amplification) => throughWeight],
  ["‖UᵀWV‖, random", ({ throughRandom }: Amplification) => throughRandom],
] as const;

export function AmplificationTable({ columns }: { readonly columns: readonly AmplificationColumn[] }) {
  const id = useId();
  const problem = columns.map(({ result }) => result).find((result) => !result.ok);
  if (problem && !problem.ok) return <Notice kind="warning">{problem.problem.message}</Notice>;
  const found = columns.map(({ name, spectrum, result }) => ({
    name,
    spectrum,
    value: result.ok ? result.value : null,
  }));
  const cell = (value: number | null | undefined) =>
    value === null || value === undefined ? "–" : formatSmall(value);
  return (
    <figure className={classes.figure} aria-labelledby={id}>
      <figcaption id={id} className={classes.caption}>
        Amplification
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box has to take the focus */}
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would be announced as a form group */}
      <div className={classes.tableBox} tabIndex={0} role="group" aria-labelledby={id}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">U and V</th>
              {found.map(({ name, value }) => (
                <th key={name} scope="col">
                  {name} {value && `(r = ${value.rank})`}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, measure]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {found.map((column) => (
                  <td key={column.name}>{cell(column.value && measure(column.value))}</td>
                ))}
              </tr>
            ))}
            <tr>
              <th scope="row">‖W‖</th>
              {found.map(({ name, spectrum }) => (
                <td key={name}>{cell(spectrum.weightNorm)}</td>
              ))}
            </tr>
            <tr>
              <th scope="row">‖ΔW‖</th>
              {found.map(({ name, spectrum }) => (
                <td key={name}>{cell(spectrum.norm)}</td>
              ))}
            </tr>
            <tr className={classes.total}>
              <th scope="row">amplification factor</th>
              {found.map(({ name, value }) => (
                <td key={name}>{cell(value?.factor)}</td>
              ))}
            </tr>
          </tbody>
        </table>
      </div>
      {found.some(({ value }) => value === null) && (
        <p className={classes.readout}>A change of zero has no directions, and so no factor.</p>
      )}
      <div className={classes.actions}>
        <Button
          size="compact-xs"
          variant="default"
          aria-describedby={id}
          onClick={() => saveJson(found, "amplification")}
        >
          JSON
        </Button>
      </div>
    </figure>
  );
}
