"""468 face landmarks: MediaPipe's face mesh (Kartynnik et al., Real-time Facial Surface Geometry, 2019)."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.vision.face_boxes import LEFT_EYE, RIGHT_EYE
from mien.vision.geometry import FloatArray, Picture, crop, invert, square_crop, transform
from mien.vision.session import network, sigmoid

SIZE = 192
_VALUES = np.arange(256, dtype=np.float32) / 255
GROWTH = 1.5  # side of the crop over the longer side of the face box


@dataclass(frozen=True, eq=False)
class FaceMesh:
    """One face's landmarks: float32 (468, 3), x and y in px of the image, z (nearer is smaller) in the same unit;
    `presence` is 0–1, that a face is really there."""

    points: NDArray[np.float32]
    presence: float


class FaceMesher:
    """Places the mesh on a face whose box and eyes are known."""

    def __init__(self) -> None:
        self._network = network("face_mesh")

    def __call__(self, image: Picture, box: FloatArray, keypoints: FloatArray) -> FaceMesh:
        """Fit one face.

        Args:
            image: uint8 (h, w, 3), RGB, or its pyramid.
            box: (4,) of the face, px.
            keypoints: (6, 2) as `FaceDetector` gives them, px.
        """
        eyes = keypoints[LEFT_EYE] - keypoints[RIGHT_EYE]
        side = GROWTH * float(max(box[2] - box[0], box[3] - box[1]))
        affine = square_crop((box[:2] + box[2:]) / 2, side, SIZE, rotation=float(np.arctan2(eyes[1], eyes[0])))
        fitted = cv2.LUT(crop(image, affine, (SIZE, SIZE)), _VALUES)
        landmarks, presence = self._network(np.asarray(fitted[None], np.float32))
        points = landmarks.reshape(468, 3)
        placed = np.hstack([transform(points[:, :2], invert(affine)), points[:, 2:] * (side / SIZE)])
        return FaceMesh(placed.astype(np.float32), float(sigmoid(presence).item()))
