"""From probabilities to a person's label map: garments in one piece, sides by the pose, no specks, no holes."""

import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.regions import settle_sides, vote
from mien.parsing.lite.repairs import drop_islands, fill_holes, uncover_eyes
from mien.parsing.parse import BAG
from mien.vision.geometry import FloatArray, Image

HOLE = 0.002  # of the person
PATCH = 0.015  # of the person; a smaller bag is a badge or a pocket


def clean(probabilities: NDArray[np.float32], colours: Image, landmarks: FloatArray | None = None) -> NDArray[np.uint8]:
    """The best label of each pixel, repaired.

    Args:
        probabilities: (21, h, w); background, 19 parts, bag; 0 for parts that nobody shall have.
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
    labels = drop_islands(uncover_eyes(labels))
    labels = fill_holes(fill_holes(labels, BAG, PATCH), 0, HOLE)
    return settle_sides(labels, probabilities, landmarks)


def strongest_part(probabilities: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The likeliest of the labels 1–19 of each pixel, the first of equals: as `argmax`, several times as fast."""
    best = probabilities[1:BAG].max(0)
    labels = np.zeros(best.shape, np.uint8)
    for part in reversed(range(1, BAG)):
        np.copyto(labels, part, where=probabilities[part] == best, casting="unsafe")
    return labels
