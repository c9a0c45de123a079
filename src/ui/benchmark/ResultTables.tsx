// What the benchmark found: a table for each case, and one for the figures that have a bar to reach.
import type { CaseResult, Fact } from "../../../bench/report";
import { Explain } from "../Explain";
import { formatSmall } from "../format";
import classes from "./Benchmark.module.css";
import { explanations } from "./explanations";

const milliseconds = (ms: number): string => ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0);

export function CaseTable({ result }: { readonly result: CaseResult }) {
  const { id, title, contestants, flops, tokens } = result;
  const slowest = Math.max(...contestants.map(({ timing }) => timing?.medianMs ?? 0));
  const rate = (ms: number) =>
    flops !== undefined ? flops / 1e6 / ms : tokens !== undefined ? (1000 * tokens) / ms : undefined;
  return (
    <section aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`} className={classes.title}>
        {title}
      </h3>
      <div className={classes.scroll}>
        <table className={classes.table} aria-labelledby={`${id}-title`}>
          <thead>
            <tr>
              <th scope="col">Engine</th>
              <Head id={`${id}-median`} name="Median, ms" explanation={explanations.median} />
              <Head id={`${id}-spread`} name="Middle half" explanation={explanations.spread} />
              <th scope="col" className={classes.number}>
                {flops !== undefined ? "GFLOP/s" : "Tokens/s"}
              </th>
              <Head id={`${id}-times`} name="Times as long" explanation={explanations.times} />
              <Head id={`${id}-difference`} name="Difference" explanation={explanations.difference} />
              <td className={classes.barColumn} />
            </tr>
          </thead>
          <tbody>
            {contestants.map(({ contestant, timing, ratio, difference, skipped }) => (
              <tr key={contestant}>
                <th scope="row">{contestant}</th>
                {timing ? (
                  <>
                    <td className={classes.number}>{milliseconds(timing.medianMs)}</td>
                    <td className={classes.number}>
                      {milliseconds(timing.lowMs)}–{milliseconds(timing.highMs)} ({timing.samples}×
                      {timing.runsPerSample})
                    </td>
                    <td className={classes.number}>{formatSmall(rate(timing.medianMs) ?? 0)}</td>
                    <td className={classes.number}>{ratio?.toFixed(2) ?? "–"}</td>
                    <td className={classes.number}>{formatSmall(difference ?? 0)}</td>
                    <td className={classes.barColumn} aria-hidden="true">
                      <div
                        className={classes.bar}
                        style={{ width: `${(100 * timing.medianMs) / slowest}%` }}
                      />
                    </td>
                  </>
                ) : (
                  <td colSpan={6} className={classes.skipped}>
                    Left out: {skipped}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

export function FactTable({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <section aria-labelledby="benchmark-facts">
      <h3 id="benchmark-facts" className={classes.title}>
        This engine by itself
      </h3>
      <div className={classes.scroll}>
        <table className={classes.table} aria-labelledby="benchmark-facts">
          <thead>
            <tr>
              <th scope="col">Figure</th>
              <th scope="col" className={classes.number}>
                Value
              </th>
              <Head id="benchmark-bar" name="Bar" explanation={explanations.bar} />
            </tr>
          </thead>
          <tbody>
            {facts.map(({ id, title, value, unit, bar, holds, detail }) => (
              <tr key={id}>
                <th scope="row" className={classes.figure}>
                  {title}
                  {detail && <span className={classes.detail}>{detail}</span>}
                </th>
                <td className={classes.number}>
                  {formatSmall(value)} {unit}
                </td>
                <td className={classes.number} data-holds={holds}>
                  {bar ?? "–"}
                  {holds !== undefined && (holds ? " ✓" : " · missed")}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface HeadProps {
  readonly id: string;
  readonly name: string;
  readonly explanation: string;
}

function Head({ id, name, explanation }: HeadProps) {
  return (
    <th scope="col" className={classes.number}>
      <span id={id}>{name}</span> <Explain text={explanation} of={id} />
    </th>
  );
}
