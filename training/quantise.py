"""Weights and features as 8-bit integers: half the file, and three fifths of the time where processors multiply those.

Quantised after training (Jacob et al., CVPR 2018), per channel, features by the ranges that people of the training
split give; biases make up for what rounded weights shift (Nagel et al., ICCV 2019). Processors without VNNI add
products of neighbours in 16 bits, which weights of 8 bits could overflow; so weights have 7, but where each channel is
filtered by itself and nothing is added up in that way.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from mien.parsing.lite.network import CROPS
from training.people import Person
from training.samples import Sampler, as_the_engine_sees

SAMPLES = 56
"""Of either kind of crops."""

Crop = NDArray[np.uint8]


def quantise(model: onnx.ModelProto, people: list[Person], seed: int) -> onnx.ModelProto:
    """The same network in integers, but for its first and its last convolution, which see and say the finest.

    Args:
        model: one input; float weights, be it by way of a Cast.
        people: whose features set the ranges.
    """
    widened = _widen(model)
    convolutions = [node for node in widened.graph.node if node.op_type == "Conv"]
    _correct_biases(widened, convolutions[1:-1], crops(people, seed))
    summed = [node.input[1] for node in convolutions if _groups(node) == 1]
    seven_bits = {"axis": 0, "quant_type": QuantType.QInt8, "reduce_range": True, "symmetric": True}
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "before.onnx"), Path(folder, "after.onnx")
        onnx.save(widened, before)
        quantize_static(
            before,
            after,
            _Reader(model.graph.input[0].name, crops(people, seed)),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=[convolutions[0].name, convolutions[-1].name],
            extra_options={"TensorQuantOverrides": {weights: [dict(seven_bits)] for weights in summed}},
        )
        return onnx.load(after)


def _widen(model: onnx.ModelProto) -> onnx.ModelProto:
    """With weights that a Cast widened stored wide, and nodes by number."""
    widened = onnx.ModelProto()
    widened.CopyFrom(model)
    graph = widened.graph
    stored = {tensor.name: tensor for tensor in graph.initializer}
    nodes = []
    for node in graph.node:
        if node.op_type == "Cast" and node.input[0] in stored:
            values = numpy_helper.to_array(stored[node.input[0]]).astype(np.float32)
            graph.initializer.remove(stored[node.input[0]])
            graph.initializer.append(numpy_helper.from_array(values, node.output[0]))
        else:
            node.name = f"n{len(nodes)}"
            nodes.append(node)
    kept = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(kept)
    return widened


def _correct_biases(model: onnx.ModelProto, convolutions: list[onnx.NodeProto], samples: Iterator[Crop]) -> None:
    """Let every channel have the mean that it has with weights that are not rounded."""
    stored = {tensor.name: tensor for tensor in model.graph.initializer}
    corrected = [node for node in convolutions if len(node.input) == 3 and stored.keys() >= set(node.input[1:])]
    for node, mean in zip(
        corrected, _mean_features(model, [node.input[0] for node in corrected], samples), strict=True
    ):
        weights, bias = (numpy_helper.to_array(stored[name]) for name in node.input[1:])
        alone = _groups(node) > 1
        step = np.maximum(np.abs(weights).max((1, 2, 3), keepdims=True), 1e-12) / (127 if alone else 63)
        lost = (weights - np.round(weights / step) * step).sum((2, 3))
        shift = lost[:, 0] * mean if alone else lost @ mean
        stored[node.input[2]].CopyFrom(numpy_helper.from_array((bias + shift).astype(np.float32), node.input[2]))


def _mean_features(model: onnx.ModelProto, names: list[str], samples: Iterator[Crop]) -> list[NDArray[np.float32]]:
    """The mean of each channel of these tensors (n, c, h, w) over all samples: (c,) each."""
    asked = onnx.ModelProto()
    asked.CopyFrom(model)
    means = [f"mean of {number}" for number in range(len(names))]
    for name, mean in zip(names, means, strict=True):
        asked.graph.node.append(helper.make_node("ReduceMean", [name], [mean], axes=[0, 2, 3], keepdims=0))
        asked.graph.output.append(helper.make_tensor_value_info(mean, onnx.TensorProto.FLOAT, [None]))
    session = onnxruntime.InferenceSession(asked.SerializeToString(), providers=["CPUExecutionProvider"])
    each = [session.run(means, {model.graph.input[0].name: crop[None].astype(np.float32)}) for crop in samples]
    return [np.mean(values, 0) for values in zip(*each, strict=True)]


def _groups(convolution: onnx.NodeProto) -> int:
    return next((attribute.i for attribute in convolution.attribute if attribute.name == "group"), 1)


def crops(people: list[Person], seed: int) -> Iterator[Crop]:
    """Crops that the network is to work on: people as the engine sees them, and random samples."""
    sampler = Sampler.of(people, seed)
    for person in people[:: max(1, len(people) // SAMPLES)]:
        yield as_the_engine_sees(person)[0]
    for number in range(SAMPLES):
        yield sampler.sample(number, CROPS[number % len(CROPS)])[0]


class _Reader(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, name: str, crops: Iterator[Crop]) -> None:
        self._name, self._crops = name, crops

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        crop = next(self._crops, None)
        return None if crop is None else {self._name: crop[None].astype(np.float32)}
