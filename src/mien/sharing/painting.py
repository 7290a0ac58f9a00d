"""What is drawn over hidden pixels: colours of what stays visible around them, and noise.

Not one hidden pixel goes into it, so that nothing can be got back: what is drawn is the same whoever was there. That
is stronger than a coarse mosaic or a strong blur of the face itself, from which hair, skin and light can still be
read, and by which a face can be found again among known ones (McPherson et al., Defeating Image Obfuscation with Deep
Learning, 2016).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.sharing.shapes import Mask
from mien.sharing.wish import Style
from mien.vision.geometry import Image

PLAIN = (126, 124, 121)  # of "fill"
SHADE = (92, 99, 110)  # of "silhouette"

CELLS = 6  # across a hidden head
MOST_CELLS = 48
AROUND = 0.5  # how far around a region colours are taken from, over its smaller side
VISIBLE = 0.25  # share of a cell that has to be visible for its colour to count
NOISE, TINT = 10.0, 4.0  # of 255: standard deviation of lightness and of colour from cell to cell
STEP = 8  # between two values of a cell
NEUTRAL = 132.0
BLEND, FADE = 1.5, 0.4
"""How much of the colours around is in a cell, from its rim on, cell by cell inwards: none where a face would be. Else
a dark photo's blots would be alike, and like its people's faces, as far as a network sees that."""
SAMPLES = 16  # of a cell's pixels that are averaged, along each side
SMOOTH = 8  # px of a cell that are interpolated smoothly


def paint(pixels: Image, hidden: Mask, style: Style, random: np.random.Generator) -> None:
    """Draw over the hidden pixels of a picture, uint8 (h, w, 3), in place. All others stay as they are, to the byte.

    Args:
        hidden: bool (h, w).
        random: noise; none that anybody could repeat, but in tests.
    """
    mask = hidden.view(np.uint8)
    for x, y, width, height in _regions(hidden):
        margin = 2 + int(AROUND * min(width, height))
        here = (
            slice(max(0, y - margin), min(len(pixels), y + height + margin)),
            slice(max(0, x - margin), min(pixels.shape[1], x + width + margin)),
        )
        if style in ("fill", "silhouette"):
            drawn = np.full_like(pixels[here], PLAIN if style == "fill" else SHADE)
        else:
            drawn = _drawn(pixels[here], mask[here], min(width, height) / CELLS, style, random)
        cv2.copyTo(drawn, mask[here], pixels[here])


def enlarged(mask: Mask, width: int, height: int) -> Mask:
    """A mask of a parse's maps at `width`×`height` px, a little larger rather than smaller."""
    if mask.shape == (height, width):
        return mask
    soft = cv2.resize(mask.astype(np.uint8) * 255, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(soft > 64, bool)


def _regions(hidden: Mask) -> list[tuple[int, int, int, int]]:
    """x, y, width, height of each connected region; found on a smaller map, as a large one takes long."""
    factor = max(1, max(hidden.shape) // 1024)
    small = hidden[::factor, ::factor]
    _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(small.astype(np.uint8), np.ones((3, 3), np.uint8)))
    return [
        (int(x) * factor, int(y) * factor, int(width) * factor, int(height) * factor)
        for x, y, width, height, _ in stats[1:]
    ]


def _drawn(
    pixels: Image, hidden: NDArray[np.uint8], cell: float, style: Style, random: np.random.Generator
) -> NDArray[np.uint8]:
    """A picture to take hidden pixels from, as large as `pixels`; made from those where `hidden` is 0."""
    height, width = hidden.shape
    cell = max(cell, max(height, width) / MOST_CELLS, 1.0)
    columns, rows = max(1, round(width / cell)), max(1, round(height / cell))
    step = max(1, int(cell / SAMPLES))
    pixels, shown_here = np.ascontiguousarray(pixels[::step, ::step]), np.ascontiguousarray(1 - hidden[::step, ::step])
    visible = cv2.bitwise_and(pixels, pixels, mask=shown_here)  # black where something is hidden
    colours = cv2.resize(visible, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float32)
    shown = cv2.resize(shown_here * 255, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    known = shown >= VISIBLE
    weight = np.maximum(shown, np.float32(VISIBLE))[..., None]
    field = _spread(colours.reshape(rows, columns, 3) / weight, known)
    deep = cv2.distanceTransform((~known).astype(np.uint8), cv2.DIST_L2, 3) if known.any() else np.ones(known.shape)
    field = NEUTRAL + (field - NEUTRAL) * (BLEND * FADE ** np.maximum(deep, 1))[..., None]
    noise = random.normal(0, NOISE, (rows, columns, 1)) + random.normal(0, TINT, (rows, columns, 3))
    field = np.clip(np.rint((field + noise) / STEP) * STEP, 0, 255).astype(np.uint8)
    if style == "pixelate":
        return np.asarray(cv2.resize(field, (width, height), interpolation=cv2.INTER_NEAREST))
    middle = min(width, SMOOTH * columns), min(height, SMOOTH * rows)  # smooth first, then large: quicker, and alike
    smooth = cv2.resize(cv2.GaussianBlur(field, (3, 3), 0.8), middle, interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR))


def _spread(colours: NDArray[np.floating], known: Mask) -> NDArray[np.floating]:
    """Colours (h, w, 3) of which only some are known → all: from the nearest known ones, smoothly."""
    if known.all():
        return colours
    if not known.any():
        return np.full_like(colours, 128)
    height, width = known.shape
    weight = known.astype(np.float32)
    half = max(1, (width + 1) // 2), max(1, (height + 1) // 2)
    if (width, height) == half:
        return colours
    total = cv2.resize(colours * weight[..., None], half, interpolation=cv2.INTER_AREA).reshape(half[1], half[0], 3)
    share = cv2.resize(weight, half, interpolation=cv2.INTER_AREA).reshape(half[1], half[0])
    coarse = _spread(total / np.maximum(share, 1e-3)[..., None], share > 1e-3)
    filled = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, 3)
    return np.where(known[..., None], colours, filled).astype(np.float32)
