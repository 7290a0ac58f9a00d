"""What every converted graph goes through: short names, a free batch dimension, quick rectifiers, weights stored as
float16."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Dimension = int | str

#: Smaller tensors (biases, shapes, scalars) stay float32: they weigh nothing, and keep their precision.
SMALLEST_HALVED = 256
OPSET = 15
IR_VERSION = 8


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of the finished graph; the same letter in several shapes is the same free dimension."""

    converted_name: str
    name: str
    shape: tuple[Dimension, ...]


@dataclass(frozen=True, slots=True)
class Interface:
    """The inputs and outputs to keep; they may lie inside the converted graph. `reshapes` maps the output of a Reshape
    node (its converted name) to the shape it takes instead, in ONNX's notation (0 copies a dimension, -1 infers it)."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    reshapes: Mapping[str, Sequence[int]] = field(default_factory=dict)


def tidy(model: onnx.ModelProto, interface: Interface) -> onnx.ModelProto:
    """The model with the given interface, without unused nodes, and with float16-stored weights.

    Computation stays in float32: a Cast follows every stored tensor, and onnxruntime folds it when it opens the
    session. Node and tensor names inside are numbered, so that the bytes do not hang on the converter's naming.
    """
    graph = model.graph
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    nodes = []
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            weights[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        else:
            nodes.append(_bare(node))
    nodes = [part for node in nodes for part in (_rectifier(node, weights) if node.op_type == "PRelu" else [node])]
    inputs = {port.converted_name for port in interface.inputs}
    producers = {name: node for node in nodes for name in node.output if name not in inputs}
    for name, shape in interface.reshapes.items():
        assert producers[name].op_type == "Reshape"
        producers[name].input[1] = f"{name} shape"
        weights[f"{name} shape"] = np.array(shape, np.int64)
    nodes = _ordered(producers, [port.converted_name for port in interface.outputs])
    names = {port.converted_name: port.name for port in (*interface.inputs, *interface.outputs)}
    stored, casts = _store(weights, nodes, names)
    _rename(nodes, names)
    finished = helper.make_graph(
        [*casts, *nodes],
        "mien",
        [_value(port) for port in interface.inputs],
        [_value(port) for port in interface.outputs],
        stored,
    )
    opset = next(entry.version for entry in model.opset_import if entry.domain == "")
    result = helper.make_model(
        finished, producer_name="mien", opset_imports=[helper.make_opsetid("", opset)], ir_version=IR_VERSION
    )
    onnx.checker.check_model(result, full_check=True)
    return result


def _bare(node: onnx.NodeProto) -> onnx.NodeProto:
    copy = onnx.NodeProto()
    copy.CopyFrom(node)
    copy.ClearField("name")
    copy.ClearField("doc_string")
    attributes = sorted(copy.attribute, key=lambda attribute: attribute.name)
    del copy.attribute[:]
    copy.attribute.extend(attributes)
    return copy


def _rectifier(node: onnx.NodeProto, weights: dict[str, np.ndarray]) -> list[onnx.NodeProto]:
    """A PRelu as max(x, 0) + slope · min(x, 0), the same to the bit: onnxruntime computes PRelu value by value, which
    took more than half of the face mesh's time."""
    values, slope = node.input
    (result,) = node.output
    weights[f"{result} zero"] = np.zeros((), np.float32)
    return [
        helper.make_node("Relu", [values], [f"{result} above"]),
        helper.make_node("Min", [values, f"{result} zero"], [f"{result} below"]),
        helper.make_node("Mul", [f"{result} below", slope], [f"{result} scaled"]),
        helper.make_node("Add", [f"{result} above", f"{result} scaled"], [result]),
    ]


def _ordered(producers: Mapping[str, onnx.NodeProto], outputs: Sequence[str]) -> list[onnx.NodeProto]:
    """The nodes that the outputs need, each after those it needs itself: an order that only the graph decides."""
    ordered: dict[str, onnx.NodeProto] = {}
    pending = list(reversed(outputs))
    while pending:
        node = producers[pending[-1]]
        missing = [name for name in node.input if name in producers and producers[name].output[0] not in ordered]
        if missing:
            pending.extend(reversed(missing))
        else:
            ordered.setdefault(node.output[0], node)
            pending.pop()
    return list(ordered.values())


def _store(
    weights: Mapping[str, np.ndarray], nodes: Sequence[onnx.NodeProto], names: dict[str, str]
) -> tuple[list[TensorProto], list[onnx.NodeProto]]:
    """Stored tensors in order of use, and the Casts that widen the halved ones; new names go into `names`."""
    stored, casts = [], []
    for name in dict.fromkeys(name for node in nodes for name in node.input if name in weights):
        value = weights[name]
        names[name] = f"w{len(stored)}"
        if value.dtype == np.float32 and value.size >= SMALLEST_HALVED:
            half = value.astype(np.float16)
            assert np.isfinite(half).all(), f"{name} does not fit into float16"
            stored.append(numpy_helper.from_array(half, f"{names[name]}_half"))
            casts.append(helper.make_node("Cast", [stored[-1].name], [names[name]], to=TensorProto.FLOAT))
        else:
            stored.append(numpy_helper.from_array(value, names[name]))
    return stored, casts


def _rename(nodes: Sequence[onnx.NodeProto], names: dict[str, str]) -> None:
    for node in nodes:
        node.input[:] = [names[name] if name else "" for name in node.input]
        for name in node.output:
            names.setdefault(name, f"t{len(names)}")
        node.output[:] = [names[name] for name in node.output]


def _value(port: Port) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(port.name, TensorProto.FLOAT, list(port.shape))
