"""Many people's part maps → one photo's label maps, every pixel owned by at most one figure."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.network import PartMaps
from mien.parsing.lite.presence import calibration, presence
from mien.parsing.parse import BAG
from mien.vision.geometry import FloatArray, compose, invert, transform

DOUBTED = 0.5
"""Weight of the claims of a figure that is hardly believed; 1 for one that is sure."""


@dataclass(frozen=True, eq=False)
class Composition:
    """n figures on maps of H×W px: see `Parse` for the fields of the same names."""

    figures: NDArray[np.uint16]
    parts: NDArray[np.uint8]
    areas: NDArray[np.int32]
    confidences: NDArray[np.float32]
    uncertain: NDArray[np.float32]


def place(people: list[PartMaps], scores: FloatArray, width: int, height: int, scale: float) -> Composition:
    """Compose the figures of one photo, of these scores 0–1 (n,), on maps of `width`×`height` px.

    `scale` is map px per photo px.
    """
    figures = np.zeros((height, width), np.uint16)
    parts = np.zeros((height, width), np.uint8)
    certainty = np.zeros((height, width), np.float32)
    strongest = np.zeros((height, width), np.float32)
    regions: list[tuple[slice, slice]] = []
    for number, (maps, score) in enumerate(zip(people, scores, strict=True), 1):
        to_map, region, size = _placement(maps, width, height, scale)
        regions.append(region)
        if not size[0] or not size[1]:
            continue
        person, claim, sure = cv2.split(
            cv2.warpAffine(cv2.merge([maps.person, maps.claim, maps.certainty]), to_map, size)
        )
        claim *= DOUBTED + (1 - DOUBTED) * float(score)
        labels = _smooth_labels(maps.labels, to_map, size)
        body = (person > 0.5) & (labels > 0) & (labels != BAG) & (claim > strongest[region])
        # Bags lie outside the person's mask; they are carried along to be counted.
        mine = body | ((labels == BAG) & np.equal(figures[region], 0))
        np.copyto(figures[region], number, where=mine)
        np.copyto(parts[region], labels, where=mine)
        np.copyto(strongest[region], claim, where=mine)
        np.copyto(certainty[region], sure, where=mine)
    constants = calibration()
    present = [presence(maps.evidence, constants) for maps in people]
    return _count(figures, parts, certainty, regions, present)


def _placement(
    maps: PartMaps, width: int, height: int, scale: float
) -> tuple[NDArray[np.float64], tuple[slice, slice], tuple[int, int]]:
    """The map from crop to the part of the label maps that it covers, that part, and its width and height."""
    crop_height, crop_width = maps.labels.shape
    to_map = invert(maps.affine) * scale
    to_map[:, 2] += (scale - 1) / 2  # pixel centres lie at .5
    corners = transform(np.array([[0, 0], [crop_width, crop_height]], np.float64), to_map)
    x0, y0 = np.clip(np.floor(corners.min(0)), 0, (width, height)).astype(int)
    x1, y1 = np.clip(np.ceil(corners.max(0)) + 1, 0, (width, height)).astype(int)
    moved = compose(np.array([[1.0, 0, -x0], [0, 1.0, -y0]]), to_map)
    return moved, (slice(y0, y1), slice(x0, x1)), (int(x1 - x0), int(y1 - y0))


def _smooth_labels(labels: NDArray[np.uint8], affine: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Labels through an affine map, borders smooth: each label's mask is moved by interpolation, the strongest wins."""
    best = np.zeros((size[1], size[0]), np.uint8)
    winner = np.zeros((size[1], size[0]), np.uint8)
    for label in np.flatnonzero(np.bincount(labels.ravel())):
        if label == 0:
            continue
        mask = (labels == label).astype(np.uint8) * 255
        x, y, w, h = cv2.boundingRect(mask)  # most parts are small
        reached = transform(np.array([[x - 1, y - 1], [x + w, y + h]], np.float64), affine)
        x0, y0 = np.clip(np.floor(reached[0]), 0, size).astype(int)
        x1, y1 = np.clip(np.ceil(reached[1]) + 1, 0, size).astype(int)
        if x1 <= x0 or y1 <= y0:
            continue
        here = np.s_[y0:y1, x0:x1]
        there = compose(np.array([[1.0, 0, -x0], [0, 1.0, -y0]]), affine)
        moved = cv2.warpAffine(mask, there, (int(x1 - x0), int(y1 - y0)))
        np.copyto(winner[here], label, where=moved > best[here], casting="unsafe")
        np.maximum(best[here], moved, out=best[here])
    return winner


def _count(
    figures: NDArray[np.uint16],
    parts: NDArray[np.uint8],
    certainty: NDArray[np.float32],
    regions: list[tuple[slice, slice]],
    present: list[NDArray[np.float32]],
) -> Composition:
    """Statistics per figure, each of which lies in its region of the maps; then the bags go."""
    n = len(regions)
    areas, confidences = np.zeros((n, BAG + 1), np.int32), np.zeros((n, BAG + 1), np.float32)
    doubtful = np.zeros(n)
    for i, region in enumerate(regions):
        mine = figures[region] == i + 1
        kinds, sure = parts[region][mine], certainty[region][mine]
        areas[i] = np.bincount(kinds, minlength=BAG + 1)
        confidences[i] = np.where(areas[i] > 0, present[i], 0)
        doubtful[i] = np.count_nonzero((sure < 0.5) & (kinds != BAG))
    bags = parts == BAG
    figures[bags], parts[bags] = 0, 0
    return Composition(
        figures,
        parts,
        areas,
        confidences,
        (doubtful / np.maximum(areas[:, :BAG].sum(1), 1)).astype(np.float32),
    )
