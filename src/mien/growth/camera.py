"""How tall one figure is beside others of known height: the camera is not known, so all that it may be are weighed.

A pinhole camera looks at people who stand upright on one plane (Criminisi, Reid & Zisserman, Single view metrology,
IJCV 40, 2000). Its pitch, roll and focal length and the slope of the ground are drawn from what photos of people
usually have; for each draw, the figure's height follows as a share of the height at which the camera was held. People
of known height tell that height, and which draws are likely: two at different distances tell the horizon. Beside an
adult in the same plane the answer hardly depends on the draw; further away it does, and the error says so.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.growth.reasons import Reason
from mien.growth.standing import Stance

Reals = NDArray[np.float64]

DIAGONAL = 43.267
"""mm of the 35-mm frame, to which equivalent focal lengths refer (CIPA DC-008)."""
WIDEST = 18.0
"""mm: lenses that are wider bend straight lines, and stretch people near the edges."""

DRAWS = 2048

PITCH = (-4.0, 9.0)
"""Degrees, mean and standard deviation, as all that follows: photos of people look down a little."""
ROLL = 1.0
SLOPE = 1.0
"""Degrees: of the ground, to the side and away."""
HELD = (140.0, 0.28)
"""cm, and its logarithm's deviation: how high the camera is held, between a crouching and a standing photographer."""
LENS = (0.75, 0.30)
"""Focal length per diagonal where the file does not say (32 mm), and its logarithm's deviation."""
STATED = 0.04
"""The same deviation where it does: makers round, and focus changes it."""

POSTURE = 0.015
"""Share of the height by which shoes, hair, a bent neck and uneven ground make a figure taller or smaller."""
PIXELS = 1.5
"""Px of the parse: how well the ends of a body are seen."""

DISAGREE = 9.0
"""The least sum of squared deviations, per reference, at which the known heights do not fit any camera."""


@dataclass(frozen=True)
class Lens:
    """What is known of how a photo was taken: width per height, equivalent focal length (mm) if the file says it."""

    aspect: float
    focal_length_35mm: float | None = None


@dataclass(frozen=True)
class Known:
    """A figure of known height: cm, and how sure (one standard deviation)."""

    stance: Stance
    height: float
    error: float


@dataclass(frozen=True)
class Estimate:
    """cm, and its standard error; `log_error`: the error of its logarithm, which is what is normally distributed."""

    height: float
    log_error: float

    @property
    def error(self) -> float:
        return self.height * self.log_error


def beside(lens: Lens, figure: Stance, known: Sequence[Known]) -> Estimate | Reason:
    """How tall `figure` is, by at least one figure of known height in the same photo."""
    if lens.focal_length_35mm is not None and lens.focal_length_35mm < WIDEST:
        return "wide-lens"
    draws = _draws(lens.focal_length_35mm)
    with np.errstate(invalid="ignore", divide="ignore"):
        own = np.log(_share(lens.aspect, draws, figure))
        others = np.array([np.log(_share(lens.aspect, draws, one.stance)) for one in known])
    # A draw in which somebody stands above the horizon is impossible.
    possible = np.isfinite(own) & np.isfinite(others).all(axis=0)
    if np.count_nonzero(possible) < DRAWS // 64:
        return "adults-disagree"
    own, others = own[possible], others[:, possible]
    log_heights = np.log([one.height for one in known])
    variances = np.array([(one.error / one.height) ** 2 + _spread(one.stance) for one in known])

    # Of each draw: how high the camera was held, as a normal distribution of its logarithm.
    held = log_heights[:, None] - others
    precision = 1 / HELD[1] ** 2 + np.sum(1 / variances)
    mean = (np.log(HELD[0]) / HELD[1] ** 2 + np.sum(held / variances[:, None], axis=0)) / precision
    misfit = (mean - np.log(HELD[0])) ** 2 / HELD[1] ** 2 + np.sum((held - mean) ** 2 / variances[:, None], axis=0)
    if misfit.min() > DISAGREE * len(known):
        return "adults-disagree"
    weights = np.exp(-0.5 * (misfit - misfit.min()))
    weights /= weights.sum()

    answers = mean + own
    answer = float(weights @ answers)
    spread = float(weights @ (answers - answer) ** 2) + 1 / precision + _spread(figure)
    return Estimate(float(np.exp(answer)), float(np.sqrt(spread)))


def _spread(stance: Stance) -> float:
    """The variance of a figure's logarithmic height by how it stands and how well it is seen."""
    return POSTURE**2 + 2 * (PIXELS / stance.rows) ** 2


@functools.lru_cache(maxsize=64)
def _draws(focal_length: float | None) -> Reals:
    """(6, DRAWS): focal length per diagonal, cosine and sine of pitch, roll, slopes of the ground to the side and away.

    Evenly spread over their distributions, and the same every time.
    """
    from scipy.special import ndtri  # the two take half a second: not for whoever measures nobody
    from scipy.stats import qmc

    even = ndtri(qmc.Sobol(5, seed=8).random(DRAWS) * (1 - 1e-9) + 5e-10)
    lens, deviation = LENS if focal_length is None else (focal_length / DIAGONAL, STATED)
    pitch, roll, aside, away = np.radians(
        [PITCH[0] + PITCH[1] * even[:, 0], ROLL * even[:, 1], SLOPE * even[:, 2], SLOPE * even[:, 3]]
    )
    focal = lens * np.exp(deviation * even[:, 4])
    return np.array([focal, np.cos(pitch), np.sin(pitch), roll, np.tan(aside), np.tan(away)])


def _share(aspect: float, draws: Reals, stance: Stance) -> Reals:
    """(DRAWS,): the figure's height per height of the camera above the ground; not finite where that cannot be."""
    x, y, z = _ray(aspect, draws, stance.foot)
    _, top, top_z = _ray(aspect, draws, stance.top)
    # The ground: y = 1 − aside·x − away·z; y points down, z away from the camera, both level.
    distance = 1 / (y + draws[4] * x + draws[5] * z)
    share = distance * (y - z * top / top_z)
    return np.where((distance > 0) & (top_z > 0) & (share > 0), share, np.nan)


def _ray(aspect: float, draws: Reals, point: tuple[float, float]) -> tuple[Reals, Reals, Reals]:
    """Where a point of the photo is seen: directions to the right, down and away, of a camera that stands level."""
    focal, cosine, sine, roll, _, _ = draws
    diagonal = np.hypot(aspect, 1)
    across, down = (point[0] - 0.5) * aspect / diagonal, (point[1] - 0.5) / diagonal
    right = across * np.cos(roll) - down * np.sin(roll)
    below = across * np.sin(roll) + down * np.cos(roll)
    return right, below * cosine - focal * sine, below * sine + focal * cosine
