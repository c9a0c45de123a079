// Charts as files: SVG to be edited and printed, PNG to be shown anywhere.
import { zipSync } from "fflate";
import { drawMarks, type Scene, sceneToSvg } from "../plot/scene";
import type { ChartScene } from "./chartScenes";

export type ChartFormat = "svg" | "png";

/** Pixels of the picture for one of the scene: sharp on fine screens and on paper. */
const density = 2;

/** A zip with one file for each chart. */
export async function zipCharts(
  scenes: readonly ChartScene[],
  format: ChartFormat,
): Promise<Uint8Array<ArrayBuffer>> {
  const files: Record<string, Uint8Array> = {};
  for (const scene of scenes) {
    const bytes = format === "svg" ? new TextEncoder().encode(sceneToSvg(scene)) : await sceneToPng(scene);
    files[`${scene.name}.${format}`] = bytes;
  }
  // What is packed already is only stored.
  return zipSync(files, { level: format === "svg" ? 6 : 0 }) as Uint8Array<ArrayBuffer>;
}

async function sceneToPng(scene: Scene): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(scene.width * density, scene.height * density);
  const context = canvas.getContext("2d");
  if (!context)
    throw new Error("chart as PNG: expected a 2D canvas, got none in this browser. Export it as SVG.");
  context.fillStyle = scene.ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  drawMarks(context, scene.marks, density);
  const blob = await canvas.convertToBlob({ type: "image/png" });
  return new Uint8Array(await blob.arrayBuffer());
}
