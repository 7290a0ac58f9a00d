"""A parse's label maps at the photo's own size, with smooth rather than blocky borders."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import Parse

REACH = 2  # px of the parse; as far as a label's softened mask spreads


def enlarge(parse: Parse, width: int, height: int) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
    """Label maps of `width`×`height` px: figures uint16 and parts uint8, as in `Parse`.

    Masks are softened by a pixel of the parse and enlarged by interpolation. Figures compete with each other and
    with the background, then the parts of each figure within it.
    """
    if (width, height) == parse.size:
        return parse.figures.copy(), parse.parts.copy()
    figures = np.zeros((height, width), np.uint16)
    parts = np.zeros((height, width), np.uint8)
    strongest = np.zeros((height, width), np.uint8)
    total = np.zeros((height, width), np.uint8)
    masks = [parse.mask(figure) for figure in range(len(parse))]
    for number, mask in enumerate(masks, 1):
        large, region = _enlarged(mask, mask, width, height)
        stronger = large > strongest[region]
        figures[region][stronger] = number
        np.maximum(strongest[region], large, out=strongest[region])
        total[region] = cv2.add(total[region], large)
    figures[strongest < 255 - total] = 0
    for number, mask in enumerate(masks, 1):
        best: NDArray[np.uint8] | None = None
        for part in np.unique(parse.parts[mask]):
            large, region = _enlarged(mask & np.equal(parse.parts, part), mask, width, height)
            best = np.zeros_like(large) if best is None else best
            stronger = (large > best) & np.equal(figures[region], number)
            parts[region][stronger] = part
            np.maximum(best, large, out=best)
    return figures, parts


def _enlarged(
    mask: NDArray[np.bool_], within: NDArray[np.bool_], width: int, height: int
) -> tuple[NDArray[np.uint8], tuple[slice, slice]]:
    """A mask, softened and enlarged to 0–255, around where `within` is set; and the region of the large map it is."""
    small_height, small_width = mask.shape
    scale = np.array([width / small_width, height / small_height])
    rows, columns = np.flatnonzero(within.any(1)), np.flatnonzero(within.any(0))
    if not len(rows):
        return np.zeros((0, 0), np.uint8), (slice(0, 0), slice(0, 0))
    low = np.maximum((columns[0] - REACH, rows[0] - REACH), 0)
    high = np.minimum((columns[-1] + 1 + REACH, rows[-1] + 1 + REACH), (small_width, small_height))
    x0, y0 = np.floor(low * scale).astype(int)
    x1, y1 = np.ceil(high * scale).astype(int)
    soft = cv2.GaussianBlur(
        mask[low[1] : high[1], low[0] : high[0]].astype(np.uint8) * 255, (3, 3), 0, borderType=cv2.BORDER_REPLICATE
    )
    shift = (low + 0.5) * scale - 0.5 - (x0, y0)  # pixel centres lie at .5
    affine = np.array([[scale[0], 0, shift[0]], [0, scale[1], shift[1]]])
    size = (int(x1 - x0), int(y1 - y0))
    large = cv2.warpAffine(soft, affine, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(large, np.uint8), (slice(y0, y1), slice(x0, x1))
