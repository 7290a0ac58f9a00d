"""Stripes, checks and prints are told apart, at the scale of the body."""

import numpy as np
import pytest

from mien.traits.chances import chances
from mien.traits.regions import FigureView, ids
from mien.traits.weave import weave

SIDE = 200
TOP = ids("upper-clothes")


def cloth(ink: np.ndarray, apart: int = 120) -> FigureView:
    """A figure that is nothing but a top, with a little grain."""
    grain = np.random.default_rng(0).normal(0, 2, (SIDE, SIDE, 1))
    pixels = np.clip(60 + apart * ink[..., None] + grain + [0, 10, 30], 0, 255).astype(np.uint8)
    areas = np.zeros(21, np.int64)
    areas[TOP[0]] = SIDE**2
    return FigureView(
        pixels=pixels,
        parts=np.full((SIDE, SIDE), TOP[0], np.uint8),
        areas=areas,
        confidences=np.ones(21, np.float32),
        uncertain=0.0,
        pose=np.zeros((33, 3), np.float32),
        light=np.ones(3),
        resolution=float(SIDE),
    )


Y, X = np.mgrid[:SIDE, :SIDE]
STRIPES = (Y // 8 % 2).astype(float)
DRAWN = {
    "plain": np.zeros((SIDE, SIDE)),
    "striped": STRIPES,
    "checked": (STRIPES + STRIPES.T) / 2,
    "patterned": (np.hypot(X % 24 - 12, (Y + X // 24 % 2 * 12) % 24 - 12) < 7).astype(float),
}


@pytest.mark.parametrize("pattern", DRAWN)
def test_the_likeliest_pattern_is_the_drawn_one(pattern: str) -> None:
    found = weave(cloth(DRAWN[pattern]), TOP)
    assert found is not None
    likely = chances("pattern", {**found, "resolution": SIDE, "sure": 1.0})
    assert max(likely, key=lambda name: likely[name]) == pattern


def test_stripes_are_stripes_upright_too() -> None:
    upright, level = (weave(cloth(ink), TOP) for ink in (STRIPES.T, STRIPES))
    assert upright is not None
    assert upright == pytest.approx(level, rel=0.05)


def test_cloth_that_is_too_small_is_not_judged() -> None:
    view = cloth(STRIPES)
    assert weave(view, ids("coat")) is None
    view.areas[TOP[0]] = 70**2
    assert weave(view, TOP) is None
