"""Face boxes and six keypoints: MediaPipe's full-range face detector (Bazarevsky et al., BlazeFace, 2019)."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.vision.geometry import Picture, crop, invert, letterbox, suppress, transform
from mien.vision.session import network, sigmoid

SIZE = 192
GRID = 48  # one anchor in each cell
RIGHT_EYE, LEFT_EYE, NOSE, MOUTH, RIGHT_EAR, LEFT_EAR = range(6)
"""Keypoints; right is the person's right."""

_VALUES = np.arange(256, dtype=np.float32) / 127.5 - 1
_CENTRES = (np.stack(np.meshgrid(np.arange(GRID), np.arange(GRID)), 2).reshape(-1, 2) + 0.5) * (SIZE / GRID)


@dataclass(frozen=True, eq=False)
class FaceBoxes:
    """n faces, best first.

    Attributes:
        boxes: float32 (n, 4) in px of the image.
        scores: float32 (n,), 0–1.
        keypoints: float32 (n, 6, 2) in px of the image.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    keypoints: NDArray[np.float32]


class FaceDetector:
    """Finds faces that are between about 1/20 and 2/3 of the image's longer side, leaning by up to 60°."""

    def __init__(self) -> None:
        self._network = network("face_boxes")

    def __call__(
        self, image: Picture, *, threshold: float = 0.5, overlap: float = 0.3, padding: float = 0.0
    ) -> FaceBoxes:
        """Find faces in an RGB image.

        Args:
            image: uint8 (h, w, 3), or its pyramid.
            threshold: lowest score that counts.
            overlap: of two boxes whose IoU reaches this, the better one stays.
            padding: border added on every side, as a share of the longer side; 0.5 finds faces that fill the image.
        """
        height, width = image.shape[:2]
        border = padding * max(width, height)
        affine = letterbox(round(width + 2 * border), round(height + 2 * border), (SIZE, SIZE))
        affine[:, 2] += affine[0, 0] * border
        return self.look(image, affine, threshold=threshold, overlap=overlap)

    def look(
        self, image: Picture, affine: NDArray[np.float64], *, threshold: float = 0.5, overlap: float = 0.3
    ) -> FaceBoxes:
        """Find faces in a 192×192 crop of an RGB image.

        Args:
            image: uint8 (h, w, 3), or its pyramid.
            affine: image → crop: an even scale, a shift, perhaps a rotation. Boxes keep their sides through it, and
                stand upright in the image.
            threshold: as above.
            overlap: as above.
        """
        fitted = cv2.LUT(crop(image, affine, (SIZE, SIZE)), _VALUES)
        raw = self._network(np.asarray(fitted[None], np.float32))[-1][0]
        scores = sigmoid(raw[:, 0])
        cells = np.flatnonzero(scores >= threshold)
        values, places, scores = raw[cells], _CENTRES[cells], scores[cells]
        centres, sides = values[:, 1:3] + places, np.abs(values[:, 3:5])
        best = suppress(np.hstack([centres - sides / 2, centres + sides / 2]), scores, overlap)
        back = invert(affine)
        middle = transform(centres[best], back)
        half = sides[best] / 2 * float(np.sqrt(abs(np.linalg.det(back[:, :2]))))
        keypoints = transform(values[best, 5:17].reshape(-1, 6, 2) + places[best, None], back)
        return FaceBoxes(
            np.hstack([middle - half, middle + half]).astype(np.float32),
            scores[best].astype(np.float32),
            keypoints.astype(np.float32),
        )
