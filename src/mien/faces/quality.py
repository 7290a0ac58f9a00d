"""How far a face can be trusted to tell who it is: size, sharpness, turn."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.faces.face import FaceQuality
from mien.faces.regions import CHIN, FOREHEAD, LEFT_SIDE, RIGHT_SIDE, eye_centres
from mien.vision.face_vector import CHIP
from mien.vision.geometry import Image

CHIP_EYES = 52.5
"""Distance between the eyes' centres in a chip, px: what lies beyond it in the photo does not reach the vector."""

_SIDES = ((LEFT_SIDE, RIGHT_SIDE), (263, 33), (291, 61))  # left and right: face, eyes' outer corners, mouth

# Of the mesh's line from chin to forehead: its mean over 41 portraits of people who look straight ahead.
_NEUTRAL_PITCH = -10.0
# Frequencies in radians per px: of faces blurred beyond use (Gaussian of 3 px and more), and of sharp ones.
_BLURRED, _SHARP = 0.30, 1.0
# Radians of detail between the eyes, from where vectors start to tell people apart up to where they change no more.
_DETAIL = (7.0, 22.0)
_YAW, _PITCH = (35.0, 75.0), (25.0, 60.0)  # degrees, from the first loss to no use


def measure(mesh: NDArray[np.floating], chip: Image, *, presence: float = 1.0, full_scale: float = 1.0) -> FaceQuality:
    """The quality of one face.

    Args:
        mesh: (468, 3), px of the photo's pixels.
        chip: the aligned face, uint8 (150, 150, 3).
        presence: 0–1, that this is a face.
        full_scale: px of the photo at its full size per px of `mesh`.
    """
    left, right = eye_centres(mesh)
    eyes = float(np.linalg.norm(left - right))
    yaw, pitch, roll = turn(mesh)
    frequency = detail_frequency(chip, CHIP_EYES / max(eyes, 1e-6))
    detail = frequency * min(eyes, CHIP_EYES)
    usable = presence * _rise(detail, *_DETAIL) * (1 - _rise(abs(yaw), *_YAW)) * (1 - _rise(abs(pitch), *_PITCH))
    return FaceQuality(
        size=eyes * full_scale,
        sharpness=_rise(frequency, _BLURRED, _SHARP),
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        usable=usable,
    )


def turn(mesh: NDArray[np.floating]) -> tuple[float, float, float]:
    """Yaw, pitch and roll in degrees (signs as in `FaceQuality`), from mesh points (468, 3)."""
    points = mesh.astype(np.float64)
    across = np.sum([points[left] - points[right] for left, right in _SIDES], axis=0)
    across /= max(float(np.linalg.norm(across)), 1e-9)
    up = points[FOREHEAD] - points[CHIN]
    up -= across * (up @ across)
    up /= max(float(np.linalg.norm(up)), 1e-9)
    out = np.cross(across, up)
    yaw = np.arctan2(out[0], -out[2])
    pitch = np.arcsin(np.clip(-out[1], -1, 1)) - np.deg2rad(_NEUTRAL_PITCH)
    roll = np.arctan2(up[0], -up[1])
    return float(np.rad2deg(yaw)), float(np.rad2deg(pitch)), float(np.rad2deg(roll))


def detail_frequency(chip: Image, enlarged: float) -> float:
    """The mean spatial frequency of a chip's face, radians per px; about 1 if sharp, 0.3 under a Gaussian of 3 px.

    The root mean square of the Laplacian over that of the gradient: contrast cancels out. `enlarged` is the chip's
    scale against the photo; above 1 the chip is first reduced to the photo's scale, so that small faces do not
    count as blurred.
    """
    side = int(np.clip(round(CHIP / max(enlarged, 1.0)), 24, CHIP))
    grey = cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY).astype(np.float32)
    low, high = int(side * 0.2), int(np.ceil(side * 0.8))  # the face without background and hair
    face = cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA)[low:high, low:high]
    laplacian = cv2.Laplacian(face, cv2.CV_32F)[1:-1, 1:-1]
    gradient = np.mean(np.diff(face, axis=0) ** 2) + np.mean(np.diff(face, axis=1) ** 2)
    if gradient < 1e-3:
        return 0.0
    return float(np.sqrt(np.mean(laplacian**2) / gradient))


def _rise(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high`, a straight line between."""
    return float(np.clip((value - low) / (high - low), 0, 1))
