"""Drawn figures: a label map with flat colours, so that tests know what should be seen."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mien.faces.face import Face, FaceQuality
from mien.parsing.parse import BAG, LANDMARKS, PART_ID, Parse
from mien.photo.photo import Metadata, Photo

HEIGHT, WIDTH = 320, 160

# Part → (top, bottom, left, right), px; later ones cover earlier ones.
BODY: dict[str, tuple[int, int, int, int]] = {
    "hair": (10, 40, 62, 98),
    "face": (22, 52, 66, 94),
    "torso-skin": (52, 60, 72, 88),
    "upper-clothes": (60, 150, 50, 110),
    "right-arm": (62, 150, 36, 50),
    "left-arm": (62, 150, 110, 124),
    "pants": (150, 280, 54, 106),
    "right-shoe": (280, 300, 50, 78),
    "left-shoe": (280, 300, 82, 110),
}

RGB = {
    "hair": (20, 18, 18),
    "face": (224, 172, 140),
    "torso-skin": (224, 172, 140),
    "right-arm": (224, 172, 140),
    "left-arm": (224, 172, 140),
    "right-leg": (224, 172, 140),
    "left-leg": (224, 172, 140),
    "upper-clothes": (200, 20, 40),
    "pants": (30, 60, 170),
    "right-shoe": (250, 250, 250),
    "left-shoe": (250, 250, 250),
}

# BlazePose landmark → x, y in px of the drawing.
JOINTS = {
    2: (84, 32), 5: (76, 32), 9: (82, 45), 10: (78, 45), 11: (104, 66), 12: (56, 66), 23: (92, 150), 24: (68, 150),
    25: (94, 214), 26: (66, 214), 27: (96, 276), 28: (64, 276), 31: (98, 296), 32: (62, 296),
}  # fmt: skip


@dataclass
class Drawing:
    """One figure to be drawn; tests change what they need."""

    body: dict[str, tuple[int, int, int, int]] = field(default_factory=lambda: dict(BODY))
    rgb: dict[str, tuple[int, int, int]] = field(default_factory=lambda: dict(RGB))
    confidence: float = 0.9
    uncertain: float = 0.0
    bag: int = 0
    posed: bool = True

    def wear(self, part: str, place: tuple[int, int, int, int], rgb: tuple[int, int, int] = (90, 90, 90)) -> "Drawing":
        self.body[part] = place
        self.rgb[part] = rgb
        return self

    def without(self, *parts: str) -> "Drawing":
        for part in parts:
            del self.body[part]
        return self

    def cut(self, below: int) -> "Drawing":
        """Only what is above this row is in the picture."""
        self.body = {
            part: (top, min(bottom, below), left, right)
            for part, (top, bottom, left, right) in self.body.items()
            if top < below
        }
        return self

    def draw(self) -> tuple[Photo, Parse]:
        pixels = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
        parts = np.zeros((HEIGHT, WIDTH), np.uint8)
        for part, (top, bottom, left, right) in self.body.items():
            parts[top:bottom, left:right] = PART_ID[part]
            pixels[top:bottom, left:right] = self.rgb[part]
        poses = np.full((1, LANDMARKS, 3), np.nan, np.float32)
        if self.posed:
            poses[:] = 0
            for landmark, (x, y) in JOINTS.items():
                poses[0, landmark] = x / WIDTH, y / HEIGHT, 1.0
        return photo_of(pixels), parse_of(
            (parts > 0).astype(np.uint16), parts, self.confidence, self.uncertain, self.bag, poses
        )


def photo_of(pixels: NDArray[np.uint8]) -> Photo:
    return Photo("0" * 64, Metadata("PNG", pixels.shape[1], pixels.shape[0]), pixels, "0" * 16)


def parse_of(
    figures: NDArray[np.uint16],
    parts: NDArray[np.uint8],
    confidence: float = 0.9,
    uncertain: float = 0.0,
    bag: int = 0,
    poses: NDArray[np.float32] | None = None,
) -> Parse:
    """A valid parse of these maps."""
    n = int(figures.max(initial=0))
    height, width = figures.shape
    areas = np.zeros((n, BAG + 1), np.int32)
    boxes = np.zeros((n, 4), np.float32)
    for i in range(n):
        mine = figures == i + 1
        areas[i] = np.bincount(parts[mine], minlength=BAG + 1)
        areas[i, BAG] = bag
        ys, xs = np.nonzero(mine)
        if len(ys):
            boxes[i] = xs.min() / width, ys.min() / height, (xs.max() + 1) / width, (ys.max() + 1) / height
    return Parse(
        figures=figures,
        parts=parts,
        boxes=boxes,
        scores=np.full(n, 0.9, np.float32),
        areas=areas,
        confidences=np.where(areas > 0, np.float32(confidence), np.float32(0)),
        uncertain=np.full(n, uncertain, np.float32),
        poses=np.full((n, LANDMARKS, 3), np.nan, np.float32) if poses is None else poses,
    )


def a_face(yaw: float = 0.0) -> Face:
    nowhere = np.zeros((2, 4), np.float32)
    return Face(
        box=np.zeros(4, np.float32),
        score=0.9,
        landmarks=np.zeros((468, 2), np.float32),
        eyes=nowhere,
        ears=nowhere,
        quality=FaceQuality(size=20, sharpness=1, yaw=yaw, pitch=0, roll=0, usable=1),
        vector=np.zeros(128, np.float32),
    )
