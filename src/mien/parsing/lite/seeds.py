"""Where to look for people: person boxes and faces, joined one-to-one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from mien.vision.face_boxes import FaceBoxes, FaceDetector
from mien.vision.geometry import FloatArray, Image, suppress
from mien.vision.persons import PersonBoxes

NOBODY = -1
FRAME = 0.5
"""Border, of the photo's longer side, with which faces are asked for a second time: so those that fill it are found."""

UNLIKELY = 1.6  # cost from which a face and a box are not one person


@dataclass(frozen=True, eq=False)
class Seeds:
    """n places where a person may be.

    Attributes:
        boxes: float32 (n, 4) in px of the photo; of the whole person.
        scores: float32 (n,); the person detector's, 0 where only a face was seen.
        faces: intp (n,); index of the person's face, or `NOBODY`.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    faces: NDArray[np.intp]


def find_faces(detector: FaceDetector, image: Image) -> FaceBoxes:
    """Faces of any size up to the whole photo."""
    looks = [detector(image), detector(image, padding=FRAME)]
    boxes = np.concatenate([look.boxes for look in looks])
    scores = np.concatenate([look.scores for look in looks])
    best = suppress(boxes, scores, 0.3)
    return FaceBoxes(boxes[best], scores[best], np.concatenate([look.keypoints for look in looks])[best])


def join(persons: PersonBoxes, faces: FaceBoxes, width: int, height: int) -> Seeds:
    """Give each face to at most one person box and each box at most one face; a face left over makes its own body."""
    owner = np.full(len(persons.boxes), NOBODY, np.intp)
    alone = np.ones(len(faces.boxes), bool)
    if len(persons.boxes) and len(faces.boxes):
        cost = _costs(faces.boxes, persons.boxes)
        for face, person in zip(*linear_sum_assignment(cost), strict=True):
            if cost[face, person] < UNLIKELY:
                owner[person], alone[face] = face, False
    bodies = np.array([body_below(face, width, height) for face in faces.boxes[alone]], np.float32).reshape(-1, 4)
    return Seeds(
        np.concatenate([persons.boxes, bodies]),
        np.concatenate([persons.scores, np.zeros(len(bodies), np.float32)]),
        np.concatenate([owner, np.flatnonzero(alone)]),
    )


def body_below(face: FloatArray, width: int, height: int) -> FloatArray:
    """The box of a body that stands below a face box (4,), as far as it is in the photo."""
    centre, size = (face[0] + face[2]) / 2, face[3] - face[1]
    body = (centre - 1.6 * size, face[1] - 0.5 * size, centre + 1.6 * size, face[1] + 6.5 * size)
    return np.clip(np.array(body, np.float32), 0, np.array([width, height, width, height], np.float32))


def _costs(faces: FloatArray, persons: FloatArray) -> NDArray[np.float64]:
    """How badly each face (n) suits each person box (m): far off its middle, low in it, or of the wrong size."""
    centre = ((faces[:, :2] + faces[:, 2:]) / 2)[:, None]
    face = (faces[:, 3] - faces[:, 1])[:, None]
    sides = np.maximum(persons[:, 2:] - persons[:, :2], 1)[None]
    across, down = np.moveaxis((centre - persons[None, :, :2]) / sides, 2, 0)
    below_top = (centre[..., 1] - persons[None, :, 1]) / face
    cost = np.abs(across - 0.5) + 0.35 * np.maximum(0, below_top - 1.2)
    cost += 0.15 * np.abs(np.log(sides[..., 0] / (3 * face)))
    inside = (across > -0.05) & (across < 1.05) & (down > -0.1) & (down < 0.75)
    return np.where(inside, cost, 9.0)
