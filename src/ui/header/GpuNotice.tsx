// What to do where there is no GPU, or no longer one. The rest of the page stays as it is, to be read.
import { useStudio } from "../../studio/stores/studioStore";
import { Notice } from "../Notice";
import classes from "./GpuNotice.module.css";

export function GpuNotice() {
  const { status, message } = useStudio(({ gpu }) => gpu);
  if (status !== "missing" && status !== "lost") return null;
  return (
    <div className={classes.frame}>
      <Notice kind="error">
        <h2 className={classes.title}>
          {status === "missing" ? "No GPU here: nothing can be trained" : "The GPU was lost"}
        </h2>
        {message && <p>{message}</p>}
        {status === "missing" && <Remedies />}
      </Notice>
    </div>
  );
}

function Remedies() {
  return (
    <>
      <p>LoRA Studio computes with WebGPU. You can still read every setting on this page. To train, use:</p>
      <ul className={classes.list}>
        <li>
          Chrome or Edge 113 or newer on Windows, macOS, ChromeOS or Android; or Safari 26; or Firefox 141 on
          Windows.
        </li>
        <li>
          On Linux: Chrome with <code>--enable-unsafe-webgpu --enable-features=Vulkan</code>, or the flag{" "}
          <code>chrome://flags/#enable-unsafe-webgpu</code>.
        </li>
        <li>
          If the browser is one of these: turn on “Use graphics acceleration” in its settings, look at{" "}
          <code>chrome://gpu</code>, and open the page from https or localhost.
        </li>
      </ul>
    </>
  );
}
