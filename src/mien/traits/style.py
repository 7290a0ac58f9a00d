"""How a figure is styled, "feminine", "masculine" or "unknown": a guess at an appearance, nothing more."""

import math
from collections.abc import Mapping, Sequence

from mien.traits.chances import acuity, clearness
from mien.traits.garments import Worn
from mien.traits.traits import Guess, guess_of

TOLD = 0.7
"""Chance from which it is told."""

HALF, STEEP = 35.0, 2.0
"""Of `acuity`."""

SHORT_BELOW, LONG_ABOVE = 0.3, 0.6
"""Chance of long hair; between, the one passes into the other. In catalogue photos (n = 237, faces or not) all 70 with
long hair are women and nearly all with short hair men; elsewhere a third of women wear their hair up or short."""

CLOSE = 0.45
"""Share of what is seen that is face: of one cut off so close below the chin, hair that is not seen says less …"""

CLOSE_COUNTS = 0.2
"""… by this."""

LOW_NECK = 0.45
"""Skin of neck and chest over that of the face. In the same photos 1 % of men show more, and 75 % of women."""

FACELESS = 0.4
"""How much counts of somebody whose face was not found, as it is turned away, hidden or very small: hair hangs before
or behind something else there. Of 31 in COCO's and CCP's photos who were called feminine when all of it counted, 20
seemed so by eye; a third to whom what is skin gave a low neck wore caps and gear."""

LONG, SHORT = 2.3, -1.15
NECKLINE, SKIRT, TROUSERS, BAG = 1.2, 1.0, -0.85, 1.15
"""How far each moves the odds, as a logarithm. A skirt or a dress says little: engines take many a coat for one;
trousers and a bag say something of those only whose hair is not long."""


def style(garments: Sequence[Worn], guesses: Mapping[str, Guess], measured: Mapping[str, float]) -> Guess | None:
    """None where neither a head nor clothes are seen."""
    head = _head(guesses, measured)
    if head is None and not garments:
        return None
    odds = head or 0.0
    if head is not None:
        skirted = max((worn.confidence for worn in garments if worn.garment in ("dress", "skirt")), default=0.0)
        odds += SKIRT * skirted + NECKLINE * (measured["face"] > 0 and _neckline(measured) > LOW_NECK)
        if head <= 0:
            odds += TROUSERS * any(worn.garment in ("pants", "jeans", "shorts") for worn in garments)
            odds += BAG * ("bag" in guesses and guesses["bag"].value == "yes")
    counts = float(acuity(measured["resolution"], HALF, STEEP) * clearness(measured["sure"]))
    odds *= 1.0 if measured["face"] else FACELESS
    feminine = 0.5 + counts * (1 / (1 + math.exp(-odds)) - 0.5)
    return guess_of({"feminine": feminine, "masculine": 1 - feminine}, TOLD)


def _head(guesses: Mapping[str, Guess], measured: Mapping[str, float]) -> float | None:
    """What hair says: nothing under a hat; None where no head is seen."""
    if not measured["share of face"]:
        return None
    if "hair_length" not in guesses:
        return 0.0
    long = (guesses["hair_length"].chances.get("long", 0.0) - SHORT_BELOW) / (LONG_ABOVE - SHORT_BELOW)
    short = SHORT * (CLOSE_COUNTS if measured["share of face"] ** 2 > CLOSE else 1.0)
    return short + (LONG - short) * min(1.0, max(0.0, long))


def _neckline(measured: Mapping[str, float]) -> float:
    return (measured["share of neck"] / measured["share of face"]) ** 2
