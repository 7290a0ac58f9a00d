"""Cloth to learn patterns from: garments told by eye, and plain ones on which stripes, checks and prints are drawn."""

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.traits.garments import COAT, DRESS, UPPER
from mien.traits.regions import FigureView
from mien.traits.weave import weave

BY_EYE = Path(__file__).with_name("patterns.toml")
DRAWN = ("striped", "checked", "patterned")

Values = NDArray[np.float32]


def by_eye() -> dict[str, str]:
    """File → pattern."""
    table = tomllib.loads(BY_EYE.read_text(encoding="utf-8"))
    return {f"photos/{number:04}.jpg": pattern for pattern, numbers in table.items() for number in numbers}


def cloths(view: FigureView, pattern: str, random: np.random.Generator) -> Iterator[tuple[str, dict[str, float], bool]]:
    """The pattern, what `weave` measures, and whether it was drawn, of a figure's outer garment."""
    parts = max((COAT, DRESS, UPPER), key=view.area)
    mask = view.mask(parts)
    if found := weave(view, parts):
        yield pattern, found, False
    if pattern == "plain":
        for kind in DRAWN:
            if found := weave(drawn_on(view, mask, kind, random), parts):
                yield kind, found, True


def drawn_on(view: FigureView, mask: NDArray[np.bool_], kind: str, random: np.random.Generator) -> FigureView:
    """The figure with this pattern instead of its cloth, in the cloth's light and shade."""
    ink = cv2.GaussianBlur(_ink(mask.shape, float(np.sqrt(view.body)), kind, random), (0, 0), 0.7)[..., None]
    base = view.pixels.astype(np.float32)
    shade = base.mean(axis=2, keepdims=True) / max(1.0, float(np.median(base[mask].mean(axis=1))))
    one, other = _two_colours(random)
    cloth = np.clip(shade, 0.2, 1.8) * (one * (1 - ink) + other * ink)
    pixels = np.where(mask[..., None], np.clip(cloth, 0, 255), base).astype(np.uint8)
    return replace(view, pixels=pixels)


def _two_colours(random: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    apart = random.choice([25, 50, 90])
    while True:
        one, other = (np.clip(random.uniform(10, 250) + random.normal(0, 40, 3), 0, 255) for _ in range(2))
        if np.abs(one - other).mean() > apart:
            return one, other


def _ink(shape: tuple[int, ...], unit: float, kind: str, random: np.random.Generator) -> Values:
    """0–1, float32 of this shape; `unit`: px of the figure's size."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / unit

    def noise(size: float) -> Values:
        field = cv2.GaussianBlur(random.standard_normal(shape).astype(np.float32), (0, 0), max(1.0, size * unit))
        return np.asarray(field / max(float(field.std()), 1e-6), np.float32)

    x, y = x + 0.02 * noise(0.15), y + 0.02 * noise(0.15)  # cloth hangs in folds
    period = float(np.exp(random.uniform(np.log(0.03), np.log(0.16))))
    turn = random.choice([0, np.pi / 2]) + random.normal(0, 0.12)

    def lines(angle: float) -> Values:
        along = (x * np.cos(angle) + y * np.sin(angle)) / period + random.random()
        broad = np.mod(along, 1) < random.choice([0.15, 0.3, 0.5])
        narrow = np.mod(along + 0.4, 1) < 0.1 * random.integers(2)
        return np.asarray(broad | narrow, np.float32)

    if kind == "striped":
        return lines(turn)
    if kind == "checked":
        return (lines(turn) + lines(turn + np.pi / 2)) / 2
    if (print_ := random.integers(3)) == 0:
        return (noise(period / 4) > random.choice([0, 0.6, 1])).astype(np.float32)
    if print_ == 1:
        column = np.floor(x / period)
        dots = np.hypot(np.mod(x / period, 1) - 0.5, np.mod(y / period + column % 2 / 2, 1) - 0.5)
        return (dots < random.uniform(0.2, 0.4)).astype(np.float32)
    return np.asarray(np.clip(0.5 + (noise(period / 5) + noise(period / 2)) / 2, 0, 1), np.float32)
