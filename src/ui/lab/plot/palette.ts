// Colours and dashes of the lab's curves. A line of the experiment (a target set, say) has a hue and a dash of its own,
// so that it is told apart without colour too; within it, the larger the rank, the further from the ground.

export type Scheme = "light" | "dark";

/** Colours of a chart around its curves, as the page has them in theme.ts. */
export const surroundings = {
  light: { ground: "#ffffff", text: "#24292f", dimmed: "#586069", line: "#e2e5e9", strong: "#c9ced4" },
  dark: { ground: "#17191c", text: "#dcdfe3", dimmed: "#a2a9b2", line: "#2f3338", strong: "#454b52" },
} as const satisfies Record<Scheme, Record<string, string>>;

const hues = [260, 50, 150, 345, 200, 100, 305, 20];
const dashes = [[], [7, 3], [2, 3], [9, 3, 2, 3], [4, 2], [1, 2], [12, 4], [6, 2, 2, 2, 2, 2]] as const;

/** Lightness of the smallest and the largest rank, each at least 3 : 1 against its ground. */
const lightness = { light: [0.64, 0.4], dark: [0.54, 0.86] } as const;

/**
 * Colour as #rrggbb.
 * @param line place of the line among the lines
 * @param share 0 for the smallest rank of the experiment, 1 for the largest
 */
export function curveColour(line: number, share: number, scheme: Scheme): string {
  const [weak, strong] = lightness[scheme];
  const hue = hues[line % hues.length]!;
  for (let chroma = 0.15; ; chroma -= 0.01) {
    const colour = oklchToRgb(weak + (strong - weak) * share, chroma, hue);
    if (chroma <= 0 || colour.every((part) => part >= 0 && part <= 1)) return hex(colour);
  }
}

export function curveDash(line: number): readonly number[] {
  return dashes[line % dashes.length]!;
}

/** Björn Ottosson's OKLab, to sRGB in 0…1; parts outside that are out of gamut. */
function oklchToRgb(light: number, chroma: number, hue: number): [number, number, number] {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (light - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    gamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function gamma(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}

function hex(colour: readonly number[]): string {
  const parts = colour.map((part) =>
    Math.round(255 * Math.min(1, Math.max(0, part)))
      .toString(16)
      .padStart(2, "0"),
  );
  return `#${parts.join("")}`;
}
