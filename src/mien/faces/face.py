"""The values this room gives out: a face, how well it is seen, and its identity vector."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class FaceQuality:
    """How far a face can be trusted to tell who it is.

    Attributes:
        size: distance between the eyes' centres in px of the photo at its full size (foreshortening undone is not).
        sharpness: 0–1; 0 is blurred beyond use.
        yaw, pitch, roll: degrees; 0, 0, 0 looks straight into the camera; yaw > 0 turns to the photo's right.
        usable: 0–1; the weight of this face's vector as evidence (0 = do not use).
    """

    size: float
    sharpness: float
    yaw: float
    pitch: float
    roll: float
    usable: float


@dataclass(frozen=True, eq=False)
class Face:
    """One face of one figure. Coordinates are 0–1 of the upright photo.

    Attributes:
        box: float32 (4,); x0, y0, x1, y1.
        score: 0–1, that this is a face.
        landmarks: float32 (468, 2); MediaPipe's face mesh.
        eyes: float32 (2, 4); boxes of the person's left and right eye.
        ears: float32 (2, 4); boxes of the left and right ear's region; NaN where it is turned away.
        quality: see `FaceQuality`.
        vector: float32 (128,); Euclidean distances below about 0.6 speak for one person (dlib's metric).
    """

    box: NDArray[np.float32]
    score: float
    landmarks: NDArray[np.float32]
    eyes: NDArray[np.float32]
    ears: NDArray[np.float32]
    quality: FaceQuality
    vector: NDArray[np.float32]
