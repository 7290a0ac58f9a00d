"""How likely each answer to a question about a figure is: logistic models whose weights are data (`chances.toml`)."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.traits.traits import Guess, guess_of, untold

CLEAR = 0.8
"""Mean confidence of a figure's px below which evidence counts less: the photos that models are fitted to have few such
figures (5 % of CCP's training photos, half of the people in COCO), and of those in the validation photos the chances
of coats, dresses, scarves, sleeves and the length of hair are truer so."""

ENOUGH = 0.5
"""Share of the evidence that must count for an answer to be told."""


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
    half: float = 0.0
    steep: float = 1.0

    @functools.cached_property
    def prior_scores(self) -> NDArray[np.float64]:
        return np.asarray(np.log(self.prior))

    def __call__(self, measured: ArrayLike, resolution: ArrayLike, sure: ArrayLike) -> NDArray[np.float64]:
        """How likely each answer is, (…, answers), of figures of which is `measured` (…, measures).

        The smaller a figure (`resolution`, (…)) and the less sure its parse (`sure`, (…), 0–1), the nearer to what is
        so of people at large: the evidence is raised to the power of what of it `counts`.
        """
        known = np.minimum(np.maximum(measured, self.least), self.most)
        evidence = known @ self.weights.T + self.biases - self.prior_scores
        scores = self.prior_scores + self.counts(resolution, sure)[..., None] * evidence
        odds = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=-1, keepdims=True))

    def counts(self, resolution: ArrayLike, sure: ArrayLike) -> NDArray[np.float64]:
        """How much of the evidence counts: 0–1."""
        if not self.half:
            return np.ones_like(resolution, np.float64)
        return acuity(resolution, self.half, self.steep) * clearness(sure)


def acuity(resolution: ArrayLike, half: float, steep: float) -> NDArray[np.float64]:
    """How much of the evidence counts at a `FigureView.resolution`: 0–1, more of a larger figure; 0.5 at `half`."""
    return np.asarray(1 / (1 + (half / np.maximum(resolution, 1e-3)) ** steep))


def clearness(sure: ArrayLike) -> NDArray[np.float64]:
    """How much of the evidence counts of a figure of whose parts the engine is so sure: 0–1."""
    return np.asarray(np.minimum(1, np.asarray(sure) / CLEAR) ** 2)


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
    """Of each answer; they sum to 1. `measured` holds what the question's model asks for, "resolution" and "sure"."""
    model = models()[question]
    found = model([measured[name] for name in model.measures], measured["resolution"], measured["sure"])
    return dict(zip(model.values, found.tolist(), strict=True))


def answer(question: str, measured: Mapping[str, float], least: float) -> Guess:
    """The likeliest, if its chance is at least `least` and half the evidence counts."""
    guess = guess_of(chances(question, measured), least)
    counts = models()[question].counts(measured["resolution"], measured["sure"])
    return guess if counts >= ENOUGH else untold(guess)
