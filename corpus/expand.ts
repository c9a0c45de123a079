// The template language of the corpus grammar: choices in [a|b], facts and fresh words in {braces}.
import type { Draw } from "./draw";
import { lexicon } from "./lexicon";

/** Values that stay the same through one document: {name: "Mia", he: "she", item: "red kite"}. */
export type Facts = Record<string, string>;

/** "apple" → "an apple", "unicorn" → "a unicorn". */
export function withArticle(phrase: string): string {
  const vowel = /^[aeiou]/i.test(phrase) && !/^(uni|us[ei]|eu|one|uk)/i.test(phrase);
  return `${vowel || /^(hour|honest)/i.test(phrase) ? "an" : "a"} ${phrase}`;
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Index of the bracket that closes the one at `open`. */
function closing(template: string, open: number): number {
  let depth = 0;
  for (let i = open; i < template.length; i++) {
    if (template[i] === "[") depth++;
    if (template[i] === "]" && --depth === 0) return i;
  }
  throw new Error(`template: expected a closing ] in "${template}"`);
}

/** Splits at the bars of this level only. */
function alternatives(body: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < body.length; i++) {
    if (body[i] === "[") depth++;
    if (body[i] === "]") depth--;
    if (body[i] === "|" && depth === 0) {
      parts.push(body.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, body.slice(start)];
}

/** Which list each named slot of some templates draws from, so that a beat may use what another one names. */
export function slotLists(templates: readonly string[]): Facts {
  return Object.fromEntries(
    templates.flatMap((text) => [...text.matchAll(/(\w+)=(\w+)\}/g)].map((m) => [m[1], m[2]])),
  );
}

function fill(draw: Draw, slot: string, facts: Facts, lists: Facts): string {
  const match = /^(\^?)(a )?(\w+)(?:=(\w+))?$/.exec(slot);
  if (!match) throw new Error(`template: expected {key}, {a key}, {^key} or {key=list}, got {${slot}}`);
  const [, capital, article, key, list] = match as unknown as [
    string,
    string,
    string | undefined,
    string,
    string?,
  ];
  let value = list === undefined ? facts[key] : undefined;
  if (value === undefined) {
    const named = list ?? lists[key];
    const source = lexicon[named ?? key];
    if (!source) throw new Error(`template: expected a fact or a word list, got {${slot}}`);
    value = draw.pickWord(source);
    // A second draw for a named slot must not repeat another fact ("Mia met Mia").
    if (named !== undefined) {
      const taken = new Set(Object.values(facts));
      for (let attempt = 0; taken.has(value) && attempt < 20; attempt++) value = draw.pickWord(source);
      facts[key] = value;
    }
  }
  const phrase = article ? withArticle(value) : value;
  return capital ? capitalise(phrase) : phrase;
}

function expandRaw(draw: Draw, template: string, facts: Facts, lists: Facts): string {
  let text = "";
  for (let i = 0; i < template.length; i++) {
    const character = template[i];
    if (character === "[") {
      const end = closing(template, i);
      text += expandRaw(draw, draw.pick(alternatives(template.slice(i + 1, end))), facts, lists);
      i = end;
    } else if (character === "{") {
      const end = template.indexOf("}", i);
      text += fill(draw, template.slice(i + 1, end), facts, lists);
      i = end;
    } else text += character;
  }
  return text;
}

/**
 * Writes out one template. `[a|b|]` chooses, `{key}` takes a fact or a fresh word of the list of that name,
 * `{key=list}` draws and remembers, `{a key}` adds the article, `{^key}` a capital. Sentences get capitals.
 * `lists` (see slotLists) names the list of a slot that other templates of the same text may have drawn already.
 * @throws when a slot is neither a fact nor a word list.
 */
export function expand(draw: Draw, template: string, facts: Facts, lists: Facts = {}): string {
  return expandRaw(draw, template, facts, lists)
    .replace(/ {2,}/g, " ")
    .replace(/ ([.,!?])/g, "$1")
    .trim()
    .replace(/(^|[.!?] |\n)([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase());
}
