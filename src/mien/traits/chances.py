"""How likely each answer to a question about a figure is: logistic models whose weights are data (`chances.toml`)."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from mien.traits.traits import Guess, guess_of, untold


@dataclass(frozen=True, eq=False)
class Model:
    """A multinomial logistic model.

    Attributes:
        values: the answers.
        measures: the names of what they are judged by.
        least, most: float64 (measures,); what the model knows of: a figure that is farther out counts as this.
        weights: float64 (answers, measures); `biases`: (answers,).
        prior: float64 (answers,); what is so of people whom one does not see at all, > 0, sums to 1.
        half, steep: of `acuity`.
    """

    values: tuple[str, ...]
    measures: tuple[str, ...]
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    weights: NDArray[np.float64]
    biases: NDArray[np.float64]
    prior: NDArray[np.float64]
    half: float
    steep: float

    @functools.cached_property
    def prior_scores(self) -> NDArray[np.float64]:
        return np.asarray(np.log(self.prior))


def acuity(resolution: float, half: float, steep: float) -> float:
    """How much of the evidence counts at a `FigureView.resolution`: 0–1, more of a larger figure; 0.5 at `half`."""
    return 1.0 if not half else 1 / (1 + (half / max(resolution, 1e-3)) ** steep)


def source() -> str:
    """The text of `chances.toml`."""
    return resources.files("mien.traits").joinpath("chances.toml").read_text(encoding="utf-8")


@functools.cache
def models() -> dict[str, Model]:
    """By question. Made by `python -m training.traits`."""
    return {
        question: Model(
            tuple(table["values"]),
            tuple(table["measures"]),
            np.array(table["least"], np.float64),
            np.array(table["most"], np.float64),
            np.array(list(table["weights"].values()), np.float64),
            np.array(table["biases"], np.float64),
            np.array(table["prior"], np.float64),
            float(table["half"]),
            float(table["steep"]),
        )
        for question, table in tomllib.loads(source()).items()
    }


def chances(question: str, measured: Mapping[str, float]) -> dict[str, float]:
    """Of each answer; they sum to 1. `measured` holds what the question's model asks for, and "resolution".

    The smaller a figure, the nearer they are to what is so of people at large: the evidence is raised to the power of
    `acuity`.
    """
    model = models()[question]
    known = np.minimum(np.maximum([measured[name] for name in model.measures], model.least), model.most)
    known_of_all = model.prior_scores
    scores = model.weights @ known + model.biases
    scores = known_of_all + acuity(measured["resolution"], model.half, model.steep) * (scores - known_of_all)
    odds = np.exp(scores - scores.max())
    return dict(zip(model.values, (odds / odds.sum()).tolist(), strict=True))


def answer(question: str, measured: Mapping[str, float], least: float) -> Guess:
    """The likeliest, if its chance is at least `least` and the figure large enough for half the evidence to count."""
    guess = guess_of(chances(question, measured), least)
    return guess if measured["resolution"] >= models()[question].half else untold(guess)
