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

BORDER = 6.0
"""ΔE₀₀ beyond the nearest name, at which another name's membership has fallen to 37 %."""


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
    starts = np.cumsum([0, *(len(entry.lab) for entry in listed[:-1])])
    return np.concatenate([entry.lab for entry in listed]), starts


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
    named: list[Named] = []
    for by_name in _distances(lab, subject):
        best, second = np.argsort(by_name, kind="stable")[:2]
        clear = (by_name[second] - by_name[best]) / (by_name[second] + by_name[best])
        named.append(Named(entries(subject)[best].name, float(by_name[best]), float(clear)))
    return named


def _distances(lab: ArrayLike, subject: Subject) -> NDArray[np.float64]:
    """ΔE₀₀ of colours (n, 3) to each name's nearest prototype: (n, names)."""
    prototypes, starts = _prototypes(subject)
    distances = ciede2000(np.asarray(lab, np.float64).reshape(-1, 1, 3), prototypes[None])
    return np.asarray(np.minimum.reduceat(distances, starts, axis=1), np.float64)


def memberships(lab: ArrayLike) -> NDArray[np.float64]:
    """How well each CIELAB colour, (n, 3), goes by each name of `entries("colour")`, in their order: (n, names), 0–1.

    1 for the nearest name (CIEDE2000), and less the farther another name's prototypes are beyond that; people call a
    colour on a border by either name. A basic colour is a name as good as the best of its shades.
    """
    listed = entries("colour")
    by_name = _distances(lab, "colour")
    beyond = by_name - by_name.min(axis=1, keepdims=True)
    found = np.exp(-((beyond / BORDER) ** 2))
    for i, entry in enumerate(listed):
        if entry.basic == entry.name:
            found[:, i] = found[:, [other.basic == entry.name for other in listed]].max(axis=1)
    return np.asarray(found, np.float64)


def hair_chances(lab: ArrayLike) -> NDArray[np.float64]:
    """How likely hair of this CIELAB colour, (3,), is called by each name of `entries("hair")`: (names,), sums to 1."""
    [by_name] = _distances(lab, "hair")
    found = np.exp(-(((by_name - by_name.min()) / BORDER) ** 2))
    return np.asarray(found / found.sum(), np.float64)


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
