"""int8: convolutions in 8-bit integers, which OpenVINO computes with where it finds `FakeQuantize` before them.

Weights are scaled per output channel, evenly about 0; inputs as a whole, by the range that the conversion noted for
them (`mien.parsing.m2fp.conversion.ranges`). What has no range, and the transformers, stay as they are.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Range = tuple[float, float]

RANGES = ["mien", "input_ranges"]
"""Where the ranges stand in the network's file: JSON, by the names of the convolutions."""
LEVELS = 256
WEIGHT_LEVELS = 255  # so that 0 is one of them
SPARE = 2.0
"""Weights take half of their levels: processors without VNNI add pairs of products in 16 bits, where more overflow."""


def note_ranges(model: Any, ranges: Mapping[str, Range]) -> None:
    """Keep the ranges of convolutions' inputs, given by their modules' names, in an OpenVINO model."""
    noted = {op.get_friendly_name(): ranges[_module(op)] for op in _convolutions(model) if _module(op) in ranges}
    model.set_rt_info(json.dumps(noted), RANGES)


def quantise(model: Any, opset: Any) -> None:
    """Make an OpenVINO model compute the convolutions with noted ranges in integers. `KeyError` if none are noted."""
    if not model.has_rt_info(RANGES):
        raise KeyError(RANGES[-1])
    ranges: dict[str, Range] = json.loads(model.get_rt_info(RANGES).value)

    def rounded(values: Any, low: NDArray[np.float32], high: NDArray[np.float32], levels: int) -> Any:
        ends = opset.constant(low), opset.constant(high)
        return opset.fake_quantize(values, *ends, *ends, levels).output(0)

    quantised: dict[tuple[str, int], Any] = {}
    for op in _convolutions(model):
        if op.get_friendly_name() not in ranges:
            continue
        values, weights = op.input_value(0), op.input_value(1)
        source = values.get_node().get_friendly_name(), values.get_index()
        if source not in quantised:
            ends = _with_zero(*ranges[op.get_friendly_name()])
            low, high = (np.full((1, 1, 1, 1), end, np.float32) for end in ends)
            quantised[source] = rounded(values, low, high, LEVELS)
        largest = SPARE * np.abs(weights.get_node().data).max((1, 2, 3), keepdims=True)
        largest = np.maximum(largest, np.finfo(np.float32).tiny).astype(np.float32)
        op.input(0).replace_source_output(quantised[source])
        op.input(1).replace_source_output(rounded(weights, -largest, largest, WEIGHT_LEVELS))
    model.validate_nodes_and_infer_types()


def _convolutions(model: Any) -> list[Any]:
    return [op for op in model.get_ordered_ops() if op.get_type_name() == "Convolution"]


def _module(op: Any) -> str:
    """The name of the PyTorch module that an operation was made from."""
    return str(op.get_friendly_name().split("/")[0].removeprefix("__module."))


def _with_zero(low: float, high: float) -> Range:
    """The range, moved so that one of the levels is exactly 0: the padding is."""
    step = (high - low) / (LEVELS - 1)
    below = round(-low / step)
    return -below * step, (LEVELS - 1 - below) * step
