"""The light's colour is seen in what surrounds people, and never where it is white."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mien.traits.light import DAYLIGHT, LINEAR, light_of, relit

ROOM = np.random.default_rng(0).integers(40, 200, (12, 16, 1)).repeat(3, axis=2).astype(np.uint8)
ROOM = np.kron(ROOM, np.ones((8, 8, 1), np.uint8))
NOBODY = np.zeros(ROOM.shape[:2], np.uint16)


def lit(pixels: np.ndarray, red: float, blue: float) -> np.ndarray:
    """As in a light of this colour."""
    linear = LINEAR[pixels] * [red, 1, blue]
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)
    return np.round(np.clip(srgb, 0, 1) * 255).astype(np.uint8)


def test_grey_surroundings_are_left_alone() -> None:
    assert np.array_equal(light_of(ROOM, NOBODY), DAYLIGHT)
    assert relit(ROOM, DAYLIGHT) is ROOM


@pytest.mark.parametrize(("red", "blue"), [(1.5, 0.5), (0.8, 1.35), (1.2, 0.7)])
def test_a_lamp_is_seen_and_mostly_undone(red: float, blue: float) -> None:
    pixels = lit(ROOM, red, blue)
    light = light_of(pixels, NOBODY)
    assert (light[0] > light[1]) == (red > 1)
    assert (light[2] > light[1]) == (blue > 1)
    before, after = (LINEAR[px].mean(axis=(0, 1)) for px in (pixels, relit(pixels, light)))
    assert np.ptp(after) < 0.4 * np.ptp(before)


def test_a_red_coat_is_no_red_light() -> None:
    pixels, figures = ROOM.copy(), NOBODY.copy()
    figures[:, 40:80] = 1
    pixels[:, 40:80] = lit(pixels[:, 40:80], 1.9, 0.3)
    assert np.array_equal(light_of(pixels, figures), DAYLIGHT)
    assert not np.array_equal(light_of(pixels, NOBODY), DAYLIGHT)


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 30), st.integers(1, 30), st.just(3))))
def test_any_photo_has_a_light_within_the_limits(pixels: np.ndarray) -> None:
    light = light_of(pixels, np.zeros(pixels.shape[:2], np.uint16))
    assert np.isfinite(light).all()
    assert abs(np.log(light[[0, 2]] / light[1])).max() <= 0.81
    assert relit(pixels, light).shape == pixels.shape
