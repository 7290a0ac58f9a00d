"""Smaller copies show the whole picture, in its place."""

import numpy as np
import pytest

from mien.photo.shrinking import reduce, shrink


@pytest.mark.parametrize(
    ("shape", "factor", "expected"),
    [
        ((1, 1), 2, (1, 1)),
        ((1, 5), 2, (1, 2)),
        ((5, 1), 2, (2, 1)),
        ((7, 9), 2, (3, 4)),
        ((8, 6), 2, (4, 3)),
        ((2, 8), 3, (1, 2)),
        ((9, 6), 3, (3, 2)),
        ((9, 6), 1, (9, 6)),
    ],
)
def test_any_picture_can_be_reduced(shape: tuple[int, int], factor: int, expected: tuple[int, int]) -> None:
    small = reduce(np.full((*shape, 3), 77, np.uint8), factor)
    assert small.shape == (*expected, 3)
    assert np.all(small == 77)


def test_a_half_is_the_mean_of_its_pixels() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (6, 8, 3), np.uint8)
    means = pixels.reshape(3, 2, 4, 2, 3).mean((1, 3))
    assert np.abs(reduce(pixels, 2) - means).max() <= 0.5


@pytest.mark.parametrize("size", [(64, 48), (63, 48), (33, 24), (32, 24), (20, 15), (7, 3)])
def test_a_ramp_stays_a_ramp(size: tuple[int, int]) -> None:
    across, down = np.meshgrid(np.linspace(0, 252, 64), np.linspace(0, 188, 48))
    pixels = np.stack([across, down, across], 2).round().astype(np.uint8)
    small = shrink(pixels, *size)
    width, height = size
    assert small.shape == (height, width, 3)
    assert small[0, :, 0] == pytest.approx((np.arange(width) + 0.5) * 256 / width - 2, abs=4)
    assert small[:, 0, 1] == pytest.approx((np.arange(height) + 0.5) * 192 / height - 2, abs=4)


def test_what_has_the_size_stays_as_it_is() -> None:
    pixels = np.zeros((5, 7, 3), np.uint8)
    assert shrink(pixels, 7, 5) is pixels
