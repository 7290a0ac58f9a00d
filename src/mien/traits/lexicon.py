"""Names of colours, in English and Chinese, kept as data in `colours.toml`."""

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.language import Language, current_language
from mien.traits.cielab import ciede2000

Subject = Literal["colour", "hair"]


@dataclass(frozen=True, eq=False)
class Entry:
    """One name: in English (which is its id), in Chinese, the basic colour it falls under, and its prototypes."""

    name: str
    zh: str
    basic: str
    lab: NDArray[np.float64]


def source() -> str:
    """The text of `colours.toml`."""
    return resources.files("mien.traits").joinpath("colours.toml").read_text(encoding="utf-8")


@functools.cache
def entries(subject: Subject = "colour") -> tuple[Entry, ...]:
    """All names of garments' colours, or of hair's."""
    tables: dict[str, Any] = tomllib.loads(source())
    return tuple(
        Entry(row["name"], row["zh"], row.get("basic", row["name"]), np.array(row["lab"], np.float64))
        for row in tables[subject]
    )


@functools.cache
def _prototypes(subject: Subject) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    listed = entries(subject)
    return np.concatenate([entry.lab for entry in listed]), np.repeat(
        np.arange(len(listed)), [len(entry.lab) for entry in listed]
    )


class Named(NamedTuple):
    """A colour's name.

    Attributes:
        name: of the nearest prototype.
        distance: ΔE₀₀ to it.
        clear: 0–1; against the nearest other name: 0 = that is as near, 1 = this is the prototype itself.
    """

    name: str
    distance: float
    clear: float


def name_colours(lab: ArrayLike, subject: Subject = "colour") -> list[Named]:
    """The name of each CIELAB colour, (n, 3)."""
    prototypes, owner = _prototypes(subject)
    distances = ciede2000(np.asarray(lab, np.float64).reshape(-1, 1, 3), prototypes[None])
    named: list[Named] = []
    for row in distances:
        by_name = np.full(len(entries(subject)), np.inf)
        np.minimum.at(by_name, owner, row)
        best, second = np.argsort(by_name, kind="stable")[:2]
        clear = (by_name[second] - by_name[best]) / (by_name[second] + by_name[best])
        named.append(Named(entries(subject)[best].name, float(by_name[best]), float(clear)))
    return named


def basic_colour(name: str) -> str:
    """The basic colour of a garment colour's name: "navy" → "blue". Raises `KeyError` for an unknown name."""
    return _by_name("colour")[name].basic


def display_name(name: str, subject: Subject = "colour", language: Language | None = None) -> str:
    """The name as shown to the user; one that is not listed (any more) as it is."""
    entry = _by_name(subject).get(name)
    return entry.zh if entry is not None and (language or current_language()) == "zh" else name


@functools.cache
def _by_name(subject: Subject) -> dict[str, Entry]:
    return {entry.name: entry for entry in entries(subject)}
