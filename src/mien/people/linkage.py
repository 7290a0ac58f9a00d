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

from mien.people.neighbours import Neighbours, unwatched

Indices = NDArray[np.intp]
Reals = NDArray[np.float64]

_LISTED = 16  # neighbours looked up at a time
_GATHERED = 1 << 14  # pairs of means held at a time: 32 MiB
_COLUMNS = 16  # of vectors, held in double precision at a time
_ROUNDING = 1e-5  # of squared distances in single precision; what they find is measured again
_HALF = 32  # bits of a label in the code of a pair
_LOW = (1 << _HALF) - 1


@dataclass(frozen=True, eq=False)
class Clusters:
    """n clusters of d-dimensional vectors. Attributes: `mean` (n, d), as precise as the vectors; `square` (n,), the
    mean of squared lengths (and handicaps), and `weight` (n,), both float64."""

    mean: NDArray[np.floating]
    square: Reals
    weight: Reals

    @classmethod
    def of(cls, vectors: NDArray[np.floating], weights: Reals, labels: Indices, handicaps: Reals | float = 0.0) -> Self:
        """The clusters 0…k−1 that `labels` (n,) makes of `vectors` (n, d) with positive `weights` (n,).

        Each vector's handicap (n,) is added to its squared distance from every other vector.
        """
        n, k = len(labels), int(labels.max(initial=-1)) + 1
        total = np.bincount(labels, weights, k).astype(np.float64)
        share = sparse.csr_array((weights / total[labels], (labels, np.arange(n))), shape=(k, n))
        mean = np.empty((k, vectors.shape[1]), vectors.dtype)
        for start in range(0, vectors.shape[1], _COLUMNS):
            part = slice(start, start + _COLUMNS)
            mean[:, part] = share @ vectors[:, part].astype(np.float64)
        square = np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64)
        return cls(mean=mean, square=np.asarray(share @ (square + handicaps)), weight=total)

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
    return state.linked()


