// Conversations as data sets write them: OpenAI's role and content, ShareGPT's from and value, content in parts.
import type { ChatMessage } from "../formats/chatTemplate";
import { shown } from "../formats/formatError";
import { RowError } from "./row";

/** Names that data sets give the roles of chat templates. */
const roles: Readonly<Record<string, string>> = {
  ...{ human: "user", prompter: "user", gpt: "assistant", chatgpt: "assistant", bing: "assistant" },
  ...{ bard: "assistant", model: "assistant", bot: "assistant" },
  ...{ function_call: "assistant", observation: "tool", function_response: "tool", tool_response: "tool" },
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether a value reads as a conversation. */
export function isChat(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every(
    (turn) => isObject(turn) && ("role" in turn || "from" in turn) && ("content" in turn || "value" in turn),
  );
}

/** The turns of a conversation. @throws RowError naming the column and turn */
export function chatMessages(value: unknown, column: string): ChatMessage[] {
  if (!Array.isArray(value)) throw new RowError(`${column}: expected a list of turns, got ${shown(value)}.`);
  if (value.length === 0) throw new RowError(`${column}: expected turns, got an empty list.`);
  return value.map((turn: unknown, index) => {
    const place = `${column}: turn ${index + 1}`;
    if (!isObject(turn)) throw new RowError(`${place}: expected role and content, got ${shown(turn)}.`);
    const role = turn.role ?? turn.from;
    if (typeof role !== "string" || role === "") {
      throw new RowError(`${place}: expected a role, got ${shown(role)}.`);
    }
    const content = contentOf(turn.content ?? turn.value);
    if (content === undefined) {
      throw new RowError(`${place}: expected text as content, got ${shown(turn.content ?? turn.value)}.`);
    }
    if (/\p{Surrogate}/u.test(content)) {
      throw new RowError(`${place}: expected text, got half of a surrogate pair.`);
    }
    return { role: roles[role.toLowerCase()] ?? role, content };
  });
}

/** Text, or the text parts of a list joined; undefined for anything else, such as a picture. */
function contentOf(content: unknown): string | undefined {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return undefined;
  const parts = content.map((part: unknown) => {
    if (typeof part === "string") return part;
    if (!isObject(part) || (part.type !== undefined && part.type !== "text")) return undefined;
    return part.text ?? part.value;
  });
  return parts.every((part) => typeof part === "string") ? parts.join("") : undefined;
}
