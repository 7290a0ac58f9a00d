"""dlib's face recognition ResNet (29 convolutions, King 2017), rebuilt from the weights that face-api ships.

The package holds weights only, quantised to 8 bits; the architecture is code there. It is public: dlib's
`dnn_face_recognition_ex.cpp` (residual blocks without batch normalisation, each convolution followed by a scale and
shift per channel, shortcuts by average pooling, zero padding where shapes differ).
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from conversion.tfjs_weights import read_weights
from conversion.tidy import IR_VERSION, OPSET

SIDE = 150
#: Mean colour of dlib's training set, RGB.
MEAN = (122.782, 117.001, 104.298)
BLOCKS = (
    *("conv32_1", "conv32_2", "conv32_3"),
    *("conv64_down", "conv64_1", "conv64_2", "conv64_3"),
    *("conv128_down", "conv128_1", "conv128_2"),
    *("conv256_down", "conv256_1", "conv256_2", "conv256_down_out"),
)


def convert(manifest: Path) -> onnx.ModelProto:
    """The network as ONNX: `chip` float32 (n, 3, 150, 150), RGB 0–255 → `vector` (n, 128)."""
    builder = _Builder(read_weights(json.loads(manifest.read_text(encoding="utf-8")), manifest.parent))
    builder.node("Sub", "chip", builder.store(np.reshape(np.float32(MEAN), (1, 3, 1, 1))))
    builder.node("Div", builder.last, builder.store(np.float32(256)))
    builder.convolution("conv32_down", stride=2, padding=0)
    builder.node("Relu", builder.last)
    builder.node("MaxPool", builder.last, kernel_shape=[3, 3], strides=[2, 2])
    channels, side = 32, ((SIDE - 7) // 2 + 1 - 3) // 2 + 1
    for name in BLOCKS:
        channels, side = builder.block(name, channels, side)
    builder.node("ReduceMean", builder.last, axes=[2, 3], keepdims=0)
    builder.node("MatMul", builder.last, builder.store(builder.weights["fc"]), output="vector")
    graph = helper.make_graph(
        builder.nodes,
        "face_vector",
        [helper.make_tensor_value_info("chip", TensorProto.FLOAT, ["n", 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["n", 128])],
        builder.stored,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


class _Builder:
    """Appends nodes in order; `last` names the latest one's output."""

    def __init__(self, weights: dict[str, NDArray[Any]]) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.stored: list[TensorProto] = []
        self.last = ""

    def store(self, value: NDArray[Any]) -> str:
        self.stored.append(numpy_helper.from_array(value, f"stored{len(self.stored)}"))
        return self.stored[-1].name

    def node(self, operation: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        self.last = output or f"step{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, inputs, [self.last], **attributes))
        return self.last

    def convolution(self, name: str, *, stride: int, padding: int) -> str:
        """A convolution of `last`, its scale and shift per channel folded into kernel and bias."""
        scale, shift = self.weights[f"{name}/scale/weights"], self.weights[f"{name}/scale/biases"]
        kernel = self.weights[f"{name}/conv/filters"].transpose(3, 2, 0, 1) * scale[:, None, None, None]
        bias = self.weights[f"{name}/conv/bias"] * scale + shift
        stored = self.store(np.ascontiguousarray(kernel)), self.store(bias)
        return self.node("Conv", self.last, *stored, strides=[stride] * 2, pads=[padding] * 4)

    def block(self, name: str, channels: int, side: int) -> tuple[int, int]:
        """A residual block on `last`; returns the new channels and side. A name with `down` halves the side."""
        shortcut, down = self.last, "down" in name
        self.convolution(f"{name}/conv1", stride=2 if down else 1, padding=0 if down else 1)
        self.node("Relu", self.last)
        deep = self.convolution(f"{name}/conv2", stride=1, padding=1)
        if down:
            pooled, strided = side // 2, (side - 3) // 2 + 1
            widened = self.weights[f"{name}/conv2/conv/bias"].size
            shortcut = self.node("AveragePool", shortcut, kernel_shape=[2, 2], strides=[2, 2])
            shortcut = self._pad(shortcut, channels=widened - channels, side=0)
            deep = self._pad(deep, channels=0, side=pooled - strided)
            channels, side = widened, pooled
        self.node("Add", shortcut, deep)
        self.node("Relu", self.last)
        return channels, side

    def _pad(self, name: str, *, channels: int, side: int) -> str:
        """`name` with zeros appended behind, below and to the right."""
        if not channels and not side:
            return name
        pads = np.array([0, 0, 0, 0, 0, channels, side, side], np.int64)
        return self.node("Pad", name, self.store(pads))
