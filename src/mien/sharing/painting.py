"""What is drawn over hidden pixels: noise, and nothing of the photo.

Not one pixel goes into it, hidden or not, so that nothing can be got back: what is drawn is the same whoever was
there. That is stronger than a coarse mosaic or a strong blur of the face itself, from which hair, skin and light can
still be read, and by which a face can be found again among known ones (McPherson et al., Defeating Image Obfuscation
with Deep Learning, 2016). Colours of what is around would look better, but then dark photos' blots are alike, and like
their people's faces as far as a network sees those: 1.7 times as many as by chance were known again.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.sharing.shapes import Mask, extents
from mien.sharing.wish import Style
from mien.vision.geometry import Image

PLAIN = (126, 124, 121)  # of "fill", and what the noise of others is around
SHADE = (92, 99, 110)  # of "silhouette"

CELLS = 6  # across a hidden head
MOST_CELLS = 48
REGION, CELL = (12.0, 6.0), (11.0, 4.0)
"""Of 255: standard deviations of lightness and of colour, from region to region and from cell to cell."""
STEP = 8  # between two values of a cell
SMOOTH = 8  # px of a cell that are interpolated smoothly


def paint(pixels: Image, hidden: Mask, style: Style, random: np.random.Generator) -> None:
    """Draw over the hidden pixels of a picture, uint8 (h, w, 3), in place. All others stay as they are, to the byte.

    Args:
        hidden: bool (h, w).
        random: noise; none that anybody could repeat, but in tests.
    """
    mask = hidden.view(np.uint8)
    for x, y, width, height in _regions(hidden):
        here = slice(y, y + height), slice(x, x + width)
        rows, columns = mask[here].shape  # the region may reach beyond the picture
        cv2.copyTo(_drawn(rows, columns, style, random), mask[here], pixels[here])


def enlarged(mask: Mask, width: int, height: int) -> Mask:
    """A mask of a parse's maps at `width`×`height` px, a little larger rather than smaller."""
    if mask.shape == (height, width):
        return mask
    soft = cv2.resize(mask.astype(np.uint8) * 255, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.threshold(soft, 64, 1, cv2.THRESH_BINARY, dst=soft)[1].view(np.bool_)


def _regions(hidden: Mask) -> list[tuple[int, int, int, int]]:
    """x, y, width, height of each connected region; found on a smaller map, as a large one takes long."""
    factor = max(1, max(hidden.shape) // 1024)
    small = hidden[::factor, ::factor]
    grown = cv2.dilate(small.astype(np.uint8), np.ones((3, 3), np.uint8)).view(np.bool_)
    return [(x * factor, y * factor, across * factor, down * factor) for x, y, across, down in extents(grown)]


def _drawn(height: int, width: int, style: Style, random: np.random.Generator) -> NDArray[np.uint8]:
    """What a hidden region of that size is drawn from."""
    if style in ("fill", "silhouette"):
        return np.full((height, width, 3), PLAIN if style == "fill" else SHADE, np.uint8)
    cell = max(min(width, height) / CELLS, max(height, width) / MOST_CELLS, 1.0)
    rows, columns = max(1, round(height / cell)), max(1, round(width / cell))
    colours = np.array(PLAIN) + _noise((1, 1), REGION, random) + _noise((rows, columns), CELL, random)
    field = np.clip(np.rint(colours / STEP) * STEP, 0, 255).astype(np.uint8)
    if style == "pixelate":
        return np.asarray(cv2.resize(field, (width, height), interpolation=cv2.INTER_NEAREST))
    middle = min(width, SMOOTH * columns), min(height, SMOOTH * rows)  # smooth first, then large: quicker, and alike
    smooth = cv2.resize(cv2.GaussianBlur(field, (3, 3), 0.8), middle, interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR))


def _noise(size: tuple[int, int], deviations: tuple[float, float], random: np.random.Generator) -> NDArray[np.float64]:
    """Differences of colours, (h, w, 3): of lightness, and of each channel."""
    return random.normal(0, deviations[0], (*size, 1)) + random.normal(0, deviations[1], (*size, 3))
