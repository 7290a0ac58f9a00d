"""TensorFlow Lite → ONNX."""

from pathlib import Path

import onnx
import tf2onnx

from conversion.tidy import OPSET


def convert(model: Path) -> onnx.ModelProto:
    """The network in a .tflite file; tf2onnx names tensors as the file does."""
    converted, _ = tf2onnx.convert.from_tflite(str(model), opset=OPSET)
    return converted
