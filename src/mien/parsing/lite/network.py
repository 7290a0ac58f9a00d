"""The part network: which pixel of a person's crop shows which part, from colours, skeleton and person mask."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.cleaning import clean
from mien.parsing.lite.skeleton import draw
from mien.parsing.parse import BAG
from mien.vision.geometry import GREY, FloatArray, Image, compose, crop, invert, transform
from mien.vision.pose import Pose
from mien.vision.session import Network

CROPS = ((224, 320), (256, 288), (288, 256), (320, 224))
"""Width and height, px: the first as trained; wide boxes get a crop of the same cost that they fill better."""

GROWTH = 1.15  # the crop over the box

DOUBT = 0.1
"""The pose's mask counts as log-odds between this and 1 − this: it sometimes cuts real clothing."""

SETTLED = 0.55  # at least this sure of the person where cleaning kept or gave a part


@dataclass(frozen=True, eq=False)
class PartMaps:
    """One person's parts in a crop of h×w px.

    Attributes:
        labels: uint8 (h, w); 1–19 CIHP, 20 bag; 0 for the background.
        person: float32 (h, w); 0–1, that this pixel shows the person (bags are not the person).
        certainty: float32 (h, w); probability of `labels`.
        affine: float64 (2, 3); photo px → crop px.
    """

    labels: NDArray[np.uint8]
    person: NDArray[np.float32]
    certainty: NDArray[np.float32]
    affine: NDArray[np.float64]


class PartNetwork:
    """Labels the person in a box, pixel by pixel."""

    def __init__(self) -> None:
        self._network = Network("parser")

    def __call__(self, image: Image, box: FloatArray, pose: Pose | None) -> PartMaps:
        """The parts of the person in `box` (4,), px of the RGB `image`; `pose` guides if it is known."""
        affine, size = window(box)
        colours = crop(image, affine, size, fill=GREY)
        skeleton = np.zeros_like(colours)
        if pose is not None:
            placed = np.hstack([transform(pose.landmarks[:, :2], affine), pose.landmarks[:, 2:]])
            skeleton = draw(placed, *size)
        stacked = np.concatenate([colours, skeleton], 2).transpose(2, 0, 1)[None]
        logits = self._network(np.ascontiguousarray(stacked, np.float32))[0][0]
        if pose is not None:
            to_crop = compose(affine, invert(pose.affine))
            seen = np.clip(cv2.warpAffine(pose.mask, to_crop, size), DOUBT, 1 - DOUBT)
            logits[0] -= np.log(seen / (1 - seen))
        probabilities = softmax(logits)
        labels = clean(probabilities, colours)
        certainty = np.take_along_axis(probabilities, labels[None].astype(np.intp), 0)[0]
        person = 1 - probabilities[0] - probabilities[BAG]
        shown = (labels > 0) & (labels != BAG)
        person = np.where(shown, np.maximum(person, SETTLED), np.minimum(person, 0.5))
        return PartMaps(labels, person.astype(np.float32), certainty, affine)


def window(box: FloatArray) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """The map from the photo to a crop around `box`, and the crop's width and height: the one it fills best."""
    sides = np.maximum((box[2:] - box[:2]).astype(np.float64), 1) * GROWTH
    scales = [min(width / sides[0], height / sides[1]) for width, height in CROPS]
    size = CROPS[int(np.argmax(scales))]
    scale = max(scales)
    shift = np.array(size) / 2 - scale * (box[:2] + box[2:]) / 2
    return np.array([[scale, 0, shift[0]], [0, scale, shift[1]]]), size


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Over the first axis."""
    powers = np.exp(logits - logits.max(0))
    return np.asarray(powers / powers.sum(0), np.float32)
