"""Looking at a copy as a stranger would: is there a face left where nobody is to be seen, is anybody known again?"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.faces import regions
from mien.faces.finder import THRESHOLD
from mien.sharing.planning import Plan
from mien.sharing.screening import SOME_MESH, Screener, View, coarse_views, same_face
from mien.sharing.shapes import Mask, around_face, extents, grown, hull
from mien.sharing.wish import Subject
from mien.vision.face_boxes import LEFT_EYE, RIGHT_EYE
from mien.vision.face_mesh import FaceMesher
from mien.vision.face_vector import FaceVectors, align
from mien.vision.geometry import Picture

RECOGNISED = 0.6
"""Distance of vectors below which two faces may be one person's (dlib's)."""

NEAR = (2.0, 4.0)  # sides of the views around a hidden region, over its larger side
LARGER = 1.5  # how much more is hidden at another try
LEAST = 10.0
"""px of a found face's side: less than that tells nobody from anybody, and a wheel from a face as little."""
SEEN = 0.15  # share of a kept face's box that has to be visible for a face to be that one


class Checker:
    """Looks at copies. Loads its networks once; not shared between threads."""

    def __init__(self, screener: Screener) -> None:
        """Raises `ModelError` if a shipped network is missing or damaged."""
        self._screener = screener
        self._mesher = FaceMesher()
        self._vectors = FaceVectors()

    def __call__(self, image: Picture, plan: Plan, changed: Mask, hidden: Sequence[Subject]) -> Mask | None:
        """What has to be hidden as well, as a mask of the plan's maps; None if nobody can be found or recognised.

        Args:
            image: the copy, uint8 (h, w, 3), or its pyramid.
            plan: what was hidden in it.
            changed: where that or what is found may have come since the last look, as a mask of the plan's maps.
            hidden: those who must not be recognised: at the place where each face was, there must not be one whose
                vector is near.
        """
        height, width = image.shape[:2]
        size = plan.mask.shape[1], plan.mask.shape[0]
        scale = np.array([size[0] / width, size[1] / height] * 2)
        faces = self._faces(image, _views(plan.mask, changed, width, height)) * scale
        left = [around_face(face, size, times=LARGER) for face in faces if not _is_kept(face, plan)]
        left += [_larger(person, size) for person in self._recognised(image, hidden)]
        return np.any(left, axis=0) if left else None

    def _faces(self, image: Picture, views: list[View]) -> NDArray[np.float64]:
        """The faces that indexing would find there, px: (n, 4)."""
        boxes, keypoints, scores = self._screener.faces(image, views, THRESHOLD)
        found = [
            box
            for box, points, score in zip(boxes, keypoints, scores, strict=True)
            if min(box[2:] - box[:2]) >= LEAST
            and score * (0.6 + 0.4 * self._mesher(image, box, points).presence) >= THRESHOLD
        ]
        return np.array(found, np.float64).reshape(-1, 4)

    def _recognised(self, image: Picture, hidden: Sequence[Subject]) -> list[Subject]:
        """Those of whom the copy still shows something like a face, and one that is near their own."""
        height, width = image.shape[:2]
        places = [
            (person, person.landmarks * (width, height), person.vector)
            for person in hidden
            if person.vector is not None and person.landmarks is not None
        ]
        places = [place for place in places if self._is_face(image, place[1])]
        chips = np.array([align(image, mesh) for _, mesh, _ in places], np.uint8).reshape(-1, 150, 150, 3)
        return [
            person
            for (person, _, known), vector in zip(places, self._vectors(chips), strict=True)
            if float(np.linalg.norm(vector - known)) < RECOGNISED
        ]

    def _is_face(self, image: Picture, mesh: NDArray[np.floating]) -> bool:
        """Whether there is anything like a face where this one was: else its vector says nothing."""
        keypoints = np.zeros((6, 2))
        keypoints[[LEFT_EYE, RIGHT_EYE]] = regions.eye_centres(mesh)
        return self._mesher(image, regions.face_box(mesh), keypoints).presence >= SOME_MESH


def _is_kept(face: NDArray[np.float64], plan: Plan) -> bool:
    """Whether a face that is found, px of the maps, is one that may be, and is seen."""
    if not len(plan.kept) or not same_face(face[None], plan.kept).any():
        return False
    x0, y0, x1, y1 = np.clip(np.rint(face), 0, None).astype(int)
    covered = plan.mask[y0:y1, x0:x1]
    return bool(covered.size and covered.mean() < 1 - SEEN)


def _views(mask: Mask, changed: Mask, width: int, height: int) -> list[View]:
    """The views of the whole picture, and two around each hidden region, that show what changed: all others are what
    they were when they were looked through."""
    scale = np.array([width / mask.shape[1], height / mask.shape[0]] * 2)
    sums = cv2.integral(changed.astype(np.uint8))

    def shows(view: View) -> bool:
        x0, y0, x1, y1 = np.clip(view.box / scale, 0, [*mask.shape[::-1]] * 2).astype(int)
        return bool(sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0])

    views = list(coarse_views(width, height))
    for x, y, across, down in extents(mask):
        side = float(max(across * scale[0], down * scale[1]))
        middle = (x + across / 2) * scale[0], (y + down / 2) * scale[1]
        views += [View(float(middle[0]), float(middle[1]), side * near) for near in NEAR]
    return [view for view in views if shows(view)]


def _larger(person: Subject, size: tuple[int, int]) -> Mask:
    """More than the whole head of somebody."""
    assert person.landmarks is not None
    mask = hull(person.landmarks, size)
    return grown(mask, 2 + (LARGER - 1) * float(np.sqrt(mask.sum())))
