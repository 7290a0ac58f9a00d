"""How tall children are by age: the published growth references, by their LMS parameters.

Cole & Green, Smoothing reference centile curves: the LMS method (Statistics in Medicine 11, 1992). The figures and
their sources stand in `references.csv`: a selection of ages from the published tables, between which is interpolated;
at no published age does a centile from the 3rd to the 97th differ from the full tables by more than 3 mm.
"""

import csv
import functools
from importlib import resources
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from scipy.interpolate import PchipInterpolator

Source = Literal["who", "cdc"]
Sex = Literal["girls", "boys"]
SEXES: tuple[Sex, ...] = ("girls", "boys")

Reals = NDArray[np.float64]

YEAR = 365.25
"""Days."""

STANDS = 731
"""Days: the WHO measures younger children lying, and finds them taller by LYING cm so."""
LYING = 0.7

CENTILES: tuple[int, ...] = (3, 15, 50, 85, 97)
"""Those that the WHO draws."""

_Z = {3: -1.880794, 15: -1.036433, 50: 0.0, 85: 1.036433, 97: 1.880794}


@functools.cache
def span(source: Source) -> tuple[int, int]:
    """The first and last age, in days, that a reference speaks of."""
    days = _rows(source, "girls")[:, 0]
    return int(days[0]), int(days[-1])


def centile(source: Source, sex: Sex, days: ArrayLike, percent: int) -> Reals:
    """The standing height, cm, that `percent` of children of this age (days) do not reach; NaN outside `span`.

    `percent`: one of `CENTILES`.
    """
    at = np.asarray(days, np.float64)
    power, median, variation = (curve(at) for curve in _curves(source, sex))
    return np.asarray(median * (1 + power * variation * _Z[percent]) ** (1 / power), np.float64)


def typical(days: ArrayLike) -> Reals:
    """The median standing height, cm, of girls and boys together (WHO) at ages in days; from 19 years on the last."""
    first, last = span("who")
    at = np.clip(np.asarray(days, np.float64), first, last)
    return np.asarray(np.mean([centile("who", sex, at, 50) for sex in SEXES], axis=0), np.float64)


@functools.cache
def _curves(source: Source, sex: Sex) -> "tuple[PchipInterpolator, ...]":
    from scipy.interpolate import PchipInterpolator  # half a second: not for whoever asks for no growth

    rows = _rows(source, sex)
    return tuple(PchipInterpolator(rows[:, 0], rows[:, column], extrapolate=False) for column in (1, 2, 3))


@functools.cache
def _rows(source: Source, sex: Sex) -> Reals:
    """(n, 4): age in days, l, m (cm, standing), s."""
    lines = resources.files("mien.growth").joinpath("references.csv").read_text(encoding="utf-8").splitlines()
    table = csv.DictReader(line for line in lines if not line.startswith("#"))
    rows = np.array(
        [
            [float(row[name]) for name in ("days", "l", "m", "s")]
            for row in table
            if (row["source"], row["sex"]) == (source, sex)
        ]
    )
    if source == "who":
        rows[rows[:, 0] < STANDS, 2] -= LYING
    return rows
