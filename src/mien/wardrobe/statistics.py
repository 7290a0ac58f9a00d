"""What a wardrobe comes to: what is worn most, what is not seen any more, colours by season, what is worn together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

import numpy as np

from mien.traits.lexicon import basic_colour, entries
from mien.wardrobe.recognising import Garment, Outfit, Wardrobe

LONG = 400
"""Days without being seen, before the person's last photo, after which a garment counts as not seen for long: a year
and some weeks, as a coat is not missing in autumn."""

TWICE = 2
"""Moments of which there must be so many: what was worn once may have been borrowed, or misread."""

SEASONS = ((12, 1, 2), (3, 4, 5), (6, 7, 8), (9, 10, 11))
"""Months. They go by their months, not by "winter", which the south has in June."""


@dataclass(frozen=True)
class Together:
    """Two garments that were worn together, in so many moments, and on which day last."""

    one: Garment
    other: Garment
    times: int
    last: date | None


@dataclass(frozen=True)
class Shade:
    """A basic colour's share of what was worn; `lab`: the mean of what is called so."""

    name: str
    lab: tuple[float, float, float]
    share: float


@dataclass(frozen=True)
class Statistics:
    """Of one wardrobe, or of several together.

    Attributes:
        most_worn: garments by the number of moments, most first.
        unseen: that were worn more than once, but not for long; longest first.
        seasons: shades for each of `SEASONS`, largest first.
        pairs: most often worn together first.
    """

    most_worn: tuple[Garment, ...]
    unseen: tuple[Garment, ...]
    seasons: tuple[tuple[Shade, ...], ...]
    pairs: tuple[Together, ...]


def statistics(wardrobes: Sequence[Wardrobe]) -> Statistics:
    """Of the garments that are theirs."""
    garments = [garment for wardrobe in wardrobes for garment in wardrobe.theirs]
    garments.sort(key=lambda garment: (-garment.times, garment.garment_id))
    unseen = [garment for wardrobe in wardrobes for garment in _unseen(wardrobe)]
    pairs = [pair for wardrobe in wardrobes for pair in _pairs(wardrobe)]
    return Statistics(
        tuple(garments),
        tuple(sorted(unseen, key=lambda garment: (garment.days[-1], garment.garment_id))),
        tuple(tuple(_shades(garments, season)) for season in SEASONS),
        tuple(sorted(pairs, key=lambda pair: (-pair.times, pair.one.garment_id, pair.other.garment_id))),
    )


def _unseen(wardrobe: Wardrobe) -> Iterable[Garment]:
    last = max((day for garment in wardrobe.theirs for day in garment.days[-1:]), default=None)
    for garment in wardrobe.theirs:
        if last is None or not garment.days or garment.is_retired or garment.times < TWICE:
            continue
        if (last - garment.days[-1]).days >= LONG:
            yield garment


def _pairs(wardrobe: Wardrobe) -> Iterable[Together]:
    by_id = {garment.garment_id: garment for garment in wardrobe.theirs}
    worn: dict[tuple[str, str], list[Outfit]] = defaultdict(list)
    for outfit in wardrobe.outfits:
        for pair in combinations(outfit.garments, 2):
            worn[pair].append(outfit)
    for (one, other), outfits in worn.items():
        if len(outfits) >= TWICE:
            days = [outfit.last.date() for outfit in outfits if outfit.last is not None]
            yield Together(by_id[one], by_id[other], len(outfits), max(days, default=None))


def _shades(garments: Sequence[Garment], months: Sequence[int]) -> list[Shade]:
    """Each moment's garments count alike, and their colours by shares."""
    weights: dict[str, float] = defaultdict(float)
    sums: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(3))
    known = {entry.name for entry in entries()}
    for garment in garments:
        for worn in garment.worn:
            at = worn.glimpses[0].at
            if at is None or at.month not in months:
                continue
            for colour in worn.colours:
                name = basic_colour(colour.name) if colour.name in known else colour.name
                weights[name] += colour.share
                sums[name] += colour.share * np.array(colour.lab)
    total = sum(weights.values())
    found = [
        Shade(name, tuple((sums[name] / weight).round(1).tolist()), weight / total) for name, weight in weights.items()
    ]
    return sorted(found, key=lambda shade: (-shade.share, shade.name))
