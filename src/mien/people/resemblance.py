"""Resemblance: who may be whom, and how probable that is, among the people who were decided and everybody else.

The subjects are people of whom something was decided, the groups of the others, and lone figures. The face vectors of
their looks say how much more often two looks so alike are one person's than two people's; before anything is seen,
a subject is a person the more probably the more often that person is seen (Aldous, "Exchangeability and related
topics", 1985: the Chinese restaurant's prior). Within a moment clothes speak too (see `evidence`), for figures
without a face alone; and who is among somebody's companions is them more probably (see `company`). What decisions or a
common photo rule out is left out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mien.people.company import company
from mien.people.decisions import Decisions
from mien.people.evidence import SHARP, Figures, Setting, kinds
from mien.people.linkage import Indices, Reals
from mien.people.looks import GROWN, UNSEEN, Looks, day_of, looks
from mien.people.membership import Grouping, Placed, in_order, place
from mien.people.moments import moments_of
from mien.people.neighbours import Neighbours, unwatched
from mien.people.sighting import Sighting

REACH = 0.42
"""Squared distance (crowding added) of faces beyond which nothing is asked: there, one pair in 300 is one person."""

# Logistic regression: the log-likelihood ratio of one person against two at a squared distance of faces.
_EVEN, _SLOPE = 0.434, 27.0

_LEAST, _WORTH = -6.0, 0.02  # natural log-odds of faces, and odds of a meeting, that are worth to be kept
_NEAREST = 24  # looks that each look is compared with
_CHILD = 1.0  # by how much less (natural logarithm) a child's face says, which the shipped vector tells less well


@dataclass(frozen=True, eq=False)
class Resemblance:
    """Who may be whom.

    Attributes:
        sightings: in the order of their ids.
        people: ids of those of whom something was decided. They are the first subjects.
        subjects: the figures (indices of `sightings`) of each subject; of people who are in no photo now, none.
        subject_of: figure → the number of its subject; who is nobody has none.
        one, other: (m,) pairs of subjects, one[i] < other[i], that may be one person; ascending, never two `people`.
        log_odds: (m,) natural logarithm of the odds that they are.
        company: of pairs of a person and another subject, what of it is due to the company that they are seen in.
        is_ruled_out: whether two subjects, by number, cannot be one person, whatever they look like.
    """

    sightings: Sequence[Sighting]
    people: tuple[str, ...]
    subjects: tuple[tuple[int, ...], ...]
    subject_of: Mapping[int, int]
    one: Indices
    other: Indices
    log_odds: Reals
    company: Mapping[tuple[int, int], float]
    is_ruled_out: Callable[[int, int], bool]


def resemblance(
    sightings: Sequence[Sighting],
    grouping: Grouping,
    decisions: Decisions,
    watch: Callable[[], None] = unwatched,
) -> Resemblance:
    """Who of a grouping's people may be whom else. `watch` is called many times a second; what it raises ends this."""
    ordered = in_order(sightings)
    placed = place(ordered, decisions)
    people = tuple(sorted(decisions.people))
    subjects = _subjects(ordered, grouping, placed, people)
    births = [decisions.people[i].born for i in people] + [None] * (len(subjects) - len(people))
    seen = looks(ordered, subjects, births, len(people))
    subject_of = {i: number for number, figures in enumerate(subjects) for i in figures}
    is_ruled_out = _ruled_out(ordered, subjects, subject_of, people, placed, decisions)
    one, other = _near(seen, len(people), watch)
    size = np.array([len(figures) for figures in subjects], np.float64)
    prior = np.log((np.maximum(size[one], size[other]) + 1) / max(1, sum(s.identifies for s in ordered)))
    log_odds = _alike(seen, one, other) + prior
    worth = log_odds >= _LEAST
    near = zip(one[worth].tolist(), other[worth].tolist(), strict=True)
    found = dict(zip(near, log_odds[worth].tolist(), strict=True))
    for pair, (meeting, has_faces) in _meeting(ordered, subject_of, len(people), watch).items():
        # Two faces and the clothes of one moment tell more than the faces alone; clothes alone need not.
        found[pair] = meeting if has_faces else max(meeting, found.get(pair, meeting))
    possible = sorted(pair for pair in found if not is_ruled_out(*pair))
    a, b = (np.array(side, np.intp) for side in (zip(*possible, strict=True) if possible else ((), ())))
    by_company = company(ordered, subject_of, len(people), a, b)
    return Resemblance(
        sightings=ordered,
        people=people,
        subjects=subjects,
        subject_of=subject_of,
        one=a,
        other=b,
        log_odds=np.array([found[pair] for pair in possible], np.float64) + by_company,
        company={pair: odds for pair, odds in zip(possible, by_company.tolist(), strict=True) if odds > 0},
        is_ruled_out=is_ruled_out,
    )


def log_ratio(distance: Reals, usable: Reals) -> Reals:
    """How much (natural logarithm) two faces at this squared distance, crowding added, speak for one person.

    `usable` is that of the face that is seen less well; a poor one says little either way.
    """
    ratio: Reals = (_EVEN - distance) * _SLOPE * np.minimum(usable / SHARP, 1)
    return ratio


def _subjects(
    sightings: Sequence[Sighting], grouping: Grouping, placed: Placed, people: tuple[str, ...]
) -> tuple[tuple[int, ...], ...]:
    members: dict[str, list[int]] = {person_id: [] for person_id in people}
    for i, sighting in enumerate(sightings):
        if i not in placed.nobody:
            known = grouping.memberships.get(sighting.figure_id)
            label = placed.people.get(i) or (known and known.person_id) or sighting.figure_id
            members.setdefault(label, []).append(i)
    return tuple(map(tuple, members.values()))


