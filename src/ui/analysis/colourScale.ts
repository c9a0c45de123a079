// Colours of heat maps that people with any colour vision tell apart: lightness alone carries the value. From dark
// blue to yellow for amounts (anchors of cividis, Nuñez et al. 2018), orange to purple around zero for signed values.

import type { Scheme } from "../lab/plot/palette";

const amounts = ["#00224e", "#233e6c", "#4a546c", "#6b6d74", "#8a8779", "#aca277", "#d1bf69", "#fee838"];
const signed = {
  light: ["#7f3b08", "#c86f12", "#f5b463", "#f7f7f7", "#b8b3d8", "#7a6ca8", "#2d004b"],
  dark: ["#ffdfae", "#e08a2c", "#704313", "#202328", "#453b7c", "#8c7fc4", "#e0dcf5"],
} as const satisfies Record<Scheme, readonly string[]>;

export interface ColourScale {
  /** Values at the two ends. */
  readonly low: number;
  readonly high: number;
  /** Colours from low to high, evenly spaced. */
  readonly colours: readonly string[];
}

/** From low to high; for values without a sign. */
export function amountScale(low: number, high: number): ColourScale {
  return { low, high: high > low ? high : low + 1, colours: amounts };
}

/** Zero in the middle, in the colour of the ground; both ends equally far. */
export function signedScale(largest: number, scheme: Scheme): ColourScale {
  const high = largest > 0 ? largest : 1;
  return { low: -high, high, colours: signed[scheme] };
}

/** Red, green and blue in 0…255. */
export function colourAt({ low, high, colours }: ColourScale, value: number): [number, number, number] {
  const place = Math.min(1, Math.max(0, (value - low) / (high - low))) * (colours.length - 1);
  const from = Math.min(Math.floor(place), colours.length - 2);
  const [one, other] = [partsOf(colours[from]!), partsOf(colours[from + 1]!)];
  return one.map((part, index) => Math.round(part + (other[index]! - part) * (place - from))) as [
    number,
    number,
    number,
  ];
}

/** #rrggbb */
export function hexAt(scale: ColourScale, value: number): string {
  return `#${colourAt(scale, value)
    .map((part) => part.toString(16).padStart(2, "0"))
    .join("")}`;
}

/** Black or white, whichever is easier to read on the value's colour (WCAG's relative luminance). */
export function textColourAt(scale: ColourScale, value: number): "#000000" | "#ffffff" {
  const [red, green, blue] = colourAt(scale, value).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? "#000000" : "#ffffff";
}

function partsOf(hex: string): [number, number, number] {
  const part = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
}
