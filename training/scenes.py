"""What stands around a person, in front of them and behind: other people, things, other places, the photo's edge."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.lite.skeleton import HIPS, LEGS
from mien.vision.geometry import GREY
from training.labels import IGNORED
from training.people import Person
from training.windows import View, look

KNEES, ANKLES = tuple(leg[1] for leg in LEGS), tuple(leg[2] for leg in LEGS)


def sit_down(rng: np.random.Generator, view: View) -> View:
    """Thighs foreshortened, as of somebody who sits and faces the camera: rows between hips and knees are squeezed.

    Only for people who stand upright with their knees in view; others are left as they are.
    """
    hips, knees, ankles = (view.landmarks[list(joints), 1].mean() for joints in (HIPS, KNEES, ANKLES))
    width, height = view.size
    if not (view.landmarks[[*HIPS, *KNEES], 2] > 0.5).all() or not 0 < hips < knees - 0.08 * height < ankles:
        return view
    lost = (1 - rng.uniform(0.3, 0.65)) * (knees - hips)
    target = np.array([-height, hips, knees - lost, 3.0 * height - lost])
    source = np.array([-height, hips, knees, 3.0 * height])
    rows = np.interp(np.arange(height), target, source).astype(np.float32)
    map_x, map_y = np.meshgrid(np.arange(width, dtype=np.float32), rows)
    beyond = map_y > height - 1
    colours = cv2.remap(view.colours, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    labels = cv2.remap(view.labels, map_x, map_y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    # Rows from below the crop are not known: the seat's edge hides them.
    colours[beyond], labels[beyond] = rng.integers(0, 255, 3), 0
    landmarks, box = view.landmarks.copy(), view.box.copy()
    landmarks[:, 1] = np.interp(landmarks[:, 1], source, target)
    box[[1, 3]] = np.interp(box[[1, 3]], source, target)
    return View(colours, labels, landmarks, box)


def go_elsewhere(rng: np.random.Generator, view: View, place: Person | None) -> View:
    """Everything that is not the person replaced: by another photo's surroundings, or by a plain or patterned wall."""
    width, height = view.size
    if place is None:
        backdrop = _wall(rng, width, height)
    else:
        empty = surroundings(place)
        scale = max(height / empty.shape[0], width / empty.shape[1]) * rng.uniform(1.0, 2.2)
        enlarged = cv2.resize(empty, None, fx=scale, fy=scale)[:, :: rng.choice((-1, 1))]
        top, left = (int(rng.integers(0, enlarged.shape[i] - side + 1)) for i, side in enumerate((height, width)))
        backdrop = enlarged[top : top + height, left : left + width]
    alpha = cv2.GaussianBlur((view.labels > 0).astype(np.float32), (0, 0), rng.uniform(0.5, 1.3))[..., None]
    return replace(view, colours=(view.colours * alpha + backdrop * (1 - alpha)).astype(np.uint8))


def clutter(rng: np.random.Generator, view: View, owners: Sequence[Person]) -> View:
    """Things behind the person, each in the colours and textures of somebody's clothes: those alone make no person."""
    width, height = view.size
    colours, free = view.colours.copy(), view.labels == 0
    for owner in owners:
        x0, y0, x1, y1 = (owner.box / 2).astype(int)
        top, left = (int(rng.integers(low, max(low + 1, high - 20))) for low, high in ((y0, y1), (x0, x1)))
        side = int(rng.uniform(12, 70))
        cloth = cv2.resize(owner.half_photo[top : top + side, left : left + side], (width, height))
        cover = np.zeros((height, width), np.uint8)
        centre, axes = rng.uniform(0, 1, 2) * (width, height), rng.uniform(0.04, 0.3, 2) * (width, height)
        if rng.random() < 0.5:
            cv2.ellipse(
                cover, centre.astype(int).tolist(), axes.astype(int).tolist(), rng.uniform(0, 180), 0, 360, 1, -1
            )
        else:
            corners = centre + rng.uniform(-1, 1, (int(rng.integers(3, 7)), 2)) * axes
            cv2.fillPoly(cover, [corners.astype(np.int32)], 1)
        colours = np.where(((cover > 0) & free)[..., None], cloth, colours)
    return replace(view, colours=colours)


