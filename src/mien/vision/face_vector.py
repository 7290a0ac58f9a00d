"""Identity vectors: dlib's face recognition ResNet (King, 2017), on chips aligned as dlib aligns them."""

import numpy as np
from numpy.typing import NDArray

from mien.vision.geometry import FloatArray, Image, Picture, crop, similarity
from mien.vision.session import network

CHIP = 150
PADDING = 0.25  # of the chip around the five points, as dlib's get_face_chip has it

# Where dlib's mean face has the corners of the left eye (outer, inner), right eye (outer, inner), and the nose's base.
_TEMPLATE = np.array(
    [
        [0.8595675, 0.2134982],
        [0.6460605, 0.2289674],
        [0.1205751, 0.2137275],
        [0.3340851, 0.2290642],
        [0.4901123, 0.6277975],
    ]
)
_MESH_POINTS = (263, 362, 33, 133, 2)  # the same five places in the face mesh


def align(image: Picture, mesh: FloatArray) -> Image:
    """The upright chip of a face, uint8 (150, 150, 3), from its mesh points (468, 2 or 3) in px of the image."""
    target = (_TEMPLATE + PADDING) / (1 + 2 * PADDING) * CHIP
    return crop(image, similarity(np.asarray(mesh, np.float64)[list(_MESH_POINTS), :2], target), (CHIP, CHIP))


class FaceVectors:
    """Chips → vectors whose Euclidean distance tells whether two faces are one person's."""

    def __init__(self) -> None:
        self._network = network("face_vector")

    def __call__(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Chips uint8 (n, 150, 150, 3), RGB → float32 (n, 128), each averaged over the chip and its mirror image."""
        if not len(chips):
            return np.zeros((0, 128), np.float32)
        both = np.concatenate([chips, chips[:, :, ::-1]])
        vectors = self._network(np.ascontiguousarray(both.transpose(0, 3, 1, 2), np.float32))[0]
        return np.asarray((vectors[: len(chips)] + vectors[len(chips) :]) / 2, np.float32)
