// Templates such as "Q: {question}\nA: {answer}": text with columns in braces; {{ and }} stand for braces.

export interface Template {
  /** Text before each column, and the column. */
  readonly parts: readonly { readonly before: string; readonly column: string }[];
  /** Text after the last column. */
  readonly after: string;
}

/** A template that cannot be read. */
export class TemplateError extends Error {
  override name = "TemplateError";
}

/** @throws TemplateError when a brace stands alone or there is no column */
export function parseTemplate(template: string): Template {
  const parts: { before: string; column: string }[] = [];
  let text = "";
  for (const [token, column] of template.matchAll(/\{\{|\}\}|\{([^{}]+)\}|[{}]|[^{}]+/g)) {
    if (column !== undefined) {
      parts.push({ before: text, column: column.trim() });
      text = "";
    } else if (token === "{{" || token === "}}") text += token[0];
    else if (token === "{" || token === "}") {
      throw new TemplateError(
        `template: expected {column}, got a lone "${token}". Write ${token}${token} for it.`,
      );
    } else text += token;
  }
  if (parts.length === 0) {
    throw new TemplateError("template: expected a column in braces, such as {question}, got none.");
  }
  return { parts, after: text };
}

/**
 * Fills in a row. What comes before the last column is the prompt; a space at its end belongs to the completion,
 * because tokens begin with spaces.
 */
export function fillTemplate(
  { parts, after }: Template,
  cellOf: (column: string) => string,
): { prompt: string; completion: string } {
  const last = parts.at(-1)!;
  const given = parts.slice(0, -1).map(({ before, column }) => before + cellOf(column));
  const prompt = given.join("") + last.before;
  const spaces = /[ ]*$/.exec(prompt)![0];
  return {
    prompt: prompt.slice(0, prompt.length - spaces.length),
    completion: spaces + cellOf(last.column) + after,
  };
}
