// The values of an ONNX graph that are weights: initializers that are floats, and matrices of codes with the scales
// that the nodes reading them name. Source: onnx/onnx, docs/Operators.md (DequantizeLinear, MatMulInteger);
// microsoft/onnxruntime, docs/ContribOperators.md (MatMulNBits, GatherBlockQuantized), and the names that its
// python/tools/quantization gives.
import { type CodedMatrix, type Codes, dequantisedStored } from "./codedTensor";
import { FormatError } from "./formatError";
import type { Initializer } from "./onnxInitializer";
import type { OnnxNode } from "./onnxNode";
import type { StoredTensor } from "./storedTensor";

/** Operators with weights in fewer bits that are in none of the ways read here. */
const unreadable =
  /^(QLinear(MatMul|Conv)|QGemm|QAttention|QMoE|MatMulBnb4|MatMulFpQ4|DynamicQuantize(MatMul|LSTM)|MatMulIntegerToFloat)$/;
const remedy =
  "Use an export that is not quantised, such as model.onnx or model_fp16.onnx, or the model's safetensors.";

/**
 * Everything that may be a weight, by its name in the graph. Codes of MatMulNBits come as [out, in].
 * @throws FormatError naming the tensor whose codes cannot be read
 */
export function onnxValues(
  fileName: string,
  nodes: readonly OnnxNode[],
  initializers: ReadonlyMap<string, Initializer>,
): Map<string, StoredTensor> {
  const values = new Map<string, StoredTensor>();
  for (const [name, { tensor, bits }] of initializers) if (bits > 8) values.set(name, tensor);
  for (const node of nodes) {
    if (unreadable.test(node.opType)) {
      const tensor = node.inputs.find((name) => (initializers.get(name)?.bits ?? 32) <= 8);
      throw refusal(fileName, tensor ?? node.name, node.opType);
    }
    const reader = new CodeReader(fileName, node, initializers);
    const [name, matrix] = reader.codedMatrix() ?? [];
    if (name && matrix && !values.has(name)) values.set(name, dequantisedStored(matrix));
  }
  return values;
}

function refusal(fileName: string, tensor: string, got: string): FormatError {
  const expected = "values, or codes of MatMulNBits, GatherBlockQuantized, MatMulInteger or DequantizeLinear";
  return new FormatError(fileName, tensor, `expected ${expected}, got ${got}. ${remedy}`);
}

/** What one node reads. */
class CodeReader {
  constructor(
    readonly fileName: string,
    readonly node: OnnxNode,
    readonly initializers: ReadonlyMap<string, Initializer>,
  ) {}

