"""Small albums whose figures are dressed as a test says."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.search import cells
from mien.search.columns import Columns, FigureSeen, Person, PhotoSeen, day_number, person_key
from mien.search.conditions import Album
from mien.traits.lexicon import entries

LAB = {entry.name: [round(float(x), 1) for x in entry.lab[0]] for entry in entries("colour")}


@cache
def memberships() -> NDArray[np.uint8]:
    return cells.memberships()


def garment(name: str, *colours: str, chance: float = 0.95, **cuts: str) -> dict[str, Any]:
    share = round(0.96 / max(1, len(colours)), 3)
    record: dict[str, Any] = {"garment": name, "confidence": chance, "chances": {name: chance}, "colours": []}
    record["colours"] = [{"name": colour, "lab": LAB[colour], "share": share} for colour in colours]
    return record | {cut: guess(value) for cut, value in cuts.items()}


def guess(value: str, chance: float = 0.95, other: str | None = None, colour: str | None = None) -> dict[str, Any]:
    chances = {value: chance} | ({} if other is None else {other: round(1 - chance, 2)})
    record: dict[str, Any] = {"value": value, "confidence": chance, "chances": chances}
    return record if colour is None else record | {"colours": [{"name": colour, "lab": LAB[colour], "share": 1.0}]}


def figure(number: int, traits: Mapping[str, Any], who: str | None = None, confidence: float = 1.0) -> FigureSeen:
    """The first stands on the left, the next to the right of it."""
    box = (0.2 * (number - 1), 0.2, 0.2 * (number - 1) + 0.15, 0.9)
    return FigureSeen(number, box, traits, Person(person_key(who), confidence) if who else Person())


def album(photos: Mapping[str, tuple[date | None, Sequence[FigureSeen]]], hidden: Sequence[str] = ()) -> Album:
    """By short names of photos; everybody is called as they are known."""
    seen = [
        (PhotoSeen(key.ljust(64, "0"), 1.5, None if day is None else day_number(day), 12), figures)
        for key, (day, figures) in photos.items()
    ]
    people = {name: [person_key(name)] for name in ("Anna", "Ben")}
    return Album(Columns.of(seen), memberships(), people, [person_key(name) for name in hidden])
