"""Boxes in pictures as they are stored and as they are shown."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.photo import orientation as turning
from mien.photo.pixels import upright

shares = st.floats(0, 1)
boxes = st.tuples(shares, shares, shares, shares).map(
    lambda b: (min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3]))
)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_box_goes_where_its_pixels_go(orientation: int) -> None:
    width, height = 40, 24
    picture = np.zeros((height, width, 3), np.uint8)
    picture[6:12, 4:20] = 255
    rows, columns = np.nonzero(upright(picture, orientation)[..., 0])
    tall, wide = upright(picture, orientation).shape[:2]
    box = turning.shown((4 / width, 6 / height, 20 / width, 12 / height), orientation)
    expected = columns.min() / wide, rows.min() / tall, (columns.max() + 1) / wide, (rows.max() + 1) / tall
    assert box == pytest.approx(expected)
    assert turning.is_turned(orientation) == ((tall, wide) != (height, width))


@given(boxes, st.integers(1, 8))
def test_there_and_back(box: turning.Box, orientation: int) -> None:
    assert turning.stored(turning.shown(box, orientation), orientation) == pytest.approx(box)
    assert turning.shown(turning.stored(box, orientation), orientation) == pytest.approx(box)


@given(boxes, st.sampled_from([0, 9, -1]))
def test_an_orientation_that_is_none_turns_nothing(box: turning.Box, orientation: int) -> None:
    assert turning.shown(box, orientation) == box
