"""Photo and parse → the traits of every figure."""

import math
from collections.abc import Sequence

from mien.faces.face import Face
from mien.parsing.parse import Parse
from mien.photo.photo import Photo
from mien.traits.accessories import accessories
from mien.traits.build import age_group, aspect_ratio, height_ratio, style
from mien.traits.garments import worn
from mien.traits.lexicon import name_colours
from mien.traits.palette import gather, palette
from mien.traits.regions import FigureView, figure_views
from mien.traits.traits import VALUES, Clothing, Colour, Guess, Traits, rounded, spread

VERSION = "4"
"""Changes with every change of an answer of this room: derived data of another version is made again."""

GARMENTS = {
    "upper": ("upper-clothes", "coat", "dress"),
    "lower": ("pants", "skirt", "shorts", "dress"),
    "dress": ("dress", "upper-clothes", "skirt"),
}
"""What may be worn at a place."""


def describe(photo: Photo, parse: Parse, faces: Sequence[Face | None]) -> tuple[Traits, ...]:
    """The traits of each figure of `parse`, in its order.

    `faces` holds each figure's face or None. Raises `ValueError` if it is not as long as the parse.
    """
    if len(faces) != len(parse):
        raise ValueError(f"{len(faces)} faces for {len(parse)} figures")
    views = figure_views(photo, parse)
    return tuple(_traits(view, parse, i, face) for i, (view, face) in enumerate(zip(views, faces, strict=True)))


def colours_of(view: FigureView, parts: Sequence[int]) -> tuple[Colour, ...]:
    """Up to three colours of these parts, largest share first, each name once."""
    found = palette(gather(view.region(parts)))
    named: dict[str, Colour] = {}
    for (lab, share), (name, *_) in zip(found, name_colours([lab for lab, _ in found]), strict=True):
        if name in named:  # two shades of one name: the larger one stands for both
            share += named[name].share
            lab_shown = named[name].lab
        else:
            lightness, a, b = (round(float(value), 1) for value in lab)
            lab_shown = (lightness, a, b)
        named[name] = Colour(name, lab_shown, math.floor(share * 1000) / 1000)
    return tuple(sorted(named.values(), key=lambda colour: -colour.share))


def _traits(view: FigureView, parse: Parse, figure: int, face: Face | None) -> Traits:
    garments = worn(view)
    guesses = accessories(view, face)
    for name, guess in (("style", style(view, garments)), ("age_group", age_group(view))):
        if guess is not None:
            guesses[name] = guess
    return Traits(
        height_ratio=round(height_ratio(parse, figure), 4),
        aspect_ratio=round(aspect_ratio(parse, figure), 4),
        clothing={
            garment.place: Clothing(
                garment.garment,
                colours_of(view, garment.parts),
                round(garment.confidence, 3),
                rounded(spread(garment.garment, garment.confidence, GARMENTS[garment.place])),
            )
            for garment in garments
        },
        guesses={
            name: Guess(
                guess.value,
                round(guess.confidence, 3),
                rounded(spread(guess.value, guess.confidence, VALUES[name][:-1])),
            )
            for name, guess in guesses.items()
        },
    )
