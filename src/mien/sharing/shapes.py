"""Where heads and skin are: masks on the maps of a parse, large rather than exact. Coordinates are px of the maps."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.faces.regions import HEAD_PARTS
from mien.parsing.parse import PART_ID, PARTS, Parse
from mien.vision.face_boxes import LEFT_EYE, MOUTH, RIGHT_EYE
from mien.vision.geometry import FloatArray

Mask = NDArray[np.bool_]

_IS_HEAD = np.isin(np.arange(len(PARTS)), HEAD_PARTS)
_IS_FACE = np.isin(np.arange(len(PARTS)), (PART_ID["face"], PART_ID["sunglasses"]))
_IS_SCARF = np.arange(len(PARTS)) == PART_ID["scarf"]  # long hair is often taken for one
_IS_SKIN = np.isin(np.arange(len(PARTS)), [PART_ID[name] for name in ("torso-skin", "left-leg", "right-leg")])

HEAD_SHARE = 0.015
"""Of a figure's px; fewer head labels are stray ones. A standing person's head is some 0.05 of them."""
FEWEST = 6  # px of a head that is one

HEAD_MARGIN = 0.35  # of the root of the head's area: ears, strands of hair, the rim of a hat
HAIR_MARGIN = 0.9  # likewise, of a head that seems to have no face, which may then be beside it
LEAST_FACE = 0.12  # of a head's labels
SKIN_MARGIN = 0.05

FACE_ACROSS, FACE_DOWN, FACE_UP = 0.9, 1.15, 0.15
"""Half axes of the head around a detected face, and how far above the face its middle lies: of the box's sides."""

TOP_DOWN, TOP_ACROSS = 0.24, 0.55
"""How far down a body's box its head may reach: of the box's height and of its width, whichever is more."""
HEAD_DOWN, HEAD_ACROSS = 0.14, 0.4  # the head's side, likewise
NARROW = 0.35  # half the width, over the body's, in which the head of somebody upright is
ABOVE = 0.04  # of the height, by which boxes cut heads off

_UP = ((0, -1), (1, 0), (0, 1), (-1, 0))
"""Where the hair is of somebody who is turned by so many quarters, clockwise."""

_POSE_HEAD = slice(0, 11)
_SHOULDERS = [11, 12]
_SEEN = 0.5


def head_labels(parse: Parse, figure: int) -> Mask:
    """The pixels that the parse calls hat, hair, sunglasses or face of a figure."""
    return parse.mask(figure) & is_head_part(parse)


def is_head_part(parse: Parse) -> Mask:
    """The pixels that the parse calls so of anybody."""
    return np.asarray(_IS_HEAD[parse.parts], bool)


def skin_labels(parse: Parse, figure: int) -> Mask:
    """The bare torso and legs of a figure, grown a little."""
    mask = parse.mask(figure) & _IS_SKIN[parse.parts]
    return grown(mask, 1 + SKIN_MARGIN * float(np.sqrt(mask.sum())))


def is_head(labels: Mask, parse: Parse, figure: int) -> bool:
    """Whether these labels are really a head."""
    return bool(labels.sum() >= max(FEWEST, HEAD_SHARE * parse.mask(figure).sum()))


def head_of(parse: Parse, figure: int) -> Mask:
    """The head of a figure: by its labels and by its pose; the upper part of the body where neither shows it."""
    labels = head_labels(parse, figure)
    seen = is_head(labels, parse, figure)
    has_face = (labels & _IS_FACE[parse.parts]).sum() >= LEAST_FACE * labels.sum()
    margin = HEAD_MARGIN if has_face else HAIR_MARGIN
    mask = grown(labels, 1.5 + margin * float(np.sqrt(labels.sum())))
    mask |= grown(parse.mask(figure) & _IS_SCARF[parse.parts], 1.5)
    by_pose = _by_pose(parse, figure)
    if by_pose is not None:
        mask |= by_pose
    if not seen:
        mask |= grown(top_of(parse.boxes[figure] * (*parse.size, *parse.size), parse.size), 1) & grown(
            parse.mask(figure), 2 + 0.1 * float(np.sqrt(parse.mask(figure).sum()))
        )
    return mask


