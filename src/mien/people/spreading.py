"""Label spreading: a few figures are named, and whom the others may show follows, as suggestions with a probability.

A walker on the graph of who resembles whom goes from subject to subject in proportion to the odds that the two are one
person, and with odds `NOBODY` to "nobody whom we know", from where nobody returns, nor from a named person. What
resembles everybody (a masked face, a blurred one) is worth less: odds are divided by the root of what both ends have.
How often the walk from somebody ends at Anna is how probable it is that this is Anna (the harmonic function of Zhu,
Ghahramani & Lafferty, "Semi-supervised learning using Gaussian fields and harmonic functions", 2003, with a sink as in
Talukdar & Crammer, "New regularized algorithms for transductive learning", 2009). Many weak resemblances to look-alikes
of Anna's so do not make an Anna, and who resembles Anna and Berta alike is neither's for sure. Nobody is ever merged.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from mien.people.linkage import Reals
from mien.people.resemblance import Resemblance

LEAST = 0.1
"""Probability below which nothing is suggested."""

NOBODY = 0.3
"""The odds that a walker goes on to nobody whom we know, wherever it is."""

_FAINT, _SURE = -6.0, 12.0  # natural logarithms of odds: less is no resemblance, more is no surer

# Logistic regressions of what is true on the log-odds of the walk, and of a step between two who are nobody yet; the
# latter are rarer, as most of whom nothing was said are strangers (see docs/people.md).
_ARRIVING = (2.1, 1.55)
_STEPPING = (-0.55, 1.5)


@dataclass(frozen=True)
class Suggestion:
    """That a subject (see `Resemblance`) is the person `person_id`: all its figures or none; probability 0–1."""

    subject: int
    person_id: str
    probability: float


def suggestions(known: Resemblance, least: float = LEAST) -> tuple[Suggestion, ...]:
    """For each subject that is nobody yet at most one suggestion, the most probable first.

    They hold together: no two of one person are of subjects seen in one photo, and none says what is ruled out.
    """
    first = len(known.people)
    wanted = _calibrated(_permitted(known, spread(known)), _ARRIVING)
    rows, columns = np.nonzero(wanted >= least)
    order = np.lexsort((columns, rows, -wanted[rows, columns]))
    present: dict[int, set[str]] = defaultdict(set)
    placed: set[int] = set()
    found = []
    for row, person in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        photos = {known.sightings[i].photo_id for i in known.subjects[first + row]}
        if row not in placed and present[person].isdisjoint(photos):
            placed.add(row)
            present[person] |= photos
            found.append(Suggestion(first + row, known.people[person], float(wanted[row, person])))
    return tuple(found)


def spread(known: Resemblance) -> Reals:
    """How often the walk from each subject after the first p = len(people) ends at each of `people`: (n, p), 0–1."""
    from scipy import sparse  # a third of a second: not for a command that only lists
    from scipy.sparse.csgraph import connected_components
    from scipy.sparse.linalg import splu

    p, n = len(known.people), len(known.subjects) - len(known.people)
    arrived = np.zeros((n, p))
    one, other, odds = known.one, known.other, steps(known)
    direct = (one < p) & (odds > 0)
    if not direct.any():
        return arrived
    home = sparse.csr_array((odds[direct], (other[direct] - p, one[direct])), shape=(n, p))
    tied = (one >= p) & (odds > 0)
    a, b, odds = one[tied] - p, other[tied] - p, odds[tied]
    ties = sparse.csr_array((np.r_[odds, odds], (np.r_[a, b], np.r_[b, a])), shape=(n, n))
    _, part = connected_components(ties, directed=False)
    reached = np.flatnonzero(np.isin(part, part[other[direct] - p]))
    leaving = NOBODY + home.sum(1) + ties.sum(1)
    graph = sparse.diags_array(leaving[reached]) - ties[reached][:, reached]
    arrived[reached] = splu(sparse.csc_array(graph)).solve(home[reached].toarray())
    return arrived


def steps(known: Resemblance) -> Reals:
    """The odds of a step along each pair of `known`: (m,), 0 where they are next to nothing."""
    odds = np.where(known.log_odds >= _FAINT, np.exp(np.minimum(known.log_odds, _SURE)), 0)
    n = len(known.subjects)
    size = np.array([max(1, len(figures)) for figures in known.subjects], np.float64)
    popular = np.sqrt(1 + (np.bincount(known.one, odds, n) + np.bincount(known.other, odds, n)) / size)
    return np.asarray(odds / popular[known.one] / popular[known.other], np.float64)


def alike(known: Resemblance) -> Reals:
    """How probable it is that each pair of `known` is one person, seen by itself: (m,), 0–1; for two who are nobody."""
    odds = steps(known)
    return _calibrated(odds / (NOBODY + odds), _STEPPING)


def _permitted(known: Resemblance, arrived: Reals) -> Reals:
    """The same, given that what is ruled out is not so: what arrived there went elsewhere, in proportion."""
    given = arrived.copy()
    for row, person in zip(*(index.tolist() for index in np.nonzero(arrived > 0)), strict=True):
        if known.is_ruled_out(person, len(known.people) + row):
            given[row, person] = 0
    lost = (arrived - given).sum(1, keepdims=True)
    return np.asarray(given / np.maximum(1 - lost, np.finfo(float).tiny), np.float64)


def _calibrated(arrived: Reals, line: tuple[float, float]) -> Reals:
    """As probable as such suggestions were found to be true."""
    inner = np.clip(arrived, 1e-9, 1 - 1e-9)
    odds = line[0] + line[1] * np.log(inner / (1 - inner))
    return np.asarray(np.where(arrived > 0, 1 / (1 + np.exp(-odds)), 0), np.float64)
