"""A photo as the network wants it, exactly as in the published pipeline for several people.

Source: the pipeline that is published with the weights (ModelScope, `image-multiple-human-parsing`), which follows
detectron2's `ResizeShortestEdge` and `ImageList`.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SHORT_SIDE, LONG_SIDE = 640, 1333
"""The shorter side of the input, px, unless the longer one would exceed its limit."""

MULTIPLE = 32  # px; the sides of the padded input are multiples of it: the network's coarsest stride

MEAN = np.array([123.675, 116.28, 103.53], np.float32)
DEVIATION = np.array([58.395, 57.12, 57.375], np.float32)
"""ImageNet's, of RGB in 0–255."""


def prepare(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], tuple[int, int]]:
    """The network's input.

    Args:
        pixels: uint8 (h, w, 3), upright sRGB of any size.

    Returns:
        float32 (1, 3, H, W), normalised, then padded with zeros on the right and below; and the width and height that
        the photo has in it.
    """
    width, height = size = input_size(pixels.shape[1], pixels.shape[0])
    resized = Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR)
    normalised = (np.asarray(resized, np.float32) - MEAN) / DEVIATION
    batch = np.zeros((1, 3, _padded(height), _padded(width)), np.float32)
    batch[0, :, :height, :width] = normalised.transpose(2, 0, 1)
    return batch, size


def input_size(width: int, height: int) -> tuple[int, int]:
    """The width and height of a photo of `width`×`height` px in the network's input, before padding; at least 1."""
    short, long = float(SHORT_SIDE), SHORT_SIDE / min(width, height) * max(width, height)
    if long > LONG_SIDE:
        shrink = LONG_SIDE / long
        short, long = short * shrink, long * shrink
    sides = max(1, int(short + 0.5)), int(long + 0.5)
    return (sides[1], sides[0]) if width > height else sides


def _padded(side: int) -> int:
    return -(-side // MULTIPLE) * MULTIPLE
