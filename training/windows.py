"""Where a training crop looks: around what a photo shows of a person, as the engine looks; at times anywhere."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.network import window
from mien.parsing.lite.skeleton import NOSE
from mien.parsing.parse import BAG
from mien.vision.geometry import GREY, compose, transform
from training.people import MIRRORED_LABEL, MIRRORED_LANDMARK, Person, extent

FRAMED = 0.8
"""Share of the crops around what a photo's edges leave of a person; the others look anywhere, as around a bad box."""
CUT_BELOW, CUT_ASIDE, CUT_ABOVE = 0.45, 0.12, 0.06  # how often a photo's edges cut people off
BOX_ERROR, BAD_BOX, BAD_BOX_ERROR = 0.04, 0.15, 0.12
"""Standard deviation of a box's borders over its sides; how often it is worse, and how much."""

WHOLE, HALF, HEAD = 0.42, 0.24, 0.18  # shares of the crops; the rest shows any piece of a person
WHOLE_WIDE = 0.3  # the share in crops that are wider than high: whoever stands does not fill those
LEAN, FALL, LIE = 0.35, 0.06, 0.02  # shares of crops turned by up to 15°, 50°, and by about 90°
LIE_WIDE = 0.12


@dataclass(frozen=True, eq=False)
class View:
    """A crop of h×w px while it is being made.

    Attributes:
        colours: uint8 (h, w, 3), RGB.
        labels: uint8 (h, w).
        landmarks: float64 (33, 3); x, y in px of the crop, visibility.
        box: float64 (4,); of the person, px of the crop; may reach out of it.
        others: (33, 3) each: poses of other people.
    """

    colours: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    landmarks: NDArray[np.float64]
    box: NDArray[np.float64]
    others: tuple[NDArray[np.float64], ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.labels.shape[1], self.labels.shape[0]


def random_view(rng: np.random.Generator, person: Person, size: tuple[int, int]) -> View:
    """A crop of (width, height) `size` that shows something of the person."""
    flip, extend = rng.random(2) < (0.5, 0.6)
    if rng.random() > FRAMED:
        return look(person, random_window(rng, person, size), size, bool(flip), bool(extend))
    frame = random_frame(rng, person, wide=size[0] >= size[1])
    affine, _ = window(_detected(rng, _shown(person, frame)), (size,))
    turn, aspect = np.deg2rad(_turn(rng)), rng.uniform(0.9, 1.1)
    middle = np.array(size) / 2
    turned = compose(_around(middle, 1.0, turn, aspect, size), affine)
    return look(person, turned, size, bool(flip), frame=frame)


def random_frame(rng: np.random.Generator, person: Person, *, wide: bool) -> NDArray[np.float64]:
    """The edges of a photo, (4,) px, that may cut the person off; a `wide` view is of the upper part of them."""
    height, width = person.labels.shape
    x0, y0, x1, y1 = person.box
    body_width, body_height = x1 - x0, y1 - y0
    frame = np.array([0.0, 0.0, width, height])
    below, left, right, above = rng.random(4) < (CUT_BELOW, CUT_ASIDE, CUT_ASIDE, CUT_ABOVE)
    if wide:
        frame[3] = y0 + min(rng.uniform(0.5, 1.2) * body_width, body_height)
    elif below:
        frame[3] = y0 + rng.uniform(0.15, 0.95) * body_height
    if left:
        frame[0] = x0 + rng.uniform(0.05, 0.55) * body_width
    elif right:
        frame[2] = x1 - rng.uniform(0.05, 0.55) * body_width
    if above and not wide:
        frame[1] = y0 + rng.uniform(0.05, 0.5) * (frame[3] - y0)
    return frame


def _shown(person: Person, frame: NDArray[np.float64]) -> NDArray[np.float64]:
    """The box of what lies within the frame, (4,) px."""
    x0, y0, x1, y1 = frame.round().astype(int)
    inside = person.labels[y0:y1, x0:x1]
    mine = (inside > 0) & (inside < BAG)
    return np.add(extent(mine), (x0, y0, x0, y0)) if mine.any() else person.box


def _detected(rng: np.random.Generator, box: NDArray[np.float64]) -> NDArray[np.float64]:
    """The box as a detector finds it."""
    error = BAD_BOX_ERROR if rng.random() < BAD_BOX else BOX_ERROR
    sides = np.tile(box[2:] - box[:2], 2)
    moved = box + np.clip(rng.normal(0, error, 4), -0.25, 0.25) * sides
    return np.asarray(moved, np.float64)


def look(
    person: Person,
    placement: NDArray[np.float64],
    size: tuple[int, int],
    flip: bool = False,
    extend: bool = False,
    frame: NDArray[np.float64] | None = None,
) -> View:
    """What an affine `placement` (2, 3), photo px → crop px, shows; mirrored if `flip`.

    What lies outside the photo, or outside a `frame` (4,) of it, is grey; or, to `extend` the photo, blurred from its
    margin.
    """
    affine = placement.copy()
    if flip:
        affine[0] *= -1
        affine[0, 2] += size[0] - 1
    scale = float(np.sqrt(abs(np.linalg.det(affine[:, :2]))))
    photo, labels, warp = person.photo, person.labels, affine
    if scale < 0.7:
        photo, labels = person.half_photo, person.half_labels
        ratio = np.array(person.labels.shape[::-1]) / labels.shape[::-1]
        warp = np.hstack([affine[:, :2] * ratio, affine[:, 2:] + affine[:, :2] @ ((ratio - 1) / 2)[:, None]])
    border = cv2.BORDER_REFLECT if extend else cv2.BORDER_CONSTANT
    colours = cv2.warpAffine(photo, warp, size, flags=cv2.INTER_LINEAR, borderMode=border, borderValue=GREY)
    shown = cv2.warpAffine(labels, warp, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    landmarks = np.hstack([transform(person.landmarks[:, :2].astype(np.float64), affine), person.landmarks[:, 2:]])
    x0, y0, x1, y1 = person.box
    corners = transform(np.array([[x0, y0], [x1, y0], [x0, y1], [x1, y1]]), affine)
    if extend:
        # A mirrored margin would show a second, unlabelled piece of the person.
        inside = cv2.warpAffine(np.ones_like(labels), warp, size, flags=cv2.INTER_NEAREST)
        colours = np.where(inside[..., None] > 0, colours, _backdrop(colours))
    if frame is not None:
        corners_of_frame = transform(frame[[[0, 1], [2, 1], [2, 3], [0, 3]]], affine)
        within = cv2.fillConvexPoly(np.zeros_like(shown), corners_of_frame.round().astype(np.int32), 1)
        colours = np.where(within[..., None] > 0, colours, np.array(GREY, np.uint8))
        shown = np.where(within > 0, shown, np.uint8(0))
    return View(
        np.asarray(colours, np.uint8),
        MIRRORED_LABEL[shown] if flip else shown,
        landmarks[MIRRORED_LANDMARK] if flip else landmarks,
        np.concatenate([corners.min(0), corners.max(0)]),
    )


def random_window(rng: np.random.Generator, person: Person, size: tuple[int, int]) -> NDArray[np.float64]:
    """An affine map from the photo to a crop of (width, height) `size`."""
    width, height = size
    wide = width >= height
    x0, y0, x1, y1 = person.box
    body_width, body_height = x1 - x0, y1 - y0
    lies = rng.random() < (LIE_WIDE if wide else LIE)
    turn = _turn(rng)
    if lies:
        turn = rng.choice((-90, 90)) + rng.uniform(-20, 20)
        body_width, body_height = body_height, body_width
    kind = rng.random() / ((WHOLE_WIDE / WHOLE) if wide and not lies else 1)
    if kind < WHOLE or lies:
        centre = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
        span = max(body_height, body_width * height / width) * rng.uniform(0.98, 1.35)
        centre += rng.uniform(-0.08, 0.08, 2) * (body_width, body_height)
    elif kind < WHOLE + HALF + HEAD:
        head = kind >= WHOLE + HALF
        span = person.torso * (rng.uniform(0.6, 1.7) if head else rng.uniform(1.6, 3.0))
        if wide:  # a bust is about as high as the crop
            span *= rng.uniform(0.7, 1.0)
        middle = 0.5 * float(person.landmarks[NOSE, 0]) + 0.5 * person.shoulders[0]
        centre = np.array([middle, y0 - rng.uniform(-0.04, 0.15) * span + span / 2])
        centre[0] += rng.uniform(-0.25, 0.25) * span * width / height
    else:
        share = rng.uniform(0.3, 0.75)
        span = max(share * body_height, 0.6 * body_width * height / width)
        centre = np.array([(x0 + x1) / 2, y0 + rng.uniform(share / 2, 1 - share / 2) * body_height])
        centre[0] += rng.uniform(-0.2, 0.2) * body_width
    return _around(centre, height / span, np.deg2rad(turn), rng.uniform(0.86, 1.16), size)


def _turn(rng: np.random.Generator) -> float:
    kind = rng.random()
    if kind < FALL:
        return rng.uniform(-50, 50)
    return rng.uniform(-15, 15) if kind < FALL + LEAN else 0.0


def _around(
    centre: NDArray[np.float64], scale: float, turn: float, aspect: float, size: tuple[int, int]
) -> NDArray[np.float64]:
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    linear = scale * rotation @ np.diag([aspect**0.5, aspect**-0.5])
    return np.hstack([linear, (np.array(size) / 2 - linear @ centre)[:, None]])


def _backdrop(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Something for what lies outside the photo: its blurred margin."""
    small = cv2.resize(colours, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(small, (0, 0), 3)
    return np.asarray(cv2.resize(smooth, colours.shape[1::-1]), np.uint8)
