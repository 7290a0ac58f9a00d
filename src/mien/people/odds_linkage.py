"""Average linkage of nodes by log-odds, under "never these two", with a margin over whoever else it could be.

Two nodes (figures, or groups of them) are one person by a prior, and for each kind of evidence by its mean over all
pairs of their figures, weighted by how far it can be relied on: pairs of one kind tell the same thing again and again,
so they are averaged and not added up. Of a pair of nodes, whoever cannot be the same as the one is a rival of it for
the other; what speaks for rivals speaks against the pair.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

AGREEMENT = 0.4
"""Evidence of n pairs that agree is worth n to this power that of one."""

MARGIN = 0.7
"""By how much the log-odds of a pair must exceed those of its rivals taken together."""

_MOST = 50.0  # log-odds beyond which nothing is any surer


@dataclass(frozen=True, eq=False)
class Gathered:
    """What became of n nodes: `group` (n,), the least node of each one's group, and `log_odds` (n,), the least at which
    it was joined to others (∞ for a node that nobody was joined to, or that was given)."""

    group: NDArray[np.intp]
    log_odds: Matrix


def gather(
    sums: Sequence[tuple[Matrix, Matrix]],
    prior: float,
    apart: NDArray[np.bool_],
    given: NDArray[np.bool_],
    bounds: tuple[float, float],
) -> Gathered:
    """Merge the likeliest pair of nodes until none is likely enough.

    Args:
        sums: for each kind of evidence, over all pairs of figures of two nodes: weight times log-odds (n, n), and
            weight (n, n).
        prior: log-odds that two nodes are one person.
        apart: (n, n), symmetric; these are never joined, nor are those whom others join to them.
        given: (n,), nodes that are somebody already.
        bounds: least log-odds, rivals counted, at which a node joins a given one, and at which two others join.
    """
    n = len(given)
    state = _State([(s.copy(), w.copy()) for s, w in sums], prior, apart | np.eye(n, dtype=bool), given.copy())
    group, log_odds = np.arange(n), np.full(n, math.inf)
    while (pair := state.likeliest(min(bounds))) is not None:
        a, b = pair
        rivals = state.rivals(a, b)
        odds = float(state.score[a, b]) - math.log1p(rivals)
        bound = bounds[0 if state.given[a] or state.given[b] else 1]
        if odds < bound or state.score[a, b] < MARGIN + math.log(max(rivals, 1e-9)):
            state.put_off(a, b)
            continue
        for side in (a, b):
            if not state.given[side]:
                members = group == group[side]
                log_odds[members] = np.minimum(log_odds[members], odds)
        group[group == max(a, b)] = min(a, b)
        state.merge(min(a, b), max(a, b))
    return Gathered(group, log_odds)


class _State:
    """A merged node lives on at the lesser index of its parts."""

    def __init__(
        self, sums: list[tuple[Matrix, Matrix]], prior: float, apart: NDArray[np.bool_], given: NDArray[np.bool_]
    ) -> None:
        self.sums, self.prior, self.apart, self.given = sums, prior, apart, given
        self.alive = np.ones(len(given), bool)
        self.score = self._scores(np.s_[:])
        self.odds = np.exp(np.minimum(self.score, _MOST))  # 0 for those apart
        self.others = np.where(np.eye(len(given), dtype=bool), 0.0, apart)  # 1 for whom a node cannot be, save itself
        self.open = self.score.copy()  # without the pairs that were put off
        self.best = np.zeros(len(given), np.intp)
        self.find_best(np.arange(len(given)))

    def _scores(self, rows: slice | int) -> Matrix:
        total = np.full(self.apart[rows].shape, self.prior)
        for of, weight in self.sums:
            total += of[rows] / np.maximum(weight[rows], 1e-9) * np.maximum(weight[rows], 1) ** AGREEMENT
        total[self.apart[rows]] = -math.inf
        return np.asarray(total)

    def find_best(self, rows: NDArray[np.intp]) -> None:
        if len(rows):
            self.best[rows] = self.open[rows].argmax(1)

    def put_off(self, a: int, b: int) -> None:
        """Ask for this pair again only when one of the two has joined others."""
        self.open[a, b] = self.open[b, a] = -math.inf
        self.find_best(np.array([a, b]))

    def likeliest(self, bound: float) -> tuple[int, int] | None:
        """The pair with the greatest log-odds, rivals not counted, and at least `bound`."""
        if not len(self.best):
            return None
        reached = self.open[np.arange(len(self.best)), self.best]
        a = int(reached.argmax())
        return (a, int(self.best[a])) if reached[a] >= bound else None

    def rivals(self, a: int, b: int) -> float:
        """The odds that `a` is somebody whom `b` cannot be, or `b` somebody whom `a` cannot be: the greater sum."""
        return float(max(self.odds[a] @ self.others[b], self.odds[b] @ self.others[a]))

    def merge(self, keep: int, drop: int) -> None:
        for of, weight in self.sums:
            for matrix in (of, weight):
                matrix[keep] += matrix[drop]
                matrix[:, keep] = matrix[keep]
        self.apart[keep] |= self.apart[drop]
        self.apart[:, keep] = self.apart[keep]
        self.given[keep] |= self.given[drop]
        self.alive[drop] = False
        self.apart[keep] |= ~self.alive
        self.score[keep] = self._scores(keep)
        self.score[:, keep] = self.score[keep]
        self.open[keep] = self.open[:, keep] = self.score[keep]
        self.odds[keep] = self.odds[:, keep] = np.exp(np.minimum(self.score[keep], _MOST))
        self.others[keep] = self.others[:, keep] = np.maximum(self.others[keep], self.others[drop])
        for matrix, nothing in ((self.score, -math.inf), (self.open, -math.inf), (self.odds, 0.0)):
            matrix[drop] = matrix[:, drop] = nothing
        lost = np.isin(self.best, (keep, drop))
        lost[keep] = True
        self.find_best(np.flatnonzero(lost & self.alive))
        nearer = self.alive & (self.open[:, keep] > self.open[np.arange(len(self.best)), self.best])
        self.best[nearer] = keep
