"""Thumbnails: upright, small, and silent about where they come from."""

import io

import numpy as np
import pytest
from PIL import Image

from mien.photo.perceptual import hash_distance, perceptual_hash
from mien.photo.reading import read_photo
from mien.photo.thumbnail import thumbnail
from tests.photo.pictures import STORED, corners, difference, encoded, exif


@pytest.mark.parametrize(
    ("size", "long_side", "expected"),
    [((96, 64), 48, (48, 32)), ((64, 96), 48, (32, 48)), ((96, 64), 512, (96, 64)), ((400, 1), 100, (100, 1))],
)
def test_sizes(size: tuple[int, int], long_side: int, expected: tuple[int, int]) -> None:
    data = thumbnail(read_photo(encoded(corners(*size))), long_side)
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "JPEG"
        assert image.size == expected


def test_it_is_upright_and_says_nothing() -> None:
    block = exif({0x0112: 6, 0x010F: "Maker"}, {}, {1: "N", 2: (48.0, 0.0, 0.0), 3: "E", 4: (2.0, 0.0, 0.0)})
    data = thumbnail(read_photo(encoded(STORED[6](corners(384, 256)), "JPEG", exif=block)), 96)
    with Image.open(io.BytesIO(data)) as image:
        assert not image.getexif()
        assert difference(np.asarray(image), corners()) < 6


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (7, 9), (2048, 1365)])
def test_any_picture_has_a_hash(shape: tuple[int, int]) -> None:
    assert perceptual_hash(np.zeros((*shape, 3), np.uint8)) == "0" * 16


def test_a_brighter_copy_is_near(astronaut: np.ndarray) -> None:
    brighter = np.clip(astronaut.astype(int) + 12, 0, 255).astype(np.uint8)
    assert hash_distance(perceptual_hash(astronaut), perceptual_hash(brighter)) <= 4
