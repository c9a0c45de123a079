// Which loss, over what, how smooth, on which axis, each cell or the mean over seeds.
import { Checkbox, NativeSelect, Slider } from "@mantine/core";
import { memo, useId } from "react";
import classes from "./Race.module.css";
import type { RaceLook } from "./raceLook";

interface RaceControlsProps {
  readonly look: RaceLook;
  /** Whether a setting has more than one seed. */
  readonly hasSeeds: boolean;
  readonly onLook: (change: Partial<RaceLook>) => void;
}

export const quantityNames = { train: "Training loss", validation: "Validation loss" } as const;
const axisChoices = { step: "steps", tokens: "tokens", time: "wall time" } as const;

export const RaceControls = memo(function RaceControls({ look, hasSeeds, onLook }: RaceControlsProps) {
  const { quantity, axis, smoothing, isLog, isAveraged } = look;
  return (
    <div className={classes.controls}>
      <Choice
        name="Show"
        value={quantity}
        choices={quantityNames}
        onChange={(value) => onLook({ quantity: value })}
      />
      <Choice
        name="over"
        value={axis}
        choices={axisChoices}
        onChange={(value) => onLook({ axis: value, zoom: undefined })}
      />
      <div className={classes.control}>
        <span>Smoothing</span>
        <Slider
          className={classes.smoothing}
          size="xs"
          min={0}
          max={0.98}
          step={0.02}
          value={smoothing}
          disabled={quantity === "validation"}
          onChange={(value) => onLook({ smoothing: value })}
          label={(value) => value.toFixed(2)}
          thumbLabel="Smoothing"
        />
      </div>
      <Checkbox
        size="xs"
        label="Log axis"
        checked={isLog}
        onChange={(event) => onLook({ isLog: event.currentTarget.checked })}
      />
      <Checkbox
        size="xs"
        label="Mean ± deviation"
        checked={isAveraged && hasSeeds}
        disabled={!hasSeeds}
        onChange={(event) => onLook({ isAveraged: event.currentTarget.checked })}
      />
    </div>
  );
});

interface ChoiceProps<Value extends string> {
  readonly name: string;
  readonly value: Value;
  readonly choices: Readonly<Record<Value, string>>;
  readonly onChange: (value: Value) => void;
}

function Choice<Value extends string>({ name, value, choices, onChange }: ChoiceProps<Value>) {
  const id = useId();
  const data = Object.entries<string>(choices).map(([each, label]) => ({ value: each, label }));
  return (
    <div className={classes.control}>
      <label htmlFor={id}>{name}</label>
      <NativeSelect
        id={id}
        size="xs"
        data={data}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value as Value)}
      />
    </div>
  );
}