  /** The value's name in the graph and its codes; undefined where the node reads none that are weights. */
  codedMatrix(): [name: string, matrix: CodedMatrix] | undefined {
    const { opType, inputs, outputs } = this.node;
    const codes = (at: number) => {
      const found = this.initializers.get(inputs[at] ?? "");
      return found && found.bits <= 8 ? found : undefined;
    };
    const [first, second] = [codes(0), codes(1)];
    if (opType === "MatMulNBits" && second) return [second.name, this.#blocksOfRows(second)];
    if (opType === "GatherBlockQuantized" && first) return [first.name, this.#lookedUp(first)];
    if (opType === "DequantizeLinear" && first?.shape.length === 2) {
      return [outputs[0]!, this.#linear(first, inputs[1]!, inputs[2], this.#axis("axis", 1))];
    }
    if (opType === "MatMulInteger" && second) return [second.name, this.#byName(second)];
    // What is looked up is turned into values afterwards, where only the zero points and scales are left of it.
    if (opType === "Gather" && first?.name.endsWith(quantisedEnding))
      return [first.name, this.#byName(first)];
    return undefined;
  }

  #number(name: string, otherwise: number): number {
    return this.node.numbers.get(name) ?? otherwise;
  }

  #refuse(tensor: string, got: string): never {
    throw refusal(this.fileName, tensor, `${this.node.opType} with ${got}`);
  }

  /** MatMulNBits: B [N, blocks, bytes of a block], blocks along K. */
  #blocksOfRows(b: Initializer): CodedMatrix {
    const [rows, columns] = [this.#number("N", 0), this.#number("K", 0)];
    const bits = this.#bits(b, this.#number("bits", 4));
    const block = this.#number("block_size", 0);
    const blocks = Math.ceil(columns / block);
    const [, , scales, zeroPoints, order] = this.node.inputs;
    if (order) this.#refuse(b.name, "columns in another order (g_idx)");
    if (this.#number("weight_prepacked", 0) !== 0) this.#refuse(b.name, "codes in an order of its own");
    const stride = blocks * block;
    this.#checkCount(b, (stride * rows * bits) / b.bits);
    const codes: Codes = { packed: b.tensor, bits, isSigned: false, stride };
    // Zero points of a row fill whole bytes.
    const zeroStride = (Math.ceil((blocks * bits) / 8) * 8) / bits;
    return {
      shape: [rows, columns],
      codes,
      scales: this.#scales(scales, rows * blocks),
      rowsPerScale: 1,
      columnsPerScale: block,
      zeroPoints: this.#zeroPoints(zeroPoints, codes, { rows, columns: blocks, stride: zeroStride }),
    };
  }

  /** GatherBlockQuantized: rows of a table, in blocks along one of its axes. */
  #lookedUp(data: Initializer): CodedMatrix {
    const isPacked = data.bits === 8 && !data.isSigned; // bytes hold one or several codes
    const bits = this.#bits(data, isPacked ? this.#number("bits", 4) : data.bits);
    const [rows, width] = this.#matrixShape(data);
    const columns = (width * data.bits) / bits;
    const axis = this.#axis("quantize_axis", 1);
    if (this.#axis("gather_axis", 0) !== 0) this.#refuse(data.name, "columns looked up in the place of rows");
    const block = this.#number("block_size", 128);
    const [, , scales, zeroPoints] = this.node.inputs;
    const codes: Codes = { packed: data.tensor, bits, isSigned: data.isSigned === true, stride: columns };
    const [rowsPerScale, columnsPerScale] = axis === 0 ? [block, 1] : [1, block];
    const grid = { rows: Math.ceil(rows / rowsPerScale), columns: Math.ceil(columns / columnsPerScale) };
    const stride = isPacked ? (Math.ceil((grid.columns * bits) / 8) * 8) / bits : grid.columns;
    return {
      shape: [rows, columns],
      codes,
      scales: this.#scales(scales, grid.rows * grid.columns),
      rowsPerScale,
      columnsPerScale,
      zeroPoints: this.#zeroPoints(zeroPoints, codes, { ...grid, stride }, isPacked ? undefined : 0),
    };
  }

  /** ONNX Runtime's quantiser calls them after the weight, whichever nodes come between them and the codes. */
  #byName(data: Initializer): CodedMatrix {
    const stem = data.name.slice(0, -quantisedEnding.length);
    if (data.name.endsWith(quantisedEnding) && this.initializers.has(`${stem}_scale`)) {
      const zeros = this.initializers.has(`${stem}_zero_point`) ? `${stem}_zero_point` : undefined;
      return this.#linear(data, `${stem}_scale`, zeros, this.node.opType === "Gather" ? 0 : 1);
    }
    return this.#refuse(data.name, `no scale ${stem}_scale`);
  }

  /** DequantizeLinear: one scale, one for each place of an axis, or one for each block along it. */
  #linear(data: Initializer, scaleName: string, zeroName: string | undefined, axis: number): CodedMatrix {
    const [rows, columns] = this.#matrixShape(data);
    const bits = this.#bits(data, data.bits);
    const codes: Codes = { packed: data.tensor, bits, isSigned: data.isSigned === true, stride: columns };
    const scale = this.initializers.get(scaleName);
    const count = scale?.shape.reduce((product, size) => product * size, 1);
    const block = this.#number("block_size", 0);
    const [rowsPerScale, columnsPerScale] =
      count === 1
        ? [rows, columns]
        : axis === 0
          ? [block || 1, block ? 1 : columns]
          : [block ? 1 : rows, block || 1];
    const grid = { rows: Math.ceil(rows / rowsPerScale), columns: Math.ceil(columns / columnsPerScale) };
    return {
      shape: [rows, columns],
      codes,
      scales: this.#scales(scaleName, grid.rows * grid.columns),
      rowsPerScale,
      columnsPerScale,
      zeroPoints: this.#zeroPoints(zeroName, codes, { ...grid, stride: grid.columns }, 0),
    };
  }

  #axis(name: string, otherwise: number): number {
    const axis = this.#number(name, otherwise);
    return axis < 0 ? axis + 2 : axis;
  }

  #matrixShape({ name, shape }: Initializer): [rows: number, columns: number] {
    if (shape.length !== 2) this.#refuse(name, `shape [${shape}]`);
    return shape as unknown as [number, number];
  }

  #bits({ name }: Initializer, bits: number): Codes["bits"] {
    if (bits !== 2 && bits !== 4 && bits !== 8) this.#refuse(name, `codes of ${bits} bits`);
    return bits;
  }

  #checkCount({ name, shape }: Initializer, expected: number): void {
    const got = shape.reduce((product, size) => product * size, 1);
    if (got === expected) return;
    throw new FormatError(this.fileName, name, `expected ${expected} numbers, got ${got} [${shape}].`);
  }

  #scales(name: string | undefined, count: number): StoredTensor {
    const found = this.initializers.get(name ?? "");
    if (!found || found.bits <= 8) {
      const got = name ? "none" : "no name of one";
      throw new FormatError(
        this.fileName,
        name ?? this.node.name,
        `expected scales that are floats, got ${got}.`,
      );
    }
    this.#checkCount(found, count);
    return found.tensor;
  }

  /** @param otherwise where the node names none; the middle of the codes unless given */
  #zeroPoints(
    name: string | undefined,
    { bits, isSigned }: Codes,
    grid: { readonly rows: number; readonly columns: number; readonly stride: number },
    otherwise = isSigned ? 0 : 2 ** (bits - 1),
  ): CodedMatrix["zeroPoints"] {
    if (!name) return otherwise;
    const found = this.initializers.get(name);
    if (!found)
      throw new FormatError(this.fileName, name, "expected zero points among the initializers, got none.");
    if (found.bits > 8) {
      this.#checkCount(found, grid.rows * grid.columns);
      return found.tensor;
    }
    this.#checkCount(found, (grid.rows * grid.stride * bits) / found.bits);
    return { packed: found.tensor, bits, isSigned, stride: grid.stride };
  }
}

const quantisedEnding = "_quantized";
