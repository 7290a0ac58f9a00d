"""Networks as a user may bring them: which are taken, and what becomes of a face."""

import pickle
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from mien.errors import MienError, ModelError
from mien.faces.embedder import SIZE, Embedder, Network, align, chips_of, describe
from mien.faces.face import Face
from mien.models import embedders, folder
from tests.faces.networks import FEATURES, assemble, linear, orthogonal, shipped_as_arcface
from tests.faces.scenes import Pixels

MATRIX = orthogonal(FEATURES, 256)
CHIPS = np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE, 3)).astype(np.uint8)


def noop(takes: list[object], gives: list[object]) -> bytes:
    return assemble([helper.make_node("Identity", ["data"], ["embedding"])], {}, takes, gives)


def two_inputs() -> bytes:
    model = onnx.load_from_string(noop([1, 3, SIZE, SIZE], [1, 512]))
    model.graph.input.append(helper.make_tensor_value_info("more", onnx.TensorProto.FLOAT, [1]))
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "embedder-no-network"),
        (b"just some text\n" * 100, "embedder-no-network"),
        (pickle.dumps({"weights": [1.0] * 100}), "embedder-no-network"),
        (b"PK\x03\x04" + bytes(100), "embedder-no-network"),
        (noop([1, 3, 160, 160], [1, 512]), "embedder-shapes"),
        (noop([8, 3, SIZE, SIZE], [8, 512]), "embedder-shapes"),
        (noop([1, 1, SIZE, SIZE], [1, 512]), "embedder-shapes"),
        (linear(orthogonal(FEATURES, FEATURES)[:, :64]), "embedder-shapes"),
        (linear(np.tile(MATRIX, (1, 5))), "embedder-shapes"),
        (two_inputs(), "embedder-shapes"),
    ],
    ids=[
        "empty",
        "text",
        "pickle",
        "zip",
        "another size",
        "batches of 8",
        "grey",
        "too short",
        "too long",
        "two inputs",
    ],
)
def test_other_files_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(ModelError) as error:
        Network(data, "given.onnx")
    assert error.value.code == code
    for language in ("en", "zh"):
        assert "given.onnx" in error.value.message(language)


def test_a_file_too_large_to_be_one_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "huge.onnx"
    with file.open("wb") as stream:
        stream.truncate(5_000_000_000)  # sparse
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("it was read"))
    with pytest.raises(MienError) as error:
        embedders.read_candidate(file)
    assert error.value.code == "embedder-too-large"


@pytest.mark.parametrize("shape", [(1, 3, SIZE, SIZE), ("N", 3, SIZE, SIZE), (1, SIZE, SIZE, 3), ("N", SIZE, SIZE, 3)])
def test_all_usual_forms_give_the_same(shape: tuple[object, ...]) -> None:
    vectors = Network(linear(MATRIX, shape), "it")(CHIPS, "rgb", "signed")
    assert vectors.shape == (3, 256)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    assert vectors == pytest.approx(Network(linear(MATRIX), "it")(CHIPS, "rgb", "signed"), abs=1e-5)


def test_nobody_gives_nothing() -> None:
    assert len(Network(linear(MATRIX), "it")(CHIPS[:0], "rgb", "signed")) == 0


def test_the_order_of_colours_and_the_span_are_as_asked() -> None:
    network = Network(linear(MATRIX), "it")
    assert network(CHIPS, "bgr", "signed") == pytest.approx(network(CHIPS[..., ::-1], "rgb", "signed"), abs=1e-5)
    grey = np.full((1, SIZE, SIZE, 3), 255, np.uint8)
    assert network(grey, "rgb", "signed") == pytest.approx(network(grey, "rgb", "bytes"), abs=1e-5)
    assert np.abs(network(CHIPS, "rgb", "signed") - network(CHIPS, "rgb", "bytes")).max() > 0.1


def test_a_face_and_its_mirror_image_are_one() -> None:
    network = Network(linear(MATRIX), "it")
    assert network(CHIPS[:, :, ::-1], "rgb", "signed") == pytest.approx(network(CHIPS, "rgb", "signed"), abs=1e-5)


def test_what_is_not_finite_is_told_as_such() -> None:
    assert np.isnan(Network(linear(MATRIX * np.float32(np.inf)), "it")(CHIPS, "rgb", "signed")).all()


def test_eyes_nose_and_mouth_lie_where_arcface_has_them(astronaut: Pixels, woman: Face) -> None:
    """Brightest px of dots painted on the photo, in the chip."""
    mesh = woman.landmarks.astype(float) * 512
    for place, wanted in ((mesh[[33, 133]].mean(0), (38.3, 51.7)), (mesh[[263, 362]].mean(0), (73.5, 51.5)),
                          (mesh[61], (41.5, 92.4)), (mesh[291], (70.7, 92.2))):  # fmt: skip
        dotted = np.zeros_like(astronaut)
        x, y = np.round(place).astype(int)
        dotted[y - 1 : y + 2, x - 1 : x + 2] = 255
        found = np.argwhere(align(dotted, mesh).sum(2) > 0).mean(0)[::-1]
        assert np.linalg.norm(found - wanted) < 9  # she smiles


def test_the_shipped_network_so_wrapped_says_what_it_always_says(astronaut: Pixels, woman: Face) -> None:
    """By all that is done to a chip and a vector on the way."""
    (vector,) = Network(shipped_as_arcface(), "it")(chips_of(astronaut, [woman.landmarks]), "rgb", "signed")
    known = woman.vector @ orthogonal(128, 512)
    assert float(vector @ known / np.linalg.norm(known)) > 0.97


def test_a_network_that_is_kept_is_known_by_its_sum(astronaut: Pixels, woman: Face) -> None:
    data = linear(MATRIX)
    embedder = Embedder(embedders.keep(folder(), data))
    place = embedders.place_of(folder(), embedder.sha256)
    assert place.is_file()
    assert describe(embedder, astronaut, [woman.landmarks]).shape == (1, 256)
    place.write_bytes(data + b" ")
    with pytest.raises(ModelError, match="damaged"):
        embedders.read(folder(), embedder.sha256)
    assert embedders.keep(folder(), data) == embedder.sha256
    assert embedders.read(folder(), embedder.sha256) == data, "given again, it is whole again"
    place.unlink()
    with pytest.raises(ModelError) as error:
        embedders.read(folder(), embedder.sha256)
    assert error.value.code == "embedder-missing"


def test_vectors_are_those_of_a_network_and_of_how_it_is_used() -> None:
    keys = {
        Embedder(sha, colours, span).key for sha in "ab" for colours in ("rgb", "bgr") for span in ("signed", "bytes")
    }  # type: ignore[arg-type]
    assert len(keys) == 8
