"""Repairs of a person's label map that need no network: no specks, no holes, no glasses where eyes are."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import PART_ID

GLASSES = 0.06  # of the face; smaller ones are eyes (in labelled street photos 99 % of the glasses are larger)
ISLAND = 0.004  # of the person


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
    left, top, across, down = cv2.boundingRect(mine)
    if not across:
        return labels
    height, width = labels.shape
    area = np.s_[top : top + down, left : left + across]
    count, ids, stats, _ = cv2.connectedComponentsWithStats(mine[area], connectivity=4)
    limit = largest * np.count_nonzero(labels)
    filled = labels.copy()
    for patch in range(1, count):
        x, y, w, h, size = stats[patch] + (left, top, 0, 0, 0)
        if size >= limit or x == 0 or y == 0 or x + w == width or y + h == height:
            continue
        inside = np.zeros((h + 2, w + 2), np.uint8)
        inside[1:-1, 1:-1] = ids[y - top : y - top + h, x - left : x - left + w] == patch
        ring = cv2.dilate(inside, np.ones((3, 3), np.uint8)) > inside
        around = filled[y - 1 : y + h + 1, x - 1 : x + w + 1]
        around[inside > 0] = np.bincount(labels[y - 1 : y + h + 1, x - 1 : x + w + 1][ring]).argmax()
    return filled
