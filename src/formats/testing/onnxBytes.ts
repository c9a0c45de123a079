// A small ONNX file written apart from the product's reader: weights under their own names, in the file or beside it.
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Tensor } from "../tensor";

const dataTypes: Partial<Record<Tensor["dtype"], number>> = { F32: 1, F16: 10, BF16: 16 };

/** @param dataName of the file that holds the bytes; in the export itself where there is none */
export function onnxBytes(
  tensors: ReadonlyMap<string, Tensor>,
  dataName?: string,
): { readonly model: Uint8Array; readonly data: Uint8Array } {
  const model = new BinaryWriter().tag(7, WireType.LengthDelimited).fork();
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const [name, { dtype, shape, bytes }] of tensors) {
    model.tag(5, WireType.LengthDelimited).fork();
    for (const size of shape) model.tag(1, WireType.Varint).int64(size);
    model.tag(2, WireType.Varint).int32(dataTypes[dtype]!);
    model.tag(8, WireType.LengthDelimited).string(name);
    const entries = { location: dataName, offset: at, length: bytes.length };
    for (const [key, value] of dataName ? Object.entries(entries) : []) {
      model.tag(13, WireType.LengthDelimited).fork();
      model.tag(1, WireType.LengthDelimited).string(key);
      model.tag(2, WireType.LengthDelimited).string(String(value)).join();
    }
    if (!dataName) model.tag(9, WireType.LengthDelimited).bytes(bytes);
    model.join();
    parts.push(bytes);
    at += bytes.length;
  }
  const data = new Uint8Array(at);
  let end = 0;
  for (const part of parts) {
    data.set(part, end);
    end += part.length;
  }
  return { model: model.join().finish() as Uint8Array, data };
}
