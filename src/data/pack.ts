// Short examples put one behind another into full sequences, so that a step computes little padding. Attention and
// positions stay inside each example (src/ops/segments.ts): the loss of every token is what it is unpacked.
import { RandomStream } from "../random/philox";
import type { BatchOrder } from "./batches";
import { type ExampleSizes, type Examples, inOrder, sizesOf, type TokenizedExample } from "./examples";

/** Sequences that may still take an example. Looking through more of them finds few better places. */
const mostOpen = 64;

/**
 * First fit: each example, in shuffled or file order, goes into the first of the open sequences that has room for it,
 * or opens a new one; of more than 64 the oldest is closed. A pure function of its arguments, so that a resumed run
 * packs as it did. An epoch then orders the packed sequences; which examples share one stays for the whole run.
 * @param sequenceLength most tokens of a sequence; no example is longer
 */
export function packExamples(
  examples: Examples,
  sequenceLength: number,
  { seed, shuffle }: BatchOrder,
): Examples {
  const { lengths } = sizesOf(examples);
  const order = shuffle
    ? new RandomStream(seed, "pack").permutation(examples.length)
    : Uint32Array.from(lengths.keys());
  const open: { readonly number: number; room: number }[] = [];
  /** Which sequence each example of `order` goes into. */
  const packOf = new Uint32Array(order.length);
  let packCount = 0;
  for (const [place, index] of order.entries()) {
    const length = lengths[index]!;
    let pack = open.find(({ room }) => room >= length);
    if (!pack) {
      pack = { number: packCount++, room: sequenceLength };
      if (open.push(pack) > mostOpen) open.shift();
    }
    packOf[place] = pack.number;
    pack.room -= length;
    if (pack.room < 2) open.splice(open.indexOf(pack), 1); // nothing to learn is shorter than two tokens
  }
  return PackedExamples.of(examples, order, packOf, packCount);
}

/** Joins the examples of a sequence when it is asked for. */
class PackedExamples implements Examples {
  #sizes: ExampleSizes | undefined;

  private constructor(
    readonly examples: Examples,
    /** Indices of the examples, a sequence behind the other. */
    readonly members: Uint32Array,
    /** Where each sequence begins in them, and where the last one ends. */
    readonly starts: Uint32Array,
  ) {}

  static of(examples: Examples, order: Uint32Array, packOf: Uint32Array, packCount: number): PackedExamples {
    const starts = new Uint32Array(packCount + 1);
    for (const pack of packOf) starts[pack + 1]!++;
    for (let pack = 0; pack < packCount; pack++) starts[pack + 1]! += starts[pack]!;
    const next = starts.slice();
    const members = new Uint32Array(order.length);
    for (const [place, index] of order.entries()) members[next[packOf[place]!]!++] = index;
    return new PackedExamples(examples, members, starts);
  }

  get length(): number {
    return this.starts.length - 1;
  }

  at(index: number): TokenizedExample | undefined {
    if (index >= this.length) return undefined;
    return joined([...this.#membersOf(index)].map((member) => this.examples.at(member)!));
  }

  [Symbol.iterator]() {
    return inOrder(this);
  }

  slice(begin: number, end = this.length): PackedExamples {
    return new PackedExamples(this.examples, this.members, this.starts.slice(begin, end + 1));
  }

  get sizes(): ExampleSizes {
    this.#sizes ??= this.#sumSizes(sizesOf(this.examples));
    return this.#sizes;
  }

  #sumSizes({ lengths, targets }: ExampleSizes): ExampleSizes {
    const sums = { lengths: new Uint32Array(this.length), targets: new Uint32Array(this.length) };
    for (let index = 0; index < this.length; index++) {
      for (const member of this.#membersOf(index)) {
        sums.lengths[index]! += lengths[member]!;
        sums.targets[index]! += targets[member]!;
      }
    }
    return sums;
  }

  #membersOf(index: number): Uint32Array {
    return this.members.subarray(this.starts[index], this.starts[index + 1]);
  }
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
