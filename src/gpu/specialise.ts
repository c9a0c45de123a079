// A kernel's text with its constants in place, and what it binds, read from its own declarations.

/**
 * Where a kernel finds its sizes: `pinned` in its text, so that loops unroll and indices are seen to stay in bounds, or
 * in a `uniform`, so that calls of all sizes share one pipeline.
 */
export type Sizes = "pinned" | "uniform";

export interface KernelSource {
  /** The file's name without its ending; used as label. */
  readonly name: string;
  readonly code: string;
}

export type Constants = Readonly<Record<string, number | boolean>>;
type Access = "uniform" | "read-only-storage" | "storage";

export interface Binding {
  readonly index: number;
  readonly name: string;
  readonly access: Access;
}

/** A kernel's text with its constants in place. */
export interface Specialised {
  readonly name: string;
  readonly code: string;
  /** Values of the constants that the text reads from its uniform `sizes`, a word each; none when all are pinned. */
  readonly sizes: readonly number[];
}

const overridePattern = /^override\s+(\w+)\s*:\s*(u32|i32|f32|bool)\s*;/gm;
const bindingPattern =
  /@group\(0\)\s*@binding\((\d+)\)\s*var<(uniform|storage(?:,\s*(read|read_write))?)>\s*(\w+)/g;
/** Where WGSL wants what is known while it compiles: a constant, an array's length, a workgroup's size. */
const constantPattern = /\bconst\b[^;]*|\barray<[^;=(){]*>|@workgroup_size\([^)]*\)/g;
/** Before each function. */
const functionPattern = /^(?=@compute|fn )/m;
const commentPattern = /\/\/.*/g;

function literal(type: string, value: number | boolean): string {
  if (type === "bool") return value ? "true" : "false";
  if (type === "f32") return `f32(${value})`;
  return type === "u32" ? `${Number(value)}u` : `${value}i`;
}

/**
 * Pins every `override` of a kernel as a `const`, so that constants can also size private arrays, which WGSL does not
 * allow for overrides. With sizes in a uniform, those of type u32 become members of `sizes` instead, except what the
 * text itself needs as a constant; so a `const` is also how a text says that a number chooses what is compiled, and a
 * flag declared as u32 (1 or 0) one that does not.
 * @throws when a constant is missing or unknown, or a size is no u32.
 */
export function specialise(source: KernelSource, constants: Constants, sizes: Sizes = "pinned"): Specialised {
  const { name } = source;
  const unused = new Set(Object.keys(constants));
  const take = (constant: string) => {
    const value = constants[constant];
    if (value === undefined) throw new Error(`kernel ${name}: expected a value for ${constant}, got none`);
    unused.delete(constant);
    return value;
  };
  const { code, moved } = sizes === "uniform" ? withUniform(source) : { code: source.code, moved: [] };
  const words = moved.map((size) => {
    const value = Number(take(size));
    if (value !== value >>> 0) throw new Error(`kernel ${name}: expected ${size} to be a u32, got ${value}`);
    return value;
  });
  const pinned = code.replace(overridePattern, (_, constant: string, type: string) => {
    return `const ${constant}: ${type} = ${literal(type, take(constant))};`;
  });
  if (unused.size > 0) throw new Error(`kernel ${name}: has no constant named ${[...unused].join(", ")}`);
  return { name, code: pinned, sizes: words };
}

interface UniformText {
  readonly code: string;
  /** Overrides that are members of `sizes` now, in order. */
  readonly moved: readonly string[];
}

const uniformTexts = new WeakMap<KernelSource, UniformText>();

/** The text with its sizes in a uniform, all other overrides still to be pinned. */
function withUniform(source: KernelSource): UniformText {
  let text = uniformTexts.get(source);
  if (!text) {
    text = moveSizes(source.code);
    uniformTexts.set(source, text);
  }
  return text;
}

function moveSizes(code: string): UniformText {
  const needed = (code.replace(commentPattern, "").match(constantPattern) ?? []).join(" ");
  const moved = [...code.matchAll(overridePattern)].flatMap(([, name, type]) => {
    return type === "u32" && !mentions(needed, name!) ? [name!] : [];
  });
  if (moved.length === 0) return { code, moved };
  const binding = 1 + Math.max(-1, ...bindingsOf(code).map(({ index }) => index));
  const members = moved.map((size) => `${size}: u32`).join(", ");
  const uniform = `struct Sizes { ${members} } @group(0) @binding(${binding}) var<uniform> sizes: Sizes;`;
  const functions = code
    .replace(overridePattern, (override, name: string) => {
      if (!moved.includes(name)) return override;
      return name === moved[0] ? uniform : ""; // in one of the lines, so that all keep their numbers
    })
    .split(functionPattern)
    .map((part) => {
      const lets = moved
        .filter((size) => mentions(part, size))
        .map((size) => ` let ${size} = sizes.${size};`);
      return functionPattern.test(part) ? part.replace("{", `{${lets.join("")}`) : part;
    });
  return { code: functions.join(""), moved };
}

const mentions = (text: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(text);

/** The buffers a kernel binds, read from its own declarations so that layout and text cannot disagree. */
export function bindingsOf(code: string): Binding[] {
  return [...code.matchAll(bindingPattern)].map(([, index, space, mode, name]) => ({
    index: Number(index),
    name: name!,
    access: space === "uniform" ? "uniform" : mode === "read_write" ? "storage" : "read-only-storage",
  }));
}
