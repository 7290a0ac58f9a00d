"""How likely each answer to a question about a figure is: logistic models whose weights are data (`chances.toml`)."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Model:
    """A multinomial logistic model.

    Attributes:
        values: the answers.
        measures: the names of what they are judged by.
        least, most: float64 (measures,); what the model knows of: a figure that is farther out counts as this.
        weights: float64 (answers, measures); `biases`: (answers,).
    """

    values: tuple[str, ...]
    measures: tuple[str, ...]
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    weights: NDArray[np.float64]
    biases: NDArray[np.float64]


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
        )
        for question, table in tomllib.loads(source()).items()
    }


def chances(question: str, measured: Mapping[str, float]) -> dict[str, float]:
    """Of each answer; they sum to 1. `measured` holds what the question's model asks for."""
    model = models()[question]
    known = np.clip([measured[name] for name in model.measures], model.least, model.most)
    scores = model.weights @ known + model.biases
    odds = np.exp(scores - scores.max())
    return dict(zip(model.values, (odds / odds.sum()).tolist(), strict=True))
