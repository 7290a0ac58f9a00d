"""What every converted graph goes through."""

import numpy as np
import onnxruntime
import pytest

onnx = pytest.importorskip("onnx", reason="needs the extra `train`")
from conversion.tidy import Interface, Port, tidy  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402


def test_a_rectifier_is_written_out_and_gives_the_same_to_the_bit() -> None:
    slopes = np.array([-1.6, -0.3, 0, 0.4, 1, 1.4], np.float32).reshape(1, 6, 1, 1)
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 6, 4, 9]) for name in "xy"]
    rectifier, stored = helper.make_node("PRelu", ["x", "s"], ["y"]), numpy_helper.from_array(slopes, "s")
    graph = helper.make_graph([rectifier], "g", ports[:1], ports[1:], [stored])
    given = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    shape = (1, 6, 4, 9)
    tidied = tidy(given, Interface((Port("x", "image", shape),), (Port("y", "result", shape),)))
    assert "PRelu" not in {node.op_type for node in tidied.graph.node}
    values = np.random.default_rng(0).normal(0, 3, shape).astype(np.float32)
    values.flat[:3] = 0, np.inf, 1e-40
    before, after = (onnxruntime.InferenceSession(model.SerializeToString()) for model in (given, tidied))
    assert np.array_equal(before.run(None, {"x": values})[0], after.run(None, {"image": values})[0])
