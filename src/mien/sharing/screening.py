"""Everybody who may be in a picture: a look of its own at its pixels, that would rather see too many than too few.

It knows nothing of what indexing found. Whoever it sees and nobody vouches for is hidden: on posters, on screens,
in mirrors, at the frame's edge.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.candidates import find_candidates
from mien.parsing.lite.verification import person_probabilities
from mien.vision.face_boxes import SIZE, FaceDetector
from mien.vision.face_mesh import FaceMesher
from mien.vision.geometry import FloatArray, Picture, areas, intersections, square_crop
from mien.vision.persons import PersonDetector

FAINT_FACE = 0.2
"""Lowest score of a face at all."""
SMALL = 0.06  # of the picture's longer side: the mesh says little of smaller faces
SURE_FACE, SOME_MESH = 0.5, 0.3  # a small face counts by its score, or if the mesh is not against it;
CERTAIN_FACE, REAL_MESH = 0.85, 0.5
"""a larger one if the mesh confirms it, or by a score that profiles have too. With that, all faces of labelled photos
are hidden that are hidden with every sighting (n = 81), and a quarter of the surface of photos without people."""
FAINT_BODY = 0.12
"""Lowest probability of a body (indexing asks for 0.42): in 28 photos without people three are seen."""

AROUND = 2.0  # side of a window around the whole photo, for faces that fill it
GRID = (1, 2, 3)
FINE = 5
"""Windows to a long side, overlapping by a fifth; fine ones only where there are bodies."""
OVERLAP = 1.25
SMALLEST = 96.0  # px of a window; less only magnifies
HEAD_WINDOW = 1.4  # side of the window for a body's head, over the body's width
ONE_FACE = 0.5
"""Share of the smaller box that two sightings of one face have in common."""


@dataclass(frozen=True, eq=False)
class Sighted:
    """What may be there; px of the picture.

    Attributes:
        faces: float64 (n, 4), surest first; keypoints: float64 (n, 6, 2), as `FaceDetector` gives them.
        scores: float64 (n,), 0–1.
        bodies: float64 (m, 4).
    """

    faces: NDArray[np.float64]
    keypoints: NDArray[np.float64]
    scores: NDArray[np.float64]
    bodies: NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """A square in which faces are looked for: centre and side, px of the picture."""

    x: float
    y: float
    side: float

    @property
    def box(self) -> NDArray[np.float64]:
        """(4,)"""
        half = self.side / 2
        return np.array([self.x - half, self.y - half, self.x + half, self.y + half])


class Screener:
    """Sees everybody who may be there. Loads its networks once; not shared between threads."""

    def __init__(self) -> None:
        """Raises `ModelError` if a shipped network is missing or damaged."""
        self._faces = FaceDetector()
        self._mesher = FaceMesher()
        self._persons = PersonDetector()

    def __call__(self, image: Picture) -> Sighted:
        """Look at an upright RGB picture, or its pyramid."""
        height, width = image.shape[:2]
        candidates = find_candidates(self._persons, image)
        likely = person_probabilities(candidates, width, height) >= FAINT_BODY
        bodies = candidates.boxes[likely]
        views = [*coarse_views(width, height)]
        if len(bodies):
            views += [*fine_views(width, height), *(head_view(body) for body in bodies)]
        return Sighted(*self.faces(image, views, FAINT_FACE), bodies)

    def faces(
        self, image: Picture, views: list[View], threshold: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Boxes, keypoints and scores of the faces in these views, each once, surest first."""
        boxes, keypoints, scores = [np.zeros((0, 4))], [np.zeros((0, 6, 2))], [np.zeros(0)]
        for view in views:
            if view.side < min(SMALLEST, *image.shape[:2]):
                continue
            affine = square_crop(np.array([view.x, view.y]), view.side, SIZE)
            seen = self._faces.look(image, affine, threshold=threshold)
            boxes.append(seen.boxes.astype(np.float64))
            keypoints.append(seen.keypoints.astype(np.float64))
            scores.append(seen.scores.astype(np.float64))
        box, points, score = np.concatenate(boxes), np.concatenate(keypoints), np.concatenate(scores)
        kept: list[int] = []
        for i in np.argsort(-score, kind="stable"):
            if kept and same_face(box[i : i + 1], box[kept])[0].any():
                continue
            is_small = box[i, 3] - box[i, 1] < SMALL * max(image.shape[:2])
            sure, mesh = (SURE_FACE, SOME_MESH) if is_small else (CERTAIN_FACE, REAL_MESH)
            if score[i] >= sure or self._mesher(image, box[i], points[i]).presence >= mesh:
                kept.append(int(i))
        return box[kept], points[kept], score[kept]


def same_face(one: FloatArray, other: FloatArray) -> NDArray[np.bool_]:
    """Which boxes (n, 4) show the face that boxes (m, 4) show, at whatever size they were seen: bool (n, m)."""
    smaller = np.minimum(areas(one)[:, None], areas(other)[None])
    larger = np.maximum(areas(one)[:, None], areas(other)[None])
    return np.asarray((intersections(one, other) > ONE_FACE * smaller) & (larger < 4 * smaller), bool)


def coarse_views(width: int, height: int) -> Iterator[View]:
    """For faces from the whole picture down to some 1/60 of its longer side."""
    yield View(width / 2, height / 2, AROUND * max(width, height))
    for windows in GRID:
        yield from _grid(width, height, windows)


def fine_views(width: int, height: int) -> Iterator[View]:
    """For faces of down to some 1/100 of the longer side."""
    yield from _grid(width, height, FINE)


def head_view(body: FloatArray) -> View:
    """Where the head of a body (4,) may be."""
    width, height = body[2] - body[0], body[3] - body[1]
    side = max(HEAD_WINDOW * width, 0.5 * height)
    return View(float(body[0] + body[2]) / 2, float(body[1] + 0.3 * side), float(side))


def _grid(width: int, height: int, windows: int) -> Iterator[View]:
    side = max(width, height) * (OVERLAP / windows if windows > 1 else 1.0)
    for y in _centres(height, side):
        for x in _centres(width, side):
            yield View(x, y, side)


def _centres(length: int, side: float) -> list[float]:
    if length <= side:
        return [length / 2]
    steps = 1 + int(np.ceil((length - side) / (0.8 * side)))
    return [float(x) for x in np.linspace(side / 2, length - side / 2, steps)]
