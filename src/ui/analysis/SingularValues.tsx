// Singular values of one weight's change, strongest first; two adapters side by side.
import { useComputedColorScheme } from "@mantine/core";
import { formatSmall } from "../format";
import { surroundings } from "../lab/plot/palette";
import classes from "./Analysis.module.css";
import { Figure, GridTable } from "./Figure";
import { fontSize } from "./heatMapLayout";

export interface NamedValues {
  readonly name: string;
  /** Falling. */
  readonly values: readonly number[];
}

interface SingularValuesProps {
  readonly series: readonly NamedValues[];
}

/** Narrow enough for a phone. */
const size = { width: 340, height: 214 };
const plot = { left: 52, right: 330, top: 10, bottom: 170 };
/** One filled, one only outlined, so that they differ without colour. */
const looks = {
  light: [
    { fill: "#3564cf", stroke: "#3564cf" },
    { fill: "#ffffff", stroke: "#b8500c" },
  ],
  dark: [
    { fill: "#7fa3f2", stroke: "#7fa3f2" },
    { fill: "#17191c", stroke: "#f2a35c" },
  ],
} as const;

export function SingularValues({ series }: SingularValuesProps) {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const { ground, text, dimmed, strong } = surroundings[scheme];
  const count = Math.max(1, ...series.map(({ values }) => values.length));
  const largest = Math.max(...series.flatMap(({ values }) => values[0] ?? 0)) || 1;
  const slot = (plot.right - plot.left) / count;
  const bar = Math.min(24, (slot * 0.86) / series.length);
  const y = (value: number) => plot.bottom - (value / largest) * (plot.bottom - plot.top);
  const label = { fill: dimmed, fontSize, fontFamily: "inherit" };
  const everyNth = Math.ceil(count / 16);
  const indices = Array.from({ length: count }, (_, index) => index);
  const valueText = (value: number | undefined) => (value === undefined ? "–" : formatSmall(value));
  const summary = series
    .map(
      ({ values }, which) =>
        `${which === 0 ? "adapter" : "compared"}: ${values.slice(0, 4).map(valueText).join(", ")}${values.length > 4 ? ", …" : ""}`,
    )
    .join("; ");
  return (
    <Figure
      name="Singular values"
      title="Singular values of ΔW"
      fileName="singular-values"
      data={() => series}
      table={() => (
        <GridTable
          corner="i"
          rows={indices.map((index) => String(index + 1))}
          columns={series.map(({ name }) => name)}
          text={(index, which) => valueText(series[which]!.values[index])}
        />
      )}
    >
      <svg
        className={classes.fitting}
        width={size.width}
        height={size.height}
        viewBox={`0 0 ${size.width} ${size.height}`}
        role="img"
        aria-label={`Bars from the strongest direction to the weakest. ${summary}`}
      >
        <rect width={size.width} height={size.height} fill={ground} />
        {[0, 0.5, 1].map((share) => (
          <g key={share}>
            <line
              x1={plot.left}
              x2={plot.right}
              y1={y(share * largest)}
              y2={y(share * largest)}
              stroke={strong}
            />
            <text {...label} x={plot.left - 6} y={y(share * largest)} dy="0.35em" textAnchor="end">
              {formatSmall(Number((share * largest).toPrecision(2)))}
            </text>
          </g>
        ))}
        {series.map(({ name, values }, which) =>
          values.map((value, index) => (
            <rect
              // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
              key={`${name} ${index}`}
              x={plot.left + (index + 0.5) * slot + (which - series.length / 2) * bar + 0.5}
              y={y(value)}
              width={Math.max(1, bar - 1)}
              height={plot.bottom - y(value)}
              {...looks[scheme][which]}
            >
              <title>{`${name}: σ${index + 1} = ${formatSmall(value)}`}</title>
            </rect>
          )),
        )}
        {indices
          .filter((index) => index % everyNth === 0)
          .map((index) => (
            <text
              key={index}
              {...label}
              x={plot.left + (index + 0.5) * slot}
              y={plot.bottom + 14}
              textAnchor="middle"
            >
              {index + 1}
            </text>
          ))}
        <text
          {...label}
          fill={text}
          x={(plot.left + plot.right) / 2}
          y={plot.bottom + 34}
          textAnchor="middle"
        >
          i, from the strongest direction to the weakest
        </text>
        <text {...label} fill={text} textAnchor="middle" transform={`translate(${fontSize} 90) rotate(-90)`}>
          singular value σ
        </text>
      </svg>
      {series.length > 1 && (
        <ul className={classes.legend}>
          {series.map(({ name }, which) => (
            <li
              key={name}
              style={
                {
                  "--fill": looks[scheme][which]!.fill,
                  "--stroke": looks[scheme][which]!.stroke,
                } as React.CSSProperties
              }
            >
              {name}
            </li>
          ))}
        </ul>
      )}
    </Figure>
  );
}
