"""The skeleton as the part network sees it: three channels drawn over the person's crop."""

import itertools
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.vision.geometry import FloatArray

VISIBLE = 0.3

# BlazePose's landmarks.
NOSE, RIGHT_EYE, LEFT_EYE, MOUTH_LEFT, MOUTH_RIGHT = 0, 5, 2, 9, 10
SHOULDERS, HIPS = (11, 12), (23, 24)
ARMS = ((11, 13, 15, 19), (12, 14, 16, 20))  # the person's left, right: shoulder, elbow, wrist, index finger
LEGS = ((23, 25, 27, 31), (24, 26, 28, 32))  # hip, knee, ankle, foot

_FAR = 4000  # px; beyond the crop, and within what the drawing routines can count


def draw(landmarks: FloatArray, width: int, height: int) -> NDArray[np.uint8]:
    """Draw a pose as the part network was trained with it.

    Args:
        landmarks: (33, 3); x, y in px of the crop, visibility 0–1.

    Returns:
        uint8 (height, width, 3): torso and face; left limbs; right limbs. Lines are 128 (arms 255), the face disc 255.
    """
    points = np.clip(landmarks[:, :2].astype(np.float64), -_FAR, _FAR)
    visible = landmarks[:, 2] > VISIBLE
    thickness = max(3, int(height * 0.018))
    torso, left, right = (np.zeros((height, width), np.uint8) for _ in range(3))

    def line(canvas: NDArray[np.uint8], start: FloatArray, end: FloatArray, value: int) -> None:
        cv2.line(canvas, _pixel(start), _pixel(end), value, thickness)

    if visible[list(SHOULDERS)].all():
        line(torso, points[SHOULDERS[0]], points[SHOULDERS[1]], 128)
        if visible[list(HIPS)].all():
            line(torso, points[HIPS[0]], points[HIPS[1]], 128)
            line(torso, points[list(SHOULDERS)].mean(0), points[list(HIPS)].mean(0), 128)
    if visible[NOSE]:
        eyes = points[[LEFT_EYE, RIGHT_EYE]].mean(0)
        mouth = points[[MOUTH_LEFT, MOUTH_RIGHT]].mean(0)
        radius = max(2, int(min(1.3 * float(np.linalg.norm(eyes - mouth)), height)))
        cv2.circle(torso, _pixel((eyes + mouth) / 2), radius, 255, -1)
    for side, canvas in enumerate((left, right)):
        for limb, value in ((LEGS[side], 128), (ARMS[side], 255)):
            for start, end in itertools.pairwise(limb):
                if visible[start] and visible[end]:
                    line(canvas, points[start], points[end], value)
    return np.stack([torso, left, right], 2)


def draw_guides(
    landmarks: FloatArray | None, others: Sequence[FloatArray], width: int, height: int
) -> NDArray[np.uint8]:
    """What the part network sees beside the colours: whose crop this is, and who else is in it.

    Args:
        landmarks: of the person, as for `draw`; `None` if their pose is not known.
        others: the poses of other people near, the same.

    Returns:
        uint8 (height, width, 4): `draw` of the person; the skeletons of all others in one channel.
    """
    guides = np.zeros((height, width, 4), np.uint8)
    if landmarks is not None:
        guides[..., :3] = draw(landmarks, width, height)
    for other in others:
        np.maximum(guides[..., 3], draw(other, width, height).max(2), out=guides[..., 3])
    return guides


def _pixel(point: FloatArray) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
