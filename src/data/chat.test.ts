// Conversations by chat templates, and texts with what a tokenizer puts around them, against Transformers.
import { describe, expect, it } from "vitest";
import { loadGolden, loadShared } from "../../oracle/goldens";
import type { ChatMessage } from "../formats/chatTemplate";
import { loadTokenizer } from "../formats/tokenizer";
import { exampleEncoder, framingOf } from "./encode";

interface Golden {
  readonly conversations: readonly ChatMessage[][];
  readonly chat: readonly {
    readonly tokenizer: string;
    /** Null: the tokenizer's own. */
    readonly template: string | null;
    readonly conversation: number;
    readonly ids: readonly number[];
    readonly mask: readonly number[];
  }[];
  readonly framing: readonly {
    readonly tokenizer: string;
    /** Whether tokenizer.json keeps its post-processor. */
    readonly keepsOwn: boolean;
    readonly bos: boolean | null;
    readonly eos: boolean | null;
    /** Of "the cat". */
    readonly ids: readonly number[];
  }[];
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const golden = JSON.parse(text(await loadGolden("chat.json"))) as Golden;

/** tokenizer.json and tokenizer_config.json, or undefined where they are absent. */
async function filesOf(name: string): Promise<[json: string, config: string] | undefined> {
  const [json, config] = await Promise.all(
    ["tokenizer.json", "tokenizer_config.json"].map((file) => loadShared(`tokenizers/${name}/${file}`)),
  );
  return json && config && [text(json), text(config)];
}

describe("a conversation's tokens", () => {
  const templates = [
    ...new Set(golden.chat.map(({ tokenizer, template }) => JSON.stringify([tokenizer, template]))),
  ];

  it.for(templates)("are Transformers', and so are those that count: template %#", async (key, { skip }) => {
    const [name, template] = JSON.parse(key) as [string, string | null];
    const files = await filesOf(name);
    if (!files) return skip("../shared/data/tokenizers is absent");
    const tokenizer = loadTokenizer(...files, template ?? undefined);
    const encode = exampleEncoder(tokenizer);
    for (const row of golden.chat) {
      if (row.tokenizer !== name || row.template !== template) continue;
      const { ids, learned } = encode({
        kind: "messages",
        messages: golden.conversations[row.conversation]!,
      });
      const mask = ids.map((_, t) => Number(learned.some(([from, to]) => from <= t && t < to)));
      expect({ ids, mask }).toEqual({ ids: row.ids, mask: row.mask });
    }
  });
});

describe("what a tokenizer puts around a text", () => {
  it.for(golden.framing)(
    "is Transformers': %j",
    async ({ tokenizer: name, keepsOwn, bos, eos, ids }, { skip }) => {
      const files = await filesOf(name);
      if (!files) return skip("../shared/data/tokenizers is absent");
      const json = { ...JSON.parse(files[0]), ...(!keepsOwn && { post_processor: null }) };
      const { add_bos_token: _bos, add_eos_token: _eos, ...config } = JSON.parse(files[1]);
      const flags = {
        ...(bos !== null && { add_bos_token: bos }),
        ...(eos !== null && { add_eos_token: eos }),
      };
      const tokenizer = loadTokenizer(JSON.stringify(json), JSON.stringify({ ...config, ...flags }));
      expect(tokenizer.encode("the cat", { addSpecialTokens: true })).toEqual(ids);
      const { before, after } = framingOf(tokenizer);
      expect([...before, ...tokenizer.encode("the cat", { addSpecialTokens: false }), ...after]).toEqual(ids);
    },
  );
});
