// A figure on its way out of the page: as SVG, as PNG, and its numbers as JSON.
import { download } from "../../studio/stores/download";

const fontFamily = 'system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif';

/** The picture as a file of its own, without what only follows the pointer. */
function svgText(picture: SVGSVGElement, title: string): string {
  const copy = picture.cloneNode(true) as SVGSVGElement;
  for (const transient of copy.querySelectorAll("[data-transient]")) transient.remove();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("font-family", fontFamily);
  copy.setAttribute("role", "img");
  copy.removeAttribute("class");
  copy.removeAttribute("aria-hidden");
  const name = document.createElementNS("http://www.w3.org/2000/svg", "title");
  name.textContent = title;
  copy.prepend(name);
  return `${new XMLSerializer().serializeToString(copy)}\n`;
}

export function saveSvg(picture: SVGSVGElement, title: string, fileName: string): void {
  download(`${fileName}.svg`, encoded(svgText(picture, title)), "image/svg+xml");
}

/** Pixels of the file for one of the page: sharp in print. */
const density = 3;

export async function savePng(picture: SVGSVGElement, title: string, fileName: string): Promise<void> {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([svgText(picture, title)], { type: "image/svg+xml" }));
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = density * picture.width.baseVal.value;
  canvas.height = density * picture.height.baseVal.value;
  const context = canvas.getContext("2d")!;
  context.imageSmoothingEnabled = false;
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, "image/png");
  });
  if (blob) download(`${fileName}.png`, new Uint8Array(await blob.arrayBuffer()), "image/png");
}

/** Typed arrays as lists. */
export function saveJson(value: unknown, fileName: string): void {
  const plain = (_key: string, each: unknown) => (each instanceof Float32Array ? [...each] : each);
  download(`${fileName}.json`, encoded(`${JSON.stringify(value, plain, 1)}\n`), "application/json");
}

const encoded = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
