"""Smaller copies of pictures. Whole factors are many times faster than others, and 2 is the fastest by far."""

import cv2
import numpy as np

from mien.photo.pixels import Picture


def reduce(pixels: Picture, factor: int) -> Picture:
    """The means of factor×factor px of an (h, w, 3) array. What is left over at its right and bottom is cut off."""
    height, width = (max(1, side // factor) for side in pixels.shape[:2])
    whole = pixels[: height * factor, : width * factor]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def shrink(pixels: Picture, width: int, height: int) -> Picture:
    """An (h, w, 3) array at most as large as it is, at `width`×`height` px."""
    while pixels.shape[1] >= 2 * width and len(pixels) >= 2 * height:
        pixels = reduce(pixels, 2)
    if pixels.shape[:2] == (height, width):
        return pixels
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
