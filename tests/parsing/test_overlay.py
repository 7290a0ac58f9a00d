"""Label maps at full size, and drawn over the photo."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.parsing.enlarge import enlarge
from mien.parsing.overlay import PALETTE, overlay
from mien.parsing.parse import PART_ID, Parse


def disc(width: int = 60, height: int = 40, radius: int = 12, figures: int = 1) -> Parse:
    """Discs side by side: the upper half is face, the lower coat."""
    y, x = np.mgrid[:height, :width]
    maps = np.zeros((height, width), np.uint16)
    for i in range(figures):
        maps[(x - (15 + 24 * i)) ** 2 + (y - 20) ** 2 <= radius**2] = i + 1
    parts = np.where(maps == 0, 0, np.where(y < 20, PART_ID["face"], PART_ID["coat"])).astype(np.uint8)
    empty = Parse.empty(width, height)
    return Parse(
        figures=maps,
        parts=parts,
        boxes=np.zeros((figures, 4), np.float32),
        scores=np.ones(figures, np.float32),
        areas=np.zeros((figures, empty.areas.shape[1]), np.int32),
        confidences=np.zeros((figures, empty.areas.shape[1]), np.float32),
        uncertain=np.zeros(figures, np.float32),
        poses=np.zeros((figures, 33, 3), np.float32),
    )


def test_the_same_size_is_the_same_map() -> None:
    parse = disc()
    figures, parts = enlarge(parse, 60, 40)
    assert (figures == parse.figures).all()
    assert (parts == parse.parts).all()


@pytest.mark.parametrize(("width", "height"), [(600, 400), (601, 397), (90, 60), (30, 20)])
def test_areas_keep_their_share(width: int, height: int) -> None:
    parse = disc(figures=2)
    figures, parts = enlarge(parse, width, height)
    assert figures.shape == parts.shape == (height, width)
    for figure in (1, 2):
        assert (figures == figure).mean() == pytest.approx((parse.figures == figure).mean(), rel=0.06)
    assert (parts == PART_ID["face"]).mean() == pytest.approx((parse.parts == PART_ID["face"]).mean(), rel=0.1)


def test_borders_are_smooth() -> None:
    figures, _ = enlarge(disc(), 1200, 800)
    y, x = np.mgrid[:800, :1200]
    # A disc of the same area.
    distance = np.hypot(x - 15.5 * 20, y - 20.5 * 20)
    blocks = np.kron(disc().figures, np.ones((20, 20), np.uint16))
    wrong = [((maps > 0) != (distance <= 11.85 * 20)).sum() for maps in (figures, blocks)]
    assert wrong[0] < 0.6 * wrong[1]


@given(width=st.integers(1, 200), height=st.integers(1, 200), figures=st.integers(1, 2))
def test_every_pixel_of_a_figure_has_a_part_and_no_other(width: int, height: int, figures: int) -> None:
    maps, parts = enlarge(disc(figures=figures), width, height)
    assert ((maps > 0) == (parts > 0)).all()


def test_nobody_enlarged_is_nobody() -> None:
    figures, parts = enlarge(Parse.empty(10, 10), 300, 200)
    assert not figures.any()
    assert not parts.any()


def test_the_overlay_colours_people_only() -> None:
    photo = np.full((40, 60, 3), 100, np.uint8)
    drawn = overlay(photo, *enlarge(disc(), 60, 40))
    assert (photo == 100).all()
    assert (drawn[:, 45:] == 100).all()
    assert drawn[30, 15] == pytest.approx(0.4 * 100 + 0.6 * PALETTE[PART_ID["coat"]], abs=1)
    assert (drawn == 255).all(2).any()  # the outline
    assert len({tuple(colour) for colour in PALETTE}) == len(PALETTE)
    assert (overlay(photo, *enlarge(Parse.empty(60, 40), 60, 40)) == photo).all()
