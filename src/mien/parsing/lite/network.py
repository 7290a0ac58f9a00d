"""The part network: which pixel of a person's crop shows which part, from colours, skeleton and person mask."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.cleaning import clean
from mien.parsing.lite.reaching import reach
from mien.parsing.lite.skeleton import draw_guides
from mien.parsing.parse import BAG
from mien.vision.geometry import GREY, FloatArray, Picture, compose, crop, invert, transform
from mien.vision.pose import PersonMasks, Pose
from mien.vision.session import network

CROPS = ((256, 352), (288, 320), (320, 288), (352, 256))
"""Width and height, px, as trained: each of about the same cost. A box gets the one that it fills best."""

GROWTH = 1.15  # the crop over the box

DOUBT = 0.1
"""The pose's mask counts as log-odds between this and 1 − this: it sometimes cuts real clothing."""

FACE_ODDS = 1.5  # log-odds that the middle of a found face shows the person
MIDDLE = 0.3  # radius of a face's middle over the sides of its box
OUTSIDE = 0.6  # weight of what lies outside the person's box: it is more likely a neighbour's
SOFTNESS = 0.02  # ownership varies smoothly: standard deviation of a Gaussian over the crop's height
UNDISPUTED = 2.0
SETTLED = 0.55  # at least this sure of the person where cleaning kept or gave a part


@dataclass(frozen=True, eq=False)
class PartMaps:
    """One person's parts in a crop of h×w px.

    Attributes:
        labels: uint8 (h, w); 1–19 CIHP, 20 bag; 0 for the background.
        person: float32 (h, w); 0–1, that this pixel shows the person (bags are not the person).
        claim: float32 (h, w); how strongly this person claims the pixel against others: `person`, softened, and
            `UNDISPUTED` on their face.
        certainty: float32 (h, w); calibrated probability of `labels`.
        evidence: float64 (21, 4); for each part's presence, see `presence.gather`.
        affine: float64 (2, 3); photo px → crop px.
    """

    labels: NDArray[np.uint8]
    person: NDArray[np.float32]
    claim: NDArray[np.float32]
    certainty: NDArray[np.float32]
    evidence: NDArray[np.float64]
    affine: NDArray[np.float64]


class PartNetwork:
    """Labels the person in a box, pixel by pixel."""

    def __init__(self) -> None:
        self._network = network("parser")
        self._masks = PersonMasks()

    def __call__(
        self,
        image: Picture,
        box: FloatArray,
        pose: Pose | None = None,
        face: FloatArray | None = None,
        others: Sequence[Pose] = (),
    ) -> PartMaps:
        """The parts of the person in `box` (4,), px of the RGB `image`.

        Their `pose` and `face` box (4,) guide, and so do the poses of `others` near, who are not meant.
        """
        affine, size = window(box)
        colours = crop(image, affine, size, fill=GREY)
        placed = None if pose is None else _in_crop(pose, affine)
        guides = draw_guides(placed, [_in_crop(other, affine) for other in others], *size)
        stacked = np.concatenate([colours, guides], 2).transpose(2, 0, 1)[None]
        (logits,), (worn,) = self._network(np.ascontiguousarray(stacked, np.float32))
        if pose is not None:
            to_crop = compose(affine, invert(pose.affine))
            seen = np.clip(cv2.warpAffine(self._masks(pose), to_crop, size), DOUBT, 1 - DOUBT)
            logits[0] -= np.log(seen / (1 - seen))
        middle = np.float32(0) if face is None else _disc(face, affine, size, MIDDLE)
        # Among heads close together the network may take the very person for the background.
        logits[[0, BAG]] -= FACE_ODDS * middle
        inside = _inside(box, affine, size)
        probabilities = reach(softmax(logits), inside)
        cleaned = clean(probabilities, colours, worn, placed)
        shown = (cleaned.labels > 0) & (cleaned.labels != BAG)
        person = np.where(shown, np.maximum(cleaned.person, SETTLED), np.minimum(cleaned.person, 0.5))
        person = (person * np.where(inside, 1, OUTSIDE)).astype(np.float32)
        softened = np.asarray(cv2.GaussianBlur(person, (0, 0), max(1.0, SOFTNESS * size[1])), np.float32)
        claim = softened if face is None else np.maximum(softened, UNDISPUTED * _disc(face, affine, size, 0.5))
        return PartMaps(cleaned.labels, person, claim, cleaned.certainty, cleaned.evidence, affine)


def _in_crop(pose: Pose, affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """A pose's landmarks in px of the crop, and their visibility: (33, 3)."""
    return np.hstack([transform(pose.landmarks[:, :2].astype(np.float64), affine), pose.landmarks[:, 2:]])


def _inside(box: FloatArray, affine: FloatArray, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Where the crop shows the inside of a box: bool (h, w)."""
    x0, y0, x1, y1 = transform(box.reshape(2, 2).astype(np.float64), affine).ravel()
    columns, rows = np.arange(size[0]), np.arange(size[1])
    return np.outer((rows >= y0) & (rows <= y1), (columns >= x0) & (columns <= x1))


def _disc(face: FloatArray, affine: FloatArray, size: tuple[int, int], radius: float) -> NDArray[np.float32]:
    """1 in the ellipse of this radius over the sides of a face's box, 0 elsewhere: float32 (h, w)."""
    low, high = transform(face.reshape(2, 2).astype(np.float64), affine)
    disc = np.zeros((size[1], size[0]), np.float32)
    centre, axes = (low + high) / 2, (high - low) * radius
    cv2.ellipse(disc, centre.round().astype(int).tolist(), axes.round().astype(int).tolist(), 0, 0, 360, 1, -1)
    return disc


def window(box: FloatArray, crops: tuple[tuple[int, int], ...] = CROPS) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """The map from the photo to a crop around `box`, and the crop's width and height: the one it fills best."""
    sides = np.maximum((box[2:] - box[:2]).astype(np.float64), 1) * GROWTH
    scales = [min(width / sides[0], height / sides[1]) for width, height in crops]
    size = crops[int(np.argmax(scales))]
    scale = max(scales)
    shift = np.array(size) / 2 - scale * (box[:2] + box[2:]) / 2
    return np.array([[scale, 0, shift[0]], [0, scale, shift[1]]]), size


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Over the first axis."""
    powers = logits - logits.max(0)
    np.exp(powers, out=powers)
    powers /= powers.sum(0)
    return np.asarray(powers, np.float32)
