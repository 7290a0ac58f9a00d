"""Looks: how somebody looked at one time. A person is several looks, since hair, age and the side of a face differ.

Two people or groups are compared look by look, those near in time counting most. Where a day of birth is known, a
child's looks do not last: until six a face changes within months, and who is not born yet is in no photo.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from mien.people.grouping import SAME_PERSON
from mien.people.linkage import Clusters, Indices, Reals, link
from mien.people.sighting import Sighting, handicaps_of, vectors_of

YEAR = 365.2425
"""Days."""

GROWN = 12.0
"""Years of age from which a face is compared like a grown person's."""

LASTING = 8.0
"""Years after which a grown person's look says half as much of now. A child's look lasts `AGED` of its age less."""

NEWBORN, AGED = 0.3, 0.3
"""A child's look lasts NEWBORN years and AGED times its age: 4 months at birth, 2 years at six."""

UNSEEN = 0.05
"""How probable it is that somebody looks like none of their looks, beside one look of the same day."""

_EXEMPLARS = 48  # the best seen faces of a time stand for the others: what follows stays linear


@dataclass(frozen=True, eq=False)
class Looks:
    """The k looks of n subjects (people or groups), in the order of the subjects.

    Attributes:
        faces: see `linkage.Clusters`: the looks' mean face vectors.
        first: (n + 1,): subject i has the looks first[i] … first[i + 1] − 1, maybe none.
        day: (k,) the middle of each look's time in days; NaN if it is not known.
        born: (k,) the subject's day of birth; NaN if it is not known.
        usable: (k,) 0–1, how well the best face of each is seen.
        handicap: (k,) mean handicap of its faces, see `Sighting`.
    """

    faces: Clusters
    first: Indices
    day: Reals
    born: Reals
    usable: Reals
    handicap: Reals

    @property
    def subject(self) -> Indices:
        """(k,) whose look each is."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))

    def pairs(self, one: Indices, other: Indices) -> tuple[Indices, Indices, Indices]:
        """Every look of subject one[i] with every look of other[i]: (i, a look, another look), i ascending."""
        many, more = self.first[one + 1] - self.first[one], self.first[other + 1] - self.first[other]
        which = np.repeat(np.arange(len(one)), many * more)
        within = np.arange(len(which)) - np.repeat(np.cumsum(many * more) - many * more, many * more)
        a = self.first[one][which] + within // more[which]
        b = self.first[other][which] + within % more[which]
        return which, a, b

    def age(self, a: Indices, b: Indices) -> Reals:
        """Years of age at the earlier of looks a[i] and b[i], if they are one person's; NaN if that is not known."""
        return (np.fmin(self.day[a], self.day[b]) - np.fmax(self.born[a], self.born[b])) / YEAR

    def closeness(self, a: Indices, b: Indices) -> Reals:
        """How much look a[i] says of the time of look b[i], 0–1; 1 where a time is not known."""
        age = np.nan_to_num(self.age(a, b), nan=GROWN)
        lasts = np.where(age < GROWN, NEWBORN + AGED * np.maximum(age, 0), LASTING)
        years = np.abs(self.day[a] - self.day[b]) / YEAR
        return np.where(np.isnan(years), 1.0, np.exp2(-np.nan_to_num(years) / lasts))


def looks(
    sightings: Sequence[Sighting], subjects: Sequence[Sequence[int]], born: Sequence[date | None], people: int
) -> Looks:
    """The looks of `subjects` (indices of their figures), who were born on these days.

    The first `people` of them were decided, and may look different: their figures of one time (five years of a grown
    person, less of a child) are one look if average linkage joins them. A group that it made is one look at each time.
    """
    chosen: list[int] = []
    labels: list[int] = []
    counts: list[int] = []
    total = 0
    for number, (figures, birth) in enumerate(zip(subjects, born, strict=True)):
        before = total
        for exemplars in _times([i for i in figures if sightings[i].identifies], sightings, birth):
            cluster = _linked(sightings, exemplars) if number < people else np.zeros(len(exemplars), np.intp)
            chosen += exemplars
            labels += (total + cluster).tolist()
            total += int(cluster.max()) + 1
        counts.append(total - before)
    at = np.array(labels, np.intp)
    births = np.repeat(np.array([math.nan if b is None else b.toordinal() for b in born]), counts)
    return Looks(
        faces=_clusters(sightings, chosen, at),
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.intp),
        day=_mean(at, total, [day_of(sightings[i]) for i in chosen]),
        born=births,
        usable=_greatest(at, total, [sightings[i].face_usable for i in chosen]),
        handicap=_mean(at, total, [sightings[i].face_handicap for i in chosen]),
    )


def day_of(sighting: Sighting) -> float:
    """When it was taken, in days; NaN if that is not known."""
    at = sighting.wall_time
    return math.nan if at is None else at.toordinal() + (at.hour + at.minute / 60) / 24


def is_child(sighting: Sighting, born: date | None) -> bool:
    """Whether a person born then was a child when this was taken, as far as is known."""
    return born is not None and sighting.wall_time is not None and day_of(sighting) - born.toordinal() < GROWN * YEAR


def _times(figures: Iterable[int], sightings: Sequence[Sighting], born: date | None) -> list[list[int]]:
    """The figures that are seen at one time, the best seen ones of each, from the earliest time to the latest."""
    times: dict[float, list[int]] = defaultdict(list)
    for i in figures:
        day = day_of(sightings[i])
        times[math.inf if math.isnan(day) else _time(day, born)].append(i)
    return [
        sorted(times[time], key=lambda i: (-sightings[i].face_usable, sightings[i].rank))[:_EXEMPLARS]
        for time in sorted(times)
    ]


def _time(day: float, born: date | None) -> float:
    """The first day of the span of time that counts as one."""
    if born is None:
        return day // (5 * YEAR) * 5 * YEAR
    age = (day - born.toordinal()) / YEAR
    span = 0.5 if age < 3 else 1.0 if age < 6 else 2.0 if age < GROWN else 5.0
    return born.toordinal() + age // span * span * YEAR


def _linked(sightings: Sequence[Sighting], figures: Sequence[int]) -> Indices:
    """Which of the looks 0, 1, … of one time each figure belongs to."""
    if len(figures) == 1:
        return np.zeros(1, np.intp)
    cluster = link(_clusters(sightings, figures, np.arange(len(figures))), SAME_PERSON).cluster
    return np.unique(cluster, return_inverse=True)[1].astype(np.intp)


def _clusters(sightings: Sequence[Sighting], figures: Sequence[int], labels: Indices) -> Clusters:
    usable = np.array([sightings[i].face_usable for i in figures], np.float64)
    return Clusters.of(vectors_of(sightings, figures), usable, labels, handicaps_of(sightings, figures))


def _mean(labels: Indices, count: int, values: Sequence[float]) -> Reals:
    """Of the values that are known; NaN where none is."""
    given = np.array(values, np.float64)
    known = ~np.isnan(given)
    total = np.bincount(labels[known], given[known], count)
    number = np.bincount(labels[known], minlength=count)
    return np.where(number > 0, total / np.maximum(number, 1), math.nan)


def _greatest(labels: Indices, count: int, values: Sequence[float]) -> NDArray[np.float64]:
    greatest = np.zeros(count)
    np.maximum.at(greatest, labels, np.array(values, np.float64))
    return greatest
