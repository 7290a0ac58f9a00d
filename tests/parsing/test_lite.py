"""The lite engine: what it promises of any photo, and what it sees in one that everybody may use."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.errors import MienError
from mien.parsing.engines import create_parser
from mien.parsing.lite.engine import LiteParser
from mien.parsing.parse import LONG_SIDE, PART_ID, Parse


@pytest.fixture(scope="module")
def parser() -> LiteParser:
    return LiteParser()


@pytest.fixture(scope="module")
def parse(parser: LiteParser, astronaut: NDArray[np.uint8]) -> Parse:
    return parser.parse(astronaut)


def share(parse: Parse, part: str) -> float:
    return float(parse.areas[0, PART_ID[part]] / parse.areas[0, :20].sum())


def test_one_woman_is_one_figure(parse: Parse) -> None:
    assert len(parse) == 1
    assert parse.scores[0] > 0.9
    assert parse.boxes[0] == pytest.approx([0.03, 0.02, 0.71, 1.0], abs=0.06)
    assert 0.3 < parse.mask(0).mean() < 0.5


@pytest.mark.parametrize(("part", "expected"), [("face", 0.08), ("scarf", 0), ("pants", 0), ("left-shoe", 0)])
def test_parts_take_their_share(parse: Parse, part: str, expected: float) -> None:
    assert share(parse, part) == pytest.approx(expected, abs=0.04)


def test_clothes_take_most(parse: Parse) -> None:
    assert sum(share(parse, part) for part in ("upper-clothes", "coat", "dress")) > 0.5


def test_parts_lie_where_the_body_has_them(parse: Parse) -> None:
    clothes = max(("coat", "upper-clothes", "dress"), key=lambda part: share(parse, part))
    hair, face, cloth = (np.median(np.nonzero(parse.mask(0, part))[0]) for part in ("hair", "face", clothes))
    assert hair < face < cloth
    nose = parse.poses[0, 0, :2] * 512
    assert parse.parts[int(nose[1]), int(nose[0])] == PART_ID["face"]


def test_statistics_agree_with_the_maps(parse: Parse) -> None:
    counted = np.bincount(parse.parts[parse.figures == 1], minlength=20)
    assert (counted[1:] == parse.areas[0, 1:20]).all()
    assert ((parse.confidences > 0) == (parse.areas > 0)).all()
    assert (parse.confidences <= 1).all()
    assert 0 <= parse.uncertain[0] < 0.5


def test_the_mirror_image_swaps_left_and_right(parser: LiteParser, parse: Parse, astronaut: NDArray[np.uint8]) -> None:
    mirrored = parser.parse(np.ascontiguousarray(astronaut[:, ::-1]))
    shoulders = parse.poses[0, 11:13, 0], 1 - mirrored.poses[0, 11:13, 0][::-1]
    assert shoulders[0] == pytest.approx(shoulders[1], abs=0.05)
    both = parse.mask(0) & mirrored.mask(0)[:, ::-1]
    assert both.sum() > 0.9 * (parse.mask(0) | mirrored.mask(0)[:, ::-1]).sum()


def test_the_same_photo_gives_the_same_parse(parser: LiteParser, parse: Parse, astronaut: NDArray[np.uint8]) -> None:
    parser.parse(np.zeros((40, 30, 3), np.uint8))  # nothing is remembered
    assert parser.parse(astronaut.copy()).to_bytes() == parse.to_bytes()


def test_two_people_are_two_figures(parser: LiteParser, astronaut: NDArray[np.uint8]) -> None:
    pair = parser.parse(np.hstack([astronaut[:, :420], astronaut[:, :420]]))
    assert len(pair) == 2
    assert sorted(round(float(box[0]), 1) for box in pair.boxes) == [0.0, 0.5]
    assert (np.bincount(pair.figures.ravel())[1:] > 50_000).all()


def test_a_face_that_fills_the_photo_is_one_figure(parser: LiteParser, astronaut: NDArray[np.uint8]) -> None:
    close = parser.parse(np.ascontiguousarray(astronaut[60:190, 165:285]))
    assert len(close) == 1
    x0, y0, x1, y1 = close.boxes[0]
    assert x0 < 0.25
    assert y0 < 0.25
    assert x1 > 0.75
    assert y1 > 0.75
    assert close.mask(0, "face").mean() > 0.3


@pytest.mark.parametrize("size", [(1, 1), (2, 7), (10, 3000), (3000, 10), (64, 64)])
def test_nobody_is_seen_in_photos_without_people(parser: LiteParser, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (*size, 3), np.uint8)
    for pixels in (np.full((*size, 3), 128, np.uint8), noise):
        nobody = parser.parse(pixels)
        assert len(nobody) == 0
        assert max(nobody.size) <= LONG_SIDE


def test_maps_follow_the_photo_up_to_their_largest_size(parser: LiteParser, astronaut: NDArray[np.uint8]) -> None:
    large = parser.parse(np.kron(astronaut, np.ones((4, 3, 1), np.uint8)))
    assert large.size == (768, 1024)
    assert len(large) == 1


def test_engines_by_name() -> None:
    assert create_parser("lite").fingerprint == LiteParser().fingerprint
    with pytest.raises(MienError, match="no engine named best"):
        create_parser("best")


def test_another_calibration_makes_other_parses(monkeypatch: pytest.MonkeyPatch) -> None:
    before = LiteParser().fingerprint
    monkeypatch.setattr("mien.parsing.lite.engine.shipped_calibration", lambda: "another")
    assert LiteParser().fingerprint != before
