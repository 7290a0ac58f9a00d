"""Where figures are made: accepted candidates, and faces that stand for bodies nobody accepted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.candidates import Candidates
from mien.vision.face_boxes import FaceBoxes, FaceDetector
from mien.vision.face_mesh import FaceMesher
from mien.vision.geometry import FloatArray, Picture, areas, intersections, suppress

NOBODY = -1
FRAME = 0.5
"""Border, of the photo's longer side, with which faces are asked for a second time: so those that fill it are found."""

UNLIKELY = 1.6  # cost from which a face and a box are not one person
SUITS = 0.5  # cost below which a face speaks for a body that was hardly seen
REAL = 0.9  # the mesh's presence, below which a face is none (a paw, a pattern, a wheel)
DOUBTFUL = 0.5  # score of a body below which its face, too, has to be real


@dataclass(frozen=True, eq=False)
class Seeds:
    """n people to be.

    Attributes:
        boxes: float64 (n, 4) in px of the photo; of the whole visible person.
        scores: float64 (n,); 0–1, that this is a person.
        faces: float64 (n, 4); box of the person's face in px of the photo, NaN where none was seen.
    """

    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]
    faces: NDArray[np.float64]

    @property
    def has_face(self) -> NDArray[np.bool_]:
        """bool (n,)."""
        return np.isfinite(self.faces[:, 0])

    def take(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> "Seeds":
        """Some of the seeds."""
        return Seeds(self.boxes[which], self.scores[which], self.faces[which])


def find_faces(detector: FaceDetector, image: Picture) -> FaceBoxes:
    """Faces of any size up to the whole photo."""
    looks = [detector(image), detector(image, padding=FRAME)]
    boxes = np.concatenate([look.boxes for look in looks])
    scores = np.concatenate([look.scores for look in looks])
    best = suppress(boxes, scores, 0.3)
    return FaceBoxes(boxes[best], scores[best], np.concatenate([look.keypoints for look in looks])[best])


def make_seeds(
    image: Picture,
    candidates: Candidates,
    probabilities: FloatArray,
    accepted: NDArray[np.bool_],
    faces: FaceBoxes,
    mesher: FaceMesher,
) -> Seeds:
    """One seed for each accepted candidate, with its face if one suits it; and one for each real face left over.

    Such a face stands for the body of a candidate that was not accepted, if it suits one well and is the only face in
    it; else for one below it.
    """
    height, width = image.shape[:2]
    boxes, scores = candidates.boxes[accepted], np.asarray(probabilities[accepted], np.float64)
    owned = assign(faces.boxes, boxes)
    suspect = np.setdiff1d(np.arange(len(faces.boxes)), owned[(owned == NOBODY) | (scores >= DOUBTFUL)])
    real = [i for i in suspect if mesher(image, faces.boxes[i], faces.keypoints[i]).presence >= REAL]
    owned[np.isin(owned, np.setdiff1d(suspect, real))] = NOBODY
    alone = np.setdiff1d(real, owned).astype(np.intp)
    bodies = np.array([body_below(faces.boxes[i], width, height) for i in alone]).reshape(-1, 4)
    faint = candidates.boxes[~accepted]
    held = intersections(faint, faces.boxes) > 0.5 * areas(faces.boxes)
    faint = faint[held.sum(1) < 2]
    found = assign(faces.boxes[alone], faint, SUITS)
    bodies[found[found != NOBODY]] = faint[found != NOBODY]
    theirs = np.full((len(boxes), 4), np.nan)
    theirs[owned != NOBODY] = faces.boxes[owned[owned != NOBODY]]
    boxes, theirs = np.concatenate([boxes, bodies]), np.concatenate([theirs, faces.boxes[alone]])
    # A box grows where the face reaches out of it.
    low = np.fmin(boxes[:, :2], np.maximum(theirs[:, :2], 0))
    high = np.fmax(boxes[:, 2:], np.minimum(theirs[:, 2:], (width, height)))
    return Seeds(np.hstack([low, high]), np.concatenate([scores, faces.scores[alone]]), theirs)


def assign(faces: FloatArray, persons: FloatArray, limit: float = UNLIKELY) -> NDArray[np.intp]:
    """Faces (n, 4) to person boxes (m, 4), one-to-one, at costs below a limit: the face of each person, or `NOBODY`;
    intp (m,)."""
    owned = np.full(len(persons), NOBODY, np.intp)
    if len(faces) and len(persons):
        from scipy.optimize import linear_sum_assignment  # a third of a second: not for photos without people

        cost = _costs(faces, persons)
        for face, person in zip(*linear_sum_assignment(cost), strict=True):
            if cost[face, person] < limit:
                owned[person] = face
    return owned


def body_below(face: FloatArray, width: int, height: int) -> NDArray[np.float64]:
    """The box of a body that stands below a face box (4,), as far as it is in the photo."""
    centre, size = (face[0] + face[2]) / 2, face[3] - face[1]
    body = (centre - 1.6 * size, face[1] - 0.5 * size, centre + 1.6 * size, face[1] + 6.5 * size)
    return np.clip(np.array(body, np.float64), 0, (width, height, width, height))


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
