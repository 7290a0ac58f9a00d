"""A training run's best weights → the ONNX file that ships."""

import hashlib
import io
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from conversion.tidy import Interface, Port, tidy
from onnx import helper

from training.network import GUIDES, LABELS, PartNetwork

SIZE = (352, 256)
"""Height and width of the crops for the comparison."""
AGREE = 0.995
"""Least share of px to which both networks give the same label: storing weights as float16 moves ties only."""

_INTERFACE = Interface(
    inputs=(Port("crop", "rgb_guides", ("n", 3 + GUIDES, "h", "w")),),
    outputs=(Port("logits", "logits", ("n", LABELS, "h", "w")),),
)


def export(checkpoint: Path, file: Path) -> str:
    """Write the averaged weights of `checkpoint` to `file`. Returns its SHA-256.

    Raises `ValueError` if the file does not answer as the checkpoint does.
    """
    network = load(checkpoint)
    sample = torch.rand(1, 3 + GUIDES, *SIZE) * 255
    written = io.BytesIO()
    free = {0: "n", 2: "h", 3: "w"}
    torch.onnx.export(
        network,
        (sample,),
        written,
        input_names=["crop"],
        output_names=["logits"],
        dynamic_axes={"crop": free, "logits": free},
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load_from_string(written.getvalue())
    _fold_paddings(model.graph)
    onnx.save(tidy(model, _INTERFACE), file)
    _compare(network, file, sample)
    return hashlib.sha256(file.read_bytes()).hexdigest()


def load(checkpoint: Path) -> PartNetwork:
    """The averaged network of a checkpoint, ready to be asked."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    network = PartNetwork(state["plan"]["variant"])
    network.load_state_dict(state["average"])
    return network.eval()


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


def _compare(network: PartNetwork, file: Path, sample: torch.Tensor) -> None:
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    with torch.no_grad():
        expected = network(sample).numpy()
    answered = session.run(None, {"rgb_guides": sample.numpy()})[0]
    same = float(np.mean(expected.argmax(1) == answered.argmax(1)))
    print(f"{file}: {file.stat().st_size} bytes; logits differ by at most {np.abs(expected - answered).max():.3f}")
    if same < AGREE:
        raise ValueError(f"{file}: the same label in {same:.2%} of the pixels only")
