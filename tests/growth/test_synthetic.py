"""The proof: on a synthetic camera, errors are as small, and as honest, as `docs/growth.md` says."""

import numpy as np
import pytest

from mien.growth.curve import fit
from mien.growth.references import YEAR
from tests.growth.synthetic import DAY, childhood, estimates


@pytest.mark.parametrize(
    ("scene", "worst"),
    [
        ({}, 0.03),
        ({"has_exif": False}, 0.03),
        ({"adults": 2}, 0.03),
        ({"apart": 1.0}, 0.04),
        ({"apart": 1.0, "adults": 2}, 0.03),
        ({"apart": 1.0, "has_exif": False}, 0.04),
    ],
    ids=str,
)
def test_a_height_beside_adults_is_as_good_as_it_says(scene, worst) -> None:
    found = estimates(1200, 7, **scene)
    errors = np.array([abs(point.height / height - 1) for height, point in found])
    held = np.mean([point.bounds[0] <= height <= point.bounds[1] for height, point in found])
    assert np.median(errors) <= worst
    assert 0.85 <= held <= 0.95


@pytest.mark.parametrize(("photos", "measured"), [(6, 0), (20, 0), (20, 3)])
def test_the_band_of_a_curve_holds_the_truth_as_often_as_it_says(photos, measured) -> None:
    random = np.random.default_rng(11)
    inside, errors = [], []
    for _ in range(60):
        child, points, heights = childhood(random, photos, measured)
        curve = fit(DAY, points, heights)
        assert curve is not None
        for day, low, middle, high in zip(curve.days, curve.low, curve.middle, curve.high, strict=True):
            age = (day - DAY).days
            if YEAR <= age <= 17 * YEAR:
                true = child.height(age)
                inside.append(low <= true <= high)
                errors.append(abs(middle / true - 1))
    assert np.median(errors) <= 0.02
    assert 0.85 <= np.mean(inside) <= 0.95
