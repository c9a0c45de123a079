// One figure of a plan: its name, what it means, its value, and a word on it.
import { Explain } from "../Explain";
import classes from "./Plan.module.css";

interface QuantityProps {
  readonly id: string;
  readonly name: string;
  readonly explanation: string;
  readonly value: string | 0 | undefined;
  readonly detail?: string | undefined;
}

export function Quantity({ id, name, explanation, value, detail }: QuantityProps) {
  return (
    <div className={classes.quantity}>
      <p className={classes.name}>
        <span id={id}>{name}</span> <Explain text={explanation} of={id} />
      </p>
      <p className={classes.value}>{value || "–"}</p>
      {detail && <p className={classes.detail}>{value ? detail : ""}</p>}
    </div>
  );
}
