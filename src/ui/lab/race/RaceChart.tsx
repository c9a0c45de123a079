// Draws the race on a canvas, where 15 curves of 2,000 points cost a few milliseconds; what follows the pointer lies
// over it, so that reading values redraws no curve. Dragging with the mouse chooses a part to zoom into.
import { useComputedColorScheme } from "@mantine/core";
import { type KeyboardEvent, memo, type PointerEvent, useMemo, useState } from "react";
import { Picture } from "../plot/Picture";
import { useSize } from "../plot/useSize";
import classes from "./Race.module.css";
import { RaceReading } from "./RaceReading";
import { formatPlace, type RaceAxis, type RaceCurve, raceScene } from "./raceScene";
import { readingAt, readingText } from "./reading";

interface RaceChartProps {
  readonly curves: readonly RaceCurve[];
  readonly axis: RaceAxis;
  readonly isLog: boolean;
  readonly range: readonly [first: number, last: number];
  readonly yName: string;
  /** Shown while there is nothing to draw. */
  readonly emptyText: string;
  readonly onZoom: (range: readonly [first: number, last: number]) => void;
}

export const RaceChart = memo(function RaceChart({
  curves,
  axis,
  isLog,
  range,
  yName,
  emptyText,
  onZoom,
}: RaceChartProps) {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const { ref, size } = useSize<HTMLDivElement>();
  const [cursor, setCursor] = useState<number>();
  const [drag, setDrag] = useState<readonly [from: number, to: number]>();
  const { width, height } = size;
  const [first, last] = range;
  const scene = useMemo(
    () => raceScene(curves, { width, height, scheme, axis, isLog, yName, range: [first, last] }),
    [curves, width, height, scheme, axis, isLog, yName, first, last],
  );
  const valueAt = ({ clientX, currentTarget }: PointerEvent) => {
    const pixel = clientX - currentTarget.getBoundingClientRect().left;
    const { left, right } = scene.area;
    return scene.x.value(Math.min(right, Math.max(left, pixel)));
  };
  const endDrag = () => {
    if (drag) {
      const [low, high] = [Math.min(...drag), Math.max(...drag)];
      if (scene.x.pixel(high) - scene.x.pixel(low) >= 8) onZoom([low, high]);
    }
    setDrag(undefined);
  };
  const reading = cursor === undefined ? undefined : readingAt(curves, cursor, range);
  const onKeyDown = (event: KeyboardEvent) => {
    const key = event.key;
    if (key === "Escape") setCursor(undefined);
    const current = reading?.x ?? last;
    // A twentieth of what is shown with the page keys, one place with the arrows.
    const stride = { ArrowRight: 1, ArrowLeft: -1, PageUp: 20, PageDown: -20 }[key];
    const target = { Home: first, End: last }[key] ?? (stride && stepFrom(curves, current, stride, range));
    if (target === undefined) return;
    event.preventDefault();
    setCursor(target);
  };
  return (
    <div
      ref={ref}
      className={classes.chart}
      role="slider"
      tabIndex={0}
      aria-label="Values of all curves; the arrow keys go along the axis"
      aria-valuemin={Math.round(first)}
      aria-valuemax={Math.round(last)}
      aria-valuenow={Math.round(reading?.x ?? last)}
      aria-valuetext={reading ? readingText(reading, axis) : formatPlace(axis, last)}
      onKeyDown={onKeyDown}
      onBlur={() => setCursor(undefined)}
      onPointerDown={(event) => {
        if (event.pointerType !== "mouse" || event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        const value = valueAt(event);
        setDrag([value, value]);
      }}
      onPointerMove={(event) => {
        const value = valueAt(event);
        setCursor(value);
        if (drag) setDrag([drag[0], value]);
      }}
      onPointerUp={endDrag}
      onPointerCancel={endDrag}
      onPointerLeave={() => {
        if (!drag) setCursor(undefined);
      }}
    >
      <Picture width={width} height={height} marks={scene.marks} />
      {drag && (
        <div
          className={classes.drag}
          style={{
            left: Math.min(...drag.map(scene.x.pixel)),
            width: Math.abs(scene.x.pixel(drag[1]) - scene.x.pixel(drag[0])),
            top: scene.area.top,
            height: scene.area.bottom - scene.area.top,
          }}
        />
      )}
      {reading && <RaceReading reading={reading} scene={scene} axis={axis} width={width} />}
      {scene.isEmpty && <p className={classes.empty}>{emptyText}</p>}
    </div>
  );
});

/** The place that many places on, along the longest curve. */
function stepFrom(
  curves: readonly RaceCurve[],
  from: number,
  stride: number,
  [first, last]: readonly [number, number],
): number | undefined {
  const reading = readingAt(curves, from, [first, last]);
  if (!reading) return undefined;
  const { x } = reading.longest;
  const place = Math.min(x.length - 1, Math.max(0, reading.place + stride));
  return Math.min(last, Math.max(first, x[place]!));
}
