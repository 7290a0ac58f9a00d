"""Which colours go together, by a rule that can be said: neutrals with one colour, near hues, or opposite ones."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from mien.traits.traits import Colour
from mien.wardrobe.recognising import Garment

Harmony = Literal["neutral", "accent", "near", "opposite"]
"""Only neutrals; neutrals and one colour; colours of near hues; colours of opposite hues."""

GREYISH = 14.0
"""Chroma C* (CIELCh) up to which a colour is neutral: black, grey, white."""

DARK, DARKISH = 25.0, 30.0
"""Up to this lightness L* colours are neutral up to this chroma: navy, dark brown."""

LIGHT, LIGHTISH = 85.0, 24.0
"""From this lightness on colours are neutral up to this chroma: off-white, cream."""

SAND, SANDY = (55.0, 105.0), 26.0
"""Degrees of hue h° between which colours that are not dark (L* ≥ 50) are neutral up to this chroma: beige, khaki."""

NEAR = 35.0
"""Degrees of hue h° between colours that are near."""

OPPOSITE = (145.0, 215.0)
"""Degrees between those that are opposite. The rules of near and opposite hues are those of Itten, The Art of Color
(1961), on the hue circle of CIELCh."""

LEAST_SHARE = 0.25
"""Of a garment, from which a colour of it counts."""


def harmony(garments: Sequence[Garment]) -> Harmony | None:
    """Why the colours of these go together; None if by no rule they do.

    A rule more: of patterned garments there is at most one.
    """
    if sum(garment.cuts.get("pattern", "plain") != "plain" for garment in garments) > 1:
        return None
    hues = [found for garment in garments if (found := _hues(garment))]
    flat = [hue for found in hues for hue in found]
    if not flat:
        return "neutral"
    apart = max(_between(one, other) for one in flat for other in flat)
    if apart <= NEAR:
        return "accent" if len(hues) == 1 else "near"
    pairs = [_between(one, other) for one in flat for other in flat]
    if len(hues) > 1 and all(angle <= NEAR or OPPOSITE[0] <= angle <= OPPOSITE[1] for angle in pairs):
        return "opposite"
    return "accent" if len(hues) == 1 else None  # a garment goes with itself


def accents(garments: Sequence[Garment]) -> list[Garment]:
    """Those that are not neutral."""
    return [garment for garment in garments if _hues(garment)]


def hued(garment: Garment) -> list[Colour]:
    """Its colours that are not neutral, largest share first. Denim is neutral whatever its blue."""
    if garment.kind == "jeans":
        return []
    found = []
    for colour in garment.colours:
        lightness, a, b = colour.lab
        bound = DARKISH if lightness <= DARK else LIGHTISH if lightness >= LIGHT else GREYISH
        if lightness >= 50 and SAND[0] <= _hue(colour) <= SAND[1]:
            bound = SANDY
        if colour.share >= LEAST_SHARE and float(np.hypot(a, b)) > bound:
            found.append(colour)
    return found


def _hues(garment: Garment) -> list[float]:
    """Degrees of hue of its colours that are not neutral."""
    return [_hue(colour) for colour in hued(garment)]


def _hue(colour: Colour) -> float:
    return float(np.degrees(np.arctan2(colour.lab[2], colour.lab[1])) % 360)


def _between(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)
