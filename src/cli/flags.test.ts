import { describe, expect, it } from "vitest";
import { main as exportForPeft } from "./exportForPeft";
import { main as finetune } from "./finetune";
import { type CommandDescription, helpText, parseFlags } from "./flags";
import { main as generate } from "./generate";
import { main as merge } from "./merge";
import { main as pretrain } from "./pretrain";
import { captured } from "./testing/tinyModel";

const command: CommandDescription = {
  name: "sail",
  usage: "--to PLACE",
  about: "Sails.",
  flags: [
    { name: "to", value: "PLACE", about: "where to" },
    { name: "speed", value: "N", about: "in knots", default: 5 },
    { name: "at-night", about: "in the dark too" },
  ],
  examples: [["--to Riga", "east"]],
};
const parse = (...args: string[]) => parseFlags(command, args)!;

describe("parseFlags", () => {
  it("reads values and switches", () => {
    const flags = parse("--to", "Riga", "--speed=7.5e0", "--at-night");
    expect(flags.text("to")).toBe("Riga");
    expect(flags.number("speed")).toBe(7.5);
    expect(flags.has("at-night")).toBe(true);
    expect(parse("--to", "-x").text("to")).toBe("-x");
    expect(parse("--to=--x").text("to")).toBe("--x");
    expect(parse("--to", "a, b,,c").list("to")).toEqual(["a", "b", "c"]);
  });

  it.each([
    [["--depth", "3"], "--depth: expected a flag that --help lists"],
    [["Riga"], 'arguments: expected flags such as --to, got "Riga"'],
    [["--to"], "--to: expected PLACE behind it, got nothing"],
    [["--to", "--at-night"], '--to: expected PLACE behind it, got "--at-night"'],
    [["--to", "Riga", "--to", "Oslo"], "--to: expected it once, got it twice"],
    [["--at-night=yes"], '--at-night: expected no value, got "yes"'],
  ])("refuses %j", (args, message) => {
    expect(() => parse(...args)).toThrow(message);
  });

  it("names the flag whose value does not fit", () => {
    expect(() => parse("--speed", "fast").number("speed")).toThrow('--speed: expected a number, got "fast"');
    expect(() => parse("--speed", "0x10").number("speed")).toThrow("--speed: expected a number");
    expect(() => parse("--speed", "1.5").count("speed", 1)).toThrow(
      "--speed: expected a whole number from 1, got 1.5",
    );
    expect(() => parse("--to", "x").choice("to", ["y", "z"])).toThrow('--to: expected one of y, z, got "x"');
    expect(() => parse("--to", "{").json("to")).toThrow('--to: expected JSON, got "{"');
    expect(() => parse().required("to", "a place")).toThrow("--to: expected a place, got none");
  });

  it("puts help before everything else", () => {
    expect(parseFlags(command, ["--nonsense", "--help"])).toBeUndefined();
    expect(parseFlags(command, ["--to", "Riga", "--help"])).toBeUndefined();
    expect(parseFlags(command, ["-h"])).toBeUndefined();
  });
});

describe("helpText", () => {
  it("lists every flag with its default, and how to start it", () => {
    const lines = helpText(command).split("\n");
    expect(lines[0]).toBe("Usage: npm run sail -- --to PLACE");
    expect(lines).toContain("  --speed N   in knots (default 5)");
    expect(lines).toContain("  --at-night  in the dark too");
    expect(lines).toContain("  npm run sail -- --to Riga");
  });
});

describe("--help", () => {
  const commands = { exportForPeft, finetune, generate, merge, pretrain };

  it.each(Object.entries(commands))("of %s needs no GPU", async (_, main) => {
    const { code, out } = await captured(() => main(["--help"]));
    expect(code).toBe(0);
    expect(out).toMatch(/^Usage: npm run [a-z:]+ -- /);
    expect(out).toContain("Examples:");
    expect(Math.max(...out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(160);
    expect("GPUBufferUsage" in globalThis).toBe(false); // what openNodeGpu puts there
  });
});
