// Runs a reader on a bad file and hands back its complaint.
import { expect } from "vitest";
import { FormatError } from "../formatError";

/** Message of the FormatError that `read` throws; fails when it throws something else, or nothing. */
export function errorOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return (error as Error).message;
  }
  return expect.fail("expected a FormatError, got none");
}
