"""Photo and parse → the traits of every figure."""

import math
from collections.abc import Sequence

from mien.faces.face import Face
from mien.parsing.parse import Parse
from mien.photo.photo import Photo
from mien.traits.accessories import accessories
from mien.traits.build import age_group, aspect_ratio, height_ratio
from mien.traits.chances import chances
from mien.traits.cuts import denim, hem, pattern, sleeves
from mien.traits.garments import PANTS, worn
from mien.traits.lexicon import name_colours
from mien.traits.measures import measures
from mien.traits.palette import palette
from mien.traits.regions import SHOES, FigureView, figure_views, ids
from mien.traits.style import style
from mien.traits.traits import Clothing, Colour, Place, Thing, Traits, rounded, worn_thing
from mien.traits.weave import weave

VERSION = "8"
"""Changes with every change of an answer of this room: derived data of another version is made again."""

THINGS: dict[Thing, tuple[int, ...]] = {
    "hat": ids("hat"),
    "scarf": ids("scarf"),
    "shoes": SHOES,
    "gloves": ids("glove"),
    "socks": ids("socks"),
}
"""Things whose px a parse shows; a bag's are counted only, and have no colours."""

SOMEBODY = 0.5
"""Chance that somebody is in the clothes, below which nothing is said of how they are styled or how old they are."""

LEAST_PX = 40
"""Of a thing. The colours of fewer px are mostly rim."""

LEAST_SIDE = 2.0
"""Px of the photo: a garment this small is as good as rim."""


def describe(photo: Photo, parse: Parse, faces: Sequence[Face | None]) -> tuple[Traits, ...]:
    """The traits of each figure of `parse`, in its order.

    `faces` holds each figure's face or None. Raises `ValueError` if it is not as long as the parse.
    """
    if len(faces) != len(parse):
        raise ValueError(f"{len(faces)} faces for {len(parse)} figures")
    views = figure_views(photo, parse)
    return tuple(_traits(view, parse, i, face) for i, (view, face) in enumerate(zip(views, faces, strict=True)))


def colours_of(view: FigureView, parts: Sequence[int]) -> tuple[Colour, ...]:
    """Up to three colours of these parts, largest share first, each name once.

    What belongs to none of them is the rest of the share, and half a px of the photo along the rim, which mixes with
    what is behind: much of a small garment.
    """
    found = palette(view.swatches(parts))
    clear = (1 - 1 / max(LEAST_SIDE, view.resolution * math.sqrt(view.share(parts)))) ** 2
    named: dict[str, Colour] = {}
    for (lab, share), (name, *_) in zip(found, name_colours([lab for lab, _ in found]), strict=True):
        if name in named:  # two shades of one name: the larger one stands for both
            share += named[name].share
            lab_shown = named[name].lab
        else:
            lightness, a, b = (round(float(value), 1) for value in lab)
            lab_shown = (lightness, a, b)
        named[name] = Colour(name, lab_shown, math.floor(share * clear * 1000) / 1000)
    return tuple(sorted(named.values(), key=lambda colour: -colour.share))


def _traits(view: FigureView, parse: Parse, figure: int, face: Face | None) -> Traits:
    ratios = round(height_ratio(parse, figure), 4), round(aspect_ratio(parse, figure), 4)
    if not view.body:
        return Traits(*ratios)
    trousers = weave(view, PANTS)
    measured = measures(view, face) | denim(view, trousers)
    garments = worn(view, measured)
    guesses = accessories(view, face, measured)
    if chances("somebody", measured)["yes"] >= SOMEBODY:
        age = age_group(view) if face is not None else None  # eyes and a mouth are guessed at where no face is seen
        for name, guess in (("style", style(garments, guesses, measured)), ("age_group", age)):
            if guess is not None:
                guesses[name] = guess
    places: set[str] = {garment.place for garment in garments}
    clothing: dict[Place | Thing, Clothing] = {
        garment.place: Clothing(
            garment=garment.garment,
            colours=colours_of(view, garment.parts),
            confidence=round(garment.confidence, 2),
            chances=rounded(garment.chances),
            pattern=pattern(trousers if garment.parts == PANTS else weave(view, garment.parts), measured),
            sleeves=sleeves(garment, places, measured),
            hem=hem(view, garment, measured),
        )
        for garment in garments
    }
    for thing, parts in THINGS.items():
        if thing in guesses and guesses[thing].value == "yes" and view.area(parts) >= LEAST_PX:
            clothing[thing] = worn_thing(thing, colours_of(view, parts), guesses[thing])
    return Traits(*ratios, clothing=clothing, guesses=guesses)
