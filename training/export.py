"""A training run's best weights, and what was fitted to them → the ONNX file that ships."""

import hashlib
import io
import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from conversion.tidy import Interface, Port, tidy
from numpy.typing import NDArray
from onnx import helper

from training.network import GUIDES, LABELS, load
from training.people import load_people
from training.quantise import crops, quantise
from training.worn import Complete, Worn

SIZE = (352, 256)
"""Height and width of the crop to trace the network with."""
APART = 14  # of so many crops one is compared
AGREE, AGREE_QUANTISED = 0.995, 0.95
"""Least share of px to which both networks give the same label: storing weights as float16 moves ties only; as
integers, borders and doubtful garments."""

_INTERFACE = Interface(
    inputs=(Port("crop", "rgb_guides", ("n", 3 + GUIDES, "h", "w")),),
    outputs=(Port("logits", "logits", ("n", LABELS, "h", "w")), Port("worn", "worn", ("n", LABELS))),
)


def export(run: Path, work: Path, file: Path) -> str:
    """Write a run's `best.pt` and `worn.pt` to `file`, quantised by the people of the split `train`.

    Returns its SHA-256. Raises `ValueError` if the file does not answer as they do.
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
    tidied = tidy(model, _INTERFACE)
    people = load_people(work / "train")
    quantised = quantise(tidied, people, seed=1)
    some = [crop[None].astype(np.float32) for crop in itertools.islice(crops(people, seed=2), 0, None, APART)]

    def expected(crop: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.no_grad():
            return np.asarray(complete(torch.from_numpy(crop))[0].numpy())

    _compare(expected, tidied, some, AGREE)
    _compare(expected, quantised, some, AGREE_QUANTISED)
    onnx.save(quantised, file)
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


def _compare(
    expected: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    model: onnx.ModelProto,
    samples: list[NDArray[np.float32]],
    least: float,
) -> None:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    same = [expected(crop).argmax(1) == session.run(None, {name: crop})[0].argmax(1) for crop in samples]
    share = float(np.mean(np.concatenate([labels.ravel() for labels in same])))
    print(f"{model.ByteSize()} bytes; the same label in {share:.2%} of the pixels")
    if share < least:
        raise ValueError(f"the same label in {share:.2%} of the pixels only")
