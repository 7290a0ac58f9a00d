"""A training run's best weights, and what was fitted to them → the ONNX file that ships."""

import hashlib
import io
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from conversion.tidy import Interface, Port, tidy
from onnx import helper

from training.network import GUIDES, LABELS, load
from training.worn import Complete, Worn

SIZE = (352, 256)
"""Height and width of the crops for the comparison."""
AGREE = 0.995
"""Least share of px to which both networks give the same label: storing weights as float16 moves ties only."""

ALMOST = 0.1  # greatest difference of the log-odds of what is worn

_INTERFACE = Interface(
    inputs=(Port("crop", "rgb_guides", ("n", 3 + GUIDES, "h", "w")),),
    outputs=(Port("logits", "logits", ("n", LABELS, "h", "w")), Port("worn", "worn", ("n", LABELS))),
)


def export(run: Path, file: Path) -> str:
    """Write a run's `best.pt` and `worn.pt` to `file`. Returns its SHA-256.

    Raises `ValueError` if the file does not answer as they do.
    """
    network = load(run / "best.pt")
    worn = Worn(network)
    worn.load_state_dict(torch.load(run / "worn.pt", map_location="cpu", weights_only=True))
    complete = Complete(network, worn).eval()
    sample = torch.rand(1, 3 + GUIDES, *SIZE) * 255
    written = io.BytesIO()
    free = {0: "n", 2: "h", 3: "w"}
    torch.onnx.export(
        complete,
        (sample,),
        written,
        input_names=["crop"],
        output_names=["logits", "worn"],
        dynamic_axes={"crop": free, "logits": free, "worn": {0: "n"}},
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load_from_string(written.getvalue())
    _fold_paddings(model.graph)
    onnx.save(tidy(model, _INTERFACE), file)
    _compare(complete, file, sample)
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _fold_paddings(graph: onnx.GraphProto) -> None:
    """Convolutions pad for themselves: for sides that are multiples of 32, the padding is always the same."""
    pads = {node.output[0]: node for node in graph.node if node.op_type == "Pad"}
    for node in graph.node:
        if node.op_type == "Conv" and node.input[0] in pads:
            kernel = next(a.ints[0] for a in node.attribute if a.name == "kernel_shape")
            before = (kernel - 2) // 2
            after = kernel - 2 - before
            kept = [a for a in node.attribute if a.name != "pads"]
            del node.attribute[:]
            node.attribute.extend([*kept, helper.make_attribute("pads", [before, before, after, after])])
            node.input[0] = pads[node.input[0]].input[0]


def _compare(complete: Complete, file: Path, sample: torch.Tensor) -> None:
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    with torch.no_grad():
        expected, worn = (output.numpy() for output in complete(sample))
    answered, told = session.run(None, {"rgb_guides": sample.numpy()})
    same = float(np.mean(expected.argmax(1) == answered.argmax(1)))
    off = float(np.abs(worn - told).max())
    print(f"{file}: {file.stat().st_size} bytes; logits differ by at most {np.abs(expected - answered).max():.3f}")
    if same < AGREE or off > ALMOST:
        raise ValueError(f"{file}: the same label in {same:.2%} of the pixels only, what is worn off by {off:.2f}")
