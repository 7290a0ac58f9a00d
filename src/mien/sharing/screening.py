"""Everybody who may be in a picture: a look of its own at its pixels, that would rather see too many than too few.

It knows nothing of what indexing found. Whoever it sees and nobody vouches for is hidden: on posters, on screens,
in mirrors, at the frame's edge.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.candidates import SIZES, Candidates, find_candidates
from mien.parsing.lite.verification import person_probabilities
from mien.sharing.shapes import turn_of
from mien.vision.face_boxes import SIZE, FaceDetector
from mien.vision.face_mesh import FaceMesher
from mien.vision.geometry import FloatArray, Image, Picture, Pyramid, areas, intersections, square_crop
from mien.vision.persons import PersonDetector

FAINT_FACE = 0.2
"""Lowest score of a face at all."""
TURNED_FACE = 0.35  # likewise, of one that is not upright: there the mesh takes elbows for faces
SMALL = 0.06  # of the picture's longer side: the mesh says little of smaller faces
SURE_FACE, SOME_MESH = 0.5, 0.3  # a small face counts by its score, or if the mesh is not against it;
CERTAIN_FACE, REAL_MESH = 0.85, 0.5
"""a larger one if the mesh confirms it, or by a score that profiles have too. With that, all faces of labelled photos
are hidden that are hidden with every sighting (n = 81), and a quarter of the surface of photos without people."""
FAINT_BODY = 0.12
"""Lowest probability of a body (indexing asks for 0.42): in 28 photos without people three are seen."""

AROUND = 2.0  # side of a window around the whole photo, for faces that fill it
GRID = (1, 2, 3)
LEADING_GRID, LEADING, LEADING_MESH = (1, 2), 0.5, 0.6
"""Windows for faces that lie on their side or upside down, their lowest score, and what the mesh must say of them: if
one is seen, the whole picture is looked at as if that way were up. In 40 upright photos of people two are seen."""
UPRIGHT = 0.7  # score of a face that shows that a picture is upright; where there is none,
LYING, MORE = 0.55, 0.1  # a body's score, and by how much it is surer than upright ones, that lead as well
SMALL_LOOK = 256  # px of the longer side, for that; one of `SIZES`
ENOUGH = 1024  # px of the longer side, to see bodies
FINE = 5
"""Windows to a long side, overlapping by a fifth."""
NEAR = 0.5
"""Of a body's longer side: fine windows are looked through if they are as near to one. In 175 photos with 331 sighted
faces the others show five, and none of these is one."""
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
        bodies: float64 (m, 4); turns: int (m,), by how many quarters each lies, clockwise.
    """

    faces: NDArray[np.float64]
    keypoints: NDArray[np.float64]
    scores: NDArray[np.float64]
    bodies: NDArray[np.float64]
    turns: NDArray[np.intp]


Faces = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
"""Boxes, keypoints and scores."""


