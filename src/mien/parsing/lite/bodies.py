"""One figure per body: second sights of a body that has been seen already are told apart from people close together."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.seeds import Seeds
from mien.parsing.parse import LANDMARKS
from mien.vision.geometry import FloatArray, areas, intersections
from mien.vision.pose import VISIBLE, Pose, fit

PRESENT, FITTING = 0.4, 0.5
"""A pose is used from this presence and share of landmarks in the box."""

COINCIDE = 0.08  # median distance of two poses' landmarks, over the body's size
SHARED = 5  # landmarks that both must show

FILLS = 0.5  # height of a face over that of a box it fills
CLOSE_UP = 0.35  # height of somebody's face over that of their box, seen from the chest up
WITHIN = 0.7  # share of a box in another
DEEP_WITHIN = 0.8  # the same, where no face tells
HIDDEN = 0.03  # share of its box below which a body is not seen; people in full view fill about 0.6
FAINT = 0.45  # score below which nobody is seen deep in somebody else's box
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


def normalised(poses: Sequence[Pose | None], width: int, height: int) -> NDArray[np.float32]:
    """Poses in a photo of `width`×`height` px as `Parse` has them, (n, 33, 3)."""
    found = np.full((len(poses), LANDMARKS, 3), np.nan, np.float32)
    for row, pose in zip(found, poses, strict=True):
        if pose is not None:
            row[:] = pose.landmarks / (width, height, 1)
    return found


def near(poses: Sequence[Pose | None], boxes: NDArray[np.float64]) -> list[list[Pose]]:
    """For each body the known poses of others whose boxes (n, 4) meet its own."""
    meet = intersections(boxes, boxes) > 0
    return [
        [pose for j, pose in enumerate(poses) if pose is not None and j != i and meet[i, j]] for i in range(len(poses))
    ]


def distinct(seeds: Seeds) -> Seeds:
    """The seeds that are bodies of their own.

    People who fill the photo are seen as several parts. A doubtful seed without a face is one of those if a face that
    another one owns fills it, or if it lies in the box of somebody whose face fills theirs, or deep in anybody's box
    while it is less probable still.
    """
    owners = seeds.take(seeds.has_face)
    face_height = (owners.faces[:, 3] - owners.faces[:, 1])[:, None]
    height, owner_height = (boxes[:, 3] - boxes[:, 1] for boxes in (seeds.boxes, owners.boxes))
    holds = intersections(owners.faces, seeds.boxes) > 0.5 * areas(owners.faces)[:, None]
    filled = holds & (face_height > FILLS * height)
    within = intersections(owners.boxes, seeds.boxes) > WITHIN * areas(seeds.boxes)
    part = within & (face_height > CLOSE_UP * owner_height[:, None])
    doubtful = ~seeds.has_face & (seeds.scores < OWN_RIGHT)
    better = seeds.scores[None, :] > seeds.scores[:, None]
    share = intersections(seeds.boxes, seeds.boxes) / np.maximum(areas(seeds.boxes), 1)[:, None] * better
    deep = (share.max(1, initial=0) > DEEP_WITHIN) & (seeds.scores < FAINT)
    return seeds.take(~doubtful | ~((filled | part).any(0) | deep))


def visible(seeds: Seeds, body_areas: FloatArray) -> NDArray[np.bool_]:
    """Which seeds are seen at all once everybody's pixels are shared out, bool (n,); those with a face are.

    Args:
        body_areas: how many px of the photo each seed has got.
    """
    return np.asarray(seeds.has_face | (body_areas >= HIDDEN * areas(seeds.boxes)), np.bool_)


def _coincide(a: Pose, b: Pose) -> bool:
    both = (a.landmarks[:, 2] > VISIBLE) & (b.landmarks[:, 2] > VISIBLE)
    if both.sum() < SHARED:
        return False
    first, second = a.landmarks[both, :2], b.landmarks[both, :2]
    extent = max(float(np.ptp(first, axis=0).max()), 1.0)
    return float(np.median(np.linalg.norm(first - second, axis=1))) < COINCIDE * extent
