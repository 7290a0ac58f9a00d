"""Average linkage of vectors under "never these two", exact, in memory that grows with n and not with n².

The dissimilarity of two clusters is the mean squared Euclidean distance over all pairs between them, each weighted by
its two members' weights. It needs only three sums per cluster: |m_a − m_b|² + (q_a − |m_a|²) + (q_b − |m_b|²), where m
is the weighted mean and q the weighted mean of squared lengths. Such a linkage is reducible (a merged cluster is no
nearer to a third one than the nearer of its parts was), and it stays so if forbidden pairs count as infinitely far.
Hence merging all pairs of mutually nearest clusters in rounds gives the same tree as merging one closest pair at a time
(Bruynooghe 1977; Murtagh, "A survey of recent advances in hierarchical clustering algorithms", 1983), and a short list
of nearest neighbours with the radius it covers stays valid until its own cluster grows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Indices = NDArray[np.intp]
Reals = NDArray[np.float64]

_LISTED = 16  # neighbours looked up at a time
_BLOCK = 1 << 22  # distances held at a time: 16 MiB
_GATHERED = 1 << 14  # pairs of means held at a time: 32 MiB
_ROUNDING = 1e-5  # of squared distances in single precision; what they find is measured again in double


@dataclass(frozen=True, eq=False)
class Clusters:
    """n clusters of d-dimensional vectors. Attributes: `mean` (n, d), `square` (n,), the mean of squared lengths
    (and handicaps), and `weight` (n,), all float64."""

    mean: Reals
    square: Reals
    weight: Reals

    @classmethod
    def of(cls, vectors: NDArray[np.floating], weights: Reals, labels: Indices, handicaps: Reals | float = 0.0) -> Self:
        """The clusters 0…k−1 that `labels` (n,) makes of `vectors` (n, d) with positive `weights` (n,).

        Each vector's handicap (n,) is added to its squared distance from every other vector.
        """
        vectors = np.asarray(vectors, np.float64)
        n, k = len(labels), int(labels.max(initial=-1)) + 1
        total = np.bincount(labels, weights, k).astype(np.float64)
        share = sparse.csr_array((weights / total[labels], (labels, np.arange(n))), shape=(k, n))
        return cls(
            mean=np.asarray(share @ vectors), square=np.asarray(share @ ((vectors**2).sum(1) + handicaps)), weight=total
        )

    def __len__(self) -> int:
        return len(self.weight)

    def between(self, a: Indices, b: Indices) -> Reals:
        """Mean squared distance between clusters a[i] and b[i]: float64 (len(a),)."""
        product = np.empty(len(a))
        for start in range(0, len(a), _GATHERED):
            part = slice(start, start + _GATHERED)
            np.einsum("ij,ij->i", self.mean[a[part]], self.mean[b[part]], out=product[part])
        return np.maximum(self.square[a] + self.square[b] - 2 * product, 0)


@dataclass(frozen=True, eq=False)
class Linked:
    """What became of the clusters: the label (least index among its parts) of each one's cluster and group, (n,)."""

    cluster: Indices
    group: Indices


def unwatched() -> None:
    """For work that nobody follows."""


def link(
    clusters: Clusters,
    bound: float,
    groups: Indices | None = None,
    apart: Indices | None = None,
    watch: Callable[[], None] = unwatched,
) -> Linked:
    """Merge the closest groups of clusters until none are within `bound`.

    Args:
        bound: the greatest mean squared distance at which two clusters are joined.
        groups: (n,) labels of clusters that belong together without being alike (one person, then and now): the
            distance of two groups is that of their closest clusters, and only these two become one cluster.
            By default every cluster is a group of its own.
        apart: (m, 2) pairs of groups' labels that must never be joined, directly or through others.
        watch: called many times a second; what it raises ends this.
    """
    n = len(clusters)
    state = _State(clusters, bound, np.arange(n) if groups is None else groups.astype(np.intp), apart, watch)
    while state.merge_nearest():
        pass
    return Linked(state.cluster, state.group[state.cluster])


