"""Portraits: where in a photo they are cut, and how large they are."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.parsing.parse import BAG, LANDMARKS, PART_ID, Parse
from mien.web.pictures.portraits import SIDE, Box, cut, head_of, square_around

BODY = (0.4, 0.2, 0.6, 0.9)


def px(square: Box, width: int, height: int) -> tuple[float, float, float, float]:
    return square[0] * width, square[1] * height, square[2] * width, square[3] * height


@pytest.mark.parametrize(
    ("face", "head", "contains"),
    [
        ((0.45, 0.25, 0.5, 0.3), None, (0.43, 0.22, 0.52, 0.32)),  # the face, with hair and chin
        ((0.45, 0.25, 0.5, 0.3), (0.1, 0.7, 0.2, 0.8), (0.43, 0.22, 0.52, 0.32)),  # a face beats labels
        (None, (0.45, 0.2, 0.55, 0.35), (0.45, 0.2, 0.55, 0.35)),
        (None, None, (0.42, 0.2, 0.58, 0.4)),  # the top of the body
    ],
)
def test_a_portrait_shows_the_head(face: Box | None, head: Box | None, contains: Box) -> None:
    x0, y0, x1, y1 = square_around(BODY, face, head, 1000, 800)
    assert x0 <= contains[0]
    assert y0 <= contains[1]
    assert x1 >= contains[2]
    assert y1 >= contains[3]
    assert (x1 - x0) * 1000 < 500


def test_who_lies_is_not_cut_at_the_chest() -> None:
    x0, y0, x1, y1 = square_around((0.1, 0.5, 0.9, 0.7), None, None, 1000, 1000)
    assert (y0, y1) == pytest.approx((0.5, 0.7))
    assert x1 - x0 == pytest.approx(0.2)


shares = st.floats(-0.2, 1.2, allow_nan=False)
boxes = st.tuples(shares, shares, shares, shares).map(
    lambda v: (min(v[0], v[2]), min(v[1], v[3]), max(v[0], v[2]), max(v[1], v[3]))
)


@given(boxes, st.none() | boxes, st.none() | boxes, st.integers(1, 5000), st.integers(1, 5000))
def test_a_portrait_is_a_square_within_the_photo(
    body: Box, face: Box | None, head: Box | None, width: int, height: int
) -> None:
    square = square_around(body, face, head, width, height)
    x0, y0, x1, y1 = px(square, width, height)
    assert x1 - x0 == pytest.approx(y1 - y0, abs=1e-3)
    assert x1 - x0 >= min(width, height, 8) - 1e-3
    assert min(x0, y0) >= -1e-3
    assert x1 <= width + 1e-3
    assert y1 <= height + 1e-3


@pytest.mark.parametrize(
    ("square", "side"),
    [((0.0, 0.0, 0.5, 1.0), SIDE), ((0.5, 0.5, 0.55, 0.6), 50), ((1.0, 1.0, 1.0, 1.0), 1)],
)
def test_a_portrait_is_never_enlarged(square: Box, side: int) -> None:
    pixels = np.zeros((500, 1000, 3), np.uint8)
    pixels[:, 500:] = (250, 0, 0)
    jpeg = cut(pixels, square)
    shown = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown.shape[:2] == (side, side)
    blue, _, red = shown[side // 2, side // 2]
    assert (int(red) > 200, int(blue) > 50) == (square[0] >= 0.5, False)


def parse_of(parts: dict[str, tuple[slice, slice]]) -> Parse:
    """One figure of 20×80 px in 100×100 px."""
    figures, labels = np.zeros((100, 100), np.uint16), np.zeros((100, 100), np.uint8)
    figures[10:90, 40:60] = 1
    for part, place in parts.items():
        labels[place] = PART_ID[part]
    areas = np.zeros((1, BAG + 1), np.int32)
    areas[0] = np.bincount(labels[figures == 1], minlength=BAG + 1)
    return Parse(
        figures, labels, np.array([[0.4, 0.1, 0.6, 0.9]], np.float32), np.ones(1, np.float32), areas,
        np.zeros((1, BAG + 1), np.float32), np.zeros(1, np.float32), np.full((1, LANDMARKS, 3), np.nan, np.float32),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "head"),
    [
        ({}, None),
        ({"pants": np.s_[50:90, 40:60]}, None),
        ({"hair": np.s_[10:11, 40:43]}, None),  # a stray label
        ({"hair": np.s_[10:20, 45:55], "pants": np.s_[50:90, 40:60]}, (0.45, 0.1, 0.55, 0.2)),
        ({"hair": np.s_[10:20, 45:55], "hat": np.s_[10:12, 42:58]}, (0.42, 0.1, 0.58, 0.2)),
    ],
)
def test_a_head_is_hair_face_and_what_is_worn_there(parts: dict[str, tuple[slice, slice]], head: Box | None) -> None:
    assert head_of(parse_of(parts), 0) == (None if head is None else pytest.approx(head))