class _State:
    """Clusters keep their index; a merged one lives on at the least index of its parts.

    A round costs as much as there are edges and forbidden pairs left, whatever n: there may be thousands of rounds.
    """

    def __init__(
        self, clusters: Clusters, bound: float, groups: Indices, apart: Indices | None, watch: Callable[[], None]
    ) -> None:
        n = len(clusters)
        self.n, self.bound, self.group, self.watch = n, bound, groups.copy(), watch
        self.now = Clusters(clusters.mean.copy(), clusters.square.copy(), clusters.weight.copy())
        self.neighbours = Neighbours(self.now.mean, self.now.square, watch)
        self.alive = np.ones(n, bool)
        # Whoever shares no edge with cluster i is at least radius[i] away from it, and whoever shares none with group
        # g, sure[g]; moved[i]: since it was looked up.
        self.radius, self.sure = np.full(n, -1.0), np.full(n, -1.0)
        self.moved = np.zeros(n, bool)
        self.a = self.b = np.zeros(0, np.intp)
        self.distance = np.zeros(0)
        pairs = np.zeros((0, 2), np.intp) if apart is None else apart.astype(np.intp)
        self.forbidden = _unique(_codes(*np.concatenate([pairs, pairs[:, ::-1]]).T))
        order = np.argsort(groups, kind="stable")
        each = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1) if len(np.unique(groups)) < n else []
        self.several = {int(groups[of[0]]): of.tolist() for of in each if len(of) > 1}
        # What becomes of clusters and groups in a round, and whether it does; each round leaves them as they are here.
        self.becomes, self.group_becomes = np.arange(n), np.arange(n)
        self.changed = np.zeros(n, bool)
        self.reach = np.full(n, np.inf)
        self.part_of = np.arange(n)

    def linked(self) -> Linked:
        cluster = self.part_of
        while not np.array_equal(further := cluster[cluster], cluster):
            cluster = further
        return Linked(cluster, self.group[cluster])

    def merge_nearest(self) -> bool:
        """Join all pairs of groups that are each other's nearest; False if there are none."""
        self.watch()
        ga, gb, reach = self.group[self.a], self.group[self.b], self.reach
        np.minimum.at(reach, ga, self.distance)
        np.minimum.at(reach, gb, self.distance)
        nearest = (self.distance == reach[ga]) & (self.distance == reach[gb])
        edges = np.flatnonzero(nearest & (self.sure[ga] >= self.distance) & (self.sure[gb] >= self.distance))
        if len(edges):
            reach[ga] = reach[gb] = np.inf
            self._merge(edges[np.lexsort((self.b[edges], self.a[edges], self.distance[edges]))])
            return True
        unsure = np.flatnonzero(self.alive & (self.radius < np.minimum(reach[self.group], self.bound)))
        reach[ga] = reach[gb] = np.inf
        return self._look_up(unsure)

    def _merge(self, edges: Indices) -> None:
        ga, gb = self.group[self.a[edges]], self.group[self.b[edges]]
        taken: set[int] = set()
        chosen = []
        for edge, one, two in zip(edges.tolist(), ga.tolist(), gb.tolist(), strict=True):
            if one not in taken and two not in taken:  # only ties ask twice for one group
                taken |= {one, two}
                chosen.append(edge)
        a, b = self.a[chosen], self.b[chosen]
        keep, drop = np.minimum(a, b), np.maximum(a, b)
        self._unite(keep, drop)
        low, high = np.minimum(self.group[a], self.group[b]), np.maximum(self.group[a], self.group[b])
        self.sure[low] = np.minimum(self.sure[low], self.sure[high])
        self._relabel(keep, drop, low, high)

        self.becomes[drop], self.group_becomes[high], self.changed[high] = keep, low, True
        self._forbid()
        self.changed[low] = True
        touched = np.flatnonzero(self.changed[self.group[self.a]] | self.changed[self.group[self.b]])
        a, b = self.becomes[self.a[touched]], self.becomes[self.b[touched]]
        self.becomes[drop], self.group_becomes[high], self.changed[low], self.changed[high] = drop, high, False, False
        a, b = _distinct(a, b)
        rest = np.ones(len(self.a), bool)
        rest[touched] = False
        self._list((self.a[rest], self.b[rest], self.distance[rest]), a, b, self.now.between(a, b))

    def _unite(self, keep: Indices, drop: Indices) -> None:
        now = self.now
        weight = now.weight[keep] + now.weight[drop]
        share = now.weight[drop] / weight
        now.mean[keep] += share[:, None].astype(now.mean.dtype) * (now.mean[drop] - now.mean[keep])
        now.square[keep] += share * (now.square[drop] - now.square[keep])
        now.weight[keep] = weight
        self.radius[keep] = np.minimum(self.radius[keep], self.radius[drop])
        self.part_of[drop] = keep
        self.alive[drop] = False
        self.moved[keep] = True

    def _relabel(self, keep: Indices, drop: Indices, low: Indices, high: Indices) -> None:
        """Give the clusters of united groups one label."""
        for i in range(len(keep)) if self.several else ():
            one, two = int(low[i]), int(high[i])
            if one in self.several or two in self.several:
                clusters = {*self.several.pop(one, ()), *self.several.pop(two, ()), int(keep[i])} - {int(drop[i])}
                self.several[one] = sorted(clusters)
                self.group[self.several[one]] = one
        self.group[keep] = self.group[drop] = low

    def _forbid(self) -> None:
        """What holds of a group holds of what it becomes."""
        one, two = self.forbidden >> _HALF, self.forbidden & _LOW
        other = self.changed[one] | self.changed[two]
        if other.any():
            new = _unique(_codes(self.group_becomes[one[other]], self.group_becomes[two[other]]))
            rest = self.forbidden[~other]
            self.forbidden = np.insert(rest, np.searchsorted(rest, new), new)

    def _is_forbidden(self, a: Indices, b: Indices) -> NDArray[np.bool_]:
        """Whether clusters a[i] and b[i] must never be one person, or are one already."""
        ga, gb = self.group[a], self.group[b]
        if not len(self.forbidden):
            return np.asarray(ga == gb)
        code = _codes(ga, gb)
        at = np.minimum(np.searchsorted(self.forbidden, code), len(self.forbidden) - 1)
        return np.asarray((ga == gb) | (self.forbidden[at] == code))

    def _list(self, edges: tuple[Indices, Indices, Reals], a: Indices, b: Indices, distance: Reals) -> None:
        """Keep `edges`, and what may join of these new ones; beyond the bound none comes back: means do not shrink."""
        good = (distance <= self.bound) & ~self._is_forbidden(a, b)
        new = a[good], b[good], distance[good]
        self.a, self.b, self.distance = (np.concatenate(pair) for pair in zip(edges, new, strict=True))

    def _look_up(self, rows: Indices) -> bool:
        """List the nearest permitted neighbours of the clusters `rows` anew; False if these are none."""
        if not len(rows):
            return False
        self.neighbours.moved(np.flatnonzero(self.moved & self.alive))
        self.moved[:] = False
        columns, count = np.flatnonzero(self.alive), _LISTED + 1  # everyone is their own nearest
        while len(rows):
            row, b, _ = self.neighbours.nearest(
                self.now.mean[rows], self.now.square[rows], columns, count, self.bound + _ROUNDING
            )
            a, b = np.minimum(rows[row], b), np.maximum(rows[row], b)
            distance = self.now.between(a, b)
            full = np.bincount(row, minlength=len(rows)) >= count
            farthest = np.zeros(len(rows))
            np.maximum.at(farthest, row, distance)
            self.radius[rows] = np.where(full, farthest, np.inf)
            # An edge may now be listed twice; that costs little, and the next merge at either end unites them.
            self._list((self.a, self.b, self.distance), a, b, distance)
            # Where all who are near must not be joined, whoever is behind them may be.
            permitted = np.bincount(row[~self._is_forbidden(a, b)], minlength=len(rows))
            rows = rows[full & (permitted == 0)]
            count *= 4
        self.sure[:] = np.inf
        np.minimum.at(self.sure, self.group[self.alive], self.radius[self.alive])
        # Who has no edge now and is sure of it joins nobody any more: two such need not be kept apart.
        waits = self.sure < self.bound
        waits[self.group[self.a]] = waits[self.group[self.b]] = True
        self.forbidden = self.forbidden[waits[self.forbidden >> _HALF] | waits[self.forbidden & _LOW]]
        return True


def _codes(one: Indices, two: Indices) -> Indices:
    return one << _HALF | two


def _distinct(a: Indices, b: Indices) -> tuple[Indices, Indices]:
    """The pairs (a[i], b[i]) without order, each once, the lesser first."""
    code = _unique(_codes(np.minimum(a, b), np.maximum(a, b)))
    return code >> _HALF, code & _LOW


def _unique(codes: Indices) -> Indices:
    """Each once, ascending; several times quicker than `np.unique`, which hashes."""
    codes = np.sort(codes)
    return codes[np.flatnonzero(np.diff(codes, prepend=-1))]
