"""Figures that look like another one: in the same garment, the same colour, the same outfit."""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from mien.search import cells
from mien.search.answering import Answer, Result
from mien.search.columns import CHANCE, COLOURS, GARMENT_PLACES, PLACES, Columns
from mien.search.conditions import Album, Chances
from mien.search.reasons import Reason
from mien.traits.traits import CUTS, UNKNOWN, Garment

What = Literal["garment", "colour", "outfit"]

ALIKE: Final = 8.0
"""ΔE₀₀ (k_L = 2) between palettes at which it is as likely as not that they are of one dye: folds and light move the
colour of one garment by some 5 between photos of a day; another garment of the same colour name is some 15 away."""

STEEPNESS: Final = 2.0
"""ΔE₀₀ in which the odds change by e."""

CUT_OFF: Final = 0.5

_FAR = 100.0  # ΔE₀₀

_KINDS: Final = ("upper", "lower", "dress")
"""What makes an outfit."""


def more_like(album: Album, row: int, what: What, limit: int) -> Answer:
    """Other figures that resemble the one at `row`, best first; of one photo only the one that does most."""
    columns = album.columns
    places = [place for place in _KINDS if _is_seen(columns, place)[row]]
    each = [_alike(columns, row, place, with_garment=what != "colour") for place in places]
    if not each:
        return Answer(None)
    chance = np.minimum.reduce(each) if what == "outfit" else np.maximum.reduce(each)
    chance[~album.showable] = 0
    own = columns.photo[row]
    chance[columns.first[own] : columns.first[own + 1]] = 0
    found = np.flatnonzero(np.round(chance, 2) >= CUT_OFF)
    order = found[
        np.lexsort((found, -columns.days[columns.photo[found]].astype(np.int64), -np.round(chance[found], 2)))
    ]
    _, foremost = np.unique(columns.photo[order], return_index=True)
    best = order[np.sort(foremost)]
    results = tuple(_result(columns, int(i), float(chance[i]), what) for i in best[:limit])
    return Answer(None, results, total=len(best))


def _result(columns: Columns, row: int, chance: float, what: What) -> Result:
    score = round(chance, 2)
    reason = Reason(what, 0, chance=score)
    return Result(columns.photo_id(int(columns.photo[row])), score, (columns.figure_id(row),), (reason,))


def _alike(columns: Columns, row: int, place: str, *, with_garment: bool) -> Chances:
    """How likely each figure wears there what the one at `row` does."""
    distance = _palette_distances(columns, row, place)
    chance = 1 / (1 + np.exp((distance - ALIKE) / STEEPNESS))
    chance[~_is_seen(columns, place)] = 0
    if with_garment and place in GARMENT_PLACES:
        garments = [f"{place}/{garment}" for garment in Garment.__args__ if garment != UNKNOWN]  # type: ignore[attr-defined]
        for names in (garments, [f"{place}/pattern/{value}" for value in CUTS["pattern"] if value != UNKNOWN]):
            chance *= _agreement(columns, row, names)
    return np.asarray(chance, np.float32)


def _agreement(columns: Columns, row: int, names: list[str]) -> Chances:
    """How well each figure's chances of the values agree with those of the one at `row`: Bhattacharyya's coefficient
    (1943), so that two who are unsure between the same values agree; 1 where one of them is not known."""
    own = [int(columns.chances[CHANCE[name]][row]) for name in names]
    whole = np.zeros(len(columns), np.float32)
    agreed = np.zeros(len(columns), np.float32)
    for name, mine in zip(names, own, strict=True):
        theirs = columns.chances[CHANCE[name]].astype(np.float32)
        whole += theirs
        agreed += np.sqrt(theirs * (mine / max(1, sum(own))))
    if not any(own):
        return np.ones(len(columns), np.float32)
    return np.where(whole > 0, agreed / np.sqrt(np.maximum(whole, 1)), np.float32(1))


def _palette_distances(columns: Columns, row: int, place: str) -> NDArray[np.float32]:
    """How far each figure's colours at a place are from those of the one at `row`: ΔE₀₀ to the nearest of the other
    palette, weighed by shares, the worse of both directions."""
    slots = [PLACES.index(place) * COLOURS + k for k in range(COLOURS)]
    own = [slot for slot in slots if columns.shares[slot][row]]
    tables = [cells.distances(cells.centres(columns.colours[slot][row])) for slot in own]
    shares = [columns.shares[slot].astype(np.float32) for slot in slots]
    to_own = [np.minimum.reduce([table[columns.colours[slot]] for table in tables]) for slot in slots]
    whole = np.maximum(np.add.reduce(shares), 1)
    theirs = np.add.reduce([share * away for share, away in zip(shares, to_own, strict=True)]) / whole
    mine = np.zeros(len(columns), np.float32)
    for slot, table in zip(own, tables, strict=True):
        away = [np.where(columns.shares[s] > 0, table[columns.colours[s]], np.float32(_FAR)) for s in slots]
        mine += np.minimum.reduce(away) * columns.shares[slot][row]
    mine /= max(1, sum(int(columns.shares[slot][row]) for slot in own))
    return np.asarray(np.maximum(theirs, mine), np.float32)


def _is_seen(columns: Columns, place: str) -> NDArray[np.bool_]:
    return np.asarray(columns.shares[PLACES.index(place) * COLOURS] > 0)
