"""The same photos seen worse: what a phone in a hurry makes of a face. Makes pairs that are hard to tell."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.faces.face import Face
from mien.photo.photo import Photo

Pixels = NDArray[np.uint8]


def far(pixels: Pixels, faces: Sequence[Face], _rng: np.random.Generator) -> Pixels:
    """As from far away: faces 20 px wide."""
    scale = min(1.0, 20 / _width(pixels, faces))
    height, width = pixels.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def moved(pixels: Pixels, faces: Sequence[Face], rng: np.random.Generator) -> Pixels:
    """The camera was moved by a sixth of a face."""
    length = max(3, round(_width(pixels, faces) / 6))
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1 / length
    turn = cv2.getRotationMatrix2D(((length - 1) / 2, (length - 1) / 2), float(rng.uniform(0, 180)), 1)
    kernel = cv2.warpAffine(kernel, turn, (length, length))
    return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum()), np.uint8)


def dark(pixels: Pixels, _faces: Sequence[Face], rng: np.random.Generator) -> Pixels:
    """Little light, made up for by the camera: noise."""
    grain = cv2.GaussianBlur(rng.normal(0, 30, pixels.shape).astype(np.float32), (0, 0), 1.2)
    return np.clip(pixels * 0.55 + grain, 0, 255).astype(np.uint8)


def masked(pixels: Pixels, faces: Sequence[Face], _rng: np.random.Generator) -> Pixels:
    """Everybody wears a mask over mouth and nose."""
    height, width = pixels.shape[:2]
    out = pixels.copy()
    for face in faces:
        x0, y0, x1, y1 = face.box * (width, height, width, height)
        centre, half = (round((x0 + x1) / 2), round(y0 + 0.8 * (y1 - y0))), ((x1 - x0) * 0.42, (y1 - y0) * 0.26)
        cv2.ellipse(out, centre, (max(1, round(half[0])), max(1, round(half[1]))), 0, 0, 360, (190, 205, 215), -1)
    return out


WORSENINGS: dict[str, Callable[[Pixels, Sequence[Face], np.random.Generator], Pixels]] = {
    "far": far,
    "moved": moved,
    "dark": dark,
    "masked": masked,
}


def worsened(photo: Photo, faces: Sequence[Face | None], how: str, seed: int = 0) -> Photo:
    """The photo after one of `WORSENINGS`; its parse holds of it still."""
    seen = [face for face in faces if face is not None]
    return replace(photo, pixels=WORSENINGS[how](photo.pixels, seen, np.random.default_rng(seed)))


def _width(pixels: Pixels, faces: Sequence[Face]) -> float:
    widths = [float(face.box[2] - face.box[0]) * pixels.shape[1] for face in faces]
    return max(1.0, float(np.median(widths))) if widths else float(pixels.shape[1])
