"""What can be said of a figure, in the visitor's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from mien.language import text
from mien.traits.cielab import hex_colour
from mien.traits.lexicon import display_name
from mien.traits.traits import CUTS, UNKNOWN, VALUES, Clothing, Guess, Place, Thing, Traits, from_json
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
    said = from_json(traits)
    order = [place for place in get_args(Place) if place in said.clothing]
    clothing = [_clothing(place, said.clothing[place]) for place in order]
    return (*clothing, *(_guess(name, said) for name in VALUES if name in said.guesses))


def _clothing(place: Place, worn: Clothing) -> Remark:
    """What it is, and how it is cut as far as that is known: "top, striped, long sleeves"."""
    cuts = {name: guess for name in CUTS if isinstance(guess := getattr(worn, name), Guess)}
    words = [guess_text(name, guess.value) for name, guess in cuts.items() if guess.value != UNKNOWN]
    return Remark(
        text(f"traits.place.{place}"),
        text("web.photo.comma").join([garment_text(worn.garment), *words]),
        sure(worn.confidence) if worn.garment != UNKNOWN else "",
        _swatches(worn),
    )


def _guess(name: str, said: Traits) -> Remark:
    """With the colours of what is worn."""
    guess = said.guesses[name]
    known = guess.value != UNKNOWN
    thing = next((said.clothing[place] for place in get_args(Thing) if place == name and place in said.clothing), None)
    return Remark(
        text(f"web.photo.about.{name}"),
        guess_text(name, guess.value),
        sure(guess.confidence) if known else "",
        _swatches(thing) if thing and known else (),
        is_known=known,
    )


def _swatches(worn: Clothing) -> tuple[Swatch, ...]:
    return tuple(
        Swatch(hex_colour(colour.lab), display_name(colour.name), round(colour.share * 100)) for colour in worn.colours
    )
