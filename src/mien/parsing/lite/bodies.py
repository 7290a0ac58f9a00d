"""One figure per body: second sights of a body that has been seen already are told apart from people close together."""

import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.seeds import Seeds
from mien.vision.geometry import areas, intersections
from mien.vision.pose import VISIBLE, Pose, fit

PRESENT, FITTING = 0.4, 0.5
"""A pose is used from this presence and share of landmarks in the box."""

COINCIDE = 0.08  # median distance of two poses' landmarks, over the body's size
SHARED = 5  # landmarks that both must show

ANOTHER_FACE = 0.5  # height of a face that another seed owns, over the box's height
OWN_RIGHT = 0.5  # score from which a seed is believed all the same


def trusted_poses(poses: list[Pose], boxes: NDArray[np.float64]) -> list[Pose | None]:
    """The poses that describe the person of their box. Where two landed on one body, the better fitting one stays."""
    fits = [fit(pose, box) for pose, box in zip(poses, boxes, strict=True)]
    trusted = [
        pose if pose.presence > PRESENT and share > FITTING else None for pose, share in zip(poses, fits, strict=True)
    ]
    for i in range(len(poses)):
        for j in range(i):
            a, b = trusted[i], trusted[j]
            if a is not None and b is not None and _coincide(a, b):
                trusted[i if fits[i] <= fits[j] else j] = None
    return trusted


def distinct(seeds: Seeds) -> Seeds:
    """The seeds that are bodies of their own.

    A doubtful seed without a face is a second sight of a body if it is filled by a face that another one owns:
    people who fill the photo are seen as several parts.
    """
    owned = seeds.faces[seeds.has_face]
    inside = intersections(owned, seeds.boxes) > 0.5 * areas(owned)[:, None]
    large = (owned[:, 3] - owned[:, 1])[:, None] > ANOTHER_FACE * (seeds.boxes[:, 3] - seeds.boxes[:, 1])
    filled = (inside & large).any(0)
    return seeds.take(seeds.has_face | (seeds.scores >= OWN_RIGHT) | ~filled)


def _coincide(a: Pose, b: Pose) -> bool:
    both = (a.landmarks[:, 2] > VISIBLE) & (b.landmarks[:, 2] > VISIBLE)
    if both.sum() < SHARED:
        return False
    first, second = a.landmarks[both, :2], b.landmarks[both, :2]
    extent = max(float(np.ptp(first, axis=0).max()), 1.0)
    return float(np.median(np.linalg.norm(first - second, axis=1))) < COINCIDE * extent