@cache
def surroundings(place: Person) -> NDArray[np.uint8]:
    """A photo at a quarter of its size, the person painted over with what is beside them (Telea, 2004)."""
    shape = (place.labels.shape[1] // 4, place.labels.shape[0] // 4)
    small = cv2.resize(place.half_photo, shape, interpolation=cv2.INTER_AREA)
    person = cv2.resize((place.labels > 0).astype(np.uint8), shape, interpolation=cv2.INTER_AREA)
    person = cv2.dilate(person, np.ones((5, 5), np.uint8))
    return np.asarray(cv2.inpaint(small, person, 3, cv2.INPAINT_TELEA), np.uint8)


def join(rng: np.random.Generator, view: View, other: Person) -> View:
    """Somebody else beside the person, behind or before them; what they hide of the person becomes background."""
    width, height = view.size
    x0, y0, x1, y1 = view.box
    body_width, body_height = max(x1 - x0, 1.0), max(y1 - y0, 1.0)
    ox0, oy0, ox1, oy1 = other.box
    scale = body_height / (oy1 - oy0) * rng.uniform(0.75, 1.25)
    aside = rng.choice((-1, 1)) * rng.uniform(0.35, 1.1) * 0.5 * (body_width + scale * (ox1 - ox0))
    middle = np.array([(x0 + x1) / 2 + aside, y0 + rng.uniform(-0.1, 0.2) * body_height])
    shift = middle - scale * np.array([(ox0 + ox1) / 2, oy0])
    flip = bool(rng.random() < 0.5)
    window = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    if flip:  # the mirror image stands where the other would have stood
        window[0, 2] += width - 1 - 2 * middle[0]
    seen = look(other, window, (width, height), flip)
    cover = (seen.labels > 0) & (seen.labels != IGNORED)
    body = view.labels > 0
    before = rng.random() < 0.45
    if not before or np.count_nonzero(cover & body) > 0.55 * np.count_nonzero(body):
        cover &= ~body
    alpha = cv2.GaussianBlur(cover.astype(np.float32), (0, 0), 0.7)[..., None]
    colours = (seen.colours * alpha + view.colours * (1 - alpha)).astype(np.uint8)
    return replace(
        view, colours=colours, labels=np.where(cover, np.uint8(0), view.labels), others=(*view.others, seen.landmarks)
    )


def hide(rng: np.random.Generator, view: View, thing: Person | None) -> View:
    """A table, a counter or some thing before the person."""
    width, height = view.size
    if thing is None:
        texture = _wall(rng, width, height)
    else:
        rows, columns = (int(rng.integers(0, max(1, side - 60))) for side in thing.half_photo.shape[:2])
        texture = cv2.resize(thing.half_photo[rows : rows + 120, columns : columns + 120], (width, height))
    cover = np.zeros((height, width), np.uint8)
    if rng.random() < 0.6:
        edge, slope = rng.uniform(0.08, 0.45) * height, rng.uniform(-0.1, 0.1) * height
        corners = np.array([[0, height - edge - slope], [width, height - edge + slope], [width, height], [0, height]])
        cv2.fillPoly(cover, [corners.astype(np.int32)], 1)
    else:
        centre = (int(rng.uniform(0, width)), int(rng.uniform(0.3, 1) * height))
        axes = (int(rng.uniform(0.06, 0.25) * width), int(rng.uniform(0.05, 0.2) * height))
        cv2.ellipse(cover, centre, axes, rng.uniform(0, 180), 0, 360, 1, -1)
    hidden = cover > 0
    colours = np.where(hidden[..., None], texture, view.colours)
    return replace(view, colours=colours, labels=np.where(hidden, np.uint8(0), view.labels))


def cut_off(rng: np.random.Generator, view: View) -> View:
    """The photo ends within the crop."""
    width, height = view.size
    side, share = int(rng.integers(4)), rng.uniform(0.05, 0.28)
    deep = int(share * (height if side < 2 else width))
    outside = (np.s_[:deep], np.s_[-deep:], np.s_[:, :deep], np.s_[:, -deep:])[side]
    colours, labels = view.colours.copy(), view.labels.copy()
    if deep:
        colours[outside], labels[outside] = GREY, 0
    return replace(view, colours=colours, labels=labels)


def _wall(rng: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    """Plain with a gradient and grain, at times with stripes or blocks."""
    slope = np.linspace(0, 1, height)[:, None, None] * rng.uniform(-60, 60, 3) + rng.uniform(15, 240, 3)
    wall = np.repeat(slope, width, 1)
    for _ in range(int(rng.integers(0, 5))):
        x, y = rng.uniform(-0.2, 1, 2) * (width, height)
        w, h = rng.uniform(0.03, 0.9, 2) * (width, height)
        x0, y0 = max(0, int(x)), max(0, int(y))
        wall[y0 : int(y + h), x0 : int(x + w)] = rng.uniform(0, 255, 3)
    grain = rng.normal(0, rng.uniform(0, 12), (height, width, 1))
    return np.clip(wall + grain, 0, 255).astype(np.uint8)
