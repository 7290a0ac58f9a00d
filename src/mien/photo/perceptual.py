"""A hash that near copies of a picture share."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.photo.shrinking import reduce


def perceptual_hash(pixels: NDArray[np.uint8]) -> str:
    """The gradient hash dHash (N. Krawetz, "Kind of Like That", 2013) of an upright picture, uint8 (h, w, 3).

    64 bits as 16 hex digits, row by row: whether each of 8×8 cells is brighter than its left neighbour. Scaled,
    recompressed or slightly brightened copies differ in few bits (`hash_distance`).
    """
    while min(pixels.shape[:2]) >= 256:
        pixels = reduce(pixels, 2)
    small = cv2.resize(pixels, (9, 8), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.int16)
    bits = np.packbits(grey[:, 1:] > grey[:, :-1])
    return bits.tobytes().hex()


def hash_distance(one: str, other: str) -> int:
    """In how many of their 64 bits two perceptual hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
