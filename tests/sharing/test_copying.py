"""Copies of a real photo: looked at, painted, checked."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.errors import MienError
from mien.faces.face import Face
from mien.faces.finder import FaceFinder
from mien.parsing.lite.engine import LiteParser
from mien.parsing.parse import Parse
from mien.photo.photo import Metadata, Photo
from mien.sharing import copying
from mien.sharing.copying import Copyist
from mien.sharing.wish import STYLES, Style, Subject, Wish

SAME = 0.6
FACE = slice(75, 165), slice(180, 265)  # the astronaut's

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def copyist() -> Copyist:
    return Copyist()


@pytest.fixture(scope="module")
def two(astronaut: Pixels) -> Pixels:
    """The woman, and her mirror image close beside her."""
    return np.ascontiguousarray(np.hstack([astronaut[:420, 60:380], astronaut[:420, 60:380][:, ::-1]]))


@pytest.fixture(scope="module")
def seen(two: Pixels) -> tuple[Parse, tuple[Face | None, ...]]:
    parse = LiteParser().parse(two)
    return parse, find(two, parse)


def find(pixels: Pixels, parse: Parse) -> tuple[Face | None, ...]:
    height, width = pixels.shape[:2]
    return FaceFinder().find(Photo("", Metadata("PNG", width, height), pixels, ""), parse)


def subjects(parse: Parse, faces: tuple[Face | None, ...], keep: int | None = None) -> list[Subject]:
    return [
        Subject(
            tuple(parse.boxes[i].tolist()),
            i,
            keep=i == keep,
            face=None if face is None else tuple(face.box.tolist()),
            landmarks=None if face is None else face.landmarks,
            vector=None if face is None else face.vector,
        )
        for i, face in enumerate(faces)
    ]


@pytest.mark.parametrize("style", STYLES)
def test_nobody_is_found_in_a_copy(
    copyist: Copyist, two: Pixels, seen: tuple[Parse, tuple[Face | None, ...]], style: Style
) -> None:
    before = two.copy()
    parse, faces = seen
    assert sum(face is not None for face in faces) == 2
    copy = copyist(two, parse, subjects(parse, faces), Wish(style))
    assert find(copy.pixels, parse) == (None,) * len(parse)
    assert (two == before).all()
    assert (copy.pixels[~copy.hidden] == two[~copy.hidden]).all()
    assert (copy.kept, copy.strangers) == (0, len(parse))


def test_one_is_kept_and_the_other_not(
    copyist: Copyist, two: Pixels, seen: tuple[Parse, tuple[Face | None, ...]]
) -> None:
    parse, faces = seen
    for keep, face in enumerate(faces):
        if face is None:
            continue
        copy = copyist(two, parse, subjects(parse, faces, keep), Wish())
        height, width = copy.hidden.shape
        columns, rows = (face.landmarks * (width, height)).astype(int).T
        assert not copy.hidden[rows, columns].any()
        left = [other for other in find(copy.pixels, parse) if other is not None]
        assert [float(np.linalg.norm(other.vector - face.vector)) < 0.1 for other in left] == [True]


def test_a_photo_of_which_nothing_is_known_shows_nobody(copyist: Copyist, astronaut: Pixels) -> None:
    copy = copyist(astronaut, None, [], Wish())
    assert find(copy.pixels, LiteParser().parse(astronaut)) == (None,)
    assert copy.others >= 1


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_photo_that_lies_on_its_side_shows_nobody_either(copyist: Copyist, astronaut: Pixels, turn: int) -> None:
    copy = copyist(np.ascontiguousarray(np.rot90(astronaut, turn)), None, [], Wish())
    hidden = np.rot90(copy.hidden, -turn)
    assert hidden[FACE].all()
    assert hidden.mean() < 0.8


def test_nobody_there_nothing_changed(copyist: Copyist) -> None:
    sky = np.full((300, 400, 3), (90, 140, 200), np.uint8)
    copy = copyist(sky, None, [], Wish())
    assert (copy.pixels == sky).all()
    assert not copy.hidden.any()


def test_what_can_still_be_found_is_not_shared(
    copyist: Copyist, astronaut: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "paint", lambda *_: None)
    with pytest.raises(MienError) as refused:
        copyist(astronaut, None, [], Wish(), file="moon.jpg")
    assert refused.value.code == "share-recognisable"
    assert "moon.jpg" in str(refused.value)


def test_what_a_first_look_misses_is_hidden_by_the_check(
    copyist: Copyist, two: Pixels, seen: tuple[Parse, tuple[Face | None, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls, painted = copying.paint, [], np.zeros(two.shape[:2], bool)

    def forgetful(pixels: Pixels, hidden: NDArray[np.bool_], style: Style, random: np.random.Generator) -> None:
        calls.append(style)
        painted[hidden] = True
        if len(calls) > 1:
            real(pixels, hidden, style, random)

    monkeypatch.setattr(copying, "paint", forgetful)
    parse, faces = seen
    copy = copyist(two, parse, subjects(parse, faces), Wish())
    assert find(copy.pixels, parse) == (None,) * len(parse)
    assert len(calls) > 1
    assert (copy.hidden == painted).all()
