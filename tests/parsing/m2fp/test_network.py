"""The network is the published one: stage by stage and as a whole it agrees with an independent implementation."""

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra `m2fp`")
pytest.importorskip("openvino", reason="needs the extra `m2fp`")

from mien.errors import MienError, ModelError  # noqa: E402
from mien.parsing.m2fp.conversion import convert  # noqa: E402
from mien.parsing.m2fp.conversion.architecture import Architecture  # noqa: E402
from mien.parsing.m2fp.conversion.checkpoint import load, save  # noqa: E402
from mien.parsing.m2fp.conversion.network import M2fp  # noqa: E402
from mien.parsing.m2fp.queries import Queries  # noqa: E402
from mien.parsing.m2fp.runtime import Network  # noqa: E402
from tests.parsing.m2fp.conftest import Conversion  # noqa: E402

if TYPE_CHECKING:
    from benchmarks.m2fp_reference import Reference  # takes seconds to import

STAGE = 1e-4
"""Relative L2 distance allowed in f32."""
SIGNS = 1e-3
"""Share of mask cells allowed on the other side of 0."""
FLIPPED = 1e-2
"""Relative L2 distance allowed of the whole at full size: rounding makes one of a million places open to attention or
closes it, which each stage by itself, with the same places open, does not show."""
SIZES = ((96, 160), (128, 96), (32, 64), (32, 32))
PUBLISHED_WEIGHTS, PUBLISHED_PARAMETERS = 928, 63_124_118


@pytest.fixture(scope="module")
def network(conversion: Conversion) -> M2fp:
    return conversion.network


@pytest.fixture(scope="module")
def converted(conversion: Conversion) -> Path:
    return conversion.folder


@pytest.fixture(scope="module")
def reference(network: M2fp) -> "Reference":
    from benchmarks.m2fp_reference import Reference

    return Reference(network)


@pytest.fixture(scope="module")
def answering(converted: Path) -> Network:
    """It has been compiled for each size that it was asked for."""
    return Network(converted)


def noise(height: int, width: int, images: int = 1) -> torch.Tensor:
    return torch.randn(images, 3, height, width, generator=torch.Generator().manual_seed(height + width))


