// A step's profile as a table with bars, and what the step costs besides.
import type { ProfileEvent } from "../../studio/messages";
import { Explain } from "../Explain";
import { explanations } from "../explanations";
import { formatBytes, formatCount } from "../format";
import { Notice } from "../Notice";
import classes from "./Speed.module.css";

const milliseconds = (ms: number): string => `${ms.toFixed(ms < 10 ? 2 : 1)} ms`;

export default function Profile({ profile }: { readonly profile: ProfileEvent }) {
  const { kernels, dispatches, submissions, encodeMs, encodedSteps, memoryBytes } = profile;
  const held = memoryBytes.weights + memoryBytes.activations + memoryBytes.state;
  return (
    <>
      {kernels ? (
        <Kernels kernels={kernels} />
      ) : (
        <Notice kind="warning">
          This browser or graphics adapter does not offer timestamp queries (the WebGPU feature
          “timestamp-query”), so the time of single kernels stays unknown.
        </Notice>
      )}
      <dl className={classes.facts}>
        <Fact id="speed-dispatches" name="Dispatches" explanation={explanations.dispatches}>
          {formatCount(dispatches)}
        </Fact>
        <Fact id="speed-submissions" name="Submissions" explanation={explanations.submissions}>
          {formatCount(submissions)}
        </Fact>
        <Fact id="speed-encode" name="CPU time to encode" explanation={explanations.encodeTime}>
          {encodeMs === null
            ? "not known after the first step"
            : `${milliseconds(encodeMs)} (mean of ${formatCount(encodedSteps)})`}
        </Fact>
        <Fact id="speed-memory" name="GPU memory" explanation={explanations.heldMemory}>
          {`${formatBytes(held)}; set aside by a step: none`}
        </Fact>
      </dl>
    </>
  );
}

function Kernels({ kernels }: { readonly kernels: NonNullable<ProfileEvent["kernels"]> }) {
  const totalNs = kernels.reduce((sum, { gpuNs }) => sum + gpuNs, 0);
  const mostNs = Math.max(1, ...kernels.map(({ gpuNs }) => gpuNs));
  return (
    <div className={classes.scroll}>
      <table className={classes.table} aria-label="Time of each kernel">
        <thead>
          <tr>
            <th scope="col">
              <span id="speed-kernel">Kernel</span> <Explain text={explanations.kernel} of="speed-kernel" />
            </th>
            <th scope="col" className={classes.number}>
              Launches
            </th>
            <th scope="col" className={classes.number}>
              GPU time
            </th>
            <th scope="col" className={classes.number}>
              Share
            </th>
            <td className={classes.barColumn} />
          </tr>
        </thead>
        <tbody>
          {kernels.map(({ kernel, dispatches, gpuNs }) => (
            <tr key={kernel}>
              <th scope="row" className={classes.kernel}>
                {kernel}
              </th>
              <td className={classes.number}>{formatCount(dispatches)}</td>
              <td className={classes.number}>{milliseconds(gpuNs / 1e6)}</td>
              <td className={classes.number}>
                {totalNs > 0 ? `${((100 * gpuNs) / totalNs).toFixed(1)} %` : "–"}
              </td>
              <td className={classes.barColumn} aria-hidden="true">
                <div className={classes.bar} style={{ width: `${(100 * gpuNs) / mostNs}%` }} />
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">All kernels</th>
            <td className={classes.number}>
              {formatCount(kernels.reduce((sum, { dispatches }) => sum + dispatches, 0))}
            </td>
            <td className={classes.number}>{milliseconds(totalNs / 1e6)}</td>
            <td className={classes.number}>100 %</td>
            <td className={classes.barColumn} />
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

interface FactProps {
  readonly id: string;
  readonly name: string;
  readonly explanation: string;
  readonly children: string;
}

function Fact({ id, name, explanation, children }: FactProps) {
  return (
    <div>
      <dt>
        <span id={id}>{name}</span> <Explain text={explanation} of={id} />
      </dt>
      <dd>{children}</dd>
    </div>
  );
}
