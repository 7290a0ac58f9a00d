"""How likely figures meet a condition, by what is seen of them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mien.search import cells, lexicon
from mien.search.columns import CHANCE, CHANCES, COLOURS, GARMENT_PLACES, NOBODY_KNOWN, PLACES, Columns
from mien.search.query import Condition, Either, Looks, Named, Wears

Rows = NDArray[np.intp] | None
"""Which figures, ascending; None: all."""

Chances = NDArray[np.float32]

UNSEEN: Final = 0.05
"""Chance of what cannot be seen: that somebody wears something where nothing is seen of them, or does not."""

UNSEEN_DETAIL: Final = 0.1
"""Chance that what is worn has a colour, a pattern or a cut that cannot be seen."""

UNTOLD: Final[Mapping[str, float]] = {"style": 0.7, "age_group": 0.6}
"""Guesses whose likelier value is less likely than this are not told: they count for `DOUBTED` of their chance, as one
of two values is as likely as not, and not knowing is no answer."""

DOUBTED: Final = 0.8

UNLIKELY: Final = 0.25
"""Of garments less likely than this, the colours are not looked at: no match comes of them."""

SPECK: Final = 0.1
"""A colour that covers less of a garment is not one of its colours …"""

LARGE: Final = 0.5
"""… and one that covers this much is: between, the more the likelier."""

DENIM: Final = {"blue": 15.0, "black": 2.5}
"""Times which the odds of jeans beside other trousers grow with their colour: of trousers of a blue that is no navy
97 % of 153 in catalogue photos are jeans, which are given a chance of 0.56; of black ones, 7 of 12 in street photos,
which are given 0.3. Told by eye."""

NAVY: Final = 28.0
"""L* of blue trousers below which that is not so: those are of suits as often."""

BLUE_DENIM: Final = 4.0
"""Odds by which cloth between blue and another colour is called blue if it is denim."""

FAR: Final = 0.6
"""Who is less than so much as tall in the photo as the tallest in it, and no child, is rather in the background …"""

FAR_CHANCE: Final = 0.4
"""… and, at half of that or less, so likely meant, and so likely seen right."""

_LEAST = 0.005
"""Below this, chances are not given."""

_SEEN_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "upper": ("upper", "inner", "dress"),
    "inner": ("upper", "inner", "dress"),
    "lower": ("lower", "dress"),
    "dress": ("upper", "lower", "dress"),
}
"""At which places something is seen of where a garment would be: who is seen in a dress wears no trousers."""

_BARE: Final = {"legs": ("legs", "bare"), "arms": ("arms", "bare"), "feet": ("shoes", "no")}


@dataclass(frozen=True, eq=False)
class Album:
    """What questions are answered from.

    Attributes:
        columns: all figures and photos.
        memberships: as `cells.memberships`.
        people: name → `person_key` of everybody who has it.
        hidden: `person_key` of those who are kept from lists.
    """

    columns: Columns
    memberships: NDArray[np.uint8]
    people: Mapping[str, Sequence[int]] = field(default_factory=dict)
    hidden: Sequence[int] = ()

    @cached_property
    def blue_denim(self) -> NDArray[np.uint8]:
        """(CELLS,): how likely jeans of each colour are called blue, 0–100."""
        blue = BLUE_DENIM * self.memberships[:, cells.names().index("blue")]
        return np.asarray(np.round(100 * blue / (blue + 100 - blue / BLUE_DENIM)), np.uint8)

    @cached_property
    def denim(self) -> Chances:
        """(CELLS,): the logarithm of times which the odds of jeans grow with each colour of trousers."""
        lightness = cells.centres(np.arange(cells.CELLS))[:, 0]
        is_blue = self.blue_denim / 100 / (1 + np.exp((NAVY - lightness) / 2))
        is_black = self.memberships[:, cells.names().index("black")] / 100
        return np.asarray(is_blue * math.log(DENIM["blue"]) + is_black * math.log(DENIM["black"]), np.float32)

    @cached_property
    def showable(self) -> NDArray[np.bool_]:
        """(n,): who may come up: neither hidden nor said to be nobody."""
        return self.columns.somebody & ~np.isin(self.columns.people, np.array(self.hidden, np.uint64))


def chances(album: Album, condition: Condition, rows: Rows) -> Chances:
    """How likely each of the figures `rows` meets the condition: float32, 0–1."""
    match condition:
        case Wears():
            return _wears(album, condition, rows)
        case Looks():
            return _looks(album.columns, condition, rows)
        case Named():
            return _named(album, condition, rows)
        case Either():
            each = [combined([chances(album, part, rows) for part in option]) for option in condition.options]
            return np.asarray(np.maximum.reduce(each), np.float32)


def foreground(columns: Columns, rows: Rows) -> Chances:
    """How likely figures are meant, for their height beside that of the tallest one in the photo: 0–1."""
    figures = slice(None) if rows is None else rows
    y0, y1 = (columns.boxes[side][figures].astype(np.float32) for side in (1, 3))
    ratio = (y1 - y0) / np.maximum(columns.tallest[columns.photo[figures]], 1).astype(np.float32)
    chance = np.clip(FAR_CHANCE + (1 - FAR_CHANCE) * (2 * ratio / FAR - 1), FAR_CHANCE, 1)
    child = columns.chances[CHANCE["age_group/child"]][figures] / np.float32(100)
    return np.asarray(np.maximum(chance, child), np.float32)


def shown_by(things: frozenset[str]) -> Mapping[str, frozenset[str]]:
    """Which garments, at which places of `Traits.clothing`, any of these worn things is; {} for a thing of its own."""
    places: dict[str, set[str]] = {}
    for thing in sorted(things):
        for answer in lexicon.worn()[thing].answers:
            place, _, garment = answer.partition(":")
            places.setdefault(place, set()).update([garment] if garment else [])
    return {place: frozenset(garments) for place, garments in places.items()}


def combined(each: Sequence[Chances]) -> Chances:
    """How likely all of one figure's conditions hold: between their product and the least of them.

    What is read off one figure goes wrong together (it is small, dark, half hidden), so that the plain product of
    chances would be too low.
    """
    if len(each) == 1:
        return each[0]
    product, least = each[0].copy(), each[0].copy()
    for chance in each[1:]:
        product *= chance
        np.minimum(least, chance, out=least)
    root = np.sqrt(product)
    return np.asarray(root * np.sqrt(root) * np.sqrt(np.sqrt(least)), np.float32)


def _wears(album: Album, condition: Wears, rows: Rows) -> Chances:
    columns, n = album.columns, len(album.columns) if rows is None else len(rows)
    best, seen = np.zeros(n, np.float32), np.zeros(n, np.bool_)
    for place, garments in shown_by(condition.things).items():
        there = _sum(columns, [f"{place}/{garment}" for garment in sorted(garments)] or [f"{place}/yes"], rows)
        if garments == {"jeans"}:
            there = _with_denim(album, there, rows)
        if _has_details(condition):
            there = _in_detail(album, condition, place, there, rows)
        np.maximum(best, there, out=best)
        seen |= _is_seen(columns, place, rows)
    chance = best if condition.is_so else 1 - best
    return np.where(seen, chance, np.float32(UNSEEN))


def _has_details(condition: Wears) -> bool:
    return bool(condition.colours or condition.pattern or condition.sleeves or condition.hem)


def _in_detail(album: Album, condition: Wears, place: str, there: Chances, rows: Rows) -> Chances:
    """How likely what is worn at a place is as the condition says, if it is worn `there`."""
    columns = album.columns
    at = np.flatnonzero(there >= UNLIKELY) if condition.is_so else np.flatnonzero(there)
    few = at if rows is None else rows[at]
    chance = there[at]
    if condition.colours:
        of_denim = condition.things == {"jeans"}
        sets = [_coloured(album, sorted(colours), place, few, of_denim) for colours in condition.colours]
        chance *= np.maximum.reduce(sets)
    for cut, value in (("pattern", condition.pattern), ("sleeves", condition.sleeves), ("hem", condition.hem)):
        if value is not None:
            chance *= _cut(columns, place, cut, value, few)
    found = np.zeros(len(there), np.float32)
    found[at] = chance
    return found


def _with_denim(album: Album, jeans: Chances, rows: Rows) -> Chances:
    """How likely somebody wears `jeans`, the colour of their trousers considered."""
    columns, trousers = album.columns, jeans + _sum(album.columns, ["lower/pants"], rows)
    at = np.flatnonzero((trousers >= UNLIKELY) & (jeans > 0))
    odds = jeans[at] / np.maximum(trousers[at] - jeans[at], _LEAST)
    odds *= np.exp(_mean(columns, album.denim, "lower", at if rows is None else rows[at]))
    found = jeans.copy()
    found[at] = trousers[at] * odds / (1 + odds)
    return found


def _coloured(album: Album, names: Sequence[str], place: str, rows: NDArray[np.intp], of_denim: bool) -> Chances:
    """How likely what is worn at a place has all of these colours, none but a speck."""
    if place not in PLACES:
        return np.full(len(rows), UNSEEN_DETAIL, np.float32)
    tables = [
        album.blue_denim if of_denim and name == "blue" else album.memberships[:, cells.names().index(name)]
        for name in names
    ]
    chance = _called(album.columns, np.maximum.reduce(tables), place, rows)
    if len(names) > 1:
        least = np.minimum.reduce([_mean(album.columns, table, place, rows) for table in tables]) / 100
        chance = chance * np.minimum(least * (2 * len(names)), 1)
    return np.where(album.columns.shares[_slots(place)[0]][rows] > 0, chance, np.float32(UNSEEN_DETAIL))


def _called(columns: Columns, table: NDArray[np.uint8], place: str, rows: NDArray[np.intp]) -> Chances:
    """How likely what is worn at a place is of a colour that `table` (CELLS,), 0–100, gives a chance; 0 where less
    than `UNLIKELY`.

    All that is at least so likely of the colour counts together by its share (a Sugeno integral, with a product):
    the dye of a faded or printed garment need not be one alone.
    """
    slots = _slots(place)
    found = np.zeros(len(rows), np.float32)
    is_it = [table[columns.colours[slot][rows]] for slot in slots]
    at = np.flatnonzero(np.maximum.reduce(is_it) >= 100 * UNLIKELY)
    likely = [np.where(one[at] >= 100 * UNLIKELY, one[at] / np.float32(100), 0) for one in is_it]
    shares = [columns.shares[slot][rows[at]].astype(np.float32) for slot in slots]
    whole = np.maximum(np.add.reduce(shares), 1)
    for least in likely:
        covered = np.add.reduce([share * (one >= least) for share, one in zip(shares, likely, strict=True)]) / whole
        found[at] = np.maximum(found[at], least * np.clip((covered - SPECK) / (LARGE - SPECK), 0, 1))
    return found


def _mean(columns: Columns, table: NDArray[Any], place: str, rows: NDArray[np.intp]) -> Chances:
    """The mean of `table` (CELLS,) over the colours of what is worn at a place; 0 where none are seen."""
    shares = [columns.shares[slot][rows].astype(np.float32) for slot in _slots(place)]
    values = [table[columns.colours[slot][rows]] for slot in _slots(place)]
    parts = [share * value for share, value in zip(shares, values, strict=True)]
    return np.asarray(np.add.reduce(parts) / np.maximum(np.add.reduce(shares), 1), np.float32)


def _slots(place: str) -> range:
    """Where the colours of a place stand in the columns."""
    return range(PLACES.index(place) * COLOURS, (PLACES.index(place) + 1) * COLOURS)


def _cut(columns: Columns, place: str, cut: str, value: str, rows: Rows) -> Chances:
    everything = [name for name in CHANCES if name.startswith(f"{place}/{cut}/")]
    if not everything:
        return np.full(len(columns) if rows is None else len(rows), UNSEEN_DETAIL, np.float32)
    chance = _sum(columns, [f"{place}/{cut}/{value}"], rows)
    return np.where(_sum(columns, everything, rows) > 0, chance, np.float32(UNSEEN_DETAIL))


def _is_seen(columns: Columns, place: str, rows: Rows) -> NDArray[np.bool_]:
    """Whether one could see what is worn at a place."""
    if place not in GARMENT_PLACES:
        return _sum(columns, [f"{place}/yes", f"{place}/no"], rows) > 0
    bits = sum(1 << PLACES.index(other) for other in _SEEN_BY[place])
    seen = columns.seen if rows is None else columns.seen[rows]
    return np.asarray(seen & np.uint16(bits) != 0)


def _looks(columns: Columns, condition: Looks, rows: Rows) -> Chances:
    if condition.aspect == "bare":
        guesses = [_BARE[value] for value in sorted(condition.values)]
        found = [_sum(columns, [f"{guess}/{value}"], rows) for guess, value in guesses]
        seen = [_sum(columns, _all_of(guess), rows) > 0 for guess, _ in guesses]
        chance, is_seen = np.maximum.reduce(found), np.logical_or.reduce(seen)
    else:
        chance = _sum(columns, [f"{condition.aspect}/{value}" for value in sorted(condition.values)], rows)
        each = [_sum(columns, [name], rows) for name in _all_of(condition.aspect)]
        is_seen = np.maximum.reduce(each) > 0
        if condition.is_so and condition.aspect in UNTOLD:
            chance = np.where(np.maximum.reduce(each) < UNTOLD[condition.aspect], chance * np.float32(DOUBTED), chance)
    return np.where(is_seen, chance if condition.is_so else 1 - chance, np.float32(UNSEEN))


def _named(album: Album, condition: Named, rows: Rows) -> Chances:
    columns = album.columns
    keys = [key for name in sorted(condition.names) for key in album.people.get(name, ())]
    people = columns.people if rows is None else columns.people[rows]
    confidences = columns.confidences if rows is None else columns.confidences[rows]
    chance = np.zeros(len(people), np.float32)
    for key in keys:
        is_theirs = people == np.uint64(key)
        chance[is_theirs] = confidences[is_theirs].astype(np.float32) / 100
    if condition.is_so:
        return chance
    chance[people == np.uint64(NOBODY_KNOWN)] = UNSEEN
    return 1 - chance


def _all_of(guess: str) -> list[str]:
    return [name for name in CHANCES if name.startswith(f"{guess}/")]


def _sum(columns: Columns, names: Sequence[str], rows: Rows) -> Chances:
    """The chance of any of `names`, which exclude each other; 0 for one that nobody has."""
    n = len(columns) if rows is None else len(rows)
    total = np.zeros(n, np.uint16)
    for name in names:
        if (i := CHANCE.get(name)) is not None:
            total += columns.chances[i] if rows is None else columns.chances[i][rows]
    return np.minimum(total.astype(np.float32) / 100, 1)
