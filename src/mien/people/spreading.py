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
from typing import TYPE_CHECKING

import numpy as np

from mien.people.linkage import Reals
from mien.people.resemblance import Resemblance

if TYPE_CHECKING:
    from scipy import sparse

LEAST = 0.1
"""Probability below which nothing is suggested."""

NOBODY = 0.3
"""The odds that a walker goes on to nobody whom we know, wherever it is."""

STEPS = 20
"""After so many steps a walker has met nobody."""

_FAINT = 0.005  # odds of a step that nobody takes
_SURE = 12.0  # natural logarithm of odds above which nobody is surer

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
    wanted = _permitted(known, spread(known))
    probability = _calibrated(wanted.data, _ARRIVING)
    order = np.lexsort((wanted.col, wanted.row, -probability))
    present: dict[int, set[str]] = defaultdict(set)
    placed: set[int] = set()
    found = []
    for k in order[: np.count_nonzero(probability >= least)].tolist():
        row, person = int(wanted.row[k]), int(wanted.col[k])
        photos = {known.sightings[i].photo_id for i in known.subjects[first + row]}
        if row not in placed and present[person].isdisjoint(photos):
            placed.add(row)
            present[person] |= photos
            found.append(Suggestion(first + row, known.people[person], float(probability[k])))
    return tuple(found)


def spread(known: Resemblance) -> "sparse.csr_array":
    """How often the walk from each subject after the first p = len(people) ends at each of `people`: (n, p), 0–1."""
    from scipy import sparse  # a third of a second: not for a command that only lists

    p, n = len(known.people), len(known.subjects) - len(known.people)
    one, other, odds = known.one, known.other, steps(known)
    direct, tied = (one < p) & (odds > _FAINT), (one >= p) & (odds > _FAINT)
    home = sparse.csr_array((odds[direct], (other[direct] - p, one[direct])), shape=(n, p))
    a, b, tie = one[tied] - p, other[tied] - p, odds[tied]
    ties = sparse.csr_array((np.r_[tie, tie], (np.r_[a, b], np.r_[b, a])), shape=(n, n))
    share = sparse.diags_array(1 / (NOBODY + home.sum(1) + ties.sum(1)))
    home, ties = sparse.csr_array(share @ home), sparse.csr_array(share @ ties)
    arrived = home
    for _ in range(STEPS):
        arrived = sparse.csr_array(home + ties @ arrived)
        arrived.data[arrived.data < _FAINT / 10] = 0
        arrived.eliminate_zeros()
    return arrived


def steps(known: Resemblance) -> Reals:
    """The odds of a step along each pair of `known`: (m,)."""
    odds = np.exp(np.minimum(known.log_odds, _SURE))
    n = len(known.subjects)
    size = np.array([max(1, len(figures)) for figures in known.subjects], np.float64)
    popular = np.sqrt(1 + (np.bincount(known.one, odds, n) + np.bincount(known.other, odds, n)) / size)
    return np.asarray(odds / popular[known.one] / popular[known.other], np.float64)


def alike(known: Resemblance) -> Reals:
    """How probable it is that each pair of `known` is one person, seen by itself: (m,), 0–1; for two who are nobody."""
    odds = steps(known)
    return _calibrated(odds / (NOBODY + odds), _STEPPING)


def _permitted(known: Resemblance, arrived: "sparse.csr_array") -> "sparse.coo_array":
    """The same, given that what is ruled out is not so: what arrived there went elsewhere, in proportion."""
    from scipy import sparse

    whole = sparse.coo_array(arrived)
    rows, columns, shares = whole.row, whole.col, whole.data
    pairs = zip(columns.tolist(), (rows + len(known.people)).tolist(), strict=True)
    possible = np.array([not known.is_ruled_out(person, subject) for person, subject in pairs], bool)
    lost = np.bincount(rows[~possible], shares[~possible], arrived.shape[0])
    kept = rows[possible]
    given = shares[possible] / np.maximum(1 - lost[kept], np.finfo(float).tiny)
    return sparse.coo_array((given, (kept, columns[possible])), shape=arrived.shape)


def _calibrated(shares: Reals, line: tuple[float, float]) -> Reals:
    """As probable as such suggestions were found to be true."""
    inner = np.clip(shares, 1e-9, 1 - 1e-9)
    return np.asarray(1 / (1 + np.exp(-(line[0] + line[1] * np.log(inner / (1 - inner))))), np.float64)
