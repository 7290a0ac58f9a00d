"""Probabilities whose borders follow the picture's edges.

The guided filter (He, Sun & Tang, *Guided Image Filtering*, ECCV 2010) in its fast form (He & Sun, 2015,
arXiv:1505.00996): around each pixel a probability is explained as a linear function of the colours, fitted on a
coarse grid, and read off at full resolution.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.vision.geometry import Image

COARSE = 2  # px of the crop per cell of the grid on which the functions are fitted
RADIUS = 3  # cells; 6 px, half a window
SMOOTHNESS = 3e-4  # variance of colours (0–1) below which a surface counts as even
REACH = 2 * RADIUS + 1  # cells that a change is felt
WINDOW = np.ones((2 * RADIUS + 1,) * 2, np.uint8)
FAINT = 0.02  # probability below which a part is not there

_Plane = NDArray[np.float32]


def follow_edges(probabilities: NDArray[np.float32], colours: Image, kept: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Align the borders between parts with those between colours.

    Args:
        probabilities: (k, h, w); 0–1, sides even.
        colours: uint8 (h, w, 3), RGB, of the same crop.
        kept: (k,); which planes are wanted.

    Returns:
        float32 (k, h, w); 0–1, the planes that are not kept all 0. Where all are kept, they add up to nearly 1.
    """
    guide = _Guide(colours)
    aligned = np.zeros_like(probabilities)
    for kind in np.flatnonzero(kept):
        guide.align(probabilities[kind], aligned[kind], background=kind == 0)
    return aligned


class _Guide:
    """What the filter needs to know of the colours: their means and the inverse of their covariance in each window."""

    def __init__(self, colours: Image) -> None:
        full = colours.astype(np.float32) * np.float32(1 / 255)
        height, width = colours.shape[:2]
        self._size = width // COARSE, height // COARSE
        self._full = cv2.split(full)
        r, g, b = self._coarse = cv2.split(_shrunk(full, self._size))
        mr, mg, mb = self._means = [_mean(plane) for plane in (r, g, b)]
        rr, gg, bb = (_mean(p * p) - m * m + SMOOTHNESS for p, m in zip(self._coarse, self._means, strict=True))
        rg, rb, gb = _mean(r * g) - mr * mg, _mean(r * b) - mr * mb, _mean(g * b) - mg * mb
        # The symmetric inverse: elements rr, rg, rb, gg, gb, bb.
        first = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg
        others = rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg
        determinant = rr * first[0] + rg * first[1] + rb * first[2]
        self._inverse = [plane / determinant for plane in (*first, *others)]

    def align(self, plane: _Plane, aligned: _Plane, *, background: bool) -> None:
        """Write one plane's filtered values. Where it is faint, or nearly sure, there is nothing to align."""
        np.copyto(aligned, plane)
        p = _shrunk(plane, self._size)
        x, y, w, h = cv2.boundingRect(cv2.inRange(p, FAINT, 1 - FAINT))
        if not w:
            return
        x0, y0, x1, y1 = max(0, x - REACH), max(0, y - REACH), x + w + REACH, y + h + REACH
        here = np.s_[y0:y1, x0:x1]
        p = np.ascontiguousarray(p[here])
        mean = _mean(p)
        means = [m[here] for m in self._means]
        r, g, b = (_mean(p * c[here]) - mean * m for c, m in zip(self._coarse, means, strict=True))
        rr, rg, rb, gg, gb, bb = (element[here] for element in self._inverse)
        slopes = rr * r + rg * g + rb * b, rg * r + gg * g + gb * b, rb * r + gb * g + bb * b
        offset = mean - slopes[0] * means[0] - slopes[1] * means[1] - slopes[2] * means[2]
        there = np.s_[y0 * COARSE : y1 * COARSE, x0 * COARSE : x1 * COARSE]
        value = _grown(_mean(offset))
        for slope, colour in zip(slopes, self._full, strict=True):
            value += _grown(_mean(slope)) * colour[there]
        if background:
            # Colours that are rare in their windows are no reason for somebody who is nowhere near.
            np.maximum(value, _grown(cv2.erode(p, WINDOW)), out=value)
        np.clip(value, 0, 1, out=aligned[there])


def _mean(plane: cv2.typing.MatLike) -> _Plane:
    return np.asarray(cv2.blur(plane, WINDOW.shape), np.float32)


def _shrunk(plane: cv2.typing.MatLike, size: tuple[int, int]) -> _Plane:
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)


def _grown(plane: cv2.typing.MatLike) -> _Plane:
    return np.asarray(cv2.resize(plane, None, fx=COARSE, fy=COARSE, interpolation=cv2.INTER_LINEAR), np.float32)
