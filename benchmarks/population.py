"""Figures of a made-up library, as figures lie in real ones.

Few people are seen very often and most very seldom (Zipf's law); a quarter of all figures are strangers seen once.
Strangers' faces lie around the crowd's centres as faces on street photos do: the variance of their vectors, its share
along the 1, 2, 4 … 64 widest directions, the percentiles of their distances and the handicaps they get are those of
the 936 faces in Clothing Co-Parsing to within a tenth. One person's faces lie apart as those of 20 labelled people do
(squared distances: median 0.10 for 0.11, nine in ten within 0.18 for 0.17; crowding is more, as all lie in the crowd).

So it is a hard library, of people who are all as alike as those on street photos: of pairs of strangers within 0.28,
0.32 and 0.36 there are, per million, 396, 2,646 and 10,057; among the street photos' faces 2,000 and 7,700 within the
latter two, and between these and 275 faces of other kinds of photos 31, 276 and 1,374.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from mien.people.anchors import GRID, Anchor
from mien.people.crowd import centres, crowding
from mien.people.sighting import Sighting

STRANGERS = 0.25
MOST = 0.05
"""Share of all figures that the person seen most often has at most."""

BETWEEN, WITHIN = 0.16, 0.05
"""Variance of vectors (sum over all numbers) around the crowd's nearest centre, and around one's own mean."""

POOR_SPREAD = 1.4
"""How much farther apart poor faces lie."""

_DECAY_BETWEEN, _DECAY_WITHIN = 12.0, 16.0  # directions over which the variance falls by e
_FACELESS = 0.15
_MASK = bytes([255]) * (GRID * GRID // 8)
_START = datetime.fromisoformat("2008-01-01T12:00:00")


@dataclass(frozen=True, eq=False)
class Population:
    """n figures. Attributes: `vectors` float32 (n, 128), `person` (n,), `usable` (n,) 0–1, 0 without a face, and
    `photo` (n,), the number of each one's photo, ascending; nobody is in a photo twice."""

    vectors: NDArray[np.float32]
    person: NDArray[np.intp]
    usable: NDArray[np.float64]
    photo: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.person)


def population(n: int, seed: int = 0) -> Population:
    random = np.random.default_rng(seed)
    sizes = _sizes(n)
    person = random.permutation(np.repeat(np.arange(len(sizes)), sizes))
    crowd = centres().astype(np.float32)
    basis = np.linalg.qr(random.normal(size=(crowd.shape[1],) * 2))[0].astype(np.float32)
    faces = crowd[random.integers(len(crowd), size=len(sizes))]
    faces += _spread(random, len(sizes), BETWEEN, _DECAY_BETWEEN, basis)
    usable = np.clip(random.beta(5, 1.6, n), 0.05, 1)
    scale = np.exp(random.normal(0, 0.25, n)) * np.where(usable < 0.5, POOR_SPREAD, 1)
    vectors = _spread(random, n, WITHIN, _DECAY_WITHIN, basis) * scale[:, None].astype(np.float32)
    vectors += faces[person]
    usable[random.random(n) < _FACELESS] = 0
    return Population(vectors, person, usable, _photos(random, person))


def key(photo: int) -> str:
    return hashlib.sha256(b"%d" % photo).hexdigest()


def taken(photo: int) -> datetime:
    """Twenty photos in ten minutes, three times a day."""
    return _START + timedelta(hours=8 * (photo // 20), seconds=30 * (photo % 20))


def place(people: Population, i: int) -> Anchor:
    """Where figure i stands: side by side, from left to right."""
    x = 0.1 * (i - int(np.searchsorted(people.photo, people.photo[i])))
    box = (x, 0.2, x + 0.09, 0.9)
    return Anchor(key(int(people.photo[i])), box, _MASK, box if people.usable[i] > 0 else None)


def sightings(people: Population) -> list[Sighting]:
    """All figures, with the handicaps of their faces."""
    handicaps = crowding(people.vectors)
    return [
        Sighting(
            figure_id=f"{i:09}",
            place=place(people, i),
            taken=taken(photo),
            face_vector=people.vectors[i] if usable > 0 else None,
            face_usable=usable,
            face_handicap=handicap if usable > 0 else 0.0,
        )
        for i, (photo, usable, handicap) in enumerate(
            zip(people.photo.tolist(), people.usable.tolist(), handicaps.tolist(), strict=True)
        )
    ]


def _sizes(n: int) -> NDArray[np.intp]:
    """How often each person is seen: people who are known, by Zipf's law, then strangers."""
    known = n - int(STRANGERS * n)
    people = max(1, int(known / (2.5 * np.log(known + 2))))
    shares = 1 / np.arange(1, people + 1)
    sizes = np.clip(np.round(shares / shares.sum() * known), 1, max(1, MOST * n)).astype(np.intp)
    sizes = sizes[np.cumsum(sizes) <= known]
    while (left := known - sizes.sum()) > 0:  # whom the cap took figures from gives them to others
        more = np.minimum(sizes[3:], left)
        more = more[np.cumsum(more) <= left] if len(more) else np.ones(left, np.intp)
        sizes = np.concatenate([sizes, more if len(more) else np.ones(left, np.intp)])
    return np.concatenate([sizes, np.ones(n - sizes.sum(), np.intp)])


def _spread(
    random: np.random.Generator, n: int, variance: float, decay: float, basis: NDArray[np.float32]
) -> NDArray[np.float32]:
    shares = np.exp(-np.arange(len(basis)) / decay)
    wide = np.sqrt(shares / shares.sum() * variance).astype(np.float32)
    drawn: NDArray[np.float32] = (random.standard_normal((n, len(basis)), np.float32) * wide) @ basis.T
    return drawn


def _photos(random: np.random.Generator, person: NDArray[np.intp]) -> NDArray[np.intp]:
    """Photos of one to six figures; a person's second figure begins another one."""
    ends, numbers, there, left = 0, [], set(), 0
    for who, size in zip(person.tolist(), np.minimum(random.geometric(0.55, len(person)), 6).tolist(), strict=True):
        if left == 0 or who in there:
            ends, there, left = ends + 1, set(), size
        numbers.append(ends)
        there.add(who)
        left -= 1
    return np.array(numbers, np.intp)
