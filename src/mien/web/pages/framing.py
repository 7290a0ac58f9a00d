"""Frames around those who are meant in a photo, and where their numbers stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from mien.people.anchors import Box

AROUND = 0.012
"""Room between somebody and their frame, as a share of the photo's longer side: small figures stay in sight."""

EDGE = 0.004
"""Frames keep this far from the photo's edges, as a share of its longer side."""

NUMBER = 1 / 16
"""A number's height, as a share of the photo's longer side."""


@dataclass(frozen=True)
class Frame:
    """One frame: its `box`, 0–1 of the photo, and the left end of its number's base line, likewise."""

    box: Box
    x: float
    y: float


def frames(boxes: Sequence[Box], width: int, height: int) -> tuple[Frame, ...]:
    """Frames around `boxes`, which are 0–1 of a photo of `width` × `height` px, in their order.

    Numbers stand above their frames' left corners; within, where the photo ends; to the right, where another stands.
    """
    longer = max(width, height)
    x_unit, y_unit = longer / width, longer / height
    found: list[Frame] = []
    for box in boxes:
        x0, y0, x1, y1 = _around(box, x_unit, y_unit)
        size = NUMBER * y_unit
        y = y0 - 0.2 * size if y0 > size else y0 + size
        places = (x0 + 0.005 * x_unit, x1 - 0.6 * NUMBER * x_unit)
        x = next((x for x in places if not any(_touch(x, y, one, x_unit, y_unit) for one in found)), places[0])
        found.append(Frame((x0, y0, x1, y1), x, y))
    return tuple(found)


def _around(box: Box, x_unit: float, y_unit: float) -> Box:
    x0, y0, x1, y1 = box
    return (
        max(x0 - AROUND * x_unit, EDGE * x_unit),
        max(y0 - AROUND * y_unit, EDGE * y_unit),
        min(x1 + AROUND * x_unit, 1 - EDGE * x_unit),
        min(y1 + AROUND * y_unit, 1 - EDGE * y_unit),
    )


def _touch(x: float, y: float, other: Frame, x_unit: float, y_unit: float) -> bool:
    """Whether a number at x, y would stand on that of another frame."""
    return abs(x - other.x) < 0.7 * NUMBER * x_unit and abs(y - other.y) < NUMBER * y_unit
