import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.people import linkage, neighbours
from mien.people.linkage import Clusters, link
from mien.people.neighbours import Neighbours
from mien.people.scores import bcubed

CROWDING = 0.035
"""What is added for each of two faces, as a rule."""


def squares(points, extra=0.0):
    return (points.astype(np.float64) ** 2).sum(1) + extra


def in_full(points, own, asking, own_asking, among, count, bound):
    """The definition: all dissimilarities, each row's least."""
    pairs = set()
    for row, (point, own_point) in enumerate(zip(asking, own_asking, strict=True)):
        distance = own[among] + own_point - 2 * points[among] @ point
        order = [j for j in np.argsort(distance, kind="stable") if distance[j] <= bound][:count]
        pairs |= {(row, int(among[j])) for j in order}
    return pairs


def crowd_of_people(n: int, seed: int = 0, dimensions: int = 128) -> np.ndarray:
    """Vectors that are spread as faces are: most of it along few directions, some people seen often, many once."""
    random = np.random.default_rng(seed)
    spread = np.exp(-np.arange(dimensions) / 12)
    spread = np.sqrt(spread / spread.sum()).astype(np.float32)
    sizes = np.maximum(1, n / 12 / np.arange(1, n + 1)).astype(int)
    person = random.permutation(np.repeat(np.arange(n), sizes)[:n])
    people = random.normal(size=(n, dimensions)).astype(np.float32) * spread * 0.5
    return (people[person] + random.normal(size=(n, dimensions)) * spread * 0.22).astype(np.float32)


@pytest.fixture
def small_cells(monkeypatch) -> None:
    monkeypatch.setattr(neighbours, "EXACT", 0)
    monkeypatch.setattr(neighbours, "_CELL", 40)


@pytest.mark.parametrize(("n", "asked", "among"), [(0, 0, 0), (0, 2, 0), (3, 0, 3), (3, 2, 0)])
def test_nobody_near_or_nobody_asking(n, asked, among) -> None:
    points, asking = np.zeros((n, 4), np.float32), np.zeros((asked, 4), np.float32)
    found = Neighbours(points, squares(points)).nearest(asking, squares(asking), np.arange(among), 3, 1.0)
    assert [len(part) for part in found] == [0, 0, 0]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 400), st.integers(1, 30), st.integers(1, 20), st.floats(0.1, 8))
def test_exact_neighbours_are_the_definition(seed, n, asked, count, bound) -> None:
    random = np.random.default_rng(seed)
    points, asking = random.normal(size=(n, 3)).astype(np.float32), random.normal(size=(asked, 3)).astype(np.float32)
    own, own_asking = squares(points, random.uniform(0, 1, n)), squares(asking)
    among = np.flatnonzero(random.random(n) < 0.8)
    row, column, distance = Neighbours(points, own).nearest(asking, own_asking, among, count, bound)
    assert set(zip(row.tolist(), column.tolist(), strict=True)) == in_full(
        points, own, asking, own_asking, among, count, bound
    )
    assert (np.lexsort((distance, row)) == np.arange(len(row))).all()


def test_few_neighbours_are_missed_in_cells(small_cells) -> None:
    points = crowd_of_people(6_000)
    own, everybody = squares(points, CROWDING), np.arange(len(points))
    row, column, _ = Neighbours(points, own).nearest(points, own, everybody, 17, 0.22)
    found = set(zip(row.tolist(), column.tolist(), strict=True))
    wanted = in_full(points, own, points[::10], own[::10], everybody, 17, 0.22)
    wanted = {(10 * row, column) for row, column in wanted}
    assert len(wanted) > 2_000
    assert len(wanted & found) / len(wanted) > 0.995


def test_who_moved_is_found_where_they_are_now(small_cells) -> None:
    points = crowd_of_people(1_000)
    own = squares(points)
    near = Neighbours(points, own)
    points[0] = points[999] + 5
    own[0] = squares(points[:1])[0]
    near.moved(np.array([0]))
    _, column, distance = near.nearest(points[:1], own[:1], np.arange(1_000), 3, 0.22)
    assert column.tolist() == [0]
    assert distance[0] == pytest.approx(0, abs=1e-3)


def test_watched_often(small_cells) -> None:
    calls = []
    points = crowd_of_people(1_000)
    near = Neighbours(points, squares(points), lambda: calls.append(None))
    building = len(calls)
    near.nearest(points, squares(points), np.arange(1_000), 5, 0.22)
    assert 0 < building < len(calls)


def test_people_by_cells_are_those_by_all_pairs(monkeypatch) -> None:
    vectors = crowd_of_people(5_000, seed=3)
    apart = np.random.default_rng(0).integers(0, 5_000, (3_000, 2))
    apart = apart[apart[:, 0] != apart[:, 1]]
    clusters = Clusters.of(vectors, np.ones(5_000), np.arange(5_000), CROWDING)
    exact = link(clusters, 0.22, apart=apart).group
    monkeypatch.setattr(neighbours, "EXACT", 500)
    monkeypatch.setattr(neighbours, "_CELL", 50)
    by_cells = link(clusters, 0.22, apart=apart).group
    assert 100 < len(set(exact.tolist())) < 4_000
    assert bcubed(exact.tolist(), by_cells.tolist()).f > 0.995
    assert all(by_cells[a] != by_cells[b] for a, b in apart.tolist())


def test_where_all_near_are_forbidden_those_behind_them_are_found(monkeypatch) -> None:
    """One face forty times on a poster, in one photo: none of them is another; the person beside it is the same."""
    monkeypatch.setattr(linkage, "_LISTED", 4)
    poster = np.zeros((40, 2)) + np.linspace(0, 1e-3, 40)[:, None]
    points = np.concatenate([poster, [[0.3, 0.3]]])
    apart = np.array([(i, j) for i in range(40) for j in range(i)])
    groups = link(Clusters.of(points, np.ones(41), np.arange(41)), 1, apart=apart).group
    assert len(set(groups.tolist())) == 40
    assert (groups[:40] == groups[40]).sum() == 1