def turn_of(keypoints: FloatArray) -> int:
    """By how many quarters a face is turned, clockwise, from its keypoints (6, 2): 0 if it is more or less upright."""
    x, y = keypoints[MOUTH] - (keypoints[LEFT_EYE] + keypoints[RIGHT_EYE]) / 2
    return round(float(np.arctan2(-x, y)) / (np.pi / 2)) % 4


def top_of(body: FloatArray, size: tuple[int, int], turn: int = 0) -> Mask:
    """The upper part of a body's box (4,), where its head is; `turn`: quarters by which the body lies, clockwise."""
    x0, y0, x1, y1 = _upright(body, size, turn)
    width, height = x1 - x0, y1 - y0
    down = min(height, max(TOP_DOWN * height, TOP_ACROSS * width))
    if height > 1.2 * width:
        middle, half = (x0 + x1) / 2, max(NARROW * width, 0.5 * down)
        x0, x1 = max(x0, middle - half), min(x1, middle + half)
    return np.rot90(rectangle((x0, y0 - ABOVE * height, x1, y0 + down), _turned(size, turn)), -turn)


def likely_head(body: FloatArray, size: tuple[int, int], turn: int = 0) -> Mask:
    """Where the head of somebody is at the top of their box (4,), seen whole or down to the waist; `turn`: as above."""
    x0, y0, x1, y1 = _upright(body, size, turn)
    side = min(y1 - y0, max(HEAD_DOWN * (y1 - y0), HEAD_ACROSS * (x1 - x0)))
    return np.rot90(ellipse(((x0 + x1) / 2, y0 + side / 2), (0.45 * side, 0.5 * side), _turned(size, turn)), -turn)


def rectangle(box: tuple[float, float, float, float], size: tuple[int, int]) -> Mask:
    """The pixels of a box."""
    width, height = size
    mask = np.zeros((height, width), bool)
    x0, y0 = (max(0, int(np.floor(value))) for value in box[:2])
    x1, y1 = (max(0, int(np.ceil(value))) for value in box[2:])
    mask[y0:y1, x0:x1] = True
    return mask


def around_face(face: FloatArray, size: tuple[int, int], turn: int = 0, *, times: float = 1.0) -> Mask:
    """The whole head around a face's box (4,): hair, ears, chin; `turn`: as `turn_of` says."""
    across, down = float(face[2] - face[0]), float(face[3] - face[1])
    if turn % 2:
        across, down = down, across
    up = FACE_UP * down * times
    middle = (float(face[0] + face[2]) / 2 + up * _UP[turn][0], float(face[1] + face[3]) / 2 + up * _UP[turn][1])
    axes = times * FACE_ACROSS * max(across, down), times * FACE_DOWN * max(down, 0.8 * across)
    return ellipse(middle, axes[::-1] if turn % 2 else axes, size)


def inside_face(face: FloatArray, size: tuple[int, int]) -> Mask:
    """What a face's box (4,) surely shows of the face."""
    middle = (float(face[0] + face[2]) / 2, float(face[1] + face[3]) / 2)
    return ellipse(middle, (0.55 * float(face[2] - face[0]), 0.6 * float(face[3] - face[1])), size)


def distances(face: FloatArray, size: tuple[int, int]) -> NDArray[np.float32]:
    """How far each pixel (H, W) is from the middle of a face's box (4,), in halves of its sides, squared."""
    width, height = size
    across = (np.arange(width) + 0.5 - (face[0] + face[2]) / 2) / max(face[2] - face[0], 1) * 2
    down = (np.arange(height) + 0.5 - (face[1] + face[3]) / 2) / max(face[3] - face[1], 1) * 2
    return np.asarray((across**2).astype(np.float32) + (down**2).astype(np.float32)[:, None], np.float32)


def hull(landmarks: NDArray[np.floating], size: tuple[int, int]) -> Mask:
    """The face within its landmarks (n, 2), 0–1."""
    width, height = size
    mask = np.zeros((height, width), np.uint8)
    points = np.clip(landmarks[:, :2] * size, -4 * max(size), 4 * max(size))
    cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(points).astype(np.int32)), 1)
    return mask.astype(bool)


