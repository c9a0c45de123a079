// The line under the pointer with the values of all curves there.

import classes from "./Race.module.css";
import { formatPlace, type RaceAxis, type RaceScene } from "./raceScene";
import { formatRead, type Reading } from "./reading";

interface RaceReadingProps {
  readonly reading: Reading;
  readonly scene: RaceScene;
  readonly axis: RaceAxis;
  /** Of the chart, in pixels. */
  readonly width: number;
}

/** As many as fit into one column beside the pointer, and into two. */
const mostListed = { narrow: 16, wide: 60 } as const;

export function RaceReading({ reading, scene, axis, width }: RaceReadingProps) {
  const { area } = scene;
  const x = scene.x.pixel(reading.x);
  const isLeft = x > (area.left + area.right) / 2;
  const most = mostListed[width < 600 ? "narrow" : "wide"];
  const hidden = reading.values.length - most;
  return (
    <>
      <svg className={classes.overlay} aria-hidden="true">
        <line className={classes.cursor} x1={x} x2={x} y1={area.top} y2={area.bottom} />
        {reading.values.map(({ curve, value }) => (
          <circle key={curve.id} cx={x} cy={scene.y.pixel(value)} r={3.5} fill={curve.colour} />
        ))}
      </svg>
      <div className={classes.reading} style={isLeft ? { right: width - x + 12 } : { left: x + 12 }}>
        <p className={classes.readingTitle}>
          {axis} {formatPlace(axis, reading.x)}
        </p>
        <div className={reading.values.length > mostListed.narrow && width >= 600 ? classes.twoColumns : ""}>
          {reading.values.slice(0, most).map((read) => (
            <p key={read.curve.id} className={classes.readingRow}>
              <span className={classes.swatch} style={{ background: read.curve.colour }} />
              <span className={classes.readingName}>{read.curve.name}</span>
              <b>{formatRead(read)}</b>
            </p>
          ))}
        </div>
        {hidden > 0 && <p className={classes.readingTitle}>and {hidden} more, higher up</p>}
      </div>
    </>
  );
}
