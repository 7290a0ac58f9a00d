"""One figure cut out of its photo: its parts, their px, and where its joints are."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import BAG, PART_ID, Parse
from mien.photo.photo import Photo
from mien.photo.shrinking import shrink
from mien.traits.light import light_of, relit
from mien.traits.palette import Swatches, gather

ERODE = 0.012
"""Rims mix with what lies behind them: regions lose a rim of 1.2 % of the figure's size (root of its area), 1–4 px."""

ENOUGH = 40
"""Px. An eroded region smaller than this is used uneroded: rims are better than nothing."""

MANY = 6_000
"""Px. Larger regions give every second, third, … px only; their colours stay the same, and it is faster."""

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
        resolution: the root of the figure's area in px of the photo, which may be larger than the parse's: how much of
            it there is to see. Of somebody standing about 0.42 of the height.
    """

    pixels: NDArray[np.uint8]
    parts: NDArray[np.uint8]
    areas: NDArray[np.int64]
    confidences: NDArray[np.float32]
    uncertain: float
    pose: NDArray[np.float32]
    light: NDArray[np.float64]
    resolution: float
    _scaled: dict[float, tuple[NDArray[np.uint8], NDArray[np.uint8]]] = field(default_factory=dict, init=False)
    _masks: dict[tuple[int, ...], NDArray[np.bool_]] = field(default_factory=dict, init=False)
    _regions: dict[tuple[int, ...], NDArray[np.uint8]] = field(default_factory=dict, init=False)
    _swatches: dict[tuple[int, ...], Swatches] = field(default_factory=dict, init=False)

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
        total = int(weights.sum())
        return min(1.0, max(0.0, float(weights @ self.confidences[listed]) / total)) if total else 0.0

    def mask(self, parts: Iterable[int]) -> NDArray[np.bool_]:
        """Where these parts are: bool (h, w), not to be written to."""
        wanted = tuple(parts)
        if wanted not in self._masks:
            self._masks[wanted] = mask_of(self.parts, wanted)
        return self._masks[wanted]

    def scaled(self, unit: float) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Its px (h, w, 3) and parts (h, w), where the root of its area is `unit` px, or less if it is smaller."""
        if unit not in self._scaled:
            scale = min(1.0, unit / math.sqrt(max(1, self.body)))
            size = (max(1, round(self.parts.shape[1] * scale)), max(1, round(self.parts.shape[0] * scale)))
            pixels = cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA)
            parts = cv2.resize(self.parts, size, interpolation=cv2.INTER_NEAREST)
            self._scaled[unit] = np.asarray(pixels, np.uint8), np.asarray(parts, np.uint8)
        return self._scaled[unit]

    def region(self, parts: Iterable[int]) -> NDArray[np.uint8]:
        """The px of these parts for a look at their colours: uint8 (m, 3), without the rim."""
        wanted = tuple(parts)
        if wanted not in self._regions:
            mask = self.mask(wanted).view(np.uint8)
            width = 2 * min(4, max(1, round(ERODE * math.sqrt(self.body)))) + 1
            left, top, across, down = cv2.boundingRect(mask)
            crop = np.s_[max(0, top - width) : top + down + width, max(0, left - width) : left + across + width]
            inner = np.asarray(cv2.erode(mask[crop], np.ones((width, width), np.uint8)))
            found = np.flatnonzero(inner if cv2.countNonZero(inner) >= ENOUGH else mask[crop])
            thinned = found[:: max(1, math.ceil(len(found) / MANY))]
            self._regions[wanted] = self.pixels[crop][np.divmod(thinned, inner.shape[1] if inner.size else 1)]
        return self._regions[wanted]

    def swatches(self, parts: Iterable[int]) -> Swatches:
        """The colours of these parts, the photo's light corrected."""
        wanted = tuple(parts)
        if wanted not in self._swatches:
            self._swatches[wanted] = gather(relit(self.region(wanted), self.light))
        return self._swatches[wanted]

    def rows(self, parts: Iterable[int]) -> tuple[float, float] | None:
        """Top and bottom of these parts, px from the crop's top, the outer 2 % of their px left out; None if absent."""
        if not self.area(parts):
            return None
        reached = np.cumsum(cv2.reduce(self.mask(parts).view(np.uint8), 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S))
        total = int(reached[-1])
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
        (x0, y0), (x1, y1) = first.tolist(), last.tolist()
        height, width = self.parts.shape
        labels = np.zeros(points, np.uint8)
        for i in range(points):
            t = 0.1 + 0.8 * i / (points - 1)
            x, y = round(x0 + (x1 - x0) * t), round(y0 + (y1 - y0) * t)
            if 0 <= x < width and 0 <= y < height:
                labels[i] = self.parts[y, x]
        return labels


def mask_of(parts: NDArray[np.uint8], wanted: Iterable[int]) -> NDArray[np.bool_]:
    """Where labels (h, w) are wanted ones: bool (h, w)."""
    table = np.zeros(256, np.uint8)
    table[list(wanted)] = 1
    if not parts.size:
        return np.zeros(parts.shape, np.bool_)
    return np.asarray(cv2.LUT(parts, table)).view(np.bool_)  # five times as fast as indexing


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
        scale = math.sqrt(photo.pixels.shape[0] * photo.pixels.shape[1] / max(1, parse.figures.size))
        views = tuple(_view(pixels, parse, figure, light, scale) for figure in range(len(parse)))
        _kept[photo] = parse, views
    return views


def _view(pixels: NDArray[np.uint8], parse: Parse, figure: int, light: NDArray[np.float64], scale: float) -> FigureView:
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
        confidences=np.nan_to_num(parse.confidences[figure]),
        uncertain=float(np.clip(np.nan_to_num(parse.uncertain[figure]), 0, 1)),
        pose=pose.astype(np.float32),
        light=light,
        resolution=scale * math.sqrt(int(areas[1:BAG].sum())),
    )
