"""The curve: how tall a child was between the photos, never shrinking, and how sure that is.

The logarithm of the height is that of a typical child of the age, plus what sets this child apart: a constant, and a
slow drift (a Gaussian process). Points err as Student's t, so that a child on a step or a jump, which no rule caught,
does not bend the curve (Jylänki, Vanhatalo & Vehtari, Robust Gaussian process regression with a Student-t likelihood,
JMLR 12, 2011; here by the scale mixture's expected weights). What photos of one day, or by the same people, or all
proportions have in common is no evidence several times over, and stands in the model as such. Measured heights are
trusted to their rounding. Draws from what remains possible are made to grow (Lin & Dunson, Bayesian monotone regression
using Gaussian process projection, Biometrika 101, 2014); the curve and its band are their quantiles.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from mien.growth.measuring import Point
from mien.growth.references import YEAR, typical

Reals = NDArray[np.float64]

APART = 0.055
"""Share by which children differ from the typical one of both sexes: 4 % among one sex, and the sexes part later on."""
DRIFT = 0.025
YEARS = 3.0
"""By how much, and over how long, a child departs from its own centile: puberty comes early or late."""

TAILS = 4.0
"""Degrees of freedom of the points' errors."""
DAY = 0.5
"""The part of a point's error that it shares with others of its day (deviations, not variances)."""
PEOPLE = 0.01
"""Share by which somebody's stated height is wrong, or they stand otherwise than most."""
HEADS = 0.06
"""The part of proportions' error that is this child's own: see `proportions.CHILD`."""
MEASURED = 0.006
"""Share by which a measured height errs: a child that will not stand still, a book held askew."""

STEPS = 120
"""Of the curve, evenly over its time."""
DRAWS = 800
MARGIN = 60
"""Days that the curve goes on beyond what is known."""


@dataclass(frozen=True)
class Curve:
    """Heights over time, cm: the median, and between which they lie with 90 % probability. All of one length."""

    days: tuple[date, ...]
    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]

    def at(self, day: date) -> tuple[float, float, float] | None:
        """Low, middle and high on a day; None outside the curve."""
        if not self.days or not self.days[0] <= day <= self.days[-1]:
            return None
        places = [d.toordinal() for d in self.days]
        low, middle, high = (
            float(np.interp(day.toordinal(), places, line)) for line in (self.low, self.middle, self.high)
        )
        return low, middle, high


def fit(born: date, points: Sequence[Point], measured: Sequence[tuple[date, float]]) -> Curve | None:
    """The curve of a child born on a day, through `points` and heights `measured` (day, cm); None without any."""
    days = [point.day for point in points] + [day for day, _ in measured]
    if not days:
        return None
    n = len(points)
    ages = np.array([(day - born).days for day in days], np.float64)
    heights = np.array([point.height for point in points] + [height for _, height in measured])
    off = np.log(heights / typical(ages))
    errors = np.array([point.log_error for point in points] + [MEASURED] * len(measured))

    shared = _shared(points, errors[:n])
    own = errors**2
    own[:n] = np.maximum(own[:n] - np.diag(shared)[:n], 0.25 * own[:n])
    prior = _prior(ages, ages)
    prior[:n, :n] += shared

    first, last = min(days) - timedelta(MARGIN), max(days) + timedelta(MARGIN)
    span = max(born, first).toordinal(), last.toordinal()
    grid = np.unique(np.linspace(*span, STEPS).round())
    at = grid - born.toordinal()
    across = _prior(at, ages)
    weights = _weights(prior, own, off, n)
    solved = np.linalg.solve(prior + np.diag(own / weights), np.column_stack([off, across.T]))
    mean, covariance = across @ solved[:, 0], _prior(at, at) - across @ solved[:, 1:]

    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    draws = np.random.default_rng(8).standard_normal((DRAWS, len(at)))
    possible = typical(at) * np.exp(mean + draws @ (vectors * np.sqrt(np.maximum(values, 0))).T)
    low, middle, high = np.quantile(_growing(possible), [0.05, 0.5, 0.95], axis=0)
    return Curve(tuple(date.fromordinal(int(day)) for day in grid), tuple(low), tuple(middle), tuple(high))


def _prior(one: Reals, other: Reals) -> Reals:
    """Covariances of what sets a child apart, between ages in days."""
    years = (one[:, None] - other) / YEAR
    return np.asarray(APART**2 + DRIFT**2 * np.exp(-0.5 * (years / YEARS) ** 2))


def _shared(points: Sequence[Point], errors: Reals) -> Reals:
    """Covariances of what points err by in common."""
    day = np.array([point.day.toordinal() for point in points])
    heads = np.array([point.method == "proportions" for point in points], bool)
    people = sorted({reference.person_id for point in points for reference in point.references})
    by = np.zeros((len(points), len(people)))
    for i, point in enumerate(points):
        for reference in point.references:
            by[i, people.index(reference.person_id)] = 1 / len(point.references)
    same_day = day[:, None] == day
    return np.asarray(
        same_day * DAY**2 * np.outer(errors, errors)
        + by @ by.T * PEOPLE**2
        + np.outer(heads, heads) * HEADS**2 * (1 - same_day * DAY**2)
    )


def _weights(prior: Reals, own: Reals, off: Reals, n: int) -> Reals:
    """How far each value counts, about 0–1.2: the first n err as Student's t, the others normally."""
    weights = np.ones(len(off))
    for _ in range(30):
        gain = np.linalg.solve(prior + np.diag(own / weights), prior)
        mean, variance = off @ gain, np.diag(prior) - np.sum(prior * gain, axis=0)
        squares = (off - mean) ** 2 + np.maximum(variance, 0)
        before = weights.copy()
        weights[:n] = (TAILS + 1) / (TAILS + squares[:n] / own[:n])
        if np.abs(weights - before).max() < 1e-3:
            break
    return weights


def _growing(heights: Reals) -> Reals:
    """The same lines, never falling: midway between the highest before and the lowest after."""
    before = np.maximum.accumulate(heights, axis=1)
    after = np.minimum.accumulate(heights[:, ::-1], axis=1)[:, ::-1]
    return np.asarray((before + after) / 2)
