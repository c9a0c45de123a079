"""Weights in few bits, as ONNX files hold them: every way of it in one graph that returns the values, and whole models.

Written from the operators' documentation: onnx/onnx docs/Operators.md, microsoft/onnxruntime docs/ContribOperators.md.
Node and tensor names are those that onnxruntime's quantisers and onnxruntime-genai's model builder give.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MICROSOFT = "com.microsoft"
K, N, VOCAB = 40, 7, 11


def packed(codes: np.ndarray, bits: int) -> np.ndarray:
    """Along the last axis, low bits first, rows filled up to whole bytes."""
    each = 8 // bits
    rest = -codes.shape[-1] % each
    filled = np.pad(codes.astype(np.uint8) & (2**bits - 1), [(0, 0)] * (codes.ndim - 1) + [(0, rest)])
    grouped = filled.reshape(*filled.shape[:-1], -1, each)
    return np.bitwise_or.reduce(grouped << (bits * np.arange(each, dtype=np.uint8)), axis=-1).astype(np.uint8)


def tensor(name: str, values: np.ndarray) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ascontiguousarray(values), name)


def nibbles(name: str, codes: np.ndarray, data_type: int) -> onnx.TensorProto:
    """Two codes to a byte, through all rows without a gap."""
    raw = packed(codes.reshape(1, -1), 4).tobytes()
    return helper.make_tensor(name, data_type, codes.shape, raw, raw=True)


def write_code_golden(folder: Path) -> None:
    """A graph of which every output is a matrix of codes, as values: products with the identity, or all rows looked up."""
    folder.mkdir(exist_ok=True)
    generator = np.random.default_rng(7)
    nodes, initializers, outputs = [], [], []

    def codes(low: int, high: int, *shape: int) -> np.ndarray:
        return generator.integers(low, high, shape)

    def scales(*shape: int) -> np.ndarray:
        return generator.uniform(0.01, 0.1, shape).astype(np.float32)

    def output(name: str, columns: int) -> str:
        outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, columns]))
        return name

    def product(name: str, bits: int, block: int, zero: str | None) -> None:
        blocks = -(-K // block)
        stem = f"onnx::MatMul_{name}"
        tensors = [
            tensor(f"{stem}_Q{bits}", packed(codes(0, 2**bits, N, blocks, block), bits)),
            tensor(f"{stem}_scales", scales(N, blocks)),
        ]
        if zero == "codes":
            tensors.append(tensor(f"{stem}_zero_points", packed(codes(0, 2**bits, N, blocks), bits)))
        if zero == "floats":
            tensors.append(tensor(f"{stem}_zero_points", generator.uniform(0, 15, (N, blocks)).astype(np.float32)))
        initializers.extend(tensors)
        names = ["identity", *(each.name for each in tensors)]
        attributes = {"K": K, "N": N, "bits": bits, "block_size": block, "domain": MICROSOFT}
        nodes.append(
            helper.make_node("MatMulNBits", names, [output(name, N)], f"/{name}/MatMul_Q{bits}", **attributes)
        )

    def table(name: str, data: onnx.TensorProto, zero: onnx.TensorProto | None, axis: int, **more: int) -> None:
        shape = (VOCAB, 3) if axis == 1 else (1, K)
        tensors = [data, tensor(f"{data.name}_scales", scales(*shape)), *([zero] if zero else [])]
        initializers.extend(tensors)
        names = [data.name, "rows", *(each.name for each in tensors[1:])]
        attributes = {"gather_axis": 0, "quantize_axis": axis, "block_size": 16, "domain": MICROSOFT, **more}
        nodes.append(
            helper.make_node("GatherBlockQuantized", names, [output(name, K)], f"/{name}/Gather_Q4", **attributes)
        )

    def linear(name: str, data: onnx.TensorProto, scale: np.ndarray, zero: onnx.TensorProto | None, **more: int) -> None:
        tensors = [data, tensor(f"{name}_scale", scale), *([zero] if zero else [])]
        initializers.extend(tensors)
        values = f"{name}_dequantized"
        nodes.append(helper.make_node("DequantizeLinear", [each.name for each in tensors], [values], f"{name}_DQ", **more))
        nodes.append(helper.make_node("MatMul", ["identity", values], [output(name, N)], f"/{name}/MatMul"))

    product("nbits4", 4, 16, None)
    product("nbits4zero", 4, 16, "codes")
    product("nbits4float", 4, 32, "floats")
    product("nbits8", 8, 32, "codes")
    product("nbits2", 2, 16, "codes")
    table("rows4", nibbles("rows4_Q4", codes(-8, 8, VOCAB, K), TensorProto.INT4), None, 1)
    zero = nibbles("rows4zero_zero_points", codes(0, 16, VOCAB, 3), TensorProto.UINT4)
    table("rows4zero", nibbles("rows4zero_Q4", codes(0, 16, VOCAB, K), TensorProto.UINT4), zero, 1)
    table("rows4packed", tensor("rows4packed_Q4", packed(codes(0, 16, VOCAB, K), 4)), None, 1, bits=4)
    table("columns4", nibbles("columns4_Q4", codes(-8, 8, VOCAB, K), TensorProto.INT4), None, 0)
    unsigned, signed = codes(0, 256, K, N).astype(np.uint8), codes(-128, 128, K, N).astype(np.int8)
    linear("whole8", tensor("whole8_q", unsigned), scales(), helper.make_tensor("whole8_zero", TensorProto.UINT8, [], [117]))
    zero = helper.make_tensor("columns8_zero", TensorProto.INT8, [N], codes(-128, 128, N).tolist())
    linear("columns8", tensor("columns8_q", signed), scales(N), zero, axis=-1)
    linear("rows8", tensor("rows8_q", signed), scales(K), None, axis=0)
    zero = nibbles("blocks4_zero", codes(0, 16, 3, N), TensorProto.UINT4)
    linear("blocks4", nibbles("blocks4_q", codes(0, 16, K, N), TensorProto.UINT4), scales(3, N), zero, axis=0, block_size=16)

    # Dynamic quantisation: activations in 8 bits too.
    nodes.append(helper.make_node("DynamicQuantizeLinear", ["identity"], ["x", "x_scale", "x_zero"], "quantise"))
    for name, count in (("integers", ()), ("integersByColumn", (N,))):
        stem = f"onnx::MatMul_{name}"
        initializers.append(tensor(f"{stem}_quantized", signed))
        initializers.append(tensor(f"{stem}_scale", scales(*count)))
        zeros = codes(-128, 128, N).astype(np.int8) if count else np.int8(3)
        initializers.append(tensor(f"{stem}_zero_point", np.asarray(zeros)))
        names = ["x", f"{stem}_quantized", "x_zero", f"{stem}_zero_point"]
        nodes += [
            helper.make_node("MatMulInteger", names, [f"{name}_sums"], f"/{name}/MatMul_quant"),
            helper.make_node("Cast", [f"{name}_sums"], [f"{name}_cast"], f"{name}_cast", to=TensorProto.FLOAT),
            helper.make_node("Mul", ["x_scale", f"{stem}_scale"], [f"{name}_scales"], f"/{name}/MatMul_quant_scales_mul"),
            helper.make_node("Mul", [f"{name}_cast", f"{name}_scales"], [output(name, N)], f"{name}_output"),
        ]
    graph = helper.make_graph(
        nodes,
        "codes",
        [
            helper.make_tensor_value_info("identity", TensorProto.FLOAT, [K, K]),
            helper.make_tensor_value_info("rows", TensorProto.INT64, [VOCAB]),
        ],
        outputs,
        initializers,
    )
    save(graph, folder / "model.onnx")


def save(graph: onnx.GraphProto, path: Path) -> None:
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid(MICROSOFT, 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)


def rounded(values: np.ndarray, low: int, high: int, axis: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Codes from low to high around zero, and their scales along the other axes."""
    scale = np.abs(values).max(axis=axis, keepdims=axis is not None) / high
    scale = np.where(scale == 0, 1, scale).astype(np.float32)
    return np.clip(np.round(values / scale), low, high).astype(np.int8), scale