def ellipse(middle: tuple[float, float], axes: tuple[float, float], size: tuple[int, int]) -> Mask:
    """An upright ellipse of these half axes, at least a pixel."""
    width, height = size
    x0, y0 = max(0, int(middle[0] - axes[0]) - 1), max(0, int(middle[1] - axes[1]) - 1)
    x1, y1 = min(width, int(middle[0] + axes[0]) + 3), min(height, int(middle[1] + axes[1]) + 3)
    mask = np.zeros((height, width), bool)
    if x1 > x0 and y1 > y0:
        across = (np.arange(x0, x1) + 0.5 - middle[0]) / max(axes[0], 1)
        down = (np.arange(y0, y1) + 0.5 - middle[1]) / max(axes[1], 1)
        mask[y0:y1, x0:x1] = across**2 + down[:, None] ** 2 <= 1
    return mask


def grown(mask: Mask, margin: float) -> Mask:
    """A mask and what lies within `margin` px of it."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows) or margin < 1:
        return mask.copy()
    reach = int(np.ceil(margin)) + 1
    here = (
        slice(max(0, rows[0] - reach), rows[-1] + reach + 1),
        slice(max(0, columns[0] - reach), columns[-1] + reach + 1),
    )
    larger = mask.copy()
    far = cv2.distanceTransform((~mask[here]).astype(np.uint8), cv2.DIST_L2, 3)
    larger[here] = far <= margin
    return larger


def shrunk(mask: Mask, margin: float) -> Mask:
    """A mask without what lies within `margin` px of its edge; the picture's edge is none."""
    return np.asarray(cv2.erode(mask.astype(np.uint8), _disc(margin)), bool)


def without_slivers(mask: Mask, keep: Mask, gap: float, least: float) -> Mask:
    """A mask with what is left between its parts: gaps of less than `gap` px, and islands of fewer than `least` px,
    save for what shows any of `keep`."""
    if not mask.any():
        return mask.copy()
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, _disc(gap / 2)).astype(bool) & ~keep | mask
    _, labels = cv2.connectedComponents((~closed).view(np.uint8), connectivity=4)
    small = np.bincount(labels.ravel()) < least
    small[np.unique(labels[keep])] = False
    small[0] = True
    return np.asarray(small[labels], bool)


def extents(mask: Mask) -> list[tuple[int, int, int, int]]:
    """x, y, width and height of each connected region, but for those within holes of others."""
    outlines, _ = cv2.findContours(mask.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return [(x, y, width, height) for x, y, width, height in map(cv2.boundingRect, outlines)]


def _disc(radius: float) -> NDArray[np.uint8]:
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def _turned(size: tuple[int, int], turn: int) -> tuple[int, int]:
    return size if turn % 2 == 0 else (size[1], size[0])


def _upright(box: FloatArray, size: tuple[int, int], turn: int) -> tuple[float, float, float, float]:
    """A box (4,) in the picture in which who is turned by so many quarters stands upright."""
    x0, y0, x1, y1 = (float(value) for value in box)
    for step in range(turn):
        width, _ = _turned(size, step)
        x0, y0, x1, y1 = y0, width - x1, y1, width - x0
    return x0, y0, x1, y1


def _by_pose(parse: Parse, figure: int) -> Mask | None:
    """An ellipse around the head that a figure's pose shows; None if it shows none."""
    pose = parse.poses[figure].astype(np.float64)
    if not np.isfinite(pose).all() or pose[_POSE_HEAD, 2].mean() < _SEEN:
        return None
    width, height = parse.size
    points = pose[:, :2] * (width, height)
    head = points[_POSE_HEAD]
    middle = head.mean(0)
    if not (0 <= middle[0] < width and 0 <= middle[1] < height):
        return None
    extent = float(np.ptp(head, axis=0).max())
    shoulders = float(np.linalg.norm(points[_SHOULDERS[0]] - points[_SHOULDERS[1]]))
    radius = max(0.85 * extent, min(0.3 * shoulders, 1.6 * extent), 2.0)
    return ellipse((float(middle[0]), float(middle[1] - 0.15 * radius)), (radius, 1.15 * radius), parse.size)