def distance(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    return float(((ours - theirs).norm() / theirs.norm()).detach())


def check_stages(network: M2fp, reference: "Reference", batch: torch.Tensor) -> None:
    steps = reference.steps(batch)
    with torch.no_grad():
        backbone = network.backbone(batch)
        features, levels = network.sem_seg_head.pixel_decoder(steps.backbone)
        queries = network.sem_seg_head.predictor.run(steps.features, steps.levels, steps.opened)
    assert 0.05 < torch.cat([o.float().mean(-1) for o in steps.opened]).mean() < 0.95, "masks do not matter here"
    for ours, theirs in (
        *zip(backbone, steps.backbone, strict=True),
        (features, steps.features),
        *zip(levels, steps.levels, strict=True),
        *zip(queries, steps.queries, strict=True),
    ):
        assert distance(ours, theirs) <= STAGE


def check_answer(answer: Queries, reference: "Reference", batch: torch.Tensor, allowed: float = STAGE) -> None:
    logits, masks = (part[0] for part in reference(batch))
    assert distance(torch.from_numpy(answer.logits), logits) <= allowed
    assert distance(torch.from_numpy(answer.masks), masks) <= allowed
    assert np.mean((answer.masks > 0) != (masks.numpy() > 0)) <= SIGNS


@pytest.mark.parametrize("size", SIZES)
def test_every_stage_computes_what_the_reference_does(
    network: M2fp, reference: "Reference", size: tuple[int, int]
) -> None:
    check_stages(network, reference, noise(*size, images=2))


@pytest.mark.parametrize("size", SIZES)
def test_the_converted_network_answers_as_the_reference_at_any_size(
    answering: Network, network: M2fp, reference: "Reference", size: tuple[int, int]
) -> None:
    height, width = size
    batch, small = noise(height, width), network.architecture
    answer = answering(batch.numpy(), (width - 5, height - 3))
    assert answer.size == (width - 5, height - 3)
    assert answer.logits.shape == (small.queries, small.classes + 1)
    assert answer.masks.shape == (small.queries, height // 4, width // 4)
    check_answer(answer, reference, batch)


def test_a_size_that_was_seen_before_is_answered_the_same(converted: Path) -> None:
    network, answers, sizes = Network(converted), [], SIZES[:2]
    for height, width in (*sizes, *sizes):
        answers.append(network(noise(height, width).numpy(), (width, height)))
    for first, again in zip(answers[: len(sizes)], answers[len(sizes) :], strict=True):
        np.testing.assert_array_equal(first.masks, again.masks)
        np.testing.assert_array_equal(first.logits, again.logits)


def test_an_answer_outlives_the_next_photo(answering: Network) -> None:
    height, width = SIZES[-1]
    first = answering(noise(height, width).numpy(), (width, height))
    kept = first.masks.copy()
    answering(-noise(height, width).numpy(), (width, height))
    np.testing.assert_array_equal(first.masks, kept)


def test_bf16_places_samples_as_precisely_as_f32(converted: Path) -> None:
    """Places in a photo and rows of tables are larger than bfloat16 can count; the noise of the rest is not."""
    batch = noise(256, 320).numpy()
    precise, fast = (Network(converted, precision)(batch, (320, 256)) for precision in ("f32", "bf16"))
    assert distance(torch.from_numpy(fast.masks), torch.from_numpy(precise.masks)) < 0.06
    assert np.mean((fast.masks > 0) != (precise.masks > 0)) < 0.02


def test_the_fingerprint_tells_networks_and_precisions_apart(converted: Path, learned: Path) -> None:
    prints = [Network(converted).fingerprint, Network(converted, "bf16").fingerprint, Network(learned).fingerprint]
    assert len(set(prints)) == 3
    assert Network(converted).fingerprint == prints[0]


def test_converting_says_what_it_does_in_the_users_language(conversion: Conversion) -> None:
    assert len(conversion.said) == 3
    assert conversion.said[0].startswith("正在")


def test_a_precision_that_does_not_exist_is_refused(converted: Path) -> None:
    with pytest.raises(MienError, match="f32, bf16, int8"):
        Network(converted, "f8")


@pytest.mark.parametrize("file", ["model.xml", "model.bin", "model.toml"])
@pytest.mark.parametrize("fault", ["missing", "cut", "changed"])
def test_a_damaged_file_is_named(converted: Path, tmp_path: Path, file: str, fault: str) -> None:
    for name in ("model.xml", "model.bin", "model.toml"):
        (tmp_path / name).write_bytes((converted / name).read_bytes())
    content = (tmp_path / file).read_bytes()
    if fault == "missing":
        (tmp_path / file).unlink()
    elif fault == "cut":
        (tmp_path / file).write_bytes(content[: len(content) // 2])
    else:
        (tmp_path / file).write_bytes(content.replace(content[-40:-36], b"\xff\xff\xff\xff"))
    with pytest.raises(ModelError, match=file.replace(".", r"\.")):
        Network(tmp_path)


def test_at_run_time_neither_torch_nor_telemetry_is_loaded(converted: Path) -> None:
    script = (
        "import sys, numpy as np; from pathlib import Path; from mien.parsing.m2fp.runtime import Network\n"
        "Network(Path(sys.argv[1]))(np.zeros((1, 3, 64, 64), np.float32), (64, 64))\n"
        "print([m for m in ('torch', 'openvino_telemetry') if sys.modules.get(m)])"
    )
    run = subprocess.run([sys.executable, "-c", script, str(converted)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_without_openvino_it_says_what_to_install(converted: Path) -> None:
    script = (
        "import sys; sys.modules['openvino'] = None\n"
        "from pathlib import Path; from mien.errors import ModelError; from mien.parsing.m2fp.runtime import Network\n"
        "try: Network(Path(sys.argv[1]))\n"
        "except ModelError as error: print(error.code)\n"
        "try: import mien.parsing.m2fp.conversion\n"
        "except ImportError as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", script, str(converted)], capture_output=True, text=True, check=True)
    assert run.stdout.split("\n")[:2] == ["m2fp-extra", "OpenVINO is not installed"]


def test_a_network_of_any_architecture_can_learn(network: M2fp) -> None:
    learner = M2fp(network.architecture).train()
    predictions = learner.predictions(noise(64, 96, images=2))
    assert len(predictions) == network.architecture.decoder_layers + 1
    sum(logits.square().mean() + masks.square().mean() for logits, masks in predictions).backward()
    unmoved = [name for name, weight in learner.named_parameters() if weight.grad is None]
    assert not unmoved


def test_the_published_checkpoint_has_these_weights() -> None:
    with torch.device("meta"):
        network = M2fp(Architecture())
    assert len(network.state_dict()) == PUBLISHED_WEIGHTS
    assert sum(weight.numel() for weight in network.parameters()) == PUBLISHED_PARAMETERS


@pytest.mark.quality
@pytest.mark.timeout(900)
def test_the_published_size_agrees_with_the_reference(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="needs the extra `m2fp-test`")
    from benchmarks.m2fp_reference import Reference, seeded

    network = seeded(Architecture(), seed=3)
    save(network, tmp_path / "pytorch_model.pt")
    reference = Reference(network)
    convert(tmp_path / "pytorch_model.pt", tmp_path)
    answers = Network(tmp_path)
    for height, width in ((256, 320), (640, 864), (864, 640), (640, 1344)):
        batch = noise(height, width)
        check_stages(network, reference, batch)
        check_answer(answers(batch.numpy(), (width, height)), reference, batch, FLIPPED)
    assert load(tmp_path / "pytorch_model.pt").architecture == Architecture()
