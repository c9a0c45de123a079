// A model's tokenizer: @huggingface/tokenizers with ids checked, special tokens named, and decoding that can
// be streamed token by token.
import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";
import { z } from "zod";
import { ChatTemplate } from "./chatTemplate";
import { FormatError, shown } from "./formatError";
import { checkSchema, parseJson } from "./jsonFile";
import { keepByteOrderMarks, quickenWordCache, withAllDigits } from "./tokenizerRepairs";

/** Turns ids into text piece by piece; the pieces joined are the text of all ids. */
export interface DecodeStream {
  /** Text that became certain with this id; empty while a character is incomplete. */
  push(id: number): string;
  /** What is still held back; replacement characters stand for bytes that never became a character. */
  end(): string;
}

export interface Tokenizer {
  /** Token ids of `text`; special tokens (as a start-of-text one) only when asked for. */
  encode(text: string, options: { addSpecialTokens: boolean }): number[];
  /** Text of the ids, special tokens left out. */
  decode(ids: readonly number[]): string;
  /** @param context ids that come before (the prompt), so that the first piece keeps its leading space */
  decodeStream(context?: readonly number[]): DecodeStream;
  /** One token as it reads inside a text; bytes that are no character alone show as the vocabulary has them. */
  tokenText(id: number): string;
  readonly bosTokenId: number | null;
  /** Empty when tokenizer_config.json names no eos_token. */
  readonly eosTokenIds: readonly number[];
  /** One more than the largest id. */
  readonly vocabSize: number;
  /** How conversations are written for this model. */
  readonly chatTemplate: ChatTemplate;
}

// Far above any vocabulary; keeps a hostile id from making a giant table.
const tokenId = z.int().min(0).max(0xff_ffff);
const vocabSchema = z.union([z.record(z.string(), tokenId), z.array(z.tuple([z.string(), z.number()]))]);
const tokenizerSchema = z.looseObject({
  model: z.looseObject({ vocab: vocabSchema }),
  added_tokens: z.array(z.looseObject({ id: tokenId, content: z.string() })).default([]),
  normalizer: z.unknown().default(null),
  pre_tokenizer: z.unknown().default(null),
  post_processor: z.unknown().default(null),
  decoder: z.unknown().default(null),
});
const specialToken = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish();
const configSchema = z.looseObject({
  bos_token: specialToken,
  eos_token: specialToken,
  chat_template: z
    .union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() })).min(1)])
    .nullish(),
});

/**
 * @param tokenizerJson text of tokenizer.json
 * @param tokenizerConfig text of tokenizer_config.json
 * @param chatTemplate text of chat_template.jinja, which counts over the configuration's own
 * @throws FormatError naming the file and field
 */
export function loadTokenizer(
  tokenizerJson: string,
  tokenizerConfig: string,
  chatTemplate?: string,
): Tokenizer {
  const json = checkSchema(tokenizerSchema, parseJson(tokenizerJson, "tokenizer.json"), "tokenizer.json");
  const configName = "tokenizer_config.json";
  const config = checkSchema(configSchema, parseJson(tokenizerConfig, configName), configName);
  let inner: HuggingFaceTokenizer;
  try {
    const pre_tokenizer = withAllDigits(json.pre_tokenizer);
    inner = new HuggingFaceTokenizer({ ...json, pre_tokenizer }, config);
    keepByteOrderMarks(inner);
    quickenWordCache(inner);
  } catch (error) {
    throw new FormatError(
      "tokenizer.json",
      "",
      `expected a tokenizer that can be built, got: ${(error as Error).message}`,
    );
  }
  const idOf = (field: "bos_token" | "eos_token"): number | null => {
    const token = config[field];
    if (token === undefined || token === null) return null;
    const content = typeof token === "string" ? token : token.content;
    const id = inner.token_to_id(content);
    if (id === undefined) {
      throw new FormatError(configName, field, `expected a token of tokenizer.json, got ${shown(content)}.`);
    }
    return id;
  };
  const bosTokenId = idOf("bos_token");
  const eosTokenId = idOf("eos_token");

  const encode: Tokenizer["encode"] = (text, { addSpecialTokens }) => {
    if (text === "" && !addSpecialTokens) return [];
    const { ids, tokens } = inner.encode(text, { add_special_tokens: addSpecialTokens });
    const unknown = ids.indexOf(undefined as unknown as number);
    if (unknown >= 0) {
      throw new FormatError(
        "tokenizer.json",
        "vocab",
        `expected a token for ${shown(tokens[unknown])}, got none.`,
      );
    }
    return ids;
  };
  // Clean-up of spaces is off, as in transformers 5: it would make decoding depend on what follows.
  // A model's vocabulary may be padded beyond the tokenizer's: ids without a token have no text.
  const decode = (ids: readonly number[]): string => {
    const known = ids.filter((id) => inner.id_to_token(id) !== undefined);
    if (known.length === 0) return "";
    return inner.decode(known, { skip_special_tokens: true, clean_up_tokenization_spaces: false });
  };
  const anchor = encode("a", { addSpecialTokens: false });
  const anchorText = decode(anchor);

  return {
    encode,
    decode,
    decodeStream: (context = []) => decodeStream(decode, context),
    tokenText: (id) => {
      const token = inner.id_to_token(id);
      if (token === undefined) return `<${id}>`;
      const text = decode([...anchor, id]).slice(anchorText.length);
      return text === "" || text.includes("\uFFFD") ? token : text;
    },
    bosTokenId,
    eosTokenIds: eosTokenId === null ? [] : [eosTokenId],
    vocabSize: inner.model!.vocab.length,
    chatTemplate: chatTemplateOf(config, chatTemplate, inner),
  };
}

/** Transformers' choice: chat_template.jinja, then the configuration's template, of several the default one. */
function chatTemplateOf(
  config: z.infer<typeof configSchema>,
  jinja: string | undefined,
  inner: HuggingFaceTokenizer,
): ChatTemplate {
  const tokens = Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) => {
      const token = specialToken.safeParse(value).data;
      if (!key.endsWith("_token") || token === undefined || token === null) return [];
      return [[key, typeof token === "string" ? token : token.content]];
    }),
  );
  if (jinja !== undefined) return new ChatTemplate(jinja, "model", tokens, "chat_template.jinja");
  const given = config.chat_template;
  if (typeof given === "string") return new ChatTemplate(given, "model", tokens);
  const named = given?.find(({ name }) => name === "default") ?? given?.[0];
  if (named) return new ChatTemplate(named.template, "model", tokens);
  const knowsChatml = ["<|im_start|>", "<|im_end|>"].every((token) => inner.token_to_id(token) !== undefined);
  return ChatTemplate.standIn(knowsChatml, tokens);
}

/**
 * Decodes a sliding window: the ids last shown stay in front of the new ones as context, so that decoders that
 * treat the start of a text specially (dropping a leading space) do so in both and it cancels out.
 */
function decodeStream(decode: (ids: readonly number[]) => string, context: readonly number[]): DecodeStream {
  let shownIds = [...context];
  let pending: number[] = [];
  const flush = (text: string): string => {
    const piece = text.slice(decode(shownIds).length);
    // Ids without text (special ones) give no context; keep what does.
    if (piece !== "") {
      shownIds = pending;
      pending = [];
    }
    return piece;
  };
  return {
    push(id) {
      pending.push(id);
      const text = decode([...shownIds, ...pending]);
      // A replacement character at the end may be the start of one whose other bytes are still to come.
      return text.endsWith("\uFFFD") ? "" : flush(text);
    },
    end: () => flush(decode([...shownIds, ...pending])),
  };
}
