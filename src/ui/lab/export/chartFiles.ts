// Charts as files: SVG to be edited and printed, PNG to be shown anywhere.
import { zipSync } from "fflate";
import { svgToPng, textBytes } from "../../charts/figureFiles";
import { sceneToSvg } from "../plot/scene";
import type { ChartScene } from "./chartScenes";

export type ChartFormat = "svg" | "png";

/** A zip with one file for each chart. */
export async function zipCharts(
  scenes: readonly ChartScene[],
  format: ChartFormat,
): Promise<Uint8Array<ArrayBuffer>> {
  const files: Record<string, Uint8Array> = {};
  for (const scene of scenes) {
    const svg = sceneToSvg(scene);
    files[`${scene.name}.${format}`] = format === "svg" ? textBytes(svg) : await svgToPng(svg);
  }
  // What is packed already is only stored.
  return zipSync(files, { level: format === "svg" ? 6 : 0 }) as Uint8Array<ArrayBuffer>;
}
