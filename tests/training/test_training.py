"""Training, from labelled people to a network that the engine can run."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

torch = pytest.importorskip("torch", reason="needs the extra `train`")
onnx = pytest.importorskip("onnx", reason="needs the extra `train`")

from training.evaluate import evaluate  # noqa: E402
from training.export import export  # noqa: E402
from training.losses import part_loss  # noqa: E402
from training.network import GUIDES, LABELS, Encoder, PartNetwork, load  # noqa: E402
from training.people import load_people  # noqa: E402
from training.train import Plan, Stage, Training  # noqa: E402
from training.worn import TOLD, Worn, fit, fit_run  # noqa: E402

from tests.training.figures import figure, store  # noqa: E402
from training import quantise, train  # noqa: E402

PLAN = Plan(variant="lite0", iterations=4, batch=2, validate_every=2)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work")
    for split in ("train", "val"):
        for name in ("one", "two"):
            store(figure(name), folder / split)
    return folder


@pytest.fixture(scope="module")
def imagenet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    file = tmp_path_factory.mktemp("imagenet") / "lite0.pth"
    torch.save(Encoder("lite0").state_dict(), file)
    return file


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "STAGES", (Stage(0.5, ((64, 64),)), Stage(1.0, ((64, 96), (96, 64)))))


def weights(run: Path) -> list[np.ndarray]:
    return [value.numpy() for value in torch.load(run / "last.pt", weights_only=True)["network"].values()]


def test_a_run_that_paused_ends_as_one_that_did_not(tmp_path: Path, work: Path, imagenet: Path) -> None:
    whole = Training(work, tmp_path / "whole", PLAN, imagenet).run(workers=0)
    paused = Training(work, tmp_path / "paused", PLAN, imagenet)
    train_until(paused, 2)
    assert Training(work, tmp_path / "paused", PLAN).run(workers=0) == pytest.approx(whole, abs=1e-6)
    for one, other in zip(weights(tmp_path / "whole"), weights(tmp_path / "paused"), strict=True):
        assert np.allclose(one, other, atol=1e-6)
    assert len((tmp_path / "paused" / "curve.csv").read_text().splitlines()) == 2


def train_until(training: Training, done: int) -> None:
    """Stop as Ctrl-C would, after the checkpoint at `done`."""
    checkpoint = training._checkpoint

    def stop(sizes: train.Sizes, loss: float) -> None:
        checkpoint(sizes, loss)
        raise KeyboardInterrupt

    training._checkpoint = stop  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        training.run(workers=0)
    assert training._done == done


def test_a_run_is_continued_as_it_was_begun(tmp_path: Path, work: Path, imagenet: Path) -> None:
    train_until(Training(work, tmp_path, PLAN, imagenet), 2)
    with pytest.raises(ValueError, match="was begun as"):
        Training(work, tmp_path, Plan(variant="lite0", iterations=4, batch=4, validate_every=2))


def test_a_run_needs_something_to_begin_with(tmp_path: Path, work: Path) -> None:
    with pytest.raises(ValueError, match="no ImageNet weights"):
        Training(work, tmp_path, PLAN)


def test_weights_of_another_encoder_are_refused(tmp_path: Path) -> None:
    torch.save({"_conv_stem.weight": torch.zeros(32, 3, 3, 3)}, tmp_path / "wrong.pth")
    with pytest.raises(ValueError, match=r"wrong\.pth"):
        Encoder("lite0").load_imagenet(tmp_path / "wrong.pth")


@pytest.mark.parametrize("variant", ["lite0", "lite1", "lite2"])
def test_every_variant_answers_at_the_size_of_the_crop(variant: str) -> None:
    network = PartNetwork(variant).eval()
    with torch.no_grad():
        assert network(torch.zeros(1, 3 + GUIDES, 64, 96)).shape == (1, LABELS, 64, 96)
    logits, occurrence = network.train()(torch.zeros(2, 3 + GUIDES, 64, 96))
    assert logits.shape == (2, LABELS, 32, 48)
    assert occurrence.shape == (2, LABELS)


def test_what_imagenet_taught_first_stays() -> None:
    network = PartNetwork("lite0").train()
    before = network.encoder._bn0.running_mean.clone()
    network(torch.rand(2, 3 + GUIDES, 64, 64) * 255)[0].sum().backward()
    assert (network.encoder._bn0.running_mean == before).all()
    assert network.encoder._conv_stem.weight.grad is None
    assert network.encoder._blocks[-1]._project_conv.weight.grad is not None


def test_the_loss_is_small_for_the_truth_and_blind_to_the_ignored() -> None:
    labels = torch.zeros(1, 16, 16, dtype=torch.uint8)
    labels[:, 4:12, 4:12] = 5
    right = torch.nn.functional.one_hot(labels[:, ::2, ::2].long(), LABELS).permute(0, 3, 1, 2).float() * 20
    weights, none = torch.ones(LABELS), torch.full((1, LABELS), -20.0)
    wrong = part_loss(right.roll(1, dims=1), none, labels, weights)
    assert part_loss(right, none, labels, weights) < 0.2 < 2 < wrong
    labels[:, 4:12, 4:12] = 255
    spoilt = right.clone()
    spoilt[:, 7, 2:6, 2:6] = 99
    assert part_loss(spoilt, none, labels, weights) == pytest.approx(float(part_loss(right, none, labels, weights)))


def test_the_exported_file_answers_as_the_checkpoint(
    tmp_path: Path, work: Path, imagenet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quantise, "SAMPLES", 2)
    run, file = tmp_path / "run", tmp_path / "parser.onnx"
    Training(work, run, PLAN, imagenet).run(workers=0)
    fit_run(work, run)
    digest = export(run, work, file)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    crop = (torch.rand(1, 3 + GUIDES, 96, 64) * 255).numpy()
    with torch.no_grad():
        expected = load(run / "best.pt")(torch.from_numpy(crop)).numpy()
    answered, worn = session.run(None, {"rgb_guides": crop})
    assert np.ptp(worn[0, list(TOLD)]) > 0
    assert not np.delete(worn[0], TOLD).any()
    assert np.abs(answered - expected).max() < 0.1 * np.abs(expected).max()
    assert file.stat().st_size < 12e6
    assert "Pad" not in {node.op_type for node in onnx.load(file).graph.node}
    assert export(run, work, tmp_path / "again.onnx") == digest
    table = evaluate(file, work)
    assert "| upper-clothes |" in table
    assert len(load_people(work / "val")) == 2


def test_what_is_worn_is_pooled_where_it_is_worn() -> None:
    worn = Worn(PartNetwork("lite0"))
    logits = torch.zeros(1, LABELS, 32, 32)
    logits[:, 1, :16] = 20  # a hat in the upper half, shoes in the lower
    logits[:, 18, 16:] = 20
    levels = [torch.zeros(1, channels, side, side) for channels, side in zip(worn.channels, (4, 2), strict=True)]
    levels[0][:, :, :2], levels[0][:, :, 2:] = 1.0, 3.0
    head, *_, feet, whole = worn.pool(logits, levels)[0, : 5 * worn.channels[0]].reshape(5, -1)
    assert head.mean() == pytest.approx(1, abs=0.05)
    assert feet.mean() == pytest.approx(3, abs=0.15)
    assert whole.mean() == pytest.approx(2, abs=0.05)


def test_what_is_worn_is_fitted_for_labels_that_occur(work: Path) -> None:
    people = load_people(work / "train")
    worn = fit(PartNetwork("lite0"), people, seed=1)
    said = worn.read.weight.abs().sum(1) > 0
    occurring = set(np.unique(np.concatenate([person.labels.ravel() for person in people])).tolist())
    assert set(torch.nonzero(said).ravel().tolist()) <= set(TOLD) & occurring
