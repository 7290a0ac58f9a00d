"""Poses: BlazePose "full" (Bazarevsky et al., 2020): 33 landmarks of the person in a box, and their mask."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.vision.geometry import FloatArray, Picture, crop, invert, square_crop, transform
from mien.vision.session import network, sigmoid

SIZE = 256
GROWTH = 1.25  # side of the crop over the longer side of the body
SURE = 0.3  # presence from which a pose is refined
VISIBLE = 0.5

# The network also predicts the body's circle: its centre (hips) and a point on its rim above the head.
_HIPS, _RIM = 33, 34


@dataclass(frozen=True, eq=False)
class Pose:
    """One person's pose.

    Attributes:
        landmarks: float32 (33, 3); x, y in px of the image, visibility 0–1.
        presence: 0–1, that a person is there.
        features: float32 (8, 128, 128); what the network saw, for `PersonMasks`.
        affine: float64 (2, 3); image → crop of 256×256 px.
    """

    landmarks: NDArray[np.float32]
    presence: float
    features: NDArray[np.float32]
    affine: NDArray[np.float64]


class PoseEstimator:
    """Finds the pose of the person in a box, in two passes: the first finds where the body is and how it leans."""

    def __init__(self) -> None:
        self._network = network("pose")

    def __call__(self, image: Picture, box: FloatArray) -> Pose:
        """The pose of the person in `box` (4,), px of the RGB `image`."""
        side = GROWTH * float(max(box[2] - box[0], box[3] - box[1]))
        first, circle = self._look(image, square_crop((box[:2] + box[2:]) / 2, side, SIZE))
        if first.presence < SURE:
            return first
        up = circle[1] - circle[0]
        radius = float(np.linalg.norm(up))
        if radius < 1:
            return first
        turned = square_crop(circle[0], 2 * GROWTH * radius, SIZE, rotation=float(np.arctan2(up[0], -up[1])))
        second, _ = self._look(image, turned)
        # In a crowd the refined crop drifts to a neighbour: it must still describe the person of the box.
        keeps = second.presence >= first.presence - 0.2 and fit(second, box) >= fit(first, box) - 0.1
        return second if keeps else first

    def _look(self, image: Picture, affine: NDArray[np.float64]) -> tuple[Pose, NDArray[np.float64]]:
        fitted = crop(image, affine, (SIZE, SIZE)).astype(np.float32)
        points, presence, features = self._network(np.divide(fitted[None], 255, dtype=np.float32))
        points = points.reshape(39, 5)
        placed = transform(points[:, :2].astype(np.float64), invert(affine))
        visibility = sigmoid(points[:33, 3])
        pose = Pose(
            landmarks=np.hstack([placed[:33], visibility[:, None]]).astype(np.float32),
            presence=float(presence.ravel()[0]),
            features=features[0],
            affine=affine,
        )
        return pose, placed[[_HIPS, _RIM]]


class PersonMasks:
    """Says which pixels are the person of a pose. As costly as a pass of the pose, so not every pose gets one."""

    def __init__(self) -> None:
        self._network = network("pose_mask")

    def __call__(self, pose: Pose) -> NDArray[np.float32]:
        """Of each pixel of the pose's crop, 0–1, that it is the person: float32 (256, 256)."""
        return sigmoid(self._network(pose.features[None])[0][0, :, :, 0])


def fit(pose: Pose, box: FloatArray) -> float:
    """Share of the visible landmarks that lie in the slightly grown box; 0 if fewer than four are visible."""
    visible = pose.landmarks[:, 2] > VISIBLE
    if visible.sum() < 4:
        return 0.0
    points = pose.landmarks[visible, :2]
    slack = 0.08 * (box[2:] - box[:2])
    inside = (points >= box[:2] - slack) & (points <= box[2:] + slack)
    return float(inside.all(1).mean())
