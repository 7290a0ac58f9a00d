"""Where people may stand: what the person detector sees at several sizes, gathered to one box per body."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.vision.geometry import FloatArray, Image, iou
from mien.vision.persons import PersonDetector

SIZES = (256, 416, 640)
"""Looks, px of the photo's longer side: for people who fill the photo, for most, and for small ones."""

FAINT = 0.12  # lowest score of a sighting
PROMISE = 0.2  # the costly last look is taken when an earlier one saw this much
SAME_BODY = 0.5  # IoU from which two sightings are one candidate
VOTE = 0.65  # IoU from which a sighting has a say in its candidate's box (box voting: Gidaris & Komodakis, 2015)
SMALLEST = 4.0  # px; nobody can be made out in less


@dataclass(frozen=True, eq=False)
class Candidates:
    """n bodies, best first.

    Attributes:
        boxes: float64 (n, 4) in px of the photo.
        peaks: float64 (n,); the best score that any sighting of the body has.
        looks: float64 (n, 3); the best score at each of `SIZES`, 0 where it was not seen.
    """

    boxes: NDArray[np.float64]
    peaks: NDArray[np.float64]
    looks: NDArray[np.float64]


def find_candidates(detector: PersonDetector, image: Image) -> Candidates:
    """Look at the photo at several sizes. A photo that promises nobody is spared the largest."""
    boxes: list[NDArray[np.float32]] = []
    scores: list[NDArray[np.float32]] = []
    origins: list[NDArray[np.intp]] = []
    for look, size in enumerate(SIZES):
        if look == len(SIZES) - 1 and max((score.max(initial=0) for score in scores), default=0) < PROMISE:
            break
        seen = detector(image, threshold=FAINT, overlap=None, size=size)
        boxes.append(seen.boxes)
        scores.append(seen.scores)
        origins.append(np.full(len(seen.scores), look, np.intp))
    return gather(np.concatenate(boxes), np.concatenate(scores), np.concatenate(origins))


def gather(boxes: FloatArray, scores: FloatArray, origins: NDArray[np.intp]) -> Candidates:
    """Sightings (boxes (m, 4), scores (m,), index of their look (m,)) → candidates.

    The best sighting stands for a body; its box is the mean of those that agree with it, by their squared scores.
    """
    large = (boxes[:, 2:] - boxes[:, :2]).min(1, initial=np.inf) >= SMALLEST
    order = np.flatnonzero(large)[np.argsort(-scores[large], kind="stable")]
    boxes, scores, origins = boxes[order].astype(np.float64), scores[order].astype(np.float64), origins[order]
    free = np.ones(len(boxes), bool)
    bodies, peaks = [], []
    for best in range(len(boxes)):
        if not free[best]:
            continue
        overlap = iou(boxes[best : best + 1], boxes)[0]
        free &= overlap < SAME_BODY
        weights = np.where(overlap >= VOTE, scores**2, 0)
        bodies.append(weights @ boxes / weights.sum())
        peaks.append(scores[best])
    found = np.array(bodies).reshape(-1, 4)
    looks = np.zeros((len(found), len(SIZES)))
    if len(found):
        overlap = iou(boxes, found)
        nearest = overlap.argmax(1)
        near = overlap.max(1) >= SAME_BODY
        np.maximum.at(looks, (nearest[near], origins[near]), scores[near])
    return Candidates(found, np.array(peaks), looks)
