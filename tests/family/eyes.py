"""Networks that see the drawn family: who stands where, in what, and how."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.faces.face import Face, FaceQuality
from mien.growth.standing import CHIN
from mien.indexing.stages import Chain
from mien.parsing.parse import BAG, PART_ID, Parse
from mien.photo.photo import Photo
from tests.family.album import BRIM, HEAD, SHOES, WAIST
from tests.indexing.fake import COLOURS

SKELETON = {11: 0.19, 23: 0.5, 25: 0.73, 27: 0.95, 29: 0.98, 31: 1.0}
"""BlazePose's landmarks of the left side, and how far down the body they are; those of the right side come next."""
SEATED = SKELETON | {23: 0.6, 25: 0.65}


@dataclass(frozen=True)
class Parser:
    """`engine`: "other" sees waists a little lower."""

    engine: str

    @property
    def fingerprint(self) -> str:
        return f"{self.engine} drawn family"

    def parse(self, pixels: NDArray[np.uint8]) -> Parse:
        height, width = pixels.shape[:2]
        figures, parts = np.zeros((height, width), np.uint16), np.zeros((height, width), np.uint8)
        boxes, poses = [], []
        for colour in COLOURS.values():
            seen = (np.abs(pixels.astype(np.int16) - colour) < 12).all(-1)
            ys, xs = (np.flatnonzero(seen.sum(axis=axis) >= 12) for axis in (1, 0))
            if not len(ys) or not len(xs):
                continue
            left, top, right, bottom = int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1
            figures[top:bottom, left:right] = len(boxes) + 1
            self._dress(parts[top:bottom, left:right], pixels[top:bottom, left:right].astype(int))
            boxes.append((left / width, top / height, right / width, bottom / height))
            poses.append(skeleton(left, top, right, bottom) / (width, height, 1))
        n = len(boxes)
        areas = np.array([np.bincount(parts[figures == i + 1], minlength=BAG + 1) for i in range(n)], np.int32)
        areas = areas.reshape(n, BAG + 1)
        return Parse(
            figures=figures,
            parts=parts,
            boxes=np.array(boxes, np.float32).reshape(n, 4),
            scores=np.full(n, 0.95, np.float32),
            areas=areas,
            confidences=np.where(areas > 0, 0.95, 0).astype(np.float32),
            uncertain=np.zeros(n, np.float32),
            poses=np.array(poses, np.float32).reshape(n, 33, 3),
        )

    def _dress(self, parts: NDArray[np.uint8], body: NDArray[np.int_]) -> None:
        """Label one body."""
        tall, wide = parts.shape
        head, waist, shoes = (round(share * tall) for share in (HEAD, WAIST, SHOES))
        edge, middle, below = body[(head + waist) // 2, 3], body[(head + waist) // 2, wide // 2], body[shoes - 6, 3]
        if np.abs(middle - below).sum() < 30:
            parts[:] = PART_ID["dress"]
        else:
            end = waist + (2 if self.engine == "other" else 0)
            parts[:end], parts[end:] = PART_ID["upper-clothes"], PART_ID["pants"]
        if np.abs(edge - middle).sum() > 60:
            parts[: waist + 10, : wide // 3] = parts[: waist + 10, -(wide // 3) :] = PART_ID["coat"]
        parts[:head], parts[: head // 3] = PART_ID["face"], PART_ID["hair"]
        if np.abs(body[head // 6, wide // 2] - body[head // 6, 3]).sum() > 60:
            parts[: head // 3, BRIM:-BRIM] = PART_ID["hat"]
        parts[shoes:, : wide // 2], parts[shoes:, wide // 2 :] = PART_ID["left-shoe"], PART_ID["right-shoe"]


def skeleton(left: int, top: int, right: int, bottom: int) -> NDArray[np.float64]:
    """BlazePose's landmarks of a column (33, px and visibility): upright, or seated if it is wide."""
    wide, tall = right - left, bottom - top
    found = np.ones((33, 3))
    found[:, :2] = (left + right) / 2, top + 0.06 * tall
    for number, share in (SEATED if wide > 0.6 * tall else SKELETON).items():
        for landmark, side in ((number, 0.7), (number + 1, 0.3)):
            found[landmark, :2] = left + side * wide, top + share * tall
    return found


@dataclass(frozen=True)
class Finder:
    fingerprint = "drawn family's faces"

    def find(self, photo: Photo, parse: Parse) -> tuple[Face | None, ...]:
        return tuple(_face(photo, box) for box in parse.boxes)


def _face(photo: Photo, box: NDArray[np.float32]) -> Face:
    x0, y0, x1, y1 = box
    height, width = photo.pixels.shape[:2]
    colour = photo.pixels[int(y1 * height) - 3, int((x0 + x1) / 2 * width)].astype(int)
    vector = np.zeros(128, np.float32)
    vector[int(np.argmin([np.abs(colour - other).sum() for other in COLOURS.values()]))] = 1
    chin = y0 + (y1 - y0) * HEAD
    around = np.linspace(0, 2 * np.pi, 468)[:, None]
    landmarks = (x0 + x1, y0 + chin) + np.hstack([np.cos(around), np.sin(around)]) * (x1 - x0, chin - y0) * 0.9
    landmarks = (landmarks / 2).astype(np.float32)
    landmarks[CHIN] = (x0 + x1) / 2, chin
    return Face(
        box=np.array([x0, y0, x1, chin], np.float32),
        score=0.9,
        landmarks=landmarks,
        eyes=np.zeros((2, 4), np.float32),
        ears=np.full((2, 4), np.nan, np.float32),
        quality=FaceQuality(size=60, sharpness=1, yaw=0, pitch=0, roll=0, usable=1),
        vector=vector,
    )


def make_chain(engine: str) -> Chain:
    return Chain(Parser(engine), Finder(), engine, None)
