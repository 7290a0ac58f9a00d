"""Networks are tried before they are taken."""

import cv2
import numpy as np
import pytest

from mien.errors import ModelError
from mien.faces import trial
from mien.faces.embedder import SIZE, Network
from mien.faces.trial import FEWEST, of_different_people, try_out
from tests.faces.networks import FEATURES, LINEAR, linear, orthogonal, shipped_as_arcface
from tests.faces.scenes import Pixels

MATRIX = orthogonal(FEATURES, 256)


@pytest.fixture(autouse=True)
def _no_light(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "TELLING", LINEAR)


def faces(n: int) -> Pixels:
    """Patterns that differ as faces do to who knows them: (n, 112, 112, 3)."""
    cells = np.random.default_rng(1).normal(0, 1, (n, 4, 4, 3))
    blown = np.array([cv2.resize(one, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC) for one in cells]).reshape(
        -1, SIZE, SIZE, 3
    )
    return np.clip(128 + 60 * blown, 0, 255).astype(np.uint8)


def test_one_that_tells_them_apart_is_taken() -> None:
    found = try_out(Network(linear(MATRIX), "it"), "it", faces(20))
    assert (found.colours, found.span, found.guessed) == ("rgb", "signed", True)
    assert found.told is not None
    assert found.told > LINEAR


def test_what_was_asked_for_is_not_guessed() -> None:
    found = try_out(Network(linear(MATRIX), "it"), "it", faces(20), "bgr", "signed")
    assert (found.colours, found.guessed) == ("bgr", False)


def test_the_order_is_found_where_it_matters() -> None:
    """A network that is blind for all but the last channel, on faces that differ in the first one alone."""
    blind = MATRIX.copy()
    blind[: FEATURES * 2 // 3] *= 0.01
    red = faces(20)
    red[..., 1:] = 128
    assert try_out(Network(linear(blind), "it"), "it", red, span="signed").colours == "bgr"


@pytest.mark.parametrize("n", [0, 1, FEWEST - 1])
def test_with_too_few_faces_only_the_form_is_tried(n: int) -> None:
    found = try_out(Network(linear(MATRIX), "it"), "it", faces(n))
    assert (found.faces, found.told, found.colours, found.guessed) == (n, None, "rgb", False)


@pytest.mark.parametrize("n", [0, 20])
@pytest.mark.parametrize("spoil", [np.inf, 0.0], ids=["not finite", "always the same"])
def test_one_that_says_nothing_is_refused(n: int, spoil: float) -> None:
    matrix = MATRIX * np.float32(spoil)
    with pytest.raises(ModelError) as error:
        try_out(Network(linear(matrix), "given.onnx"), "given.onnx", faces(n))
    assert error.value.code == "embedder-constant"
    assert "given.onnx" in error.value.message("zh")


def test_one_that_sees_the_light_and_not_the_face_is_refused() -> None:
    light = np.zeros((FEATURES, 128), np.float32)
    light[:, 0] = 1  # all of it, summed up
    light[: FEATURES // 2, 1] = 1
    with pytest.raises(ModelError) as error:
        try_out(Network(linear(light), "it"), "it", faces(20))
    assert error.value.code == "embedder-tells-nobody-apart"


def test_the_shipped_network_knows_a_face_whatever_its_colours(astronaut: Pixels) -> None:
    found = try_out(Network(shipped_as_arcface(), "it"), "it", faces(2))
    assert found.told is None, "two faces are not enough"


def test_of_each_person_one_face_is_taken() -> None:
    assert of_different_people(np.zeros((0, 128)), 0.6) == []
    assert of_different_people(np.array([[0.0], [0.1], [1.0], [1.2], [2.0]]), 0.6) == [0, 2, 4]
