import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.people import linkage, neighbours
from mien.people.linkage import Clusters, link


def clusters_of(vectors, weights=None) -> Clusters:
    vectors = np.atleast_2d(np.asarray(vectors, float))
    return Clusters.of(vectors, np.ones(len(vectors)) if weights is None else weights, np.arange(len(vectors)))


def one_pair_at_a_time(vectors, weights, bound, groups, apart):
    """The definition: all pairs' distances in full, the closest two groups joined until none are within the bound."""
    n = len(vectors)
    pairwise = ((vectors[:, None] - vectors[None]) ** 2).sum(2)
    members = {i: [i] for i in range(n)}
    group = list(groups)
    never = {frozenset(pair) for pair in apart}
    while True:
        best = None
        for i in members:
            for j in members:
                if i < j and group[i] != group[j] and frozenset((group[i], group[j])) not in never:
                    w = np.outer(weights[members[i]], weights[members[j]])
                    d = (pairwise[np.ix_(members[i], members[j])] * w).sum() / w.sum()
                    best = min(best or (np.inf, 0, 0), (d, i, j))
        if best is None or best[0] > bound:
            labels = np.empty(n, int)
            for i, those in members.items():
                labels[those] = group[i]
            return labels
        _, i, j = best
        members[i] += members.pop(j)
        low, high = sorted((group[i], group[j]))
        group = [low if g == high else g for g in group]
        never = {frozenset(low if g == high else g for g in pair) for pair in never}


def test_nothing_to_link() -> None:
    empty = Clusters(np.zeros((0, 128)), np.zeros(0), np.zeros(0))
    assert link(empty, 1.0).group.shape == (0,)


@pytest.mark.parametrize(
    ("points", "bound", "apart", "expected"),
    [
        ([[0]], 1, [], [0]),
        ([[0], [1]], 1, [], [0, 0]),
        ([[0], [1]], 0.99, [], [0, 1]),
        ([[0], [1]], 1, [(0, 1)], [0, 1]),
        # 0–1 join first; the mean square from {0, 1} to 2 is (4 + 1) / 2.
        ([[0], [1], [2.1]], 2.5, [], [0, 0, 2]),
        ([[0], [1], [2.1]], 3, [], [0, 0, 0]),
        # Never 0 with 2, also not through 1.
        ([[0], [1], [2.1]], 3, [(2, 0)], [0, 0, 2]),
        # Copies: all at distance 0, more than are listed at a time.
        ([[5]] * 40, 0.5, [], [0] * 40),
    ],
)
def test_link(points, bound, apart, expected) -> None:
    assert link(clusters_of(points), bound, apart=np.array(apart, int).reshape(-1, 2)).group.tolist() == expected


def test_weights_count() -> None:
    points = [[0], [1], [2.1]]
    light = link(clusters_of(points, np.array([0.01, 1, 1])), 2).group
    heavy = link(clusters_of(points, np.array([1, 0.01, 1])), 2).group
    assert light.tolist() == [0, 0, 0]
    assert heavy.tolist() == [0, 0, 2]


def test_groups_reach_as_far_as_their_nearest_cluster_and_hold_together() -> None:
    # 0 and 3 are one person then and now; 1 is near 0, 2 near 3; 1 and 2 must not meet.
    points, teams = [[0], [0.5], [9.5], [10]], np.array([0, 1, 2, 0])
    together = link(clusters_of(points), 1, teams)
    assert together.group.tolist() == [0, 0, 0, 0]
    assert together.cluster.tolist() == [0, 0, 2, 2]
    assert link(clusters_of(points), 1, teams, np.array([(1, 2)])).group.tolist() in ([0, 0, 2, 0], [0, 1, 0, 0])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.floats(0.1, 6), st.integers(0, 60), st.integers(1, 40))
def test_link_is_the_definition(seed, n, bound, pairs, teams) -> None:
    rng = np.random.default_rng(seed)
    vectors, weights = rng.normal(size=(n, 3)), rng.uniform(0.1, 1, n)
    first = rng.integers(0, max(teams, n // 2), n)
    groups = np.array([int(np.flatnonzero(first == g)[0]) for g in first])
    apart = groups[rng.integers(0, n, (pairs, 2))]
    apart = apart[apart[:, 0] != apart[:, 1]]
    expected = one_pair_at_a_time(vectors, weights, bound, groups, apart.tolist())
    assert link(clusters_of(vectors, weights), bound, groups, apart).group.tolist() == expected.tolist()


def test_short_lists_and_small_blocks_change_nothing(monkeypatch) -> None:
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(300, 4))
    apart = rng.integers(0, 300, (300, 2))
    apart = apart[apart[:, 0] != apart[:, 1]]
    whole = link(clusters_of(vectors), 4, apart=apart)
    monkeypatch.setattr(linkage, "_LISTED", 1)
    monkeypatch.setattr(neighbours, "_BLOCK", 100)
    monkeypatch.setattr(linkage, "_GATHERED", 7)
    assert link(clusters_of(vectors), 4, apart=apart).group.tolist() == whole.group.tolist()
    assert 1 < len(set(whole.group.tolist())) < 300
