"""Person boxes: NanoDet (Lyu, 2020; trained on COCO), its person class alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.vision.geometry import Picture, crop, letterbox, suppress
from mien.vision.session import network

SIZE = 416  # px of the longer side it was trained at
STRIDES = (8, 16, 32)
BINS = 11  # distances to the box's sides are distributions over 0…10 strides (Generalized Focal Loss, Li et al., 2020)
PERSON = 0  # COCO's first class
MEAN = np.array([103.53, 116.28, 123.675], np.float32)  # of ImageNet, in BGR
DEVIATION = np.array([57.375, 57.12, 58.395], np.float32)


@dataclass(frozen=True, eq=False)
class PersonBoxes:
    """n boxes, best first: float32 (n, 4) in px of the photo, and scores float32 (n,), 0–1."""

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]


class PersonDetector:
    """Finds people in an upright RGB photo."""

    def __init__(self) -> None:
        self._network = network("persons")

    def __call__(
        self, image: Picture, *, threshold: float = 0.3, overlap: float | None = 0.5, size: int = SIZE
    ) -> PersonBoxes:
        """Find people.

        Args:
            image: uint8 (h, w, 3), or its pyramid.
            threshold: lowest score that counts.
            overlap: of two boxes whose IoU reaches this, the better one stays; `None` keeps them all.
            size: px of the longer side that the photo is looked at with. A larger one finds smaller people and
                misses large ones; the cost grows with its square.
        """
        height, width = image.shape[:2]
        scale = size / max(width, height)
        frame = (_padded(width * scale), _padded(height * scale))
        affine = letterbox(width, height, frame)
        fitted = crop(image, affine, frame)
        blob = np.empty((1, 3, *fitted.shape[:2]), np.float32)
        for channel in range(3):
            np.subtract(fitted[:, :, 2 - channel], MEAN[channel], out=blob[0, channel])
        blob /= DEVIATION[:, None, None]
        outputs = self._network(blob)
        boxes, scores = [], []
        for level, stride in enumerate(STRIDES):
            score = outputs[level][0, :, PERSON]
            cells = np.flatnonzero(score >= threshold)
            distributions = outputs[level + len(STRIDES)][0, cells]
            boxes.append(_decode(distributions, cells, stride, columns=frame[0] // stride))
            scores.append(score[cells])
        found, certainty = np.concatenate(boxes), np.concatenate(scores)
        best = np.argsort(-certainty, kind="stable") if overlap is None else suppress(found, certainty, overlap)
        in_photo = (found[best] - np.tile(affine[:, 2], 2)) / affine[0, 0]
        in_photo = np.clip(in_photo, 0, (width, height, width, height))
        return PersonBoxes(in_photo.astype(np.float32), certainty[best].astype(np.float32))


def _padded(side: float) -> int:
    """The next multiple of the coarsest stride."""
    return max(1, int(np.ceil(side / STRIDES[-1] - 0.01))) * STRIDES[-1]


def _decode(
    distributions: NDArray[np.float32], cells: NDArray[np.intp], stride: int, columns: int
) -> NDArray[np.float32]:
    """Distributions over distances, (n, 4·11), at cells of a grid with `columns` → boxes in px of the input."""
    logits = distributions.reshape(-1, 4, BINS)
    weights = np.exp(logits - logits.max(2, keepdims=True))
    distances = (weights @ np.arange(BINS, dtype=np.float32)) / weights.sum(2) * stride
    centres = np.stack([cells % columns, cells // columns], 1).astype(np.float32) * stride + stride / 2
    return np.hstack([centres - distances[:, :2], centres + distances[:, 2:]])
