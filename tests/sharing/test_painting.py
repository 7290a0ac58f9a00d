"""What is drawn over hidden pixels: nothing else changes, and nothing of what was there is in it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.sharing.painting import enlarged, paint
from mien.sharing.wish import STYLES, Style

SIDES = st.integers(1, 90)
SEED = st.integers(0, 2**32 - 1)


def painted(pixels: np.ndarray, hidden: np.ndarray, style: Style) -> np.ndarray:
    copy = pixels.copy()
    paint(copy, hidden, style, np.random.default_rng(0))
    return copy


@pytest.mark.parametrize("style", STYLES)
def test_nothing_hidden_nothing_changed(style: Style) -> None:
    pixels = np.arange(300, dtype=np.uint8).reshape(10, 10, 3)
    assert (painted(pixels, np.zeros((10, 10), bool), style) == pixels).all()


@pytest.mark.parametrize("style", STYLES)
def test_all_hidden_is_all_noise(style: Style) -> None:
    one, other = (np.full((40, 30, 3), shade, np.uint8) for shade in (0, 255))
    everywhere = np.ones((40, 30), bool)
    assert (painted(one, everywhere, style) == painted(other, everywhere, style)).all()


@settings(max_examples=60, deadline=None)
@given(height=SIDES, width=SIDES, seed=SEED, style=st.sampled_from(STYLES))
def test_the_rest_stays_to_the_byte_and_the_hidden_says_nothing(
    height: int, width: int, seed: int, style: Style
) -> None:
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (height, width, 3), np.uint8)
    hidden = np.zeros((height, width), bool)
    for _ in range(random.integers(1, 4)):
        x, y = random.integers(0, width), random.integers(0, height)
        hidden[y : y + random.integers(1, 40), x : x + random.integers(1, 40)] = True
    others = np.where(hidden[..., None], random.integers(0, 256, pixels.shape, np.uint8), pixels)
    result = painted(pixels, hidden, style)
    assert (result[~hidden] == pixels[~hidden]).all()
    assert (result == painted(others, hidden, style)).all()


@pytest.mark.parametrize("style", ["blur", "pixelate"])
def test_noise_cannot_be_repeated(style: Style) -> None:
    hidden = np.zeros((80, 80), bool)
    hidden[20:60, 20:60] = True
    one, other = np.full((2, 80, 80, 3), 100, np.uint8)
    paint(one, hidden, style, np.random.default_rng())
    paint(other, hidden, style, np.random.default_rng())
    assert (one != other).any()


@settings(max_examples=40, deadline=None)
@given(seed=SEED, factor=st.floats(1, 6))
def test_a_larger_mask_covers_the_smaller_one(seed: int, factor: float) -> None:
    mask = np.random.default_rng(seed).random((12, 17)) < 0.2
    height, width = round(12 * factor), round(17 * factor)
    large = enlarged(mask, width, height)
    rows = ((np.arange(height) + 0.5) * 12 / height).astype(int)
    columns = ((np.arange(width) + 0.5) * 17 / width).astype(int)
    inside = mask[rows][:, columns]
    assert large.shape == (height, width)
    assert (inside & ~large).sum() <= 0.35 * inside.sum()  # corners of single pixels are rounded
