"""Where people may stand: what the person detector sees at several sizes, gathered to one box per body."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.vision.geometry import FloatArray, Picture, areas, intersections, iou
from mien.vision.persons import PersonBoxes, PersonDetector

SIZES = (256, 416, 640)
"""Looks, px of the photo's longer side: for people who fill the photo, for most, and for small ones."""

FAINT = 0.12  # lowest score of a sighting
PROMISE = 0.2  # the costly last look is taken when an earlier one saw this much,
SMALL = 0.264  # and somebody, however faint, who is lower than this share of the longer side
SURE, WITHIN = 0.5, 0.5  # half within somebody larger of this score it is a hand or a head of theirs
SAME_BODY = 0.5  # IoU from which two sightings are one candidate
VOTE = 0.65  # IoU from which boxes agree, and vote on their candidate's (box voting: Gidaris & Komodakis, 2015)
SMALLEST = 4.0  # px; nobody can be made out in less


@dataclass(frozen=True, eq=False)
class Candidates:
    """n bodies, best first.

    Attributes:
        boxes: float64 (n, 4) in px of the photo.
        peaks: float64 (n,); the best score that any sighting of the body has.
        looks: float64 (n, 2 or 3); the best score at each of `SIZES` looked at, 0 where it was not seen.
    """

    boxes: NDArray[np.float64]
    peaks: NDArray[np.float64]
    looks: NDArray[np.float64]


def find_candidates(detector: PersonDetector, image: Picture) -> Candidates:
    """Look at the photo at several sizes: at the largest only where small people may be."""
    looks = [_look(detector, image, size) for size in SIZES[:-1]]
    scores = np.concatenate([look.scores for look in looks])
    boxes = np.concatenate([look.boxes for look in looks])
    small = boxes[:, 3] - boxes[:, 1] < SMALL * max(image.shape[:2])
    within = intersections(boxes, boxes[~small & (scores >= SURE)]).max(1, initial=0)
    small &= within < WITHIN * np.maximum(areas(boxes), 1)
    if scores.max(initial=0) >= PROMISE and small.any():
        looks.append(_look(detector, image, SIZES[-1]))
    return gather([look.boxes for look in looks], [look.scores for look in looks])


def _look(detector: PersonDetector, image: Picture, size: int) -> PersonBoxes:
    return detector(image, threshold=FAINT, overlap=None, size=size)


def gather(sightings: Sequence[FloatArray], certainties: Sequence[FloatArray]) -> Candidates:
    """The sightings of each look (boxes (m, 4) and their scores (m,)) → candidates.

    The best sighting stands for a body; its box is the mean of those that agree with it, by their squared scores.
    Bodies whose boxes then agree are one that was seen cut short, so its box holds both.
    """
    boxes = np.concatenate(sightings).astype(np.float64)
    scores = np.concatenate(certainties).astype(np.float64)
    origins = np.repeat(np.arange(len(certainties)), [len(certainty) for certainty in certainties])
    large = (boxes[:, 2:] - boxes[:, :2]).min(1, initial=np.inf) >= SMALLEST
    order = np.flatnonzero(large)[np.argsort(-scores[large], kind="stable")]
    boxes, scores, origins = boxes[order], scores[order], origins[order]
    free = np.ones(len(boxes), bool)
    bodies: list[NDArray[np.float64]] = []
    peaks: list[float] = []
    for best in range(len(boxes)):
        if not free[best]:
            continue
        overlap = iou(boxes[best : best + 1], boxes)[0]
        free &= overlap < SAME_BODY
        weights = np.where(overlap >= VOTE, scores**2, 0)
        body = weights @ boxes / weights.sum()
        agreeing = iou(body[None], np.reshape(bodies, (-1, 4)))[0] >= VOTE
        if agreeing.any():
            first = int(agreeing.argmax())
            known = bodies[first]
            bodies[first] = np.hstack([np.minimum(known[:2], body[:2]), np.maximum(known[2:], body[2:])])
            continue
        bodies.append(body)
        peaks.append(scores[best])
    found = np.array(bodies).reshape(-1, 4)
    looks = np.zeros((len(found), len(certainties)))
    if len(found):
        overlap = iou(boxes, found)
        nearest = overlap.argmax(1)
        near = overlap.max(1) >= SAME_BODY
        np.maximum.at(looks, (nearest[near], origins[near]), scores[near])
    return Candidates(found, np.array(peaks), looks)
