"""Many people's part maps → one photo's label maps, every pixel owned by at most one figure."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.network import PartMaps
from mien.parsing.lite.presence import calibration, presence
from mien.parsing.parse import BAG
from mien.vision.geometry import FloatArray, compose, invert, transform

DOUBTED = 0.8
"""Weight of the claims of a figure that is hardly believed; 1 for one that is sure."""


@dataclass(frozen=True, eq=False)
class Composition:
    """n figures on maps of H×W px: see `Parse` for the fields of the same names."""

    figures: NDArray[np.uint16]
    parts: NDArray[np.uint8]
    areas: NDArray[np.int32]
    confidences: NDArray[np.float32]
    uncertain: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class _Layer:
    """One figure on its region of the maps, h×w px: `body` bool, `claim` and `certainty` float32, `labels` uint8."""

    region: tuple[slice, slice]
    body: NDArray[np.bool_]
    claim: NDArray[np.float32]
    certainty: NDArray[np.float32]
    labels: NDArray[np.uint8]


def place(people: list[PartMaps], scores: FloatArray, width: int, height: int, scale: float) -> Composition:
    """Compose the figures of one photo, of these scores 0–1 (n,), on maps of `width`×`height` px.

    `scale` is map px per photo px.
    """
    layers = [_layer(maps, float(score), width, height, scale) for maps, score in zip(people, scores, strict=True)]
    figures = _share_out(layers, width, height)
    parts = np.zeros((height, width), np.uint8)
    certainty = np.zeros((height, width), np.float32)
    for number, layer in enumerate(layers, 1):
        here = figures[layer.region]
        # Bags lie outside the person's mask; they are carried along to be counted.
        np.copyto(here, number, where=(layer.labels == BAG) & np.equal(here, 0))
        mine = np.equal(here, number)
        np.copyto(parts[layer.region], layer.labels, where=mine)
        np.copyto(certainty[layer.region], layer.certainty, where=mine)
    constants = calibration()
    present = [presence(maps.evidence, constants) for maps in people]
    return _count(figures, parts, certainty, [layer.region for layer in layers], present)


def _share_out(layers: list[_Layer], width: int, height: int) -> NDArray[np.uint16]:
    """Whose each pixel of `width`×`height` px is: the figure's number, 0 = nobody's.

    Where the same figures claim a zone, one of them is in front and has all of it: who claims it most altogether. Faces
    are shared out pixel by pixel, as they lie in zones where little else of their owner does.
    """
    figures = np.zeros((height, width), np.uint16)
    strongest = np.zeros((height, width), np.float32)
    rivals = np.zeros((height, width), np.uint8)
    for number, layer in enumerate(layers, 1):
        stronger = layer.body & (layer.claim > strongest[layer.region])
        np.copyto(figures[layer.region], number, where=stronger)
        np.copyto(strongest[layer.region], layer.claim, where=stronger)
        rivals[layer.region] += layer.body
    disputed = np.nonzero((rivals > 1) & (strongest <= 1))
    claims = [_claims(layer, *disputed) for layer in layers]
    zone = np.zeros(len(disputed[0]), np.intp)  # numbers; those with the same claimants have the same
    for where, _ in claims:
        zone *= 2
        zone[where] += 1
        zone = (np.cumsum(np.bincount(zone) > 0) - 1)[zone]
    count = int(zone.max(initial=-1)) + 1
    totals = [np.bincount(zone[where], claim, count) for where, claim in claims]
    if count:
        figures[disputed] = 1 + np.argmax(totals, 0)[zone]
    return figures


def _claims(
    layer: _Layer, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Which of these pixels of the maps a figure claims, and how strongly."""
    down, across = layer.region
    within = (rows >= down.start) & (rows < down.stop) & (columns >= across.start) & (columns < across.stop)
    inside = np.flatnonzero(within)
    here = rows[inside] - down.start, columns[inside] - across.start
    mine = layer.body[here]
    return inside[mine], layer.claim[here][mine]


def _layer(maps: PartMaps, score: float, width: int, height: int, scale: float) -> _Layer:
    to_map, region, size = _placement(maps, width, height, scale)
    if not size[0] or not size[1]:
        nothing = np.zeros((size[1], size[0]), np.float32)
        return _Layer(region, nothing > 0, nothing, nothing, nothing.astype(np.uint8))
    person, claim, sure = cv2.split(cv2.warpAffine(cv2.merge([maps.person, maps.claim, maps.certainty]), to_map, size))
    claim *= DOUBTED + (1 - DOUBTED) * score
    labels = _smooth_labels(maps.labels, to_map, size)
    body = (person > 0.5) & (labels > 0) & (labels != BAG)
    return _Layer(region, body, np.asarray(claim, np.float32), np.asarray(sure, np.float32), labels)


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
