"""Kinds of garments as a vector."""

import numpy as np
import pytest

from mien.traits.outfit import LENGTH, PARTS, outfit, parts_of


def given(part: str, **chances: float) -> dict:
    return {part: {"chances": {value.replace("_", "-"): chance for value, chance in chances.items()}}}


def test_nothing_seen_is_nothing_known() -> None:
    assert outfit({}).tolist() == [0.0] * LENGTH
    assert outfit({"upper": {"garment": "coat", "confidence": 0.9}}).tolist() == [0.0] * LENGTH
    assert outfit(given("hat", yes=1.0)).tolist() == [0.0] * LENGTH


@pytest.mark.parametrize("part", PARTS)
def test_chances_sum_to_one_where_anything_is_known(part: str) -> None:
    value = PARTS[part][0].replace("-", "_")
    parts = dict(zip(PARTS, parts_of(outfit(given(part, **{value: 0.6}))[None]), strict=True))
    assert parts[part][0].tolist() == [1.0] + [0.0] * (len(PARTS[part]) - 1)
    assert all(not chances.any() for other, chances in parts.items() if other != part)


def test_a_dress_is_worn_above_and_below() -> None:
    upper, lower, arms, legs = parts_of(outfit(given("dress", dress=0.9, upper_clothes=0.1))[None])
    assert upper[0, PARTS["upper"].index("dress")] == pytest.approx(0.9)
    assert lower[0, PARTS["lower"].index("dress")] == pytest.approx(0.9)
    assert (upper.sum(), lower.sum(), arms.sum(), legs.sum()) == pytest.approx((1, 1, 0, 0))


def test_a_skirt_under_a_dress_is_a_skirt() -> None:
    _, lower, _, _ = parts_of(outfit(given("dress", dress=0.9) | given("lower", skirt=1.0))[None])
    assert np.flatnonzero(lower[0]).tolist() == [PARTS["lower"].index("skirt")]
