"""TensorFlow.js graph models → ONNX, by way of a TensorFlow GraphDef."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tensorflow as tf
import tf2onnx
from google.protobuf import json_format
from numpy.typing import NDArray
from tensorflow.core.framework import graph_pb2, node_def_pb2, types_pb2

from conversion.tfjs_weights import read_weights
from conversion.tidy import OPSET

# TensorFlow.js fuses a convolution with what follows it; tf2onnx knows only the single operations.
_FUSED = {
    "_FusedConv2D": "Conv2D",
    "FusedDepthwiseConv2dNative": "DepthwiseConv2dNative",
}
_CONVOLUTION_ATTRIBUTES = ("T", "strides", "padding", "data_format", "dilations")


def convert(model: Path) -> onnx.ModelProto:
    """The graph model described by the JSON file `model`, whose weight files lie beside it."""
    description = json.loads(model.read_text(encoding="utf-8"))
    weights = read_weights(description["weightsManifest"], model.parent)
    topology = description["modelTopology"]
    source = json_format.ParseDict({"node": topology["node"]}, graph_pb2.GraphDef(), ignore_unknown_fields=True)
    graph = graph_pb2.GraphDef()
    graph.versions.CopyFrom(json_format.ParseDict(topology["versions"], graph.versions.__class__()))
    for node in source.node:
        for attribute in node.attr.values():
            if attribute.type == types_pb2.DT_INT64:  # the weight files have no such type: they hold int32 instead
                attribute.type = types_pb2.DT_INT32
        if node.op == "SparseToDense":
            weights[node.name] = _dense(*(weights[name] for name in node.input))
        if node.name in weights:
            graph.node.append(_constant(node.name, weights[node.name]))
        elif node.op in _FUSED:
            graph.node.extend(_split(node))
        else:
            graph.node.append(node)
    inputs = [f"{node.name}:0" for node in graph.node if node.op == "Placeholder"]
    outputs = sorted(f"{name.removesuffix(':0')}:0" for name in description["signature"]["outputs"])
    converted, _ = tf2onnx.convert.from_graph_def(graph, input_names=inputs, output_names=outputs, opset=OPSET)
    return converted


def _constant(name: str, value: NDArray[Any]) -> node_def_pb2.NodeDef:
    node = node_def_pb2.NodeDef(op="Const", name=name)
    node.attr["dtype"].type = tf.as_dtype(value.dtype).as_datatype_enum
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
    return node


def _dense(indices: NDArray[Any], shape: NDArray[Any], values: NDArray[Any], default: NDArray[Any]) -> NDArray[Any]:
    """What SparseToDense computes: here always constant paddings, which ONNX must know as such."""
    dense = np.full(shape, default)
    dense[tuple(indices.T)] = values
    return dense


def _split(fused: node_def_pb2.NodeDef) -> list[node_def_pb2.NodeDef]:
    """A fused convolution as the convolution, its bias and its activation; the last of them keeps the name."""
    steps = [name.decode() for name in fused.attr["fused_ops"].list.s]
    convolution = node_def_pb2.NodeDef(op=_FUSED[fused.op], name=f"{fused.name}/convolution", input=fused.input[:2])
    for key in _CONVOLUTION_ATTRIBUTES:
        convolution.attr[key].CopyFrom(fused.attr[key])
    nodes = [convolution]
    arguments = iter(fused.input[2:])
    for step in steps:
        assert step in {"BiasAdd", "Relu", "Relu6"}, f"{fused.name} is fused with {step}"
        node = node_def_pb2.NodeDef(op=step, name=f"{fused.name}/{step}", input=[nodes[-1].name])
        if step == "BiasAdd":
            node.input.append(next(arguments))
        node.attr["T"].type = types_pb2.DT_FLOAT
        nodes.append(node)
    nodes[-1].name = fused.name
    return nodes
