"""One figure cut out of its photo: its parts, their px, and where its joints are."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import BAG, PART_ID, Parse
from mien.photo.photo import Photo
from mien.photo.shrinking import shrink
from mien.traits.light import light_of

ERODE = 0.012
"""Rims mix with what lies behind them: regions lose a rim of 1.2 % of the figure's size (root of its area), 1–4 px."""

ENOUGH = 40
"""Px. An eroded region smaller than this is used uneroded: rims are better than nothing."""

MANY = 20_000
"""Px. Larger regions give every second, third, … row only; their colours stay the same, and it is faster."""

VISIBLE = 0.5  # a landmark's visibility from which it counts


def ids(*names: str) -> tuple[int, ...]:
    """The labels of these parts."""
    return tuple(PART_ID[name] for name in names)


LEGS = ids("left-leg", "right-leg")
SHOES = ids("left-shoe", "right-shoe")


@dataclass(frozen=True, eq=False)
class FigureView:
    """A figure's crop of the photo, h×w px at the parse's resolution.

    Attributes:
        pixels: uint8 (h, w, 3); sRGB.
        parts: uint8 (h, w); this figure's labels only, 0 elsewhere.
        areas: int64 (21,); px of each part; column 20 is the bag, as the parse counted it.
        confidences: float32 (21,); as in `Parse`.
        uncertain: 0–1; as in `Parse`.
        pose: float32 (33, 3); x, y in px of this crop and visibility 0–1 (0 where no pose is known).
        light: float64 (3,); the photo's, see `light_of`.
    """

    pixels: NDArray[np.uint8]
    parts: NDArray[np.uint8]
    areas: NDArray[np.int64]
    confidences: NDArray[np.float32]
    uncertain: float
    pose: NDArray[np.float32]
    light: NDArray[np.float64]

    @property
    def body(self) -> int:
        """Px of the figure itself, without a bag."""
        return int(self.areas[1:BAG].sum())

    def area(self, parts: Iterable[int]) -> int:
        """Px of these parts together."""
        return int(self.areas[list(parts)].sum())

    def share(self, parts: Iterable[int]) -> float:
        """These parts' share of the figure's px, 0–1 (a bag's may be larger)."""
        return self.area(parts) / self.body if self.body else 0.0

    def confidence(self, parts: Iterable[int]) -> float:
        """Mean confidence over the px of these parts, 0–1."""
        listed = list(parts)
        weights = self.areas[listed]
        if not weights.any():
            return 0.0
        mean = float(np.average(np.nan_to_num(self.confidences[listed]), weights=weights))
        return min(1.0, max(0.0, mean))

    def mask(self, parts: Iterable[int]) -> NDArray[np.bool_]:
        """Where these parts are: bool (h, w)."""
        wanted = np.zeros(256, np.uint8)
        wanted[list(parts)] = 1
        if not self.parts.size:
            return np.zeros(self.parts.shape, np.bool_)
        return np.asarray(cv2.LUT(self.parts, wanted)).view(np.bool_)  # five times as fast as indexing

    def region(self, parts: Iterable[int]) -> NDArray[np.uint8]:
        """The px of these parts for a look at their colours: uint8 (m, 3), without the rim."""
        mask = self.mask(parts)
        radius = min(4, max(1, round(ERODE * math.sqrt(self.body))))
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
        inner = np.asarray(cv2.erode(mask.view(np.uint8), kernel)).view(np.bool_)
        found = int(np.count_nonzero(inner))
        if found < ENOUGH:
            return self.pixels[mask]
        step = math.ceil(found / MANY)
        return self.pixels[::step][inner[::step]]

    def rows(self, parts: Iterable[int]) -> tuple[float, float] | None:
        """Top and bottom of these parts, px from the crop's top, the outer 2 % of their px left out; None if absent."""
        per_row = np.count_nonzero(self.mask(parts), axis=1)
        total = int(per_row.sum())
        if not total:
            return None
        reached = np.cumsum(per_row)
        return float(np.searchsorted(reached, 0.02 * total)), float(np.searchsorted(reached, 0.98 * total) + 1)

    def joint(self, *landmarks: int) -> NDArray[np.float32] | None:
        """The middle of these landmarks in px of the crop, (2,), or None if one of them is not visible."""
        chosen = self.pose[list(landmarks)]
        if (chosen[:, 2] < VISIBLE).any():
            return None
        return np.asarray(chosen[:, :2].mean(axis=0), np.float32)

    def along(self, start: int, end: int, points: int = 9) -> NDArray[np.uint8] | None:
        """The labels on a limb from one landmark to another, ends left out: uint8 (points,); None if not visible."""
        first, last = self.joint(start), self.joint(end)
        if first is None or last is None or not self.parts.size:
            return None
        t = np.linspace(0.1, 0.9, points)[:, None]
        x, y = np.round(first * (1 - t) + last * t).astype(int).T
        height, width = self.parts.shape
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        return np.where(inside, self.parts[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)], 0).astype(np.uint8)


_kept: WeakKeyDictionary[Photo, tuple[Parse, tuple[FigureView, ...]]] = WeakKeyDictionary()
"""Every subject of this room asks for the same views in turn; they go with their photo, which may be large."""


def figure_views(photo: Photo, parse: Parse) -> tuple[FigureView, ...]:
    """Every figure's view, in the parse's order. The photo's px are averaged down to the parse's size."""
    if not len(parse):
        return ()
    of, views = _kept.get(photo, (None, ()))
    if of is not parse:
        pixels = shrink(photo.pixels, *parse.size)
        light = light_of(pixels, parse.figures)
        views = tuple(_view(pixels, parse, figure, light) for figure in range(len(parse)))
        _kept[photo] = parse, views
    return views


def _view(pixels: NDArray[np.uint8], parse: Parse, figure: int, light: NDArray[np.float64]) -> FigureView:
    left, top, across, down = cv2.boundingRect(parse.mask(figure).view(np.uint8))  # all 0 if it is hidden by others
    crop = np.s_[top : top + down, left : left + across]
    parts = np.where(parse.figures[crop] == figure + 1, parse.parts[crop], np.uint8(0))
    areas = np.bincount(parts.ravel(), minlength=BAG + 1)
    areas[0] = 0
    areas[BAG] = max(0, int(parse.areas[figure, BAG]))
    width, height = parse.size
    pose = parse.poses[figure] * np.array([width, height, 1], np.float32)
    pose = np.nan_to_num(pose - np.array([left, top, 0], np.float32))
    return FigureView(
        pixels=pixels[crop],
        parts=parts,
        areas=areas,
        confidences=parse.confidences[figure],
        uncertain=float(np.clip(np.nan_to_num(parse.uncertain[figure]), 0, 1)),
        pose=pose.astype(np.float32),
        light=light,
    )
