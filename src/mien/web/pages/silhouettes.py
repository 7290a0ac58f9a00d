"""Silhouettes: a parse's label maps as SVG paths, small enough to stand in a page."""

import itertools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects

from mien.parsing.parse import PARTS, Parse

TOLERANCE = 1.0
"""px of the parse by which a simplified outline may leave the true one: hardly to be seen at a photo's usual size."""


@dataclass(frozen=True)
class Silhouette:
    """One figure as SVG path data, to be filled by the rule `evenodd`.

    Coordinates are whole px of the parse, of which (0, 0) is the *centre* of the first: an outline runs through the
    middle of the outermost px, so that fill and a stroke of 1 px together cover the mask.

    Attributes:
        outline: of the whole figure; "" for one without any px.
        parts: CIHP name → path data, of the parts that it shows.
    """

    outline: str
    parts: dict[str, str]


def silhouettes(parse: Parse) -> tuple[Silhouette, ...]:
    """The silhouette of each figure of `parse`, in its order."""
    places = find_objects(parse.figures, max_label=len(parse))
    return tuple(
        Silhouette("", {}) if place is None else _silhouette(parse, figure, place)
        for figure, place in enumerate(places)
    )


def _silhouette(parse: Parse, figure: int, place: tuple[slice, ...]) -> Silhouette:
    rows, columns = place
    offset = columns.start, rows.start
    mine = np.equal(parse.figures[place], figure + 1)
    parts = np.where(mine, parse.parts[place], 0)
    shown = (int(part) for part in np.flatnonzero(np.bincount(parts.ravel(), minlength=1)) if part)
    paths = {PARTS[part]: path_of(np.equal(parts, part), offset) for part in shown}
    return Silhouette(path_of(mine, offset), {part: path for part, path in paths.items() if path})


def path_of(mask: NDArray[np.bool_], offset: tuple[int, int] = (0, 0)) -> str:
    """SVG path data around a mask (bool, (h, w)) and the holes in it; `offset` is where its first px lies (x, y).

    Every point of the true outline is within `TOLERANCE` px of the path (Douglas and Peucker, 1973). What is no
    wider than that, and has no room inside, is left out.
    """
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE, offset=offset)
    simplified = (cv2.approxPolyDP(contour, TOLERANCE, closed=True)[:, 0] for contour in contours)
    return "".join(_ring(points.tolist()) for points in simplified if len(points) > 2)


def _ring(points: list[list[int]]) -> str:
    """A closed line. Steps are relative, which takes half the room of absolute coordinates."""
    x, y = points[0]
    steps = (f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in itertools.pairwise(points))
    return f"M{x} {y}l{' '.join(steps).replace(' -', '-')}z"
