"""Photo + parse → the face of each figure that shows one."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.faces import claims, quality, regions
from mien.faces.face import Face
from mien.faces.regions import Window
from mien.parsing.parse import Parse
from mien.photo.photo import Photo
from mien.vision.face_boxes import SIZE, FaceBoxes, FaceDetector
from mien.vision.face_mesh import FaceMesh, FaceMesher
from mien.vision.face_vector import FaceVectors, align
from mien.vision.geometry import Image, Picture, Pyramid, iou, square_crop
from mien.vision.session import fingerprint

VERSION = 3
"""Raised whenever the code of this room could answer differently."""

THRESHOLD = 0.4
"""Lowest score that counts, for the detector alone and together with the mesh (see `_Candidate.score`)."""
SAME = 0.4
"""IoU from which two boxes show one face."""
SMALLEST = 24.0
"""Side of the smallest window that is looked into, px: faces below some 5 px tell nothing."""


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A face that the detector sees, and the mesh that fits it; px of the photo's pixels."""

    mesh: FaceMesh
    detected: float

    @property
    def score(self) -> float:
        """0–1. The mesh rejects what is no face, but profiles and tiny faces too, so the detector can outvote it."""
        return self.detected * (0.6 + 0.4 * self.mesh.presence)


class FaceFinder:
    """Finds faces and their identity vectors. Loads its networks once; not shared between threads."""

    def __init__(self) -> None:
        self._detector = FaceDetector()
        self._mesher = FaceMesher()
        self._vectors = FaceVectors()

    @property
    def fingerprint(self) -> str:
        """Changes whenever the faces of a photo and its parse could."""
        return f"faces-{VERSION}-{fingerprint('face_boxes', 'face_mesh', 'face_vector')}"

    def find(self, photo: Photo, parse: Parse) -> tuple[Face | None, ...]:
        """The face of each figure of `parse`, in its order; None where a figure shows none.

        The head of each figure is looked for where labels, pose or box suggest it, the next suggestion being tried
        only for figures without a face; what the detector sees, the mesh confirms. All faces of the photo
        are then given to figures at once, one to one. Works with any engine's parse, with or without poses.
        """
        image = Pyramid(photo.pixels)
        height, width = image.shape[:2]
        attempts = [regions.head_windows(parse, figure, width, height) for figure in range(len(parse))]
        faces: list[_Candidate] = []
        tried: list[NDArray[np.float32]] = []
        owned: dict[int, int] = {}
        table = np.zeros((len(parse), 0))
        for i in range(max(map(len, attempts), default=0)):
            lacking = [ways[i] for figure, ways in enumerate(attempts) if figure not in owned and len(ways) > i]
            here = itertools.chain.from_iterable(lacking)
            new = list(self._look(image, here, tried))
            if new:
                meshes = [face.mesh.points[:, :2] / (width, height) for face in new]
                table = np.hstack([table, *(claims.claim(parse, mesh)[:, None] for mesh in meshes)])
                faces += new
                owned = claims.assign(table, np.array([face.score for face in faces]))
        described = self._describe(photo, image, {figure: faces[face] for figure, face in owned.items()})
        return tuple(described.get(figure) for figure in range(len(parse)))

    def _look(
        self, image: Picture, windows: Iterable[Window], tried: list[NDArray[np.float32]]
    ) -> Iterable[_Candidate]:
        """The faces in these windows, without those at a place that was tried before; adds their boxes to `tried`."""
        seen: list[FaceBoxes] = []
        for window in windows:
            if window.side >= SMALLEST:
                affine = square_crop(np.array([window.x, window.y]), window.side, SIZE, rotation=window.lean)
                seen.append(self._detector.look(image, affine, threshold=THRESHOLD))
        found = (
            (s, b, k) for boxes in seen for s, b, k in zip(boxes.scores, boxes.boxes, boxes.keypoints, strict=True)
        )
        for score, box, keypoints in sorted(found, key=lambda item: -item[0]):
            if any(iou(box[None], other[None])[0, 0] > SAME for other in tried):
                continue
            tried.append(box)
            candidate = _Candidate(self._mesher(image, box, keypoints), float(score))
            if candidate.score >= THRESHOLD and _in_photo(candidate.mesh, image):
                yield candidate

    def _describe(self, photo: Photo, image: Picture, found: dict[int, _Candidate]) -> dict[int, Face]:
        chips = np.array([align(image, face.mesh.points) for face in found.values()], np.uint8)
        vectors = self._vectors(chips)
        return {
            figure: _face(photo, face, chip, vector)
            for (figure, face), chip, vector in zip(found.items(), chips, vectors, strict=True)
        }


def _face(photo: Photo, found: _Candidate, chip: Image, vector: NDArray[np.float32]) -> Face:
    height, width = photo.pixels.shape[:2]
    points = found.mesh.points
    measured = quality.measure(points, chip, presence=found.mesh.presence, full_scale=photo.metadata.width / width)
    mesh = points[:, :2] / (width, height)
    return Face(
        box=_clip(regions.face_box(points), width, height),
        score=found.score,
        landmarks=mesh.astype(np.float32),
        eyes=_clip(regions.eye_boxes(points), width, height),
        ears=_clip(regions.ear_boxes(points, measured.yaw), width, height),
        quality=measured,
        vector=vector,
    )


def _in_photo(mesh: FaceMesh, image: Picture) -> bool:
    """Whether the middle of the face is."""
    x, y = np.median(mesh.points[:, :2], axis=0)
    return bool(0 <= x < image.shape[1] and 0 <= y < image.shape[0])


def _clip(boxes: NDArray[np.float64], width: int, height: int) -> NDArray[np.float32]:
    """Boxes in px (…, 4) → 0–1 of the photo; NaN where nothing of a box lies in it."""
    shares = np.clip(boxes / (width, height, width, height), 0, 1)
    empty = (shares[..., 2:] <= shares[..., :2]).any(-1)
    shares[empty] = np.nan
    return shares.astype(np.float32)
