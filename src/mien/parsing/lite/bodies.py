"""One figure per body: second sights of a body that has been seen already are told apart from people close together."""

import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.seeds import Seeds
from mien.vision.geometry import FloatArray, areas, intersections
from mien.vision.pose import VISIBLE, Pose, fit

PRESENT, FITTING = 0.4, 0.5
"""A pose is used from this presence and share of landmarks in the box."""

COINCIDE = 0.08  # median distance of two poses' landmarks, over the body's size
SHARED = 5  # landmarks that both must show

FILLS = 0.5  # height of a face over that of a box it fills
CLOSE_UP = 0.35  # height of somebody's face over that of their box, seen from the chest up
WITHIN = 0.7  # share of a box in another
DEEP_WITHIN = 0.8  # the same, where only the pixels tell
ROBBED = 0.3  # share of its box below which a body is hardly seen; people in full view fill about 0.6
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

    People who fill the photo are seen as several parts. A doubtful seed without a face is one of those if a face that
    another one owns fills it, or if it lies in the box of somebody whose face fills theirs.
    """
    owners = seeds.take(seeds.has_face)
    face_height = (owners.faces[:, 3] - owners.faces[:, 1])[:, None]
    height, owner_height = (boxes[:, 3] - boxes[:, 1] for boxes in (seeds.boxes, owners.boxes))
    holds = intersections(owners.faces, seeds.boxes) > 0.5 * areas(owners.faces)[:, None]
    filled = holds & (face_height > FILLS * height)
    within = intersections(owners.boxes, seeds.boxes) > WITHIN * areas(seeds.boxes)
    part = within & (face_height > CLOSE_UP * owner_height[:, None])
    return seeds.take(seeds.has_face | (seeds.scores >= OWN_RIGHT) | ~(filled | part).any(0))


def visible(seeds: Seeds, body_areas: FloatArray) -> NDArray[np.bool_]:
    """Which seeds show a body of their own once everybody's pixels are shared out, bool (n,).

    A doubtful seed without a face, in the box of a better one that took most of its pixels, is a part of that one.

    Args:
        body_areas: how many px of the photo each seed has got.
    """
    sizes = np.maximum(areas(seeds.boxes), 1)
    better = seeds.scores[None, :] > seeds.scores[:, None]
    inside = (intersections(seeds.boxes, seeds.boxes) / sizes[:, None] * better).max(1, initial=0) > DEEP_WITHIN
    part = inside & (body_areas < ROBBED * sizes) & (seeds.scores < OWN_RIGHT) & ~seeds.has_face
    return np.asarray(~part, np.bool_)


def _coincide(a: Pose, b: Pose) -> bool:
    both = (a.landmarks[:, 2] > VISIBLE) & (b.landmarks[:, 2] > VISIBLE)
    if both.sum() < SHARED:
        return False
    first, second = a.landmarks[both, :2], b.landmarks[both, :2]
    extent = max(float(np.ptp(first, axis=0).max()), 1.0)
    return float(np.median(np.linalg.norm(first - second, axis=1))) < COINCIDE * extent
