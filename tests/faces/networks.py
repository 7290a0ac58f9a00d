"""ONNX networks as a user may bring them, made for the tests."""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from mien.vision.face_vector import CHIP

SHIPPED = Path(__file__).parent.parent.parent / "src" / "mien" / "vision" / "models" / "face_vector.onnx"
SIZE = 112
FEATURES = 192
CELLS = 8
LINEAR = 0.35
"""What a network without layers may be asked for in trials: it minds the light as no network for faces does."""


def orthogonal(rows: int, columns: int, seed: int = 0) -> NDArray[np.float32]:
    """(rows, columns) with rows of length 1 that stand upright on each other: distances go through it unchanged."""
    wide = np.linalg.qr(np.random.default_rng(seed).normal(size=(columns, columns)))[0]
    return np.asarray(wide[:rows], np.float32)


def shipped_as_arcface() -> bytes:
    """The shipped network behind ArcFace's chips: 1×3×112×112, RGB, −1 to 1 → 512 numbers.

    The chip is resampled to where dlib's has the face, by a matrix for each direction.
    """
    model = onnx.load(SHIPPED)
    graph = model.graph
    scale, x, y = 1.491, (55.9, 74.0), (51.6, 47.1)  # between the eyes: the middle of both chips' eyes
    constants = {
        "across": _interpolation(scale, *x).T,
        "down": _interpolation(scale, *y),
        "half": np.array(127.5, np.float32),
        "wider": orthogonal(128, 512),
    }
    graph.initializer.extend(numpy_helper.from_array(np.ascontiguousarray(v), n) for n, v in constants.items())
    before = [
        helper.make_node("Mul", ["data", "half"], ["scaled"]),
        helper.make_node("Add", ["scaled", "half"], ["pixels"]),
        helper.make_node("MatMul", ["pixels", "across"], ["wide"]),
        helper.make_node("MatMul", ["down", "wide"], ["chip"]),
    ]
    inner = list(graph.node)
    del graph.node[:]
    graph.node.extend([*before, *inner, helper.make_node("MatMul", ["vector", "wider"], ["embedding"])])
    del graph.input[:], graph.output[:]
    graph.input.append(helper.make_tensor_value_info("data", TensorProto.FLOAT, [1, 3, SIZE, SIZE]))
    graph.output.append(helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, 512]))
    return bytes(model.SerializeToString())


def _interpolation(scale: float, there: float, here: float) -> NDArray[np.float32]:
    """(150, 112): what each px of the larger chip takes of the smaller one, along one side; nothing beyond its edge."""
    at = (np.arange(CHIP) - here) / scale + there
    return np.maximum(0, 1 - np.abs(at[:, None] - np.arange(SIZE))).astype(np.float32)


def linear(
    matrix: NDArray[np.float32], shape: tuple[object, ...] = (1, 3, SIZE, SIZE), outputs: int | None = None
) -> bytes:
    """The means of 8×8 cells of each channel (192 numbers), times `matrix` (192, d)."""
    nhwc = shape[-1] == 3
    nodes = [helper.make_node("Transpose", ["data"], ["planes"], perm=[0, 3, 1, 2])] if nhwc else []
    side = SIZE // CELLS
    nodes += [
        helper.make_node(
            "AveragePool", ["planes" if nhwc else "data"], ["cells"], kernel_shape=[side, side], strides=[side, side]
        ),
        helper.make_node("Flatten", ["cells"], ["flat"]),
        helper.make_node("MatMul", ["flat", "matrix"], ["embedding"]),
    ]
    return assemble(nodes, {"matrix": matrix}, list(shape), [1, outputs or matrix.shape[1]])


def assemble(
    nodes: list[onnx.NodeProto], constants: dict[str, NDArray[np.float32]], takes: list[object], gives: list[object]
) -> bytes:
    """A network "data" → "embedding" of these nodes."""
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("data", TensorProto.FLOAT, takes)],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, gives)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return bytes(model.SerializeToString())
