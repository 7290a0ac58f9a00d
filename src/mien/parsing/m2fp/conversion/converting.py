"""From a checkpoint to the files that `mien.parsing.m2fp.runtime` runs."""

import hashlib
import importlib.metadata
import importlib.util
import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from mien.errors import ModelError
from mien.language import text
from mien.parsing.m2fp.conversion.checkpoint import load
from mien.parsing.m2fp.conversion.configuration import CLASSES, Configuration, configuration_of
from mien.parsing.m2fp.conversion.network import M2fp
from mien.parsing.m2fp.conversion.ranges import input_ranges
from mien.parsing.m2fp.quantisation import note_ranges
from mien.parsing.m2fp.runtime import DESCRIPTION, MODEL, Network, openvino

if importlib.util.find_spec("openvino") is None:
    raise ImportError("OpenVINO is not installed")  # before a checkpoint is looked at, as is said where PyTorch is not

AGREE = 1e-3
"""Greatest relative L2 distance of the converted network's answer from the checkpoint's. Seen: less than 1e-5."""
_SIDES = (128, 160)
"""Height and width in px of what both are asked."""


def convert(
    checkpoint: Path,
    folder: Path,
    configuration: Mapping[str, Any] | None = None,
    report: Callable[[str], None] | None = None,
) -> None:
    """Convert the checkpoint of M2FP for several people into `folder`, which exists: the network and `model.toml`.

    `configuration` is the content of the model's configuration.json, if there is one. Raises `ModelError` if the
    checkpoint is not what it should be, or if the converted network does not answer as it does.
    """
    say = report or (lambda _: None)
    about = configuration_of(configuration)
    say(text("m2fp.reading"))
    network = load(checkpoint, about.encoder_heads, about.decoder_heads)
    if (found := network.architecture.classes) != len(CLASSES) or about.parsing_classes != len(CLASSES) - 1:
        raise ModelError("m2fp-classes", file=checkpoint, found=found, expected=len(CLASSES))
    say(text("m2fp.writing"))
    export(network, folder / MODEL)
    weights = (folder / MODEL).with_suffix(".bin")
    files = {file.name: _sha256(file) for file in (folder / MODEL, weights)}
    (folder / DESCRIPTION).write_text(_description(_sha256(checkpoint), about, files), encoding="utf-8")
    say(text("m2fp.comparing"))
    if not (distance := compare(network, Network(folder))) <= AGREE:
        raise ModelError("m2fp-unlike", file=checkpoint, distance=f"{distance:.1e}")


def export(network: M2fp, file: Path) -> None:
    """Write the network, for photos of any size, as `file` (.xml) and its weights beside it. Folds its batch norms."""
    batch, ranges = torch.zeros(1, 3, *_SIDES), input_ranges(network)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the tracer's, of sizes that it follows
        model = openvino().convert_model(
            network.fold(), example_input=batch, input=[openvino().PartialShape([1, 3, -1, -1])]
        )
    note_ranges(model, ranges)
    openvino().save_model(model, file, compress_to_fp16=False)


def compare(network: M2fp, converted: Network) -> float:
    """The relative L2 distance between what both say to noise: of masks or classes, whichever is greater."""
    height, width = _SIDES
    batch = torch.randn(1, 3, height, width, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = network(batch)
    answer = converted(batch.numpy(), (width, height))
    return max(
        float(torch.linalg.vector_norm(torch.from_numpy(got) - wanted[0]) / torch.linalg.vector_norm(wanted[0]))
        for got, wanted in zip((answer.logits, answer.masks), expected, strict=True)
    )


def _description(source: str, about: Configuration, files: Mapping[str, str]) -> str:
    """TOML; a JSON string is one of TOML's, too."""
    versions = {name: importlib.metadata.version(name) for name in ("torch", "openvino")}
    versions["mien"] = importlib.metadata.version("mien")
    lines = [
        f"source_sha256 = {_quoted(source)}",
        f"classes = [{', '.join(map(_quoted, about.classes))}]",
        f"parsing_classes = {about.parsing_classes}",
        f"instance_threshold = {about.instance_threshold}",
        f"converted_at = {_quoted(datetime.now(UTC).isoformat(timespec='seconds'))}",
        "\n[files]",
        *(f"{_quoted(name)} = {_quoted(sha256)}" for name, sha256 in files.items()),
        "\n[versions]",
        *(f"{name} = {_quoted(version)}" for name, version in versions.items()),
    ]
    return "\n".join([*lines, ""])


def _quoted(words: str) -> str:
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in words) + '"'


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
