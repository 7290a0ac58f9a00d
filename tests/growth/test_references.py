"""The references say what was published."""

import math

import numpy as np
import pytest

from mien.growth.references import CENTILES, SEXES, YEAR, centile, span, typical


@pytest.mark.parametrize(
    ("source", "sex", "days", "percent", "cm"),
    [
        # WHO Child Growth Standards, length/height for age, months 12, 36 and 60 (tables of percentiles).
        ("who", "boys", 365, 50, 75.7 - 0.7),
        ("who", "girls", 365, 50, 74.0 - 0.7),
        ("who", "boys", 1096, 50, 96.1),
        ("who", "girls", 1096, 3, 87.9),
        ("who", "boys", 1826, 97, 118.7),
        # WHO Reference 2007, height for age at 10 and 19 years.
        ("who", "girls", 3653, 50, 138.6),
        ("who", "boys", 6940, 50, 176.5),
        ("who", "girls", 6940, 50, 163.2),
        # CDC 2000, stature for age at 120.5 and 240 months.
        ("cdc", "boys", 3668, 50, 138.8),
        ("cdc", "girls", 7305, 50, 163.3),
    ],
)
def test_published_values(source, sex, days, percent, cm) -> None:
    assert float(centile(source, sex, days, percent)) == pytest.approx(cm, abs=0.2)


@pytest.mark.parametrize("source", ["who", "cdc"])
@pytest.mark.parametrize("sex", SEXES)
def test_children_grow_and_centiles_do_not_cross(source, sex) -> None:
    first, last = span(source)
    days = np.arange(first, last + 1)
    lines = np.array([centile(source, sex, days, c) for c in CENTILES])
    assert (np.diff(lines, axis=0) > 0).all()
    assert (np.diff(lines, axis=1) > -0.03).all()  # where the WHO's tables of lying and of standing children meet


def test_nothing_is_said_of_other_ages() -> None:
    assert math.isnan(centile("cdc", "girls", YEAR, 50))
    assert math.isnan(centile("who", "girls", 20 * YEAR, 50))
    assert float(typical(60 * YEAR)) == pytest.approx(float(typical(19 * YEAR)), abs=0.01)
