// Figures on their way out of the page: every picture becomes SVG, and a PNG is that SVG in pixels, so that both show
// the same; the numbers go as JSON.
import { download } from "../../studio/stores/download";

export const figureFont = 'system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif';

/** Pixels of a PNG for one of the page: sharp in print. */
const density = 3;

/** A picture of the page as an SVG file of its own, without what only follows the pointer. */
export function elementToSvg(picture: SVGSVGElement, title: string): string {
  const copy = picture.cloneNode(true) as SVGSVGElement;
  for (const transient of copy.querySelectorAll("[data-transient]")) transient.remove();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("font-family", figureFont);
  copy.setAttribute("role", "img");
  copy.removeAttribute("class");
  copy.removeAttribute("aria-hidden");
  const name = document.createElementNS("http://www.w3.org/2000/svg", "title");
  name.textContent = title;
  copy.prepend(name);
  return `${new XMLSerializer().serializeToString(copy)}\n`;
}

/**
 * An SVG file in pixels.
 * @throws when the browser has no 2D canvas or makes no PNG of it
 */
export async function svgToPng(svg: string): Promise<Uint8Array<ArrayBuffer>> {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    await image.decode();
    const canvas = new OffscreenCanvas(density * image.width, density * image.height);
    const context = canvas.getContext("2d");
    if (!context)
      throw new Error("figure as PNG: expected a 2D canvas, got none in this browser. Export it as SVG.");
    context.imageSmoothingEnabled = false;
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await canvas.convertToBlob({ type: "image/png" });
    return new Uint8Array(await blob.arrayBuffer());
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

export const textBytes = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;

export function saveSvg(svg: string, fileName: string): void {
  download(`${fileName}.svg`, new Blob([svg], { type: "image/svg+xml" }));
}

export async function savePng(svg: string, fileName: string): Promise<void> {
  download(`${fileName}.png`, new Blob([await svgToPng(svg)], { type: "image/png" }));
}

/** Typed arrays as lists. */
export function saveJson(value: unknown, fileName: string): void {
  const plain = (_key: string, each: unknown) => (each instanceof Float32Array ? [...each] : each);
  const text = `${JSON.stringify(value, plain, 1)}\n`;
  download(`${fileName}.json`, new Blob([text], { type: "application/json" }));
}
