"""Glimpses: a garment as one figure in one photo shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mien.traits.appearance import regions_of
from mien.traits.traits import CUTS, Colour, Place, Thing, Traits

Layer = Literal["body", "lower", "head", "neck"]

LAYERS: dict[Place | Thing, Layer] = {
    "upper": "body", "inner": "body", "dress": "body", "lower": "lower", "hat": "head", "scarf": "neck",
}  # fmt: skip
"""What may be one garment: a jumper is seen as "upper" one day and under a coat as "inner" the other, and engines
confuse tops, coats and dresses; trousers are never a shirt. Shoes are too much alike to be known again, see
docs/wardrobe.md, and so are socks and gloves; of bags no colours are known."""

SURE = 0.8
"""Guesses of who it is that are less sure do not count."""

WORN = 0.5
"""Chance from which somebody wears it: it is neither laid out nor drawn."""

_NO_TIME = datetime(1, 1, 1)  # noqa: DTZ001 - the clock on the wall has no zone

_TEXTURED: dict[Place | Thing, int] = {"upper": 0, "dress": 0, "lower": 1}
"""Which of an appearance vector's regions shows the cloth; an inner garment shares its region with the coat."""


@dataclass(frozen=True)
class Glimpse:
    """One garment in one photo.

    Attributes:
        place: where on the body; with the figure it is what decisions point at.
        at: when the photo was taken by the clock on the wall, if known.
        confidence: 0–1, that it is this person, and worn.
        chances: how likely each garment is.
        colours: as in daylight, largest share first; at least one.
        cuts: chances by value of each of `traits.CUTS` that is seen.
        shades: how its px fall on `traits.appearance.ANCHORS`, as a unit vector; () where that is not known.
        texture: see `traits.appearance.LENGTH`; () where too little is seen.
        size: 0–1, the height of the figure over the photo's.
        company: figures in the photo.
    """

    figure_id: str
    photo_id: str
    place: Place | Thing
    at: datetime | None
    confidence: float
    chances: Mapping[str, float]
    colours: tuple[Colour, ...]
    cuts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    shades: tuple[float, ...] = ()
    texture: tuple[float, ...] = ()
    size: float = 1.0
    company: int = 1

    @property
    def glimpse_id(self) -> str:
        """Names it; a garment goes by that of its earliest one."""
        return f"{self.figure_id}.{self.place}"

    @property
    def layer(self) -> Layer:
        return LAYERS[self.place]

    @property
    def rank(self) -> tuple[bool, datetime, str, str, str]:
        """Sorts from the earliest to the latest, those of unknown time last, ids breaking ties."""
        return self.at is None, self.at or _NO_TIME, self.photo_id, self.figure_id, self.place


def glimpses_of(
    traits: Traits,
    appearance: NDArray[np.float32] | None,
    *,
    figure_id: str,
    photo_id: str,
    at: datetime | None,
    confidence: float,
    company: int = 1,
) -> list[Glimpse]:
    """What a figure wears. `confidence`: that it is this person; `appearance`: its vector, if it has one."""
    regions = None if appearance is None else regions_of(appearance)
    found = []
    for place in LAYERS:
        worn = traits.clothing.get(place)
        if worn is None or not worn.colours:
            continue
        chance = min(1.0, sum(worn.chances.values()))
        if chance < WORN or confidence < SURE:
            continue
        cuts = {cut: guess.chances for cut in CUTS if (guess := getattr(worn, cut)) is not None and guess.chances}
        is_mixed = place == "upper" and "inner" in traits.clothing  # the region holds both
        shades, texture = ((), ()) if regions is None or is_mixed else _cloth(place, *regions[1:])
        found.append(
            Glimpse(
                figure_id,
                photo_id,
                place,
                at,
                confidence * chance,
                worn.chances,
                worn.colours,
                cuts,
                shades,
                texture,
                traits.height_ratio,
                company,
            )
        )
    return found


def _cloth(
    place: Place | Thing, shades: NDArray[np.float64], textures: NDArray[np.float64]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Shades and texture of the region that shows the garment."""
    region = _TEXTURED.get(place)
    if region is None:
        return (), ()
    mine, texture = shades[region], textures[region]
    return (
        tuple(map(float, mine)) if mine.any() else (),
        () if np.isnan(texture).any() else tuple(map(float, texture)),
    )


def parse_glimpse_id(words: str) -> tuple[str, Place | Thing] | None:
    """Figure and place of an id as `Glimpse.glimpse_id` writes it; None for anything else."""
    figure_id, _, place = words.rpartition(".")
    for known in LAYERS:
        if figure_id and place == known:
            return figure_id, known
    return None
