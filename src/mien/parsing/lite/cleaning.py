"""Repairs of a person's part labels that need no network: garments in one piece, no specks, no holes."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import BAG, PART_ID
from mien.vision.geometry import FloatArray, Image

GARMENTS = tuple(PART_ID[name] for name in ("upper-clothes", "dress", "coat", "pants", "skirt"))
"""The garments that are mistaken for each other."""

SMALL = 0.25  # of the garment it touches: a fragment this small is more likely a part of it
MARGIN = 0.3  # by which a fragment's own label may be more probable than its neighbour's, and still give way
SAME_COLOUR = 10.0  # distance in 8-bit CIELAB
SPECK = 4  # px; not worth a vote

GLASSES = 0.06  # of the face; smaller ones are eyes (in labelled street photos 99 % of the glasses are larger)
ISLAND = 0.004  # of the person
HOLE = 0.002  # of the person
PATCH = 0.015  # of the person; a smaller bag is a badge or a pocket


def clean(
    probabilities: NDArray[np.float32], colours: Image, landmarks: FloatArray | None = None
) -> NDArray[np.uint8]:
    """The best label of each pixel, repaired.

    Args:
        probabilities: (21, h, w); background, 19 parts, bag.
        colours: uint8 (h, w, 3), RGB, of the same crop.
        landmarks: (33, 3); the pose in px of the crop, and visibility 0–1; None where none is known.

    Returns:
        uint8 (h, w); 0–20. Background is where it and bags are more probable than all parts together.
    """
    labels = strongest_part(probabilities)
    background, bag = probabilities[0], probabilities[BAG]
    labels[background + bag >= 0.5] = 0
    labels[(bag > background) & (bag > 1 - background - bag)] = BAG
    labels = vote(labels, probabilities, colours)
    labels = uncover_eyes(labels)
    return fill_holes(fill_holes(drop_islands(labels), BAG, PATCH), 0, HOLE)


def strongest_part(probabilities: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The likeliest of the labels 1–19 of each pixel, the first of equals: as `argmax`, several times as fast."""
    best = probabilities[1:BAG].max(0)
    labels = np.zeros(best.shape, np.uint8)
    for part in reversed(range(1, BAG)):
        np.copyto(labels, part, where=probabilities[part] == best, casting="unsafe")
    return labels


def vote(labels: NDArray[np.uint8], probabilities: NDArray[np.float32], colours: Image) -> NDArray[np.uint8]:
    """Garment fragments take the label of a larger garment that they touch, if that is nearly as probable
    and they are much smaller or of the same colour."""
    lab = cv2.cvtColor(colours, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    for _ in range(2):
        ids, kinds = _fragments(labels)
        if len(kinds) < 3:
            break
        inside = np.flatnonzero(ids)
        flat = ids.ravel()[inside]
        area = np.bincount(flat, minlength=len(kinds)).astype(np.float64)
        share = np.maximum(area, 1)
        likely = {g: np.bincount(flat, probabilities[g].ravel()[inside], len(kinds)) / share for g in set(kinds[1:])}
        tone = np.stack([np.bincount(flat, lab[inside, c], len(kinds)) / share for c in range(3)], 1)
        become = kinds.copy()
        touching = _touching(ids, len(kinds))
        for fragment in 1 + np.argsort(area[1:], kind="stable"):
            best = MARGIN
            for other in np.flatnonzero(touching[fragment]):
                kind = kinds[other]
                if kind == kinds[fragment] or area[other] <= area[fragment]:
                    continue
                gap = likely[kinds[fragment]][fragment] - likely[kind][fragment]
                alike = np.linalg.norm(tone[fragment] - tone[other]) < SAME_COLOUR
                if gap < best and (area[fragment] < SMALL * area[other] or alike):
                    best, become[fragment] = gap, kind
        if (become == kinds).all():
            break
        labels = np.where(ids > 0, become[ids], labels)
    return labels


def uncover_eyes(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Glasses too small for glasses are the face."""
    glasses, face = labels == PART_ID["sunglasses"], labels == PART_ID["face"]
    found = np.count_nonzero(glasses)
    if 0 < found < GLASSES * (found + np.count_nonzero(face)):
        labels = np.where(glasses, np.uint8(PART_ID["face"]), labels)
    return labels


def drop_islands(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Specks apart from the body become background."""
    count, ids, stats, _ = cv2.connectedComponentsWithStats((labels > 0).astype(np.uint8), connectivity=8)
    area = stats[:, cv2.CC_STAT_AREA]
    keep = area >= ISLAND * area[1:].sum()
    keep[0] = False
    return labels if count < 2 or keep[1:].all() else np.where(keep[ids], labels, np.uint8(0))


def fill_holes(labels: NDArray[np.uint8], kind: int, largest: float) -> NDArray[np.uint8]:
    """Patches of the label `kind` inside the body, up to this share of it, take the label that surrounds them most."""
    mine = (labels == kind).view(np.uint8)
    if not mine.any():
        return labels
    height, width = labels.shape
    count, ids, stats, _ = cv2.connectedComponentsWithStats(mine, connectivity=4)
    body = np.count_nonzero(labels)
    filled = labels.copy()
    for patch in range(1, count):
        x, y, w, h, area = stats[patch]
        if area >= largest * body or x == 0 or y == 0 or x + w == width or y + h == height:
            continue
        around = np.s_[y - 1 : y + h + 1, x - 1 : x + w + 1]
        inside = ids[around] == patch
        ring = cv2.dilate(inside.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) & ~inside
        filled[around][inside] = np.bincount(labels[around][ring]).argmax()
    return filled


def _fragments(labels: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Connected pieces of garments: their numbers (h, w), 0 = none, and each number's label."""
    ids = np.zeros(labels.shape, np.int32)
    kinds = [0]
    for garment in GARMENTS:
        mine = (labels == garment).view(np.uint8)
        x, y, w, h = cv2.boundingRect(mine)
        if not w:
            continue
        count, pieces, stats, _ = cv2.connectedComponentsWithStats(mine[y : y + h, x : x + w], connectivity=4)
        number = np.zeros(count, np.int32)
        for piece in range(1, count):
            if stats[piece, cv2.CC_STAT_AREA] >= SPECK:
                number[piece] = len(kinds)
                kinds.append(garment)
        ids[y : y + h, x : x + w] += number[pieces]
    return ids, np.array(kinds, np.uint8)


def _touching(ids: NDArray[np.int32], count: int) -> NDArray[np.bool_]:
    """Which pieces lie within two px of each other: bool (count, count)."""
    touching = np.zeros((count, count), bool)
    for step in (1, 2):
        for a, b in ((ids[:, :-step], ids[:, step:]), (ids[:-step], ids[step:])):
            meet = (a != b) & (a > 0) & (b > 0)
            touching[a[meet], b[meet]] = True
    return touching | touching.T
