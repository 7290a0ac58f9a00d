"""How well the lite engine's part maps fit labels of street photos, and how often it is right about what is worn."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from training.labels import BAGS, GARMENTS, IGNORED, SHOES, lookup
from training.source import label_names, photos

from mien.parsing.engines import create_parser
from mien.parsing.parse import PART_ID, Parse

CLASSES = (
    "background", "hat", "hair", "glove", "sunglasses", "upper-clothes", "dress", "coat", "socks", "pants", "scarf",
    "skirt", "skin", "shoe",
)  # fmt: skip
"""Skin is face, neck, arms and legs, which the labels do not tell apart; nor do they tell left from right."""

WORDS = {**GARMENTS, "skin": "skin", "shoe": SHOES}
"""Clothing Co-Parsing's words for each class; belts, jewellery and what else has no class are ignored."""

WORN = ("hat", "scarf", "sunglasses", "skirt", "dress", "coat")
"""Whose presence on a person is scored."""

FREQUENT = 10  # photos in which a class must occur to count for the mean
OWN = 0.25  # share of a figure on labelled px; one with less is a passer-by, whom nobody labelled
NONE = 0

# A little under what is reached.
MEAN_IOU, PIXELS, MEAN_F1 = 0.61, 0.937, 0.68
FLOORS = {"hair": 0.7, "pants": 0.74, "dress": 0.41, "coat": 0.61, "shoe": 0.68}

Labels = NDArray[np.uint8]


def street(folder: Path, split: str = "val") -> Iterator[tuple[str, Labels, Labels, Labels]]:
    """The photos of a split: name, RGB px, classes (`IGNORED` where none is meant), and where bags are (bool)."""
    names = label_names(folder)
    classes = lookup(names, {CLASSES.index(kind): words for kind, words in WORDS.items()})
    bags = [names.index(word) for word in BAGS.split()]
    for file, pixels, labels in photos(folder, split):
        yield file, pixels, classes[labels], np.isin(labels, bags)


def as_classes(parts: Labels) -> Labels:
    """CIHP's labels 0–19 → the classes above."""
    table = np.zeros(len(PART_ID), np.uint8)
    for name, part in PART_ID.items():
        kind = "shoe" if "shoe" in name else "skin" if name not in CLASSES else name
        table[part] = CLASSES.index(kind)
    return table[parts]


def main_figures(parse: Parse, labelled: NDArray[np.bool_]) -> tuple[Labels, NDArray[np.bool_]]:
    """The classes of the labelled person's figures, and where passers-by are, both as large as `labelled`.

    A figure is a passer-by if less than `OWN` of its px are labelled. They count as background on the labelled
    person, and not at all elsewhere.
    """
    size = labelled.shape[::-1]
    figures = cv2.resize(parse.figures, size, interpolation=cv2.INTER_NEAREST)
    classes = cv2.resize(as_classes(parse.parts), size, interpolation=cv2.INTER_NEAREST)
    area = np.maximum(np.bincount(figures.ravel(), minlength=len(parse) + 1), 1)
    shares = np.bincount(figures.ravel(), labelled.ravel(), len(parse) + 1) / area
    shares[0] = 1
    others = (shares < OWN)[figures]
    return np.where(others, np.uint8(NONE), classes), others


def f1(told: NDArray[np.bool_], true: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Precision, recall and their harmonic mean."""
    right = float(np.count_nonzero(told & true))
    precision, recall = right / max(1, np.count_nonzero(told)), right / max(1, np.count_nonzero(true))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


class Score:
    """Adds up photos: confusion of px (truth × told), and which classes each photo has."""

    def __init__(self) -> None:
        n = len(CLASSES)
        self.confusion = np.zeros((n, n))
        self.true: list[NDArray[np.bool_]] = []
        self.told: list[NDArray[np.bool_]] = []

    def add(self, truth: Labels, told: Labels) -> None:
        n = len(CLASSES)
        valid = truth != IGNORED
        pairs = truth[valid].astype(np.intp) * n + told[valid]
        self.confusion += np.bincount(pairs, minlength=n * n).reshape(n, n)
        self.true.append(np.bincount(truth[valid], minlength=n) > 0)
        self.told.append(np.bincount(told.ravel(), minlength=n) > 0)

    @property
    def iou(self) -> NDArray[np.float64]:
        both = np.diag(self.confusion)
        return np.asarray(both / np.maximum(self.confusion.sum(0) + self.confusion.sum(1) - both, 1))

    @property
    def photos(self) -> NDArray[np.intp]:
        """In how many photos each class is labelled."""
        return np.asarray(np.sum(self.true, axis=0))

    @property
    def mean_iou(self) -> float:
        return float(self.iou[self.photos >= FREQUENT].mean())

    @property
    def pixels(self) -> float:
        return float(np.trace(self.confusion) / self.confusion.sum())

    def presence(self, kind: str) -> tuple[float, float, float]:
        column = CLASSES.index(kind)
        return f1(np.array(self.told)[:, column], np.array(self.true)[:, column])

    @property
    def mean_f1(self) -> float:
        return float(np.mean([self.presence(kind)[2] for kind in WORN]))

    def table(self) -> str:
        lines = [f"{'':14}{'photos':>7}{'IoU':>7}   presence: told, precision, recall, F1"]
        for i, kind in enumerate(CLASSES):
            mark = "" if self.photos[i] >= FREQUENT else "  (not in the mean)"
            told = int(np.sum(self.told, axis=0)[i])
            numbers = "".join(f"{value:7.3f}" for value in self.presence(kind))
            lines.append(f"{kind:14}{self.photos[i]:7}{self.iou[i]:7.3f}   {told:6}{numbers}{mark}")
        lines.append(
            f"mean IoU {self.mean_iou:.3f}   pixels {self.pixels:.4f}   mean F1 of {len(WORN)}: {self.mean_f1:.3f}"
        )
        return "\n".join(lines)


@pytest.mark.quality
def test_parts_on_street_photos(quality_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Px of bags are ignored, as people label them; the second table counts them as background."""
    parser = create_parser("lite")
    score, strict = Score(), Score()
    missed = 0
    for _, pixels, truth, bags in street(quality_data / "ccp"):
        labelled = bags | (truth > NONE)
        told, others = main_figures(parser.parse(pixels), labelled)
        truth[others & ~labelled] = IGNORED
        missed += not told.any()
        score.add(truth, told)
        strict.add(np.where(bags, np.uint8(NONE), truth), told)
    with capsys.disabled():
        print(f"\n{len(score.true)} street photos, {missed} without a figure of the labelled person; bags ignored")
        print(score.table())
        print(f"bags as background: mean IoU {strict.mean_iou:.3f}   pixels {strict.pixels:.4f}")
    assert score.mean_iou >= MEAN_IOU
    assert score.pixels >= PIXELS
    assert score.mean_f1 >= MEAN_F1
    for kind, floor in FLOORS.items():
        assert score.iou[CLASSES.index(kind)] >= floor, kind
