"""Whose face is it: every face belongs to one figure, every figure has at most one face."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.faces.regions import HEAD_PARTS, face_box
from mien.parsing.parse import Parse

ENOUGH = 0.5
"""The weakest claim that counts: half the face lies in the figure's mask, or half of its pose's head in the face."""

_VISIBLE = 0.5
_HEAD_LANDMARKS = slice(0, 11)


def claim(parse: Parse, mesh: NDArray[np.floating]) -> NDArray[np.float64]:
    """How strongly each of n figures claims a face, float64 (n,), 0–3.

    The sum of three shares: of the face that lies in the figure's mask, of the face that is labelled as its head,
    and of its pose's visible head landmarks that lie in the face.

    Args:
        parse: of the photo.
        mesh: (468, 2), 0–1 of the photo.
    """
    width, height = parse.size
    points = np.clip(np.round(mesh * (width, height) - 0.5), -1, (width, height)).astype(np.int32)
    (x0, y0), (x1, y1) = np.clip(points.min(0), 0, None), points.max(0) + 1
    figures, parts = parse.figures[y0:y1, x0:x1], parse.parts[y0:y1, x0:x1]
    oval = np.zeros(figures.shape, np.uint8)
    claims = np.zeros(len(parse))
    if oval.size:
        cv2.fillConvexPoly(oval, cv2.convexHull(points - (x0, y0)), 1)
        owners, labels = figures[oval > 0], parts[oval > 0]
        if len(owners):
            bins = len(parse) + 1
            claims += np.bincount(owners, minlength=bins)[1:] / len(owners)
            claims += np.bincount(owners[np.isin(labels, HEAD_PARTS)], minlength=bins)[1:] / len(owners)
    return claims + _poses_inside(parse, face_box(mesh))


def _poses_inside(parse: Parse, box: NDArray[np.float64]) -> NDArray[np.float64]:
    heads = parse.poses[:, _HEAD_LANDMARKS]
    with np.errstate(invalid="ignore"):
        visible = heads[:, :, 2] > _VISIBLE
        inside = ((heads[:, :, :2] >= box[:2]) & (heads[:, :, :2] <= box[2:])).all(2) & visible
    return np.asarray(inside.sum(1) / np.maximum(visible.sum(1), 1), np.float64)


def assign(claims: NDArray[np.float64], scores: NDArray[np.float64]) -> dict[int, int]:
    """Figure → face, one to one, with the largest sum of claims (n figures, k faces), each times the face's score
    (k,): of two views of one head the better one is taken. Weak claims do not count."""
    from scipy.optimize import linear_sum_assignment  # a third of a second: not for photos without faces

    strong = np.where(claims >= ENOUGH, claims * scores, 0)
    pairs = zip(*linear_sum_assignment(strong, maximize=True), strict=True)
    return {int(figure): int(face) for figure, face in pairs if strong[figure, face] > 0}
