"""Where a photo was taken is in the place that was asked for, or is not."""

import numpy as np
import pytest

from mien.search.places import candidates, contains, display_name

PARIS, VERSAILLES, LONDON, HANGZHOU, KUNMING, OCEAN = (
    (48.858, 2.294), (48.804, 2.12), (51.5, -0.12), (30.25, 120.15), (25.04, 102.71), (0.0, -30.0),
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("paris", [PARIS], [LONDON, OCEAN]),
        ("france", [PARIS, VERSAILLES], [LONDON, OCEAN]),
        ("法国", [PARIS], [HANGZHOU]),
        ("杭州", [HANGZHOU], [KUNMING]),
        ("云南", [KUNMING], [HANGZHOU, PARIS]),
        ("中国", [HANGZHOU, KUNMING], [PARIS]),
        ("england", [LONDON], [PARIS]),
    ],
)
def test_points_lie_in_a_place(
    name: str, inside: list[tuple[float, float]], outside: list[tuple[float, float]]
) -> None:
    points = np.array(inside + outside)
    found = contains(candidates(name)[0], points[:, 0], points[:, 1])
    assert found.tolist() == [True] * len(inside) + [False] * len(outside)


def test_no_point_and_no_position_lie_nowhere() -> None:
    assert contains("country:FR", [], []).shape == (0,)
    assert not contains("country:FR", [np.nan, 48.9], [2.3, np.nan]).any()
    assert not contains("city:0", [48.9], [2.3]).any()


def test_any_of_several_places() -> None:
    both = f"{candidates('paris')[0]}|{candidates('london')[0]}"
    assert contains(both, [PARIS[0], LONDON[0], OCEAN[0]], [PARIS[1], LONDON[1], OCEAN[1]]).tolist() == [
        True,
        True,
        False,
    ]
    assert display_name(both, "en") == "Paris / London"


def test_places_are_named_in_both_languages() -> None:
    assert display_name("country:FR", "en") == "France"
    assert display_name("country:FR", "zh") == "法国"
    assert display_name("nowhere") == "nowhere"
