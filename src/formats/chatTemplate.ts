// A model's chat template: conversations as the text the model was trained on, and which part of it the assistant
// says. Hugging Face's own Jinja renders it, with Transformers' variables.
import { Template } from "@huggingface/jinja";
import { FormatError } from "./formatError";

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

export interface RenderedChat {
  readonly text: string;
  /** Parts of the text that the assistant says, [from, to) in UTF-16 units, in order. */
  readonly learned: readonly (readonly [from: number, to: number])[];
  /** A token across a part's border belongs to the part, as in Transformers' mask; otherwise not. */
  readonly includesBorders: boolean;
}

/** Where a template comes from: the model's own files, or what stands in where they have none. */
export type ChatTemplateOrigin = "model" | "chatml" | "plain";

/** Values of special tokens that templates use, such as eos_token. */
export type SpecialTokenTexts = Readonly<Record<string, string>>;

/** For models without a template whose tokenizer knows ChatML's tokens. */
const chatml =
  "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' }}{% if message.role == 'assistant' %}" +
  "{% generation %}{{ message.content + '<|im_end|>' }}{% endgeneration %}{% else %}{{ message.content + '<|im_end|>' }}" +
  "{% endif %}{{ '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
/** For other models without a template. */
const plain =
  "{% for message in messages %}{{ message.role + ':' }}{% if message.role == 'assistant' %}" +
  "{% generation %}{{ ' ' + message.content + eos_token }}{% endgeneration %}{% else %}{{ ' ' + message.content }}" +
  "{% endif %}{{ '\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}";

// Noncharacters: Unicode keeps them out of texts.
const [begin, end] = ["\uFDD0", "\uFDD1"];
const generationTag = /([ \t]*)\{%([-+]?)\s*(end)?generation\s*([-+]?)%\}(\n?)/g;

/** Marks what {% generation %} encloses, with the white space that Jinja's block tags take along. */
function withMarks(template: string): string {
  return template.replace(generationTag, (_, lead: string, left, isEnd, right, newline, at: number) => {
    const isAtLineStart = at === 0 || template[at - 1] === "\n";
    const before = left === "-" || (isAtLineStart && left !== "+") ? "" : lead;
    const after = right === "-" || right !== "+" ? "" : newline;
    const [open, close] = [left === "-" ? "{{-" : "{{", right === "-" ? "-}}" : "}}"];
    return `${before}${open} "${isEnd ? end : begin}" ${close}${after}`;
  });
}

export class ChatTemplate {
  #parsed: Template | undefined;
  readonly #marks: boolean;
  readonly #source: string;
  readonly #tokens: SpecialTokenTexts;

  /**
   * @param source Jinja
   * @param origin where it comes from
   * @param tokens bos_token, eos_token and the like
   * @param fileName for complaints about the template
   */
  constructor(
    source: string,
    readonly origin: ChatTemplateOrigin,
    tokens: SpecialTokenTexts,
    readonly fileName = "tokenizer_config.json",
  ) {
    this.#marks = new RegExp(generationTag).test(source);
    this.#source = source;
    this.#tokens = tokens;
  }

  /** What stands in where the model has no template. @param knowsChatml whether ChatML's tokens are its own */
  static standIn(knowsChatml: boolean, tokens: SpecialTokenTexts): ChatTemplate {
    return knowsChatml
      ? new ChatTemplate(chatml, "chatml", tokens)
      : new ChatTemplate(plain, "plain", { eos_token: "", ...tokens });
  }

  /**
   * The conversation as text, and the assistant's parts: what {% generation %} encloses, or in a template without it
   * from where the template asks the assistant to speak to the end of its turn.
   * @throws FormatError when the template cannot be read; Error with the template's own complaint
   */
  render(messages: readonly ChatMessage[]): RenderedChat {
    const whole = this.#write(messages, false);
    if (this.#marks) return unmark(whole);
    const learned = messages.flatMap(({ role }, index) =>
      role === "assistant" ? [this.#turn(messages, index, whole)] : [],
    );
    return { text: whole, learned: learned.filter(([from, to]) => from < to), includesBorders: false };
  }

  /** Where the turn's own text begins and ends in `whole`. */
  #turn(messages: readonly ChatMessage[], index: number, whole: string): readonly [number, number] {
    const from = index === 0 ? 0 : commonStart(this.#write(messages.slice(0, index), true), whole);
    const isLast = index === messages.length - 1;
    if (isLast) return [from, whole.length];
    const turns = messages.slice(0, index + 1);
    return [
      from,
      Math.min(commonStart(this.#write(turns, false), whole), commonStart(this.#write(turns, true), whole)),
    ];
  }

  #write(messages: readonly ChatMessage[], addGenerationPrompt: boolean): string {
    try {
      this.#parsed ??= new Template(withMarks(this.#source));
    } catch (error) {
      const problem = `expected a Jinja template, got one that does not parse (${(error as Error).message}).`;
      throw new FormatError(this.fileName, "chat_template", problem);
    }
    return this.#parsed.render({
      ...this.#tokens,
      messages,
      add_generation_prompt: addGenerationPrompt,
      tools: null,
      documents: null,
    });
  }
}

/** Length of what both texts begin with. */
function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** Takes the marks out and notes where they stood. */
function unmark(marked: string): RenderedChat {
  let text = "";
  let from = 0;
  const learned: [number, number][] = [];
  for (const part of marked.split(/([\uFDD0\uFDD1])/)) {
    if (part === begin) from = text.length;
    else if (part === end) learned.push([from, text.length]);
    else text += part;
  }
  return { text, learned, includesBorders: true };
}
