"""Photos and parses made by hand."""

import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import BAG, LANDMARKS, LONG_SIDE, PART_ID, Parse
from mien.photo.photo import Metadata, Photo

Pixels = NDArray[np.uint8]
Box = tuple[float, float, float, float]

WOMAN: Box = (0.03, 0.03, 0.71, 0.99)  # the astronaut's body, 0–1
FACE: Box = (0.34, 0.11, 0.54, 0.35)  # and her face, forehead to chin


def photo(pixels: Pixels, *, full_scale: int = 1) -> Photo:
    """A photo of these pixels, whose file is `full_scale` times as large."""
    height, width = pixels.shape[:2]
    metadata = Metadata("PNG", width * full_scale, height * full_scale)
    return Photo("0" * 64, metadata, np.ascontiguousarray(pixels), "0" * 16)


def parse(
    pixels: Pixels,
    *boxes: Box,
    masks: tuple[Box, ...] | None = None,
    labels: tuple[tuple[int, str, Box], ...] = (),
    poses: NDArray[np.float32] | None = None,
) -> Parse:
    """A parse with a figure for each box (0–1) and without parts; what is drawn later covers what was drawn before.

    Args:
        pixels: of the photo.
        boxes: of the figures.
        masks: rectangles that stand for the figures' masks, if not their boxes.
        labels: parts to draw: figure (0…n−1), CIHP name, rectangle.
        poses: as in `Parse`.
    """
    scale = min(1.0, LONG_SIDE / max(pixels.shape[:2]))
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    figures, parts = np.zeros((height, width), np.uint16), np.zeros((height, width), np.uint8)

    def inside(box: Box) -> tuple[slice, slice]:
        x0, y0, x1, y1 = np.round(np.array(box) * (width, height, width, height)).astype(int)
        return slice(y0, y1), slice(x0, x1)

    for i, box in enumerate(masks if masks is not None else boxes):
        figures[inside(box)] = i + 1
    for figure, name, box in labels:
        figures[inside(box)] = figure + 1
        parts[inside(box)] = PART_ID[name]
    n = len(boxes)
    return Parse(
        figures=figures,
        parts=parts,
        boxes=np.array(boxes, np.float32).reshape(n, 4),
        scores=np.ones(n, np.float32),
        areas=np.zeros((n, BAG + 1), np.int32),
        confidences=np.zeros((n, BAG + 1), np.float32),
        uncertain=np.zeros(n, np.float32),
        poses=np.full((n, LANDMARKS, 3), np.nan, np.float32) if poses is None else poses,
    )
