// How far training has moved each adapted weight, layer by layer: an adapter that does nothing shows at once.
import { Explain } from "../Explain";
import { explanations } from "../explanations";
import { formatSmall } from "../format";
import { useThrottled } from "../useThrottled";
import classes from "./DeltaTable.module.css";
import { deltaGrid } from "./deltaGrid";
import { selectRun } from "./selectRun";

export function DeltaTable() {
  const { history, record } = useThrottled(selectRun, 500);
  const latest = history.deltas.at(-1);
  const grid = latest && deltaGrid(latest.norms);
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>
        <span id="delta-caption">Change of each weight, ‖ΔW‖</span>
        <Explain text={explanations.delta} of="delta-caption" />
      </figcaption>
      {grid && grid.modules.length > 0 ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box has to take the focus
        // biome-ignore lint/a11y/useSemanticElements: a fieldset would be announced as a form group
        <div className={classes.scroll} tabIndex={0} role="group" aria-labelledby="delta-caption">
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">Layer</th>
                {grid.layers.map((layer) => (
                  <th key={layer} scope="col">
                    {layer}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {grid.modules.map(({ name, norms }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  {norms.map((norm, column) => (
                    <td
                      key={grid.layers[column]}
                      style={{ "--share": share(norm, grid.largest) } as React.CSSProperties}
                    >
                      {norm === undefined ? "" : formatSmall(Number(norm.toPrecision(2)))}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p className={classes.empty}>
          {record && record.config.method !== "lora"
            ? "Only a LoRA run has a ΔW: this one changes the weights themselves."
            : "Measured during a run."}
        </p>
      )}
      <p className={classes.note}>
        {grid?.largest === 0
          ? "All zero: so far the adapter changes nothing."
          : "Shows whether the adapter does anything: 0 is no change at all."}
      </p>
    </figure>
  );
}

const share = (norm: number | undefined, largest: number) => (norm && largest > 0 ? norm / largest : 0);
