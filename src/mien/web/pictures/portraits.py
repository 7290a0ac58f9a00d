"""Portraits: the square of a photo that shows who a figure is."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import PART_ID, Parse

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1. (That of `people.anchors` would bring half of scipy into the studio's process.)"""

SIDE = 256
"""px; a portrait is never larger, and never enlarged."""

_QUALITY = 88

HEAD = tuple(PART_ID[part] for part in ("hat", "hair", "sunglasses", "face"))

LEAST_HEAD = 0.005
"""Of the figure's px; fewer are stray labels."""

AROUND_FACE = 2.2
"""Side of the square over the face's box, which reaches from forehead to chin: hair and shoulders belong to a look."""

AROUND_HEAD = 1.5
"""The same over the box of a head seen from behind, hair included."""

TOP_OF_BODY = 0.4
"""Where no head is seen: of the body's height, about what head and shoulders take up."""


def head_of(parse: Parse, figure: int) -> Box | None:
    """The box around the head of figure `figure`, 0–1 of the photo; None if the parse shows none."""
    head = parse.mask(figure) & np.isin(parse.parts, HEAD)
    if head.sum() <= LEAST_HEAD * parse.areas[figure].sum():
        return None
    width, height = parse.size
    columns, rows = np.flatnonzero(head.any(0)), np.flatnonzero(head.any(1))
    return (
        float(columns[0] / width),
        float(rows[0] / height),
        float((columns[-1] + 1) / width),
        float((rows[-1] + 1) / height),
    )


def square_around(body: Box, face: Box | None, head: Box | None, width: int, height: int) -> Box:
    """The square inside a photo of `width`×`height` px that makes a figure's portrait; all boxes are 0–1 of the photo.

    It is square in px, up to photos that are narrower than it would be.
    """
    scale = np.array([width, height])
    if (shown := face or head) is not None:
        corners = np.reshape(shown, (2, 2)) * scale
        side = (AROUND_FACE if face else AROUND_HEAD) * float((corners[1] - corners[0]).max())
        centre = corners.mean(0) - (0, 0.06 * side if face else 0)  # room for the hair
    else:
        corners = np.reshape(body, (2, 2)) * scale
        across, down = corners[1] - corners[0]
        side = float(min(max(across, TOP_OF_BODY * down), down))
        centre = np.array([corners[:, 0].mean(), corners[0, 1] + side / 2])
    side = min(max(side, 8.0), width, height)
    x0, y0 = np.clip(centre - side / 2, 0, scale - side) / scale
    return float(x0), float(y0), float(x0 + side / width), float(y0 + side / height)


def cut(pixels: NDArray[np.uint8], square: Box) -> bytes:
    """That square of an upright photo, (h, w, 3) sRGB, as a JPEG of at most `SIDE` px a side."""
    height, width = pixels.shape[:2]
    left, right = _px(square[0], square[2], width)
    top, bottom = _px(square[1], square[3], height)
    piece = pixels[top:bottom, left:right]
    if max(piece.shape) > SIDE:
        size = min(SIDE, right - left), min(SIDE, bottom - top)
        piece = np.asarray(cv2.resize(piece, size, interpolation=cv2.INTER_AREA), np.uint8)
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(piece, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return encoded.tobytes()


def _px(start: float, end: float, length: int) -> tuple[int, int]:
    first = min(max(0, round(start * length)), length - 1)
    return first, min(max(first + 1, round(end * length)), length)
