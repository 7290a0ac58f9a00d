"""The networks that ship: the manifest tells the truth, every file has its card and licence, and outputs hold still."""

import hashlib
import re

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from mien.vision.session import manifest
from tests.vision.golden_inputs import GOLDEN, MODELS, inputs, run

NETWORKS = ("persons", "face_boxes", "face_mesh", "pose", "pose_mask", "face_vector", "parser")
LARGEST_TOTAL = 40_000_000
#: Of an output's largest value. Other kernels (no optimisation, older onnxruntime) move it by at most 3e-5 of that.
TOLERANCE = 1e-3


@pytest.fixture(scope="module")
def batches(astronaut: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    return inputs(astronaut)


def test_the_manifest_lists_what_ships() -> None:
    assert set(manifest()) == set(NETWORKS) == {path.stem for path in MODELS.glob("*.onnx")}
    assert sum(path.stat().st_size for path in MODELS.glob("*.onnx")) <= LARGEST_TOTAL


@pytest.mark.parametrize("name", NETWORKS)
def test_a_file_is_the_one_in_the_manifest(name: str) -> None:
    data = (MODELS / f"{name}.onnx").read_bytes()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (manifest()[name]["bytes"], manifest()[name]["sha256"])


@pytest.mark.parametrize("name", NETWORKS)
def test_inputs_and_outputs_are_as_described(name: str) -> None:
    entry = manifest()[name]
    session = onnxruntime.InferenceSession(MODELS / entry["file"], providers=["CPUExecutionProvider"])
    for described, actual in ((entry["inputs"], session.get_inputs()), (entry["outputs"], session.get_outputs())):
        assert [(port["name"], port["shape"]) for port in described] == [(port.name, port.shape) for port in actual]
        assert all(port["meaning"] for port in described)
        assert {port.type for port in actual} == {"tensor(float)"}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_card_names_file_source_and_licence(name: str) -> None:
    entry = manifest()[name]
    card = (MODELS / entry["card"]).read_text(encoding="utf-8")
    assert entry["sha256"] in card
    assert entry["source"]["package"] in card
    assert entry["source"]["version"] in card
    for licence in re.findall(r"[A-Z][\w.]+-\d\.\d|MIT", entry["licence"]):
        assert licence in card
    for heading in ("Source", "Licence", "Input", "Output", "Training data", "Weaknesses", "Conversion"):
        assert f"## {heading}" in card
    for port in (*entry["inputs"], *entry["outputs"]):
        assert f"`{port['name']}`" in card
    for text in re.findall(r"\(licenses/(.+?)\)", card):
        assert (MODELS / "licenses" / text).stat().st_size > 500


@pytest.mark.parametrize("name", NETWORKS)
def test_outputs_stay_what_they_were(name: str, batches: dict[str, NDArray[np.float32]]) -> None:
    golden = np.load(GOLDEN / f"{name}.npz")
    outputs = run(name, batches[name])
    assert {key.rpartition(".")[0] for key in golden} == set(outputs)
    for output, values in outputs.items():
        expected = golden[f"{output}.values"]
        found = values.ravel()[golden[f"{output}.places"]]
        np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE * np.abs(expected).max(), err_msg=output)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_batch_gives_what_its_members_give(name: str, batches: dict[str, NDArray[np.float32]]) -> None:
    one = batches[name]
    other = np.ascontiguousarray(one[:, ::-1])
    alone = [run(name, batch) for batch in (one, other)]
    for output, together in run(name, np.concatenate([one, other])).items():
        apart = np.concatenate([results[output] for results in alone])
        np.testing.assert_allclose(together, apart, rtol=0, atol=1e-5 * np.abs(apart).max(), err_msg=output)


@pytest.mark.parametrize(("height", "width"), [(320, 320), (416, 416), (320, 640), (640, 352)])
def test_persons_takes_any_multiples_of_32(height: int, width: int) -> None:
    outputs = run("persons", np.zeros((1, 3, height, width), np.float32))
    for stride in (8, 16, 32):
        cells = (height // stride) * (width // stride)
        assert outputs[f"scores_{stride}"].shape == (1, cells, 80)
        assert outputs[f"distances_{stride}"].shape == (1, cells, 44)
