// Short examples put one behind another into full sequences, so that a step computes little padding. Attention and
// positions stay inside each example (src/ops/segments.ts): the loss of every token is what it is unpacked.
import { RandomStream } from "../random/philox";
import type { BatchOrder, TokenizedExample } from "./batches";

/** Sequences that may still take an example. Looking through more of them finds few better places. */
const mostOpen = 64;

interface Pack {
  readonly indices: number[];
  room: number;
}

/**
 * First fit: each example, in shuffled or file order, goes into the first of the open sequences that has room for it,
 * or opens a new one; of more than 64 the oldest is closed. A pure function of its arguments, so that a resumed run
 * packs as it did. An epoch then orders the packed sequences; which examples share one stays for the whole run.
 * @param sequenceLength most tokens of a sequence; no example is longer
 */
export function packExamples(
  examples: readonly TokenizedExample[],
  sequenceLength: number,
  { seed, shuffle }: BatchOrder,
): TokenizedExample[] {
  const packs: Pack[] = [];
  const open: Pack[] = [];
  const order = shuffle
    ? new RandomStream(seed, "pack").permutation(examples.length)
    : Uint32Array.from(examples.keys());
  for (const index of order) {
    const { length } = examples[index]!.ids;
    let pack = open.find(({ room }) => room >= length);
    if (!pack) {
      pack = { indices: [], room: sequenceLength };
      packs.push(pack);
      if (open.push(pack) > mostOpen) open.shift();
    }
    pack.indices.push(index);
    pack.room -= length;
    if (pack.room < 2) open.splice(open.indexOf(pack), 1); // nothing to learn is shorter than two tokens
  }
  return packs.map(({ indices }) => joined(indices.map((index) => examples[index]!)));
}

function joined(parts: readonly TokenizedExample[]): TokenizedExample {
  const lengths = parts.map(({ ids }) => ids.length);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const ids = new Uint32Array(total);
  const lossMask = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    ids.set(part.ids, at);
    lossMask.set(part.lossMask, at);
    at += part.ids.length;
  }
  return { ids, lossMask, lengths };
}
