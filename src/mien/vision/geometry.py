"""Boxes, crops and their coordinates.

Boxes are float arrays (n, 4) of x0, y0, x1, y1; affine maps are float64 (2, 3).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

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


def letterbox(width: int, height: int, into: tuple[int, int]) -> NDArray[np.float64]:
    """The map that fits a photo of `width`×`height` px centred and evenly scaled into (width, height) `into`."""
    scale = min(into[0] / width, into[1] / height)
    return np.array(
        [[scale, 0, (into[0] - scale * width) / 2], [0, scale, (into[1] - scale * height) / 2]],
    )


def crop(image: Image, affine: FloatArray, size: tuple[int, int], fill: tuple[int, int, int] = (0, 0, 0)) -> Image:
    """Cut (width, height) `size` out of an image through `affine`, without aliasing when it shrinks.

    Shrinking by two or more first averages over whole pixels of the image; what lies outside it is `fill`.
    """
    scale = float(np.sqrt(abs(np.linalg.det(affine[:, :2]))))
    corners = transform(np.array([[0, 0], [size[0], 0], [0, size[1]], list(size)], np.float64), invert(affine))
    height, width = image.shape[:2]
    margin = 2 / scale + 2
    x0, y0 = np.clip(np.floor(corners.min(0) - margin), 0, (width, height)).astype(int)
    x1, y1 = np.clip(np.ceil(corners.max(0) + margin), 0, (width, height)).astype(int)
    if x1 <= x0 or y1 <= y0:
        return np.full((size[1], size[0], 3), fill, np.uint8)
    part = image[y0:y1, x0:x1]
    to_part = np.array([[1.0, 0, x0], [0, 1.0, y0]])
    if (factor := int(1 / scale)) > 1:
        # A whole factor is several times faster than one that fits; what it leaves is less than one in two.
        part = part[: max(1, len(part) // factor) * factor, : max(1, part.shape[1] // factor) * factor]
        reduced = (max(1, part.shape[1] // factor), max(1, len(part) // factor))
        ratio = np.array([part.shape[1], len(part)]) / reduced
        part = np.asarray(cv2.resize(part, reduced, interpolation=cv2.INTER_AREA), np.uint8)
        # Pixel centres lie at .5, which warpAffine does not know.
        to_part = np.array([[ratio[0], 0, x0 + (ratio[0] - 1) / 2], [0, ratio[1], y0 + (ratio[1] - 1) / 2]])
    warped = cv2.warpAffine(
        part, compose(affine, to_part), size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=fill
    )
    return np.asarray(warped, np.uint8)
