"""From probabilities to a person's label map: what is worn is decided, borders follow edges, regions become things."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.borders import follow_edges
from mien.parsing.lite.presence import PATCH, calibrated, calibration, claimed, gather
from mien.parsing.lite.regions import settle_sides, vote
from mien.parsing.lite.repairs import drop_islands, fill_holes, uncover_eyes
from mien.parsing.parse import BAG
from mien.vision.geometry import FloatArray, Image

NOBODY = 0.98  # of the background, from which nothing is to be seen
HOLE = 0.002  # of the person
LEAST_BAG = 0.015  # of the person; a smaller bag is a badge or a pocket


@dataclass(frozen=True, eq=False)
class Cleaned:
    """A person in a crop of h×w px.

    Attributes:
        labels: uint8 (h, w); 0–20.
        person: float32 (h, w); 0–1, that a pixel shows the person, by the network and the picture's edges.
        certainty: float32 (h, w); calibrated probability that the label is right.
        evidence: float64 (21, 4); for each part's presence, see `presence.gather`.
    """

    labels: NDArray[np.uint8]
    person: NDArray[np.float32]
    certainty: NDArray[np.float32]
    evidence: NDArray[np.float64]


def clean(
    probabilities: NDArray[np.float32],
    colours: Image,
    worn: NDArray[np.float32],
    landmarks: FloatArray | None = None,
) -> Cleaned:
    """What a person's parts are, given what the network says of each pixel by itself.

    Args:
        probabilities: (21, h, w), sides multiples of 4; background, 19 parts, bag.
        colours: uint8 (h, w, 3), RGB, of the same crop.
        worn: (21,); log-odds that the person has each at all, as the network sees them as a whole.
        landmarks: (33, 3); the pose in px of the crop, and visibility 0–1; None where none is known.
    """
    body = _extent(probabilities[0])
    near, near_colours = probabilities[(slice(None), *body)], np.ascontiguousarray(colours[body])
    evidence = gather(near, worn)
    aligned = follow_edges(near, near_colours, claimed(evidence, calibration()))
    moved = None if landmarks is None else landmarks - [body[1].start, body[0].start, 0]
    labels = label(aligned, near_colours, moved)
    chosen = np.take_along_axis(aligned, labels[None].astype(np.intp), 0)[0]
    size = colours.shape[:2]
    cleaned = Cleaned(np.zeros(size, np.uint8), np.zeros(size, np.float32), np.zeros(size, np.float32), evidence)
    cleaned.labels[body] = labels
    cleaned.person[body] = np.maximum(1 - aligned[0] - aligned[BAG], 0)
    cleaned.certainty[body] = calibrated(chosen, calibration())
    return cleaned


def label(probabilities: NDArray[np.float32], colours: Image, landmarks: FloatArray | None = None) -> NDArray[np.uint8]:
    """The best label of each pixel, repaired: see `clean`; probabilities are 0 for parts that nobody shall have.

    Returns:
        uint8 (h, w); 0–20. Background is where it and bags are more probable than all parts together.
    """
    labels = strongest_part(probabilities)
    background, bag = probabilities[0], probabilities[BAG]
    labels[background + bag >= 0.5] = 0
    labels[(bag > background) & (bag > 1 - background - bag)] = BAG
    labels = vote(labels, probabilities, colours)
    labels = drop_islands(uncover_eyes(labels))
    labels = fill_holes(fill_holes(labels, BAG, LEAST_BAG), 0, HOLE)
    return settle_sides(labels, probabilities, landmarks)


def strongest_part(probabilities: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The likeliest of the labels 1–19 of each pixel, the first of equals: as `argmax`, several times as fast."""
    best = probabilities[1:BAG].max(0)
    labels = np.zeros(best.shape, np.uint8)
    for part in reversed(range(1, BAG)):
        np.copyto(labels, part, where=probabilities[part] == best, casting="unsafe")
    return labels


def _extent(background: NDArray[np.float32]) -> tuple[slice, slice]:
    """The part of the crop in which something may be seen, and a little around it: sides multiples of `PATCH`."""
    x, y, w, h = cv2.boundingRect((background < NOBODY).view(np.uint8))
    height, width = background.shape
    left, top = max(0, x // PATCH - 2) * PATCH, max(0, y // PATCH - 2) * PATCH
    right, bottom = (-(-end // PATCH) * PATCH + 2 * PATCH for end in (x + w, y + h))
    return slice(top, min(height, bottom)), slice(left, min(width, right))
