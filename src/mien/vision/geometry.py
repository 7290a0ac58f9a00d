"""Boxes, crops and their coordinates.

Boxes are float arrays (n, 4) of x0, y0, x1, y1; affine maps are float64 (2, 3).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.photo.shrinking import reduce

FloatArray = NDArray[np.floating]
Image = NDArray[np.uint8]

GREY = (114, 114, 114)
"""Fill for what lies outside the photo (the value that YOLO-family detectors are trained with)."""


def areas(boxes: FloatArray) -> NDArray[np.float64]:
    """Area of each box, float64 (n,); 0 for inside-out boxes."""
    sides = np.clip(boxes[..., 2:].astype(np.float64) - boxes[..., :2], 0, None)
    return np.asarray(np.prod(sides, axis=-1), np.float64)


def intersections(a: FloatArray, b: FloatArray) -> NDArray[np.float64]:
    """Shared area of each box of `a` with each of `b`, float64 (n, m)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2]).astype(np.float64)
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    return np.asarray(np.prod(np.clip(high - low, 0, None), axis=2), np.float64)


def iou(a: FloatArray, b: FloatArray) -> NDArray[np.float64]:
    """Intersection over union of each box of `a` with each of `b`, float64 (n, m)."""
    shared = intersections(a, b)
    union = areas(a)[:, None] + areas(b)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def suppress(boxes: FloatArray, scores: FloatArray, threshold: float) -> NDArray[np.intp]:
    """Greedy non-maximum suppression: indices of the boxes that stay, best first."""
    order = np.argsort(-scores, kind="stable")
    overlap = iou(boxes[order], boxes[order])
    kept: list[int] = []
    for i in range(len(order)):
        if not kept or overlap[i, kept].max() < threshold:
            kept.append(i)
    return order[kept]


def transform(points: FloatArray, affine: FloatArray) -> NDArray[np.float64]:
    """Points (…, 2) through an affine map."""
    return points @ affine[:, :2].T + affine[:, 2]


def invert(affine: FloatArray) -> NDArray[np.float64]:
    """The map back."""
    return np.asarray(cv2.invertAffineTransform(np.asarray(affine, np.float64)), np.float64)


def compose(outer: FloatArray, inner: FloatArray) -> NDArray[np.float64]:
    """One map that first applies `inner`, then `outer`."""
    return np.hstack([outer[:, :2] @ inner[:, :2], (outer[:, :2] @ inner[:, 2] + outer[:, 2])[:, None]])


def square_crop(centre: FloatArray, side: float, size: int, rotation: float = 0.0) -> NDArray[np.float64]:
    """The map from the photo to a `size`×`size` crop around `centre`.

    Args:
        centre: x, y in photo px.
        side: of the square in photo px.
        rotation: of the square in the photo, radians, clockwise as seen: what leans by it stands upright in the crop.
    """
    cos, sin = np.cos(rotation), np.sin(rotation)
    linear = np.array([[cos, sin], [-sin, cos]]) * (size / side)
    return np.hstack([linear, (size / 2 - linear @ np.asarray(centre, np.float64))[:, None]])


def similarity(source: FloatArray, target: FloatArray) -> NDArray[np.float64]:
    """Rotation, even scale and shift that map points (n, 2) onto others with the least squares (Umeyama, 1991)."""
    a, b = source - source.mean(0), target - target.mean(0)
    norm = (a * a).sum()
    cos = (a * b).sum() / norm
    sin = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum() / norm
    linear = np.array([[cos, -sin], [sin, cos]])
    return np.hstack([linear, (target.mean(0) - linear @ source.mean(0))[:, None]])


def letterbox(width: int, height: int, into: tuple[int, int]) -> NDArray[np.float64]:
    """The map that fits a photo of `width`×`height` px centred and evenly scaled into (width, height) `into`."""
    scale = min(into[0] / width, into[1] / height)
    return np.array(
        [[scale, 0, (into[0] - scale * width) / 2], [0, scale, (into[1] - scale * height) / 2]],
    )


class Pyramid:
    """An image, uint8 (h, w, 3), and smaller copies; each is made when it is first needed, for all crops to come."""

    def __init__(self, image: Image) -> None:
        self._levels = {1: image}
        self._thirds = 0

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the image itself."""
        return self._levels[1].shape

    def level(self, factor: int) -> Image:
        """The image reduced by a `factor` of 1, 2, 3, 4, 6, 8, 12, …"""
        if factor not in self._levels:
            step = 3 if factor % 3 == 0 else 2
            self._levels[factor] = reduce(self.level(factor // step), step)
        return self._levels[factor]

    def part(self, factor: int, low: NDArray[np.intp], high: NDArray[np.intp]) -> Image:
        """Columns and rows `low` up to `high` (x, y each) of a level.

        The level of a third is no step to others, and by far the costliest, so of that no more is made than is asked
        for, until parts have cost as much as the whole.
        """
        if factor == 3 and factor not in self._levels:
            self._thirds += int(np.prod((high - low) * factor))
            if self._thirds < np.prod(self.shape[:2]):
                low, high = low * factor, high * factor
                return reduce(self._levels[1][low[1] : high[1], low[0] : high[0]], factor)
        return self.level(factor)[low[1] : high[1], low[0] : high[0]]


Picture = Image | Pyramid


def crop(image: Picture, affine: FloatArray, size: tuple[int, int], fill: tuple[int, int, int] = (0, 0, 0)) -> Image:
    """Cut (width, height) `size` out of an image through `affine`, without aliasing when it shrinks.

    Shrinking by two or more first averages over whole pixels of the image, which leaves less than 1.5; what lies
    outside it is `fill`.
    """
    scale = float(np.sqrt(abs(np.linalg.det(affine[:, :2]))))
    pyramid = image if isinstance(image, Pyramid) else Pyramid(image)
    factor = 2 ** int(np.log2(max(1.0, 1 / scale)))
    factor += factor // 2 if factor * scale <= 2 / 3 else 0
    sides = np.maximum(1, np.array(image.shape[1::-1]) // factor)
    ratio = np.minimum(image.shape[1::-1], factor)
    # Pixel centres lie at .5, which warpAffine does not know.
    from_level = np.array([[ratio[0], 0, (ratio[0] - 1) / 2], [0, ratio[1], (ratio[1] - 1) / 2]])
    from_level = compose(affine, from_level)
    corners = transform(np.array([[0, 0], [size[0], 0], [0, size[1]], list(size)], np.float64), invert(from_level))
    low = np.clip(np.floor(corners.min(0)) - 2, 0, sides).astype(int)
    high = np.clip(np.ceil(corners.max(0)) + 2, 0, sides).astype(int)
    if (high <= low).any():
        return np.full((size[1], size[0], 3), fill, np.uint8)
    part = pyramid.part(factor, low, high)
    from_part = compose(from_level, np.array([[1.0, 0, low[0]], [0, 1.0, low[1]]]))
    warped = cv2.warpAffine(
        part, from_part, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=fill
    )
    return np.asarray(warped, np.uint8)