def in_four_bits(model: onnx.ModelProto, block: int) -> None:
    """MatMulNBits for linear layers and GatherBlockQuantized for the embedding, as `model_q4.onnx` has them."""
    weights = {each.name: each for each in model.graph.initializer}
    for node in model.graph.node:
        source = node.input[1] if node.op_type == "MatMul" else node.input[0] if node.op_type == "Gather" else None
        if source not in weights or len(weights[source].dims) != 2:
            continue
        values = numpy_helper.to_array(weights[source])
        matrix = (values.T if node.op_type == "MatMul" else values).astype(np.float32)
        rows, columns = matrix.shape
        blocks = -(-columns // block)
        filled = np.pad(matrix, [(0, 0), (0, blocks * block - columns)]).reshape(rows, blocks, block)
        quantised, scale = rounded(filled, -7, 7, 2)
        scale = tensor(f"{source}_scales", scale.reshape(rows, blocks).astype(values.dtype))
        if node.op_type == "MatMul":
            data = tensor(f"{source}_Q4", packed(quantised + 8, 4))
            inputs, attributes = [node.input[0], data.name, scale.name], {"K": columns, "N": rows, "bits": 4}
        else:
            data = nibbles(f"{source}_Q4", quantised.reshape(rows, -1)[:, :columns], TensorProto.INT4)
            inputs, attributes = [data.name, node.input[1], scale.name], {"gather_axis": 0, "quantize_axis": 1}
        replace(model, node, source, [data, scale])
        kind = {"MatMul": "MatMulNBits", "Gather": "GatherBlockQuantized"}[node.op_type]
        node.CopyFrom(
            helper.make_node(
                kind, inputs, node.output, f"{node.name}_Q4", domain=MICROSOFT, block_size=block, **attributes
            )
        )
    model.opset_import.append(helper.make_opsetid(MICROSOFT, 1))


def in_eight_bits(model: onnx.ModelProto) -> None:
    """Dynamic quantisation of linear layers and the embedding, as `model_quantized.onnx` has it."""
    weights = {each.name: each for each in model.graph.initializer}
    for node in list(model.graph.node):
        source = node.input[1] if node.op_type == "MatMul" else node.input[0] if node.op_type == "Gather" else None
        if source not in weights or len(weights[source].dims) != 2:
            continue
        codes, scale = rounded(numpy_helper.to_array(weights[source]), -127, 127, None)
        zero = helper.make_tensor(f"{source}_zero_point", TensorProto.INT8, [], [0])
        data = tensor(f"{source}_quantized", codes)
        replace(model, node, source, [data, tensor(f"{source}_scale", scale), zero])
        before, after = [], []
        out, stem = node.output[0], f"{node.name}_quant"
        if node.op_type == "Gather":
            names = [f"{out}_quantized", f"{source}_scale", zero.name]
            after.append(helper.make_node("DequantizeLinear", names, [out], f"{out}_DequantizeLinear"))
            new = helper.make_node("Gather", [data.name, node.input[1]], [names[0]], stem)
        else:
            x, scales, sums = f"{stem}_x", f"{stem}_scales_mul", f"{out}_output_quantized"
            outputs = [x, f"{x}_scale", f"{x}_zero_point"]
            before.append(helper.make_node("DynamicQuantizeLinear", [node.input[0]], outputs, f"{x}_QuantizeLinear"))
            new = helper.make_node("MatMulInteger", [x, data.name, outputs[2], zero.name], [sums], stem)
            after = [
                helper.make_node("Cast", [sums], [f"{sums}_cast"], f"{sums}_cast", to=TensorProto.FLOAT),
                helper.make_node("Mul", [outputs[1], f"{source}_scale"], [scales], scales),
                helper.make_node("Mul", [f"{sums}_cast", scales], [out], f"{stem}_output_scale_mul"),
            ]
        at = list(model.graph.node).index(node)
        del model.graph.node[at]
        for each in reversed([*before, new, *after]):
            model.graph.node.insert(at, each)


def as_builder_packs(model: onnx.ModelProto) -> None:
    """q, k and v of a layer in one product with its bias, named as onnxruntime-genai's model builder names things."""
    weights = {each.name: each for each in model.graph.initializer}
    nodes = {each.name: each for each in model.graph.node}
    for layer in range(2):
        exported, built = f"/model/layers.{layer}/self_attn", f"model.layers.{layer}.attn.qkv_proj"
        products = [nodes[f"{exported}/{part}_proj/MatMul"] for part in "qkv"]
        sums = [nodes[f"{exported}/{part}_proj/Add"] for part in "qkv"]
        biases = [next(name for name in each.input if name in weights) for each in sums]
        parts = [numpy_helper.to_array(weights[each.input[1]]) for each in products]
        weight = tensor(f"{built}.MatMul.weight", np.concatenate(parts, axis=1))
        bias = tensor(f"{built}.Add.bias", np.concatenate([numpy_helper.to_array(weights[name]) for name in biases]))
        widths = tensor(f"{built}.widths", np.array([each.shape[1] for each in parts], np.int64))
        for source in [*(each.input[1] for each in products), *biases]:
            model.graph.initializer.remove(weights[source])
        model.graph.initializer.extend([weight, bias, widths])
        path = f"/{built.replace('.', '/').replace('layers/', 'layers.')}"
        made = [
            helper.make_node("MatMul", [products[0].input[0], weight.name], [f"{path}/MatMul/out"], f"{path}/MatMul"),
            helper.make_node("Add", [f"{path}/MatMul/out", bias.name], [f"{path}/Add/out"], f"{path}/Add"),
            helper.make_node(
                "Split", [f"{path}/Add/out", widths.name], [each.output[0] for each in sums], f"{path}/Split", axis=-1
            ),
        ]
        at = list(model.graph.node).index(products[0])
        for each in [*products, *sums]:
            model.graph.node.remove(each)
        for each in reversed(made):
            model.graph.node.insert(at, each)


def replace(model: onnx.ModelProto, node: onnx.NodeProto, source: str, tensors: list[onnx.TensorProto]) -> None:
    """Puts tensors in the place of one that only this node reads."""
    readers = [each for each in model.graph.node if source in each.input]
    if len(readers) == 1:
        model.graph.initializer.remove(next(each for each in model.graph.initializer if each.name == source))
    model.graph.initializer.extend(tensors)
