"""Average linkage by log-odds: who joins whom, and who never does."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.people.odds_linkage import gather

NOBODY: list[int] = []


def joined(odds, apart=(), given_=NOBODY, prior=0.0, bounds=(1.0, 0.5)) -> list[set[int]]:
    """Groups of more than one, of nodes with these log-odds {(a, b): log-odds}; −9 for pairs that are not named."""
    n = 1 + max((max(pair) for pair in [*odds, *apart]), default=-1)
    of, never = np.full((n, n), -9.0), np.zeros((n, n), bool)
    for (a, b), value in odds.items():
        of[a, b] = of[b, a] = value
    for a, b in apart:
        never[a, b] = never[b, a] = True
    known = np.zeros(n, bool)
    known[list(given_)] = True
    found = gather([(of, np.ones((n, n)))], prior, never, known, bounds).group.tolist()
    groups = [{i for i in range(n) if found[i] == label} for label in sorted(set(found))]
    return [group for group in groups if len(group) > 1]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({"odds": {}}, []),
        ({"odds": {(0, 1): 2}}, [{0, 1}]),
        ({"odds": {(0, 1): 2}, "prior": -1.6}, []),
        ({"odds": {(0, 1): 0.6}}, [{0, 1}]),
        ({"odds": {(0, 1): 0.6}, "given_": [0]}, []),  # more is asked for to join somebody
        ({"odds": {(0, 1): 2}, "apart": [(0, 1)]}, []),
        ({"odds": {(0, 1): 2, (2, 3): 2}}, [{0, 1}, {2, 3}]),
        # 1 and 2 share a photo: the likelier one is 0's.
        ({"odds": {(0, 1): 6, (0, 2): 2}, "apart": [(1, 2)]}, [{0, 1}]),
        # … and neither where they are about as likely.
        ({"odds": {(0, 1): 3, (0, 2): 2.9}, "apart": [(1, 2)]}, []),
        # Through a third: 0 and 1 are apart, so whoever joined 0 does not join 1.
        ({"odds": {(0, 2): 9, (1, 2): 4}, "apart": [(0, 1)]}, [{0, 2}]),
        # The mean of the pairs counts.
        ({"odds": {(0, 1): 5, (0, 2): 4, (1, 2): -1}}, [{0, 1, 2}]),
        ({"odds": {(0, 1): 5, (0, 2): 4, (1, 2): -9}}, [{0, 1}]),
    ],
)
def test_gather(case, expected) -> None:
    assert joined(**case) == expected


def test_nothing_of_nothing() -> None:
    empty = np.zeros((0, 0))
    assert not len(gather([(empty, empty)], 0.0, empty.astype(bool), np.zeros(0, bool), (1, 1)).group)


def test_whoever_joins_knows_how_sure_that_is() -> None:
    of = np.array([[0, 2.0], [2.0, 0]])
    found = gather([(of, np.ones((2, 2)))], 0.0, np.zeros((2, 2), bool), np.array([True, False]), (1.0, 0.5))
    assert found.log_odds[0] == math.inf
    assert found.log_odds[1] == pytest.approx(2.0)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_who_is_apart_stays_apart_and_numbers_do_not_matter(data) -> None:
    n = data.draw(st.integers(1, 9))
    random = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    of = np.triu(random.normal(0, 4, (n, n)), 1)
    of += of.T
    apart = np.triu(random.random((n, n)) < 0.3, 1)
    apart |= apart.T
    known = random.random(n) < 0.2
    apart |= known[:, None] & known & ~np.eye(n, dtype=bool)
    found = gather([(of, np.ones((n, n)))], -1.0, apart, known, (1.0, 0.5)).group
    together = found[:, None] == found
    assert not (together & apart).any()
    order = random.permutation(n)
    again = gather(
        [(of[np.ix_(order, order)], np.ones((n, n)))], -1.0, apart[np.ix_(order, order)], known[order], (1.0, 0.5)
    ).group
    assert ((again[:, None] == again) == together[np.ix_(order, order)]).all()
