"""Whose face a region that another program marked is: which of a photo's figures stands there."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from mien.people.anchors import GRID, Anchor
from mien.photo.face_regions import FaceRegion, is_same_place, overlap
from mien.photo.orientation import Box

_HEAD = 0.5
"""In how much of a body, from its top, the centre of a face may be."""


def assign(boxes: Sequence[Box], places: Sequence[Anchor]) -> list[int | None]:
    """For each region the index of the place that it shows the face of, one-to-one; None where nobody stands.

    Regions around a face that was seen go first. Others may show a head without one, such as from behind.
    """
    found: list[int | None] = [None] * len(boxes)
    for fit in (_face_fit, _head_fit):
        rows = [i for i, place in enumerate(found) if place is None]
        columns = [j for j in range(len(places)) if j not in found]
        if rows and columns:
            for i, j in _pairs([boxes[i] for i in rows], [places[j] for j in columns], fit):
                found[rows[i]] = columns[j]
    return found


def settled(regions: Sequence[FaceRegion], places: Sequence[Anchor]) -> list[FaceRegion]:
    """The regions of one file as its writer meant them, where it may have measured the upright photo.

    That is believed if faces were seen at none of the places by the standard, and at some by the other reading.
    """
    open_ones = [region for region in regions if region.otherwise is not None]
    faces = [place.face for place in places if place.face is not None]

    def hits(boxes: Sequence[Box]) -> int:
        return sum(any(is_same_place(face, box) for face in faces) for box in boxes)

    if hits([region.box for region in open_ones]) or not hits([r.otherwise for r in open_ones if r.otherwise]):
        return list(regions)
    return [replace(region, box=region.otherwise or region.box, otherwise=None) for region in regions]


def head(place: Anchor, shape: float) -> Box:
    """Where the head of a figure is about whose face was not seen; `shape` is the photo's width by its height.

    A square as wide as half the body and at most a third as high as it, around the middle of what is seen at its top.
    """
    x0, y0, x1, y1 = place.box
    cells = place.cells()
    rows = np.flatnonzero(cells.any(axis=1))
    top = int(rows[0]) if len(rows) else 0
    height = min((x1 - x0) / 2 * shape, (y1 - y0) / 3)
    width = height / shape
    upper = y0 + (y1 - y0) * top / GRID
    # The cell of the body at the head's height that is nearest to the middle of all above it.
    row = min(top + int(height / 2 / max(y1 - y0, 1e-9) * GRID), GRID - 1)
    columns, above = np.flatnonzero(cells[row]), np.flatnonzero(cells[top : row + 1].any(axis=0))
    column = float(columns[np.abs(columns - above.mean()).argmin()]) if len(columns) else (GRID - 1) / 2
    middle = x0 + (x1 - x0) * (column + 0.5) / GRID
    return max(middle - width / 2, 0.0), upper, min(middle + width / 2, 1.0), min(upper + height, 1.0)


def _pairs(
    boxes: Sequence[Box], places: Sequence[Anchor], fit: Callable[[Box, Anchor], float]
) -> list[tuple[int, int]]:
    from scipy.optimize import linear_sum_assignment

    fits = np.array([[fit(box, place) for place in places] for box in boxes])
    rows, columns = linear_sum_assignment(-fits)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if fits[i, j] > 0]


def _face_fit(box: Box, place: Anchor) -> float:
    seen = place.face if place.face is not None else place.box
    return 0.01 + overlap(box, seen) if is_same_place(box, seen) else 0.0


def _head_fit(box: Box, place: Anchor) -> float:
    """1 at the top of the body, 0 below `_HEAD`, outside its mask, and where a face was seen elsewhere."""
    x0, y0, x1, y1 = place.box
    if place.face is not None or x0 >= x1 or y0 >= y1:
        return 0.0
    across = ((box[0] + box[2]) / 2 - x0) / (x1 - x0)
    down = ((box[1] + box[3]) / 2 - y0) / (y1 - y0)
    if not (0 <= across < 1 and 0 <= down < _HEAD) or box[3] - box[1] > y1 - y0:
        return 0.0
    inside = place.cells()[int(down * GRID), int(across * GRID)]
    return 1 - down / _HEAD if inside else 0.0
