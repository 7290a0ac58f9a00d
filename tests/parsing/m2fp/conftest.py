"""Two small networks in M2FP's format: one of random weights, to compare with, and one that has learned."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mien.language import speaking
from mien.parsing.m2fp.postprocessing import HUMAN
from tests.parsing.m2fp.learned import CHECKPOINT

if TYPE_CHECKING:
    from mien.parsing.m2fp.conversion.network import M2fp


@dataclass(frozen=True, eq=False)
class Conversion:
    """A network, the folder of files that it became, and what was said meanwhile, in Chinese."""

    network: "M2fp"
    folder: Path
    said: list[str]


@pytest.fixture(scope="session")
def conversion(tmp_path_factory: pytest.TempPathFactory) -> Conversion:
    """Of random weights, but sure of what it sees, so that people come of it."""
    torch = pytest.importorskip("torch", reason="needs the extra `m2fp`")
    pytest.importorskip("openvino", reason="needs the extra `m2fp`")
    pytest.importorskip("transformers", reason="needs the extra `m2fp-test`")
    from benchmarks.m2fp_reference import SMALL, seeded

    from mien.parsing.m2fp.conversion import convert
    from mien.parsing.m2fp.conversion.checkpoint import save

    network = seeded(SMALL, seed=4)
    predictor = network.sem_seg_head.predictor
    with torch.no_grad():
        predictor.class_embed.weight *= 10
        predictor.class_embed.bias[HUMAN] += 3
        predictor.mask_embed.layers[-1].weight *= 3
    folder = tmp_path_factory.mktemp("converted")
    save(network, folder / "pytorch_model.pt")
    said: list[str] = []
    with speaking("zh"):
        convert(folder / "pytorch_model.pt", folder, None, said.append)
    return Conversion(network, folder, said)


@pytest.fixture(scope="session")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `CHECKPOINT` became."""
    pytest.importorskip("torch", reason="needs the extra `m2fp`")
    pytest.importorskip("openvino", reason="needs the extra `m2fp`")
    from mien.parsing.m2fp.conversion import convert

    folder = tmp_path_factory.mktemp("learned")
    convert(CHECKPOINT, folder)
    return folder
