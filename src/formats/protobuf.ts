// Protocol buffers read where they lie: a message's fields as places in its file, so that the gigabytes of a weight are
// passed over. What a field's bytes mean is @bufbuild/protobuf's to say.
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { ByteSource } from "./byteSource";
import { FormatError } from "./formatError";

/** A field of a message. */
export interface Field {
  readonly number: number;
  /** Of a varint; 0 for other kinds. */
  readonly value: number;
  /** Where its bytes lie in the file; of a length-delimited field without the length. */
  readonly begin: number;
  readonly end: number;
  readonly isDelimited: boolean;
}

const WINDOW_BYTES = 2 ** 18;
/** A tag and a length, or a tag and a number, have ten bytes at most each. */
const HEAD_BYTES = 20;

/** A file of which a part is held: fields are small and lie one behind the other. */
export class ProtobufFile {
  #begin = 0;
  #held: Uint8Array = new Uint8Array();

  constructor(readonly source: ByteSource) {}

  /** Bytes from `begin` to before `end`; fewer at the end of the file. */
  async read(begin: number, end: number): Promise<Uint8Array> {
    const isHeld = begin >= this.#begin && end <= this.#begin + this.#held.length;
    if (!isHeld) {
      const heldEnd = Math.min(this.source.sizeBytes, Math.max(end, begin + WINDOW_BYTES));
      this.#held = await this.source.read(begin, heldEnd);
      this.#begin = begin;
    }
    return this.#held.subarray(begin - this.#begin, end - this.#begin);
  }

  /**
   * The fields of the message at `begin` to before `end`, in their order.
   * @throws FormatError when there is none
   */
  async *fields(begin: number, end: number): AsyncGenerator<Field> {
    for (let at = begin; at < end; ) {
      const head = await this.read(at, Math.min(at + HEAD_BYTES, end));
      const field = readField(head, at);
      if (!field || field.end > end) throw this.damaged(at);
      yield field;
      at = field.end;
    }
  }

  damaged(at: number): FormatError {
    return new FormatError(
      this.source.name,
      "",
      `expected a protocol buffer, got something else at byte ${at}.`,
    );
  }
}

/** The fields of a message that is held. @throws RangeError or Error of the reader when it is damaged */
export function* heldFields(message: Uint8Array): Generator<Field> {
  for (let at = 0; at < message.length; ) {
    const field = readField(message.subarray(at, at + HEAD_BYTES), at);
    if (!field || field.end > message.length) throw new RangeError("field past the end of its message");
    yield field;
    at = field.end;
  }
}

function readField(head: Uint8Array, at: number): Field | undefined {
  try {
    const reader = new BinaryReader(head);
    const [number, wireType] = reader.tag();
    const place = (bytes: number, value = 0, isDelimited = false): Field => {
      const begin = at + reader.pos;
      return { number, value, begin, end: begin + bytes, isDelimited };
    };
    switch (wireType) {
      case WireType.Varint: {
        const value = Number(reader.int64());
        return place(0, value);
      }
      case WireType.Bit64:
        return place(8);
      case WireType.Bit32:
        return place(4);
      case WireType.LengthDelimited: {
        const length = Number(reader.uint64());
        return place(length, 0, true);
      }
      default:
        return undefined;
    }
  } catch {
    return undefined; // cut short, or no such number
  }
}

/** All numbers of a packed field of varints. */
export function packedInts(bytes: Uint8Array): number[] {
  const reader = new BinaryReader(bytes);
  const values: number[] = [];
  while (reader.pos < reader.len) values.push(Number(reader.int64()));
  return values;
}
