"""Who is near whom: of many points, the nearest few within a bound. Exact for some, nearly so for very many.

The dissimilarity of two points is their squared Euclidean distance plus something of each one's own (how scattered a
cluster is around its mean, how crowded it is there). Up to `EXACT` points all are compared, in blocks. Beyond, an
inverted file spares most of that (Jégou, Douze & Schmid, "Product quantization for nearest neighbor search", 2011):
k-means splits space into cells, and a point is compared with what lies in the cells whose centres are nearest to it.
A neighbour is then missed now and then; `tests/people/test_neighbours.py` says how rarely.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.intp]
Floats = NDArray[np.float32]
Reals = NDArray[np.float64]

EXACT = 20_000
"""Points that are all compared with each other: in about two seconds."""

_CELL = 250  # points in a cell, on average
_PROBES = 0.5, 1.2  # cells looked into, per square root of their number; the latter by whom the former find few
_TRAINING = 24  # points per cell that k-means learns from
_ITERATIONS = 4
_BLOCK = 1 << 22  # distances held at a time: 16 MiB
_CHUNK = 1 << 16  # points asked for at a time
_SEED = 1

Found = tuple[Indices, Indices, Floats]
"""Rows (of what was asked), columns (of the points), dissimilarities: the rows ascending, each one's nearest first."""


def unwatched() -> None:
    """For work that nobody follows."""


class Neighbours:
    """Looks up neighbours among points that may move.

    Args:
        points: (n, d) floating; looked at anew at every look-up.
        own: (n,) floating: the squared length of each point and what is added to all its dissimilarities; likewise.
        watch: called many times a second; what it raises ends this.
    """

    def __init__(
        self, points: NDArray[np.floating], own: NDArray[np.floating], watch: Callable[[], None] = unwatched
    ) -> None:
        self.points, self.own, self.watch = points, own, watch
        self._cells = _Cells(points, watch) if len(points) > EXACT else None

    def nearest(
        self, points: NDArray[np.floating], own: NDArray[np.floating], among: Indices, count: int, bound: float
    ) -> Found:
        """The nearest `count` of the points `among` (ascending) within `bound` of each of other `points` (m, d).

        A point that asks for its own neighbours is its first one.
        """
        if not len(points) or not len(among):
            return np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0, np.float32)
        if self._cells is None or len(among) <= EXACT:
            parts = [*self._among_all(points, own, among, count, bound)]
        else:
            parts = [*self._among_some(self._cells, points, own, among, count, bound)]
        row, column, distance = (np.concatenate(part) for part in zip(*parts, strict=True))
        return row, column, distance

    def moved(self, which: Indices) -> None:
        """The points `which` have moved: next time they are looked for where they are now."""
        if self._cells is not None:
            self._cells.assign(which, self.points)

    def _among_all(
        self, points: NDArray[np.floating], own: NDArray[np.floating], among: Indices, count: int, bound: float
    ) -> Iterator[Found]:
        there, own_there = _single(self.points[among]), _single(self.own[among])
        step = max(1, _BLOCK // len(among))
        for start in range(0, len(points), step):
            self.watch()
            part = slice(start, start + step)
            distance = _dissimilar(_single(points[part]), _single(own[part]), there, own_there)
            row, column = _least(distance, count, np.full(len(distance), bound, np.float32))
            row, column, near = _first(row, column, distance[row, column], count)
            yield row + start, among[column], near

    def _among_some(
        self,
        cells: "_Cells",
        points: NDArray[np.floating],
        own: NDArray[np.floating],
        among: Indices,
        count: int,
        bound: float,
    ) -> Iterator[Found]:
        members = _Members(cells.of[among], len(cells.centres), among)
        for start in range(0, len(points), _CHUNK):
            part = slice(start, start + _CHUNK)
            found = self._in_cells(cells, members, _single(points[part]), _single(own[part]), count, bound)
            yield found[0] + start, *found[1:]

    def _in_cells(
        self, cells: "_Cells", members: "_Members", points: Floats, own: Floats, count: int, bound: float
    ) -> Found:
        # First in everyone's own cell: who is near there spares listing who is farther elsewhere.
        probes = cells.nearest(points, self.watch, cells.probes[-1])
        limit = np.full(len(points), bound, np.float32)
        asking = np.arange(len(points))
        found: Found = np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0, np.float32)
        for start, stop in pairwise((0, 1, *cells.probes)):
            parts = [found]
            by_cell = _Members(probes[asking, start:stop].ravel(), len(cells.centres), asking.repeat(stop - start))
            for cell in by_cell.cells:
                columns = members.of(cell)
                if len(columns):
                    self.watch()
                    rows = by_cell.of(cell)
                    there, own_there = _single(self.points[columns]), _single(self.own[columns])
                    distance = _dissimilar(points[rows], own[rows], there, own_there)
                    row, column = _least(distance, count, limit[rows])
                    parts.append((rows[row], columns[column], distance[row, column]))
            row, column, distance = (np.concatenate(part) for part in zip(*parts, strict=True))
            found = row, _, distance = _first(row, column, distance, count)
            is_full = np.bincount(row, minlength=len(points)) == count
            last = np.flatnonzero(is_full)
            limit[last] = distance[np.searchsorted(row, last, "right") - 1]
            if start:
                asking = np.flatnonzero(~is_full)
        return found