def _near(seen: Looks, known: int, watch: Callable[[], None]) -> tuple[Indices, Indices]:
    """The pairs of subjects that have looks near each other; not of the first `known` among themselves."""
    subject = seen.subject
    points, own = seen.faces.mean, seen.faces.square
    a, b, _ = Neighbours(points, own, watch).nearest(points, own, np.arange(len(points)), _NEAREST, REACH)
    one, other = np.minimum(subject[a], subject[b]), np.maximum(subject[a], subject[b])
    n = len(seen.first) - 1
    code = np.unique((one * n + other)[(one != other) & (other >= known)])
    return code // max(1, n), code % max(1, n)


def _alike(seen: Looks, one: Indices, other: Indices) -> Reals:
    """How much the faces of subjects one[i] and other[i] speak for one person: the mean over the pairs of their looks,
    those near in time counting most, and over the case that none of the looks is like the other."""
    which, a, b = seen.pairs(one, other)
    ratio = log_ratio(seen.faces.between(a, b), np.minimum(seen.usable[a], seen.usable[b]))
    ratio = ratio - np.where(seen.age(a, b) < GROWN, _CHILD, 0)
    close = seen.closeness(a, b)
    n = len(one)
    weighted = np.bincount(which, close * np.exp(np.minimum(ratio, 30)), n)
    return np.asarray(np.log(np.maximum(weighted, 1e-12) / (np.bincount(which, close, n) + UNSEEN)), np.float64)


def _meeting(
    sightings: Sequence[Sighting], subject_of: Mapping[int, int], known: int, watch: Callable[[], None]
) -> dict[tuple[int, int], tuple[float, bool]]:
    """The pairs of subjects whom a moment's figures make likely to be one, not of the first `known` among themselves:
    the natural log-odds, from the mean odds of the pairs of figures there, and whether two faces are among them."""
    subject = np.full(len(sightings), -1, np.intp)
    subject[list(subject_of)] = list(subject_of.values())
    timed = np.array([i for i, s in enumerate(sightings) if s.taken is not None and subject[i] >= 0], np.intp)
    found: dict[tuple[int, int], tuple[float, bool]] = {}
    for moment in moments_of([sightings[i] for i in timed]):
        watch()
        here = timed[moment]
        asking = np.flatnonzero(subject[here] >= known)
        if len(asking) and len(np.unique(subject[here])) > 1:
            for pair, odds, has_faces in _in_moment([sightings[i] for i in here], subject[here], asking):
                if odds > found.get(pair, (-np.inf,))[0]:
                    found[pair] = odds, has_faces
    return found


def _in_moment(
    sightings: Sequence[Sighting], subject: Indices, asking: Indices
) -> Iterator[tuple[tuple[int, int], float, bool]]:
    """The same for the figures of one moment, `asking` (indices) against all; each pair of subjects once."""
    figures = Figures.of(sightings)
    setting = Setting.of(figures)
    kinds_ = kinds(figures.take(asking.tolist()), figures, setting)
    log_odds = setting.prior + np.sum([np.where(kind.weight > 0, kind.log_odds, 0) for kind in kinds_.values()], axis=0)
    row, column = np.nonzero(subject[asking][:, None] != subject)
    one, other = np.minimum(subject[asking][row], subject[column]), np.maximum(subject[asking][row], subject[column])
    pairs, which = np.unique(np.stack([one, other], 1), axis=0, return_inverse=True)
    odds = np.bincount(which, np.exp(np.minimum(log_odds[row, column], 30))) / np.bincount(which)
    has_faces = np.bincount(which, kinds_["faces"].weight[row, column] > 0) > 0
    for k in np.flatnonzero(odds >= _WORTH):
        yield (int(pairs[k, 0]), int(pairs[k, 1])), float(np.log(odds[k])), bool(has_faces[k])


def _ruled_out(
    sightings: Sequence[Sighting],
    subjects: Sequence[Sequence[int]],
    subject_of: Mapping[int, int],
    people: Sequence[str],
    placed: Placed,
    decisions: Decisions,
) -> Callable[[int, int], bool]:
    """Whether two subjects cannot be one person: seen in one photo, told apart, or one not born yet."""
    number_of = {person_id: number for number, person_id in enumerate(people)}
    told: dict[int, set[int]] = defaultdict(set)
    pairs = [(subject_of.get(one), subject_of.get(other)) for one, other in placed.apart]
    pairs += [(subject_of.get(i), number_of.get(person_id)) for i, person_id in placed.rejected]
    for a, b in pairs:
        if a is not None and b is not None:
            told[a].add(b)
            told[b].add(a)
    photos = [{sightings[i].photo_id for i in figures} for figures in subjects]
    births = {number_of[i]: born.toordinal() for i, p in decisions.people.items() if (born := p.born) is not None}
    days = [min((day for i in figures if (day := day_of(sightings[i])) == day), default=np.inf) for figures in subjects]

    def is_ruled_out(one: int, other: int) -> bool:
        if other in told.get(one, ()) or not photos[one].isdisjoint(photos[other]):
            return True
        return births.get(one, -np.inf) > days[other] or births.get(other, -np.inf) > days[one]

    return is_ruled_out
