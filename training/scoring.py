"""How well label maps agree with labelled photos."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.parsing.parse import BAG, PARTS
from training.labels import IGNORED

NAMES = (*PARTS, "bag")

MERGED = {
    **{
        name: (name,) for name in ("background", "hat", "hair", "glove", "sunglasses", "upper-clothes", "dress", "coat")
    },
    **{name: (name,) for name in ("socks", "pants", "scarf", "skirt")},
    "skin": ("torso-skin", "face", "left-arm", "right-arm", "left-leg", "right-leg"),
    "shoe": ("left-shoe", "right-shoe"),
}
"""The classes that the labels really have: their skin and shoes are divided by the pose alone."""
ENOUGH = 10  # photos in which a class must occur to count in the mean


@dataclass(frozen=True, eq=False)
class Scores:
    """Sums over photos.

    Attributes:
        confusion: int64 (21, 21); px of each label (rows) that were given each label (columns).
        photos: int64 (21,); photos in which each label occurs.
    """

    confusion: NDArray[np.int64]
    photos: NDArray[np.int64]

    @classmethod
    def none(cls) -> "Scores":
        return cls(np.zeros((BAG + 1, BAG + 1), np.int64), np.zeros(BAG + 1, np.int64))

    def __add__(self, other: "Scores") -> "Scores":
        return Scores(self.confusion + other.confusion, self.photos + other.photos)

    def merged(self) -> dict[str, tuple[float, int]]:
        """Of each class in `MERGED`: intersection over union, and in how many photos at least one of its labels is."""
        found = {}
        for name, members in MERGED.items():
            ids = [NAMES.index(member) for member in members]
            both = self.confusion[np.ix_(ids, ids)].sum()
            either = self.confusion[ids].sum() + self.confusion[:, ids].sum() - both
            found[name] = (float(both / max(either, 1)), int(self.photos[ids].max()))
        return found

    @property
    def mean(self) -> float:
        """Mean intersection over union of the merged classes that enough photos show; 0 if there are none."""
        counted = [score for score, photos in self.merged().values() if photos >= ENOUGH]
        return float(np.mean(counted)) if counted else 0.0

    @property
    def pixels(self) -> float:
        """Share of the px with the right label."""
        return float(np.trace(self.confusion) / max(self.confusion.sum(), 1))

    @property
    def person(self) -> float:
        """Intersection over union of the person, bags being none."""
        inside = [i for i in range(BAG + 1) if i not in (0, BAG)]
        both = self.confusion[np.ix_(inside, inside)].sum()
        return float(both / max(self.confusion[inside].sum() + self.confusion[:, inside].sum() - both, 1))


def score(labels: NDArray[np.uint8], found: NDArray[np.uint8]) -> Scores:
    """One photo's (h, w) label map against what was found; ignored px do not count."""
    counted = labels != IGNORED
    pairs = labels[counted].astype(np.intp) * (BAG + 1) + found[counted]
    confusion = np.bincount(pairs, minlength=(BAG + 1) ** 2).reshape(BAG + 1, BAG + 1)
    return Scores(confusion.astype(np.int64), (confusion.sum(1) > 0).astype(np.int64))