class _State:
    """Clusters keep their index; a merged one lives on at the least index of its parts."""

    def __init__(
        self, clusters: Clusters, bound: float, groups: Indices, apart: Indices | None, watch: Callable[[], None]
    ) -> None:
        n = len(clusters)
        self.n, self.bound, self.group, self.watch = n, bound, groups.copy(), watch
        self.now = Clusters(clusters.mean.copy(), clusters.square.copy(), clusters.weight.copy())
        self.cluster = np.arange(n)
        self.alive = np.ones(n, bool)
        # Whoever shares no edge with cluster i is at least radius[i] away from it.
        self.radius = np.full(n, -1.0)
        self.a = self.b = np.zeros(0, np.intp)
        self.distance = np.zeros(0)
        pairs = np.zeros((0, 2), np.intp) if apart is None else apart.astype(np.intp)
        itself = np.unique(groups)
        self.forbidden = np.unique(
            np.concatenate([pairs[:, 0] * n + pairs[:, 1], pairs[:, 1] * n + pairs[:, 0], itself * n + itself])
        )

    def merge_nearest(self) -> bool:
        """Join all pairs of groups that are each other's nearest; False if there are none."""
        self.watch()
        reach = self._reach()
        stale = np.flatnonzero(self.alive & (self.radius < np.minimum(reach[self.group], self.bound)))
        if len(stale):
            self._look_up(stale)
            reach = self._reach()
        ga, gb = self.group[self.a], self.group[self.b]
        mutual = np.flatnonzero((self.distance == reach[ga]) & (self.distance == reach[gb]))
        if not len(mutual):
            return False
        mutual = mutual[np.lexsort((self.b[mutual], self.a[mutual], self.distance[mutual]))]
        taken: set[int] = set()
        chosen = []
        for edge, one, two in zip(mutual.tolist(), ga[mutual].tolist(), gb[mutual].tolist(), strict=True):
            if one not in taken and two not in taken:  # only ties ask twice for one group
                taken |= {one, two}
                chosen.append(edge)
        self._merge(self.a[chosen], self.b[chosen])
        return True

    def _reach(self) -> Reals:
        """Each group's distance to its nearest listed neighbour: (n,), infinite without one."""
        reach = np.full(self.n, np.inf)
        np.minimum.at(reach, self.group[self.a], self.distance)
        np.minimum.at(reach, self.group[self.b], self.distance)
        return reach

    def _merge(self, a: Indices, b: Indices) -> None:
        keep, drop = np.minimum(a, b), np.maximum(a, b)
        now = self.now
        weight = now.weight[keep] + now.weight[drop]
        share = now.weight[drop] / weight
        now.mean[keep] += share[:, None] * (now.mean[drop] - now.mean[keep])
        now.square[keep] += share * (now.square[drop] - now.square[keep])
        now.weight[keep] = weight
        self.radius[keep] = np.minimum(self.radius[keep], self.radius[drop])
        self.alive[drop] = False

        becomes = np.arange(self.n)
        becomes[drop] = keep
        group_becomes = np.arange(self.n)
        ga, gb = self.group[a], self.group[b]
        group_becomes[np.maximum(ga, gb)] = np.minimum(ga, gb)
        self.cluster = becomes[self.cluster]
        self.group = group_becomes[self.group]
        one, two = np.divmod(self.forbidden, self.n)
        self.forbidden = np.unique(group_becomes[one] * self.n + group_becomes[two])

        changed = np.zeros(self.n, bool)
        changed[keep] = True
        a, b = becomes[self.a], becomes[self.b]
        touched = changed[a] | changed[b]
        a_new, b_new = self._distinct(a[touched], b[touched])
        self._keep(
            np.concatenate([a[~touched], a_new]),
            np.concatenate([b[~touched], b_new]),
            np.concatenate([self.distance[~touched], now.between(a_new, b_new)]),
        )

    def _keep(self, a: Indices, b: Indices, distance: Reals) -> None:
        """Keep the edges that may still join; an edge beyond the bound never comes back, since means do not shrink."""
        code = self.group[a] * self.n + self.group[b]
        at = np.minimum(np.searchsorted(self.forbidden, code), len(self.forbidden) - 1)
        good = (distance <= self.bound) & (self.forbidden[at] != code)
        self.a, self.b, self.distance = a[good], b[good], distance[good]

    def _distinct(self, a: Indices, b: Indices) -> tuple[Indices, Indices]:
        one, two = np.divmod(np.unique(np.minimum(a, b) * self.n + np.maximum(a, b)), self.n)
        return one, two

    def _look_up(self, rows: Indices) -> None:
        """List the nearest permitted neighbours of the clusters `rows` anew."""
        columns = np.flatnonzero(self.alive)
        mean, square = self.now.mean[columns].astype(np.float32), self.now.square[columns].astype(np.float32)
        one, two = np.divmod(self.forbidden, self.n)
        never = sparse.csr_array((np.ones(len(one), np.int8), (one, two)), shape=(self.n, self.n))
        here = (self.group[columns], np.arange(len(columns)))
        member = sparse.csr_array((np.ones(len(columns), np.int8), here), shape=(self.n, len(columns)))
        found = []
        step = max(1, _BLOCK // len(columns))
        for start in range(0, len(rows), step):
            self.watch()
            block = rows[start : start + step]
            distance = square - 2 * (self.now.mean[block].astype(np.float32) @ mean.T)
            distance += self.now.square[block].astype(np.float32)[:, None]
            distance[(never[self.group[block]] @ member).nonzero()] = np.inf
            row, column = _nearest(distance, self.bound + _ROUNDING)
            a, b = block[row], columns[column]
            exact = self.now.between(a, b)
            full = np.flatnonzero(np.bincount(row, minlength=len(block)) >= _LISTED)
            radius = np.full(len(block), np.inf)
            radius[full] = 0
            np.maximum.at(radius, row, np.where(np.isin(row, full), exact, 0))
            self.radius[block] = radius
            found.append((np.minimum(a, b), np.maximum(a, b), exact))
        # An edge may now be listed twice; that costs little, and the next merge at either end unites them.
        one, two, exact = (np.concatenate(column) for column in zip(*found, strict=True))
        self._keep(np.concatenate([self.a, one]), np.concatenate([self.b, two]), np.concatenate([self.distance, exact]))


def _nearest(distance: NDArray[np.float32], bound: float) -> tuple[Indices, Indices]:
    """Row and column of the (up to `_LISTED`) least distances of each row that are within `bound`."""
    within = distance <= bound
    crowded = np.flatnonzero(within.sum(1) > _LISTED)
    if len(crowded):
        nearest = np.argpartition(distance[crowded], _LISTED - 1, axis=1)[:, :_LISTED]
        within[crowded] = False
        within[crowded[:, None], nearest] = True
    row, column = np.nonzero(within)
    return row, column