class _Cells:
    """Centres (k, d) of cells, and the cell of each point: (n,)."""

    def __init__(self, points: NDArray[np.floating], watch: Callable[[], None]) -> None:
        self._watch = watch
        k = max(1, len(points) // _CELL)
        random = np.random.default_rng(_SEED)
        sample = _single(points[np.sort(random.choice(len(points), min(len(points), _TRAINING * k), replace=False))])
        self.centres = sample[random.choice(len(sample), k, replace=False)]
        for _ in range(_ITERATIONS):
            self._place()
            cell = self.nearest(sample, watch, 1)[:, 0]
            members = _Members(cell, k, np.arange(len(sample)))
            for occupied in members.cells:
                self.centres[occupied] = sample[members.of(occupied)].mean(0)
        self._place()
        self.probes = tuple(min(k, int(np.ceil(share * np.sqrt(k)))) for share in _PROBES)
        self.of = np.zeros(len(points), np.int32)
        self.assign(np.arange(len(points)), points)

    def _place(self) -> None:
        self._own = (self.centres**2).sum(1)

    def assign(self, which: Indices, points: NDArray[np.floating]) -> None:
        for start in range(0, len(which), _CHUNK):
            part = which[start : start + _CHUNK]
            self.of[part] = self.nearest(_single(points[part]), self._watch, 1)[:, 0]

    def nearest(self, points: Floats, watch: Callable[[], None], count: int) -> NDArray[np.int32]:
        """The cells (m, count) whose centres are nearest to each of `points`, the nearest first."""
        cells = np.zeros((len(points), count), np.int32)
        step = max(1, _BLOCK // len(self.centres))
        for start in range(0, len(points), step):
            watch()
            distance = self._own - 2 * (points[start : start + step] @ self.centres.T)
            block = cells[start : start + step]
            if count == 1:
                block[:, 0] = distance.argmin(1)
            else:
                row, column = _least(distance, count, np.full(len(distance), np.inf, np.float32))
                _, column, _ = _first(row, column, distance[row, column], count)
                block[:] = column.reshape(-1, count)
        return cells


class _Members:
    """Things by the cell that each of them is in.

    Args:
        cell: (n,) the number of each one's cell.
        k: how many cells there are.
        things: (n,)
    """

    def __init__(self, cell: NDArray[np.integer], k: int, things: Indices) -> None:
        self._things = things[np.argsort(cell, kind="stable")]
        sizes = np.bincount(cell, minlength=k)
        self._ends = np.cumsum(sizes)
        self._starts = self._ends - sizes
        self.cells: list[int] = np.flatnonzero(sizes).tolist()

    def of(self, cell: int) -> Indices:
        return self._things[self._starts[cell] : self._ends[cell]]


def _single(values: NDArray[np.floating]) -> Floats:
    return np.asarray(values, np.float32)


def _dissimilar(points: Floats, own: Floats, there: Floats, own_there: Floats) -> Floats:
    """Of each of `points` from each of those `there`: (len(points), len(there))."""
    distance = points @ there.T
    distance *= -2
    distance += own[:, None]
    distance += own_there
    return distance


def _least(distance: Floats, count: int, bounds: Floats) -> tuple[Indices, Indices]:
    """Row and column of all that may be among the `count` least of their row and are within its bound, by row."""
    width = max(4 * count, 64)
    if distance.shape[1] >= 2 * width:
        # The minima of `width` disjoint sets of columns: as many numbers of the row are no greater than the count-th.
        minima = distance[:, :width].copy()
        for start in range(width, distance.shape[1] - width + 1, width):
            np.minimum(minima, distance[:, start : start + width], out=minima)
        bounds = np.minimum(bounds, np.partition(minima, count - 1, axis=1)[:, count - 1])
    row, column = np.divmod(np.flatnonzero(distance <= bounds[:, None]), distance.shape[1])
    return row, column


def _first(row: Indices, column: Indices, distance: Floats, count: int) -> Found:
    """The `count` least of each row, in order; of equals, those in the first columns."""
    order = np.lexsort((column, distance, row))
    row = row[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    kept = rank < count
    order = order[kept]
    return row[kept], column[order], distance[order]
