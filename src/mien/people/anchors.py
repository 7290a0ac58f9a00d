"""Anchors: the places in photos that decisions point at, and which figure stands at each of them now.

A decision outlives every parse. It therefore names no figure, but the place where one stood: photo, body box, face
box and a small mask. After any re-parse the same matching finds the figures again and hands on their ids.
"""

import base64
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import Parse
from mien.photo.perceptual import hash_distance

Box = tuple[float, float, float, float]

GRID = 24
"""A mask is kept as GRID×GRID cells of its body box: enough to tell two people in an embrace apart, in 72 bytes."""

SAME_FACE = 0.4
"""Least IoU of two boxes around one face: detectors differ in how much forehead they take in."""

SAME_BODY = 0.5
"""Least IoU of two masks of one body; of disjoint masks at most one can overlap another by more (Kirillov, 2019)."""

NEAR_COPY = 10
"""Most bits of 64 in which the gradient hashes of a photo and of its edited version differ."""

_DECIMALS = 5  # a hundredth of a pixel of the parse: however a place was computed, it stays equal to itself
_SAMPLES = 48  # masks with different boxes are compared on a common grid of this many cells a side


@dataclass(frozen=True)
class Anchor:
    """A place in a photo where a figure stands. Coordinates are 0–1 of the upright photo.

    Attributes:
        photo_id: the photo's key.
        box: x0, y0, x1, y1 of the whole visible body.
        mask: the body inside `box`: GRID×GRID bits, row by row, packed big-endian into bytes.
        face: x0, y0, x1, y1 of the face, if one was seen.
        path: where the photo's file was, and
        perceptual_hash: how it looked (16 hex digits): by both, an edited file inherits decisions.
    """

    photo_id: str
    box: Box
    mask: bytes
    face: Box | None = None
    path: str | None = None
    perceptual_hash: str | None = None

    def __post_init__(self) -> None:
        if len(self.mask) * 8 != GRID * GRID:
            raise ValueError(f"mask: expected {GRID * GRID // 8} bytes, got {len(self.mask)}")
        object.__setattr__(self, "box", _box(self.box))
        if self.face is not None:
            object.__setattr__(self, "face", _box(self.face))

    def cells(self) -> NDArray[np.bool_]:
        """The mask: bool (GRID, GRID)."""
        return np.unpackbits(np.frombuffer(self.mask, np.uint8)).reshape(GRID, GRID).astype(bool)

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready record that `from_json` reads; the mask is base64."""
        record: dict[str, Any] = {
            "photo_id": self.photo_id,
            "box": list(self.box),
            "mask": base64.b64encode(self.mask).decode("ascii"),
        }
        if self.face is not None:
            record["face"] = list(self.face)
        if self.path is not None and _is_text(self.path):
            record["path"] = self.path
        if self.perceptual_hash is not None:
            record["perceptual_hash"] = self.perceptual_hash
        return record

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The anchor that `to_json` wrote. Raises `ValueError` for anything else."""
        try:
            face, path, look = record.get("face"), record.get("path"), record.get("perceptual_hash")
            return cls(
                photo_id=str(record["photo_id"]),
                box=record["box"],
                mask=base64.b64decode(record["mask"], validate=True),
                face=face,
                path=None if path is None else str(path),
                perceptual_hash=None if look is None else str(look),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not an anchor: {error!r}") from error


def anchor_of(
    parse: Parse,
    figure: int,
    *,
    photo_id: str,
    face: Sequence[float] | NDArray[np.floating[Any]] | None = None,
    path: str | None = None,
    perceptual_hash: str | None = None,
) -> Anchor:
    """The place of figure `figure` (0…n−1) of `parse`; `face` is its face's box, if one was found."""
    width, height = parse.size
    box = _box(parse.boxes[figure])
    left, top = int(np.floor(box[0] * width)), int(np.floor(box[1] * height))
    right, bottom = int(np.ceil(box[2] * width)), int(np.ceil(box[3] * height))
    left, top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
    right, bottom = max(min(right, width), left + 1), max(min(bottom, height), top + 1)
    seen = (parse.figures[top:bottom, left:right] == figure + 1).astype(np.float32)
    share = cv2.resize(seen, (GRID, GRID), interpolation=cv2.INTER_AREA)
    # A figure thinner than half a cell still leaves a trace; one without any pixel is its box.
    cells = share >= min(0.5, max(float(share.max()), 0.0))
    return Anchor(
        photo_id=photo_id,
        box=box,
        mask=np.packbits(cells).tobytes(),
        face=None if face is None else _box(face),
        path=path,
        perceptual_hash=perceptual_hash,
    )


def match(left: Sequence[Anchor], right: Sequence[Anchor]) -> list[tuple[int, int]]:
    """Which anchors of one photo are the same place: index pairs (into `left`, into `right`), one-to-one, in order.

    Faces decide first; who has no matching face is matched by mask. Among several ways to pair, near-perfect
    overlaps win (the sum of −log(1 − IoU) is largest), so what has not changed is matched to itself.
    """
    pairs: list[tuple[int, int]] = []
    for overlap, least in ((_face_overlap, SAME_FACE), (_body_overlap, SAME_BODY)):
        rows = sorted(set(range(len(left))) - {i for i, _ in pairs})
        columns = sorted(set(range(len(right))) - {j for _, j in pairs})
        if not rows or not columns:
            break
        from scipy.optimize import linear_sum_assignment  # a third of a second: not for a command that only lists

        iou = np.array([[overlap(left[i], right[j]) for j in columns] for i in rows])
        gain = np.where(iou >= least, -np.log(1 + 1e-4 - iou), 0)
        pairs += [
            (rows[i], columns[j]) for i, j in zip(*linear_sum_assignment(-gain), strict=True) if iou[i, j] >= least
        ]
    return sorted(pairs)


def match_anchors(anchors: Iterable[Anchor], figures: Mapping[str, Anchor]) -> dict[Anchor, str | None]:
    """The figure (id → where it stands now) at each anchor; None where nobody stands any more. One-to-one."""
    asked: dict[str, list[Anchor]] = defaultdict(list)
    for anchor in dict.fromkeys(anchors):
        asked[anchor.photo_id].append(anchor)
    standing: dict[str, list[str]] = defaultdict(list)
    for figure_id in sorted(figures):
        if figures[figure_id].photo_id in asked:
            standing[figures[figure_id].photo_id].append(figure_id)
    found: dict[Anchor, str | None] = {}
    for photo_id, places in asked.items():
        places.sort(key=canonical)
        found |= dict.fromkeys(places)
        ids = standing[photo_id]
        for i, j in match(places, [figures[k] for k in ids]):
            found[places[i]] = ids[j]
    return found


def carry_over(old: Mapping[str, Anchor], new: Sequence[Anchor]) -> list[str | None]:
    """The ids that the figures of a photo's new parse inherit from those of its old one (None: a new figure)."""
    ids: list[str | None] = [None] * len(new)
    known = sorted(old)
    for i, j in match([old[k] for k in known], new):
        ids[j] = known[i]
    return ids


def heirs(anchors: Iterable[Anchor], present: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Edited photos: the key that an anchor's photo had → the key of the photo that took its place.

    Args:
        present: path → (key, perceptual hash) of every photo in the library now.

    A photo inherits if it lies at the path of one that is gone and looks much the same (gradient hashes differ in at
    most `NEAR_COPY` bits). Crops and turns do not pass: their figures stand elsewhere, and only a human can say where.
    """
    keys = {key for key, _ in present.values()}
    inherited: dict[str, str] = {}
    for anchor in sorted(set(anchors), key=canonical):
        if anchor.path is None or anchor.perceptual_hash is None:
            continue
        if anchor.photo_id in keys or anchor.path not in present:
            continue
        key, look = present[anchor.path]
        if hash_distance(look, anchor.perceptual_hash) <= NEAR_COPY:
            inherited.setdefault(anchor.photo_id, key)
    return inherited


def canonical(anchor: Anchor) -> tuple[str, Box, Box, bytes, str, str]:
    """Sorts anchors, however they arrived."""
    return (
        anchor.photo_id,
        anchor.box,
        anchor.face or (0, 0, 0, 0),
        anchor.mask,
        anchor.path or "",
        anchor.perceptual_hash or "",
    )


def _box(values: Sequence[float] | NDArray[np.floating[Any]]) -> Box:
    x0, y0, x1, y1 = (round(float(v), _DECIMALS) for v in values)
    if not np.isfinite((x0, y0, x1, y1)).all():
        raise ValueError(f"box: expected finite numbers, got {values}")
    return x0, y0, x1, y1


def _is_text(path: str) -> bool:
    """False for names that are bytes of no known encoding (lone surrogates in Python): they cannot be written down."""
    return not any("\ud800" <= character <= "\udfff" for character in path)


def _area(box: Box) -> float:
    return max(box[2] - box[0], 0) * max(box[3] - box[1], 0)


def _common(a: Box, b: Box) -> Box:
    return max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])


def _face_overlap(a: Anchor, b: Anchor) -> float:
    if a.face is None or b.face is None:
        return 0.0
    shared = _area(_common(a.face, b.face))
    union = _area(a.face) + _area(b.face) - shared
    return shared / union if union > 0 else float(a.face == b.face)


def _body_overlap(a: Anchor, b: Anchor) -> float:
    """IoU of two masks."""
    if a.box == b.box and a.mask == b.mask:
        return 1.0
    if _area(_common(a.box, b.box)) == 0:
        return 0.0
    hull = min(a.box[0], b.box[0]), min(a.box[1], b.box[1]), max(a.box[2], b.box[2]), max(a.box[3], b.box[3])
    first, second = (_sampled(anchor, hull) for anchor in (a, b))
    union = int((first | second).sum())
    return int((first & second).sum()) / union if union else 0.0


def _sampled(anchor: Anchor, hull: Box) -> NDArray[np.bool_]:
    """The mask of `anchor` on the cells of `hull`: bool (_SAMPLES, _SAMPLES)."""
    centres = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    index = []
    for axis in (1, 0):
        at = hull[axis] + centres * (hull[axis + 2] - hull[axis])
        extent = max(anchor.box[axis + 2] - anchor.box[axis], 1e-9)
        index.append(np.floor((at - anchor.box[axis]) / extent * GRID).astype(int).clip(-1, GRID) + 1)
    framed: NDArray[np.bool_] = np.pad(anchor.cells(), 1)[np.ix_(*index)]
    return framed
