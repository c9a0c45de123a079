// The one error that files from outside end in, so that the studio can put the message beside the file and
// field it came from.

/** A file that cannot be used. `message` reads `file: field: expected …, got …` and says what to do. */
export class FormatError extends Error {
  override readonly name = "FormatError";

  /**
   * @param fileName the file the person gave
   * @param field the tensor, key or line in it; empty when the whole file is meant
   * @param problem `expected …, got …` and the remedy
   */
  constructor(
    readonly fileName: string,
    readonly field: string,
    problem: string,
  ) {
    super(field === "" ? `${fileName}: ${problem}` : `${fileName}: ${field}: ${problem}`);
  }
}

/** A value as it stands in a message: JSON, cut short. */
export function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
