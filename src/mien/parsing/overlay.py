"""A parse drawn over its photo, to be looked at."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import PARTS
from mien.vision.geometry import Image

COLOURS = {
    "background": (0, 0, 0), "hat": (128, 0, 0), "hair": (150, 75, 200), "glove": (120, 120, 40),
    "sunglasses": (20, 20, 20), "upper-clothes": (230, 60, 60), "dress": (255, 105, 180), "coat": (240, 130, 30),
    "socks": (200, 200, 90), "pants": (50, 90, 220), "torso-skin": (255, 200, 150), "scarf": (160, 40, 110),
    "skirt": (90, 40, 160), "face": (255, 225, 120), "left-arm": (60, 200, 220), "right-arm": (20, 140, 190),
    "left-leg": (150, 220, 80), "right-leg": (60, 150, 40), "left-shoe": (255, 255, 255), "right-shoe": (170, 170, 170),
}  # fmt: skip
"""sRGB of each part: warm above, cool below, the person's left side lighter than the right."""

PALETTE = np.array([COLOURS[part] for part in PARTS], np.uint8)
OPACITY = 0.6


def overlay(pixels: Image, figures: NDArray[np.uint16], parts: NDArray[np.uint8]) -> Image:
    """Part colours (`COLOURS`) over a photo, each figure outlined in white.

    Args:
        pixels: uint8 (h, w, 3), the parsed photo at any even scale.
        figures, parts: its label maps (h, w) at that scale, as `enlarge` gives them.

    Returns:
        uint8 (h, w, 3); the photo itself is not changed.
    """
    seen = figures > 0
    blended = cv2.addWeighted(pixels, 1 - OPACITY, PALETTE[parts], OPACITY, 0)
    shown = np.where(seen[..., None], blended, pixels)
    shown[_outlines(figures)] = 255
    return np.asarray(shown, np.uint8)


def _outlines(figures: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """The rims of the figures, as wide as suits the size."""
    width = 1 + max(figures.shape) // 600
    kernel = np.ones((width + 1, width + 1), np.uint8)
    return np.not_equal(cv2.dilate(figures, kernel), cv2.erode(figures, kernel))
