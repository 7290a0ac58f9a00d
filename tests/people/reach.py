"""Whom a new photo can change: those who are linked to it, by any chain of faces in reach, moments and decisions."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from mien.people.evidence import SHARP
from mien.people.exemplars import FAR
from mien.people.moments import moments_of
from mien.people.sighting import Sighting


def reach(sightings: Sequence[Sighting], photos: Collection[str], owners: Mapping[str, str]) -> set[str]:
    """The figures (ids) that hang together with those of `photos`; `owners`: figure → the person it was said to show.

    Two hang together whose faces are as near as any step of grouping looks, or who were said to be one person; and
    whoever shows no sharp face hangs on all others of the moment.
    """
    n = len(sightings)
    linked = np.eye(n, dtype=bool)
    faces = [i for i, s in enumerate(sightings) if s.identifies]
    if faces:
        vectors = np.array([sightings[i].face_vector for i in faces], np.float64)
        handicaps = np.array([sightings[i].face_handicap for i in faces])
        square = ((vectors[:, None] - vectors) ** 2).sum(2) + handicaps[:, None] + handicaps
        linked[np.ix_(faces, faces)] |= square <= FAR
    timed = [i for i, s in enumerate(sightings) if s.taken is not None]
    for moment in moments_of([sightings[i] for i in timed]):
        figures = [timed[k] for k in moment]
        linked[np.ix_([i for i in figures if sightings[i].face_usable < SHARP], figures)] = True
    said = [owners.get(s.figure_id, i) for i, s in enumerate(sightings)]
    linked |= np.array([[one == other for other in said] for one in said], bool).reshape(n, n)
    found = np.array([s.photo_id in photos for s in sightings], bool)
    while (more := found | (linked & found).any(1)).sum() > found.sum():
        found = more
    return {s.figure_id for s, is_in in zip(sightings, found, strict=True) if is_in}
