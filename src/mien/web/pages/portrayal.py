"""What can be said of a figure, in the visitor's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from mien.language import text
from mien.traits.lexicon import display_name
from mien.traits.traits import UNKNOWN, VALUES, Clothing, Guess, from_json
from mien.traits.wording import garment_text, guess_text
from mien.web.pages.wording import sure


@dataclass(frozen=True)
class Swatch:
    """A colour as it is (`fill`: #rrggbb, sRGB), as it is called, and its share of the garment in percent."""

    fill: str
    name: str
    percent: int


@dataclass(frozen=True)
class Remark:
    """One line: what it is about, what is said, in which colours, and how sure that is ("" of what is unknown)."""

    about: str
    said: str
    sure: str
    swatches: tuple[Swatch, ...] = ()
    is_known: bool = True


def remarks(traits: Mapping[str, Any]) -> tuple[Remark, ...]:
    """Garments from top to bottom, then guesses. `traits` as stored; () for a figure drawn by hand."""
    if not traits:
        return ()
    said = from_json(dict(traits))
    order = [place for place in ("upper", "dress", "lower") if place in said.clothing]
    clothing = [_clothing(place, said.clothing[place]) for place in order]
    return (*clothing, *(_guess(name, said.guesses[name]) for name in VALUES if name in said.guesses))


def _clothing(place: str, worn: Clothing) -> Remark:
    swatches = tuple(
        Swatch(fill(colour.lab), display_name(colour.name), round(colour.share * 100)) for colour in worn.colours
    )
    known = worn.garment != UNKNOWN
    return Remark(
        text(f"traits.place.{place}"), garment_text(worn.garment), sure(worn.confidence) if known else "", swatches
    )


def _guess(name: str, guess: Guess) -> Remark:
    known = guess.value != UNKNOWN
    said = guess_text(name, guess.value)
    return Remark(text(f"web.photo.about.{name}"), said, sure(guess.confidence) if known else "", is_known=known)


def fill(lab: tuple[float, float, float]) -> str:
    """The sRGB colour, #rrggbb, nearest to one in CIELAB (D65)."""
    rgb = cv2.cvtColor(np.array([[lab]], np.float32), cv2.COLOR_LAB2RGB)[0, 0]
    red, green, blue = np.clip(np.round(rgb * 255), 0, 255).astype(int)
    return f"#{red:02x}{green:02x}{blue:02x}"
