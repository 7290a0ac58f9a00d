"""Scenes with known answers: people drawn from simple shapes, and the queries that a network would have for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.parsing.m2fp.postprocessing import CELL, HUMAN
from mien.parsing.m2fp.preprocessing import MULTIPLE, input_size
from mien.parsing.m2fp.queries import Queries
from mien.parsing.parse import PART_ID, PARTS, Parse

Maps = tuple[NDArray[np.uint16], NDArray[np.uint8]]

SURE = 8.0  # mask logits well within a mask and well outside
CLASSES = HUMAN + 1


@dataclass(frozen=True)
class Figure:
    """Somebody who stands with the top of their head at (x, y), so many px high; a coarse one has fewer parts."""

    x: float
    y: float
    height: float
    top: str = "upper-clothes"
    left: str = "left-arm"
    right: str = "right-arm"
    coarse: bool = False

    def shapes(self) -> list[tuple[str, tuple[float, float, float, float]]]:
        """Part and box in heights: x0, y0, x1, y1."""
        skin, shoes, arms = "torso-skin", ("left-shoe", "right-shoe"), (self.left, self.right)
        if self.coarse:
            skin, shoes, arms = "face", ("left-leg", "right-leg"), (self.top, self.top)
        return [
            ("left-leg", (0.01, 0.75, 0.1, 0.94)),
            ("right-leg", (-0.1, 0.75, -0.01, 0.94)),
            (shoes[0], (0.01, 0.94, 0.12, 1)),
            (shoes[1], (-0.12, 0.94, -0.01, 1)),
            ("pants", (-0.11, 0.48, 0.11, 0.76)),
            (arms[0], (0.11, 0.18, 0.17, 0.5)),
            (arms[1], (-0.17, 0.18, -0.11, 0.5)),
            (self.top, (-0.12, 0.17, 0.12, 0.5)),
            (skin, (-0.03, 0.14, 0.03, 0.18)),
            ("hair", (-0.07, 0, 0.07, 0.09)),
            ("face", (-0.05, 0.04, 0.05, 0.15)),
        ]

    def draw(self, maps: Maps, number: int) -> None:
        figures, parts = maps
        for part, box in self.shapes():
            x0, y0, x1, y1 = (round(side * self.height) for side in box)
            left, top = round(self.x), round(self.y)
            here = (
                slice(max(0, top + y0), max(0, top + y1)),
                slice(max(0, left + x0), max(0, left + x1)),
            )
            figures[here], parts[here] = number, PART_ID[part]


def scene(figures: Sequence[Figure], width: int = 640, height: int = 480) -> Maps:
    """Label maps of a photo; those behind come first."""
    maps = np.zeros((height, width), np.uint16), np.zeros((height, width), np.uint8)
    for number, figure in enumerate(figures, 1):
        figure.draw(maps, number)
    return maps


@dataclass
class Sights:
    """Queries in the making, for a photo of `width`×`height` px."""

    width: int
    height: int
    rows: list[tuple[int, float, NDArray[np.floating]]] = field(default_factory=list)

    def add(self, label: str | int, mask: NDArray[np.bool_], certainty: float = 0.95) -> "Sights":
        """A query of this class (a part's name, or `HUMAN`) that sees this mask, bool (height, width)."""
        fitted = input_size(self.width, self.height)
        padded = [-(-side // MULTIPLE) * MULTIPLE for side in fitted]
        shares = np.zeros((padded[1], padded[0]), np.float32)
        shares[: fitted[1], : fitted[0]] = cv2.resize(mask.astype(np.float32), fitted, interpolation=cv2.INTER_LINEAR)
        cells = cv2.resize(shares, (padded[0] // CELL, padded[1] // CELL), interpolation=cv2.INTER_AREA)
        self.rows.append((PART_ID[label] if isinstance(label, str) else label, certainty, SURE * (2 * cells - 1)))
        return self

    def add_figure(self, maps: Maps, number: int, *, human: float | None = 0.95, parts: float = 0.9) -> "Sights":
        """All that a network sees of one figure of a scene: the whole and the parts, with these class probabilities."""
        figures, labels = maps
        mine = figures == number
        if human is not None and mine.any():
            self.add(HUMAN, mine, human)
        for label in np.unique(labels[mine]):
            if label:
                self.add(int(label), mine & (labels == label), parts)
        return self

    def queries(self, *, noise: float = 0.0, seed: int = 0) -> Queries:
        """With so much normally distributed noise on all logits, and queries that see nothing between them."""
        random = np.random.default_rng(seed)
        size = input_size(self.width, self.height)
        cells = [-(-side // MULTIPLE) * MULTIPLE // CELL for side in size]
        rows = [*self.rows, (CLASSES, 0.99, np.full((cells[1], cells[0]), -SURE))]
        rows = [rows[i] for i in random.permutation(len(rows))]
        logits = np.full((len(rows), CLASSES + 1), -6.0)
        for row, (label, certainty, _) in zip(logits, rows, strict=True):
            row[-1] = 4 + np.log(1.001 - certainty)
            row[label] = 4 + np.log(certainty)
        masks = np.array([mask for _, _, mask in rows])
        return Queries(
            (logits + random.normal(0, noise / 4, logits.shape)).astype(np.float32),
            (masks + random.normal(0, noise, masks.shape)).astype(np.float32),
            size,
        )


def seen(maps: Maps, *, noise: float = 0.0, human: float | None = 0.95) -> Queries:
    """What a good network says of a scene."""
    height, width = maps[0].shape
    sights = Sights(width, height)
    for number in range(1, int(maps[0].max()) + 1):
        sights.add_figure(maps, number, human=human)
    return sights.queries(noise=noise)


def agreement(maps: Maps, figures: NDArray[np.uint16]) -> NDArray[np.float64]:
    """IoU of each figure of the scene (n) with each that was found (m), float64 (n, m)."""
    size = maps[0].shape[::-1]
    found = cv2.resize(figures, size, interpolation=cv2.INTER_NEAREST)
    table = np.zeros((int(maps[0].max()), int(figures.max(initial=0))))
    for i, j in np.ndindex(*table.shape):
        one, other = maps[0] == i + 1, found == j + 1
        table[i, j] = (one & other).sum() / max(1, (one | other).sum())
    return table


def check(parse: Parse) -> None:
    """What holds of every parse."""
    n = len(parse)
    labels = parse.figures.astype(int)
    assert (np.bincount(labels.ravel(), minlength=n + 1)[1:] > 0).all()
    assert not parse.parts[labels == 0].any()
    assert not parse.areas[:, 20].any()
    for i in range(n):
        mine = parse.mask(i)
        assert (np.bincount(parse.parts[mine], minlength=21) == parse.areas[i]).all()
        rows, columns = np.flatnonzero(mine.any(1)), np.flatnonzero(mine.any(0))
        box = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
        assert np.allclose(parse.boxes[i] * np.array(parse.size * 2), box, atol=1e-2)
    assert ((parse.confidences[:, 1:20] > 0) == (parse.areas[:, 1:20] > 0)).all()
    assert not parse.confidences[:, [0, 20]].any()
    for values in (parse.confidences, parse.scores, parse.uncertain, parse.boxes):
        assert ((values >= 0) & (values <= 1)).all()
    assert (parse.scores > 0).all()
    assert set(np.unique(parse.parts)) <= set(range(len(PARTS)))
