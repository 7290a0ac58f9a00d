"""Who may be twice in one photo: a mirror, a picture on the wall, a collage.

Two figures of one photo are two people for grouping, whatever they look like: of twins and of a mistaken mirror the one
is as bad to merge as the other is to ask about. So where two faces of one photo are as near to each other as only one
person's are, Mien asks.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

from mien.people.evidence import SHARP
from mien.people.grouping import SAME_PERSON
from mien.people.sighting import Sighting

POOREST = SHARP / 2
"""Least `face_usable` of either: whoever is reflected is smaller."""


def reflections(sightings: Sequence[Sighting]) -> list[tuple[int, int, float]]:
    """Pairs of figures (indices) that one photo shows and that may be one person, with the squared distance of their
    faces, crowding added; the most alike first.

    Of 97 pairs of faces in one everyday or street photo three are nearer than 0.328, at 0.03–0.10: somebody who holds
    a picture of himself with a picture of himself.
    """
    photos: dict[str, list[int]] = defaultdict(list)
    for i, sighting in enumerate(sightings):
        if sighting.identifies and sighting.face_usable >= POOREST:
            photos[sighting.photo_id].append(i)
    found: list[tuple[int, int, float]] = []
    for figures in photos.values():
        pairs = ((i, j, distance(sightings[i], sightings[j])) for i, j in combinations(figures, 2))
        found += [pair for pair in pairs if pair[2] <= SAME_PERSON]
    return sorted(found, key=lambda pair: pair[2])


def distance(one: Sighting, other: Sighting) -> float:
    """The squared distance of two faces, crowding added; infinite where there is none."""
    if one.face_vector is None or other.face_vector is None:
        return math.inf
    square = float(((one.face_vector - other.face_vector) ** 2).sum())
    return square + one.face_handicap + other.face_handicap
