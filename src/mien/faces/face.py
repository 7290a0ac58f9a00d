"""The values this room gives out: a face, how well it is seen, and its identity vector."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class FaceQuality:
    """How far a face can be trusted to tell who it is.

    Attributes:
        size: distance between the eyes' centres in px of the photo at its full size (a turned face has less).
        sharpness: 0–1, of the photo's own pixels whatever the size; 0 is blurred beyond use.
        yaw, pitch, roll: degrees; 0, 0, 0 looks straight into the camera; yaw > 0 turns to the photo's right, pitch > 0
            looks up, roll > 0 leans to the photo's right. Mirroring the photo flips yaw and roll. Good to some 10°.
        usable: 0–1; the weight of this face's vector as evidence (0 = do not use). The product of the mesh's presence,
            of the detail between the eyes (size and sharpness), and of how far yaw and pitch leave the face in view.
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
        box: float32 (4,); x0, y0, x1, y1; from forehead to chin, cut at the photo's edge.
        score: 0–1, that this is a face.
        landmarks: float32 (468, 2); MediaPipe's face mesh. They may lie outside 0–1 where the edge cuts the face.
        eyes: float32 (2, 4); boxes of the person's left and right eye, lids included; NaN for one outside the photo.
        ears: float32 (2, 4); boxes of the left and right ear's region; NaN for one turned away or outside the photo.
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
