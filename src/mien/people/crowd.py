"""How crowded the space of face vectors is around a face, and so how much nearer its like must be.

The network behind the vectors tells some people apart much worse than others: faces of East Asian people and faces
behind sunglasses lie so close together that strangers among them are nearer to each other than two photos of one
person elsewhere. One threshold for all would merge the former or split the latter. What speaks for one person is how
much nearer two faces are than each is to a crowd of strangers, an old device of speaker verification (a "cohort":
Auckenthaler, Carey & Lloyd-Thomas, "Score normalization for text-independent speaker verification systems", 2000).
The crowd is `crowd.npy`: the centres of eight clusters of strangers' faces, made by `conversion/crowd.py`;
`crowd.md` says of whom, and what was gained.
"""

import functools
import io
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from mien.people.sighting import Sighting

REMOTE = 0.36
"""Squared distance from the nearest centre of the crowd beyond which nothing is added."""


def crowding(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    """The handicap of each of `vectors` (n, 128) in squared distances: float64 (n,), from 0 (remote) up to 0.09.

    Half of what two faces are on average nearer to the crowd than `REMOTE` is added to their distance, a quarter
    by each. (All of it tells strangers apart as well, but parts too many people.)
    """
    crowd = centres()
    vectors = np.asarray(vectors, np.float64)
    square = (vectors**2).sum(1)[:, None] + (crowd**2).sum(1) - 2 * vectors @ crowd.T
    handicaps: NDArray[np.float64] = np.clip(REMOTE - square.min(1), 0, REMOTE) / 4
    return handicaps


def handicapped(sightings: Sequence[Sighting]) -> list[Sighting]:
    """The same, each face with the handicap of its crowding."""
    faces = [(i, vector) for i, s in enumerate(sightings) if (vector := s.face_vector) is not None]
    found = list(sightings)
    if faces:
        for (i, _), handicap in zip(faces, crowding(np.stack([vector for _, vector in faces])), strict=True):
            found[i] = replace(found[i], face_handicap=float(handicap))
    return found


@functools.cache
def centres() -> NDArray[np.float64]:
    """The crowd: float64 (8, 128)."""
    data = resources.files("mien.people").joinpath("crowd.npy").read_bytes()
    return np.asarray(np.load(io.BytesIO(data), allow_pickle=False), np.float64)