@dataclass(frozen=True)
class View:
    """A square in which faces are looked for: centre and side, px of the picture; `turn`: by how many quarters those
    are turned who are looked for, clockwise."""

    x: float
    y: float
    side: float
    turn: int = 0

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
        """Look at an RGB picture that should be upright, or its pyramid; scanned and forwarded ones often are not."""
        height, width = image.shape[:2]
        candidates = find_candidates(self._persons, image)
        bodies = [_bodies(candidates, width, height)]
        views = [*_views(width, height, bodies[0])]
        faces = self.faces(image, views, FAINT_FACE)
        turns = self._turns(image, faces, candidates.looks[:, SIZES.index(SMALL_LOOK)].max(initial=0))
        for turn in turns:
            upright, factor = _turned(image, turn)
            lying = _bodies(find_candidates(self._persons, upright), *upright.shape[1::-1]) * factor
            rows, columns = (side * factor for side in upright.shape[:2])
            for view in _views(columns, rows, lying):
                x0, y0, x1, y1 = unturned(view.box[None], width, height, turn)[0]
                views.append(View((x0 + x1) / 2, (y0 + y1) / 2, view.side, turn))
            bodies.append(unturned(lying, width, height, turn))
        if turns:
            faces = self.faces(image, views, FAINT_FACE)
        lie = np.repeat([0, *turns], [len(some) for some in bodies])
        return Sighted(*faces, np.concatenate(bodies), lie)

    def _turns(self, image: Picture, faces: Faces, body: float) -> list[int]:
        """By how many quarters somebody may be turned, clockwise, besides those whose `faces` are upright.

        Args:
            body: score of the surest upright body, at `SMALL_LOOK` px.
        """
        boxes, keypoints, scores = faces
        upright = np.array([turn_of(points) == 0 for points in keypoints], bool)
        turns = [turn for turn in (1, 2, 3) if self._shows_faces(image, turn, boxes[upright], scores[upright])]
        if turns or scores[upright].max(initial=0) >= UPRIGHT:
            return turns
        least = max(LYING, body + MORE)
        return [turn for turn in (1, 2, 3) if self._surest_body(_turned(image, turn, SMALL_LOOK)[0]) >= least]

    def _shows_faces(
        self, image: Picture, turn: int, upright: NDArray[np.float64], scores: NDArray[np.float64]
    ) -> bool:
        """Whether some face is surely turned like that, and not rather upright as those boxes (n, 4) are."""
        height, width = image.shape[:2]
        for view in leading_views(width, height):
            affine = square_crop(np.array([view.x, view.y]), view.side, SIZE, turn * np.pi / 2)
            seen = self._faces.look(image, affine, threshold=LEADING)
            for box, points, score in zip(seen.boxes, seen.keypoints, seen.scores, strict=True):
                rather = same_face(box[None], upright)[0] & (scores >= score)
                if turn_of(points) != turn or rather.any():
                    continue
                if self._mesher(image, box, points).presence >= LEADING_MESH:
                    return True
        return False

    def _surest_body(self, image: Image) -> float:
        return float(self._persons(image, threshold=FAINT_BODY, size=SMALL_LOOK).scores.max(initial=0))

    def faces(self, image: Picture, views: list[View], threshold: float) -> Faces:
        """Boxes, keypoints and scores of the faces in these views, each once, surest first."""
        boxes, keypoints, scores = [np.zeros((0, 4))], [np.zeros((0, 6, 2))], [np.zeros(0)]
        for view in views:
            if view.side < min(SMALLEST, *image.shape[:2]):
                continue
            affine = square_crop(np.array([view.x, view.y]), view.side, SIZE, view.turn * np.pi / 2)
            lowest = max(threshold, TURNED_FACE) if view.turn else threshold
            seen = self._faces.look(image, affine, threshold=lowest)
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


def _bodies(candidates: Candidates, width: int, height: int) -> NDArray[np.float64]:
    """Boxes (m, 4) of the upright bodies that there may be in a picture of `width`×`height` px."""
    return candidates.boxes[person_probabilities(candidates, width, height) >= FAINT_BODY]


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


def leading_views(width: int, height: int) -> Iterator[View]:
    """For faces that show which way a picture is up."""
    for windows in LEADING_GRID:
        yield from _grid(width, height, windows)


def fine_views(width: int, height: int) -> Iterator[View]:
    """For faces of down to some 1/100 of the longer side."""
    yield from _grid(width, height, FINE)


def head_view(body: FloatArray) -> View:
    """Where the head of a body (4,) may be."""
    width, height = body[2] - body[0], body[3] - body[1]
    side = max(HEAD_WINDOW * width, 0.5 * height)
    return View(float(body[0] + body[2]) / 2, float(body[1] + 0.3 * side), float(side))


def _views(width: int, height: int, bodies: NDArray[np.float64]) -> Iterator[View]:
    """All views of a picture with these bodies (m, 4)."""
    yield from coarse_views(width, height)
    reach = NEAR * (bodies[:, 2:] - bodies[:, :2]).max(axis=1, keepdims=True)
    around = np.hstack([bodies[:, :2] - reach, bodies[:, 2:] + reach])
    yield from (view for view in fine_views(width, height) if (intersections(around, view.box[None]) > 0).any())
    yield from map(head_view, bodies)


def _turned(image: Picture, turn: int, enough: int = ENOUGH) -> tuple[Image, int]:
    """A picture in which who is turned by so many quarters clockwise stands upright; and by what it was reduced, to
    `enough` px of the longer side or more."""
    pyramid = image if isinstance(image, Pyramid) else Pyramid(image)
    factor = 2 ** max(0, int(np.log2(max(pyramid.shape) / enough)))
    return np.ascontiguousarray(np.rot90(pyramid.level(factor), turn)), factor


def unturned(boxes: NDArray[np.float64], width: int, height: int, turn: int) -> NDArray[np.float64]:
    """Boxes (n, 4) of a picture turned back by so many quarters, in the picture of `width`×`height` px as it is."""
    for step in reversed(range(turn)):
        side = width if step % 2 == 0 else height
        boxes = np.stack([side - boxes[:, 3], boxes[:, 0], side - boxes[:, 1], boxes[:, 2]], axis=1)
    return boxes


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
