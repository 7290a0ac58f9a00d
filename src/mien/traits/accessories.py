"""Hat, glasses, scarf, bag, shoes, gloves, socks, hair and bare skin: how likely, or not to be told."""

import math
from collections.abc import Mapping

import numpy as np

from mien.faces.face import Face
from mien.traits.chances import acuity, answer
from mien.traits.lexicon import entries, hair_chances, name_colours
from mien.traits.measures import GROUPS
from mien.traits.palette import palette
from mien.traits.regions import LEGS, SHOES, FigureView, ids
from mien.traits.traits import Guess, guess_of, untold

FACE = ids("face", "sunglasses")
HAIR = ids("hair")
HEAD = ids("hat", "hair", "face", "sunglasses")

LEAST_FACE = 400
"""Px of a face, about 20×20: thin frames vanish in smaller ones."""

TURNED_AWAY = 60.0
"""Degrees of yaw from which glasses can hide."""

LEAST_HAIR = 60
"""Px; and of fewer the colour is mostly rim."""

HAIR_OF_HEAD = 0.08
"""Of the head's px. Less hair is a shaved head or a stray label: its colour is not told."""

NO_HAIR_COLOUR = 15.0
"""ΔE₀₀ from every prototype: dyed pink or blue, which the list has no name for."""

PURE_WHITE = 0.65
"""Share that must be white: a bright background shines through thin hair, and its rim is easily taken for hair."""

TOLD = {"hat": 0.55, "glasses": 0.5, "scarf": 0.55, "bag": 0.6, "shoes": 0.6, "gloves": 0.6, "socks": 0.6}
TOLD |= {"hair": 0.45, "hair_length": 0.6, "legs": 0.65, "arms": 0.65}
"""Chance from which each is told."""


BAREFOOT = 0.8
"""Chance of bare feet where a pose's feet lie on skin: models know of none, as nobody goes barefoot in the street."""

HALF, STEEP = {"hair": 40.0, "barefoot": 60.0}, 2.0
"""Of `acuity`."""


def accessories(view: FigureView, face: Face | None, measured: Mapping[str, float]) -> dict[str, Guess]:
    """By name; a name is absent where its place is not seen."""
    sees_skin = {"arms": measured["sees upper arm"] and measured["sees forearm"], "legs": measured["sees shin"]}
    found = {
        "hat": hat(view, measured),
        "glasses": glasses(view, face, measured),
        "scarf": scarf(view, measured),
        "bag": bag(measured),
        "shoes": shoes(view, measured),
        "gloves": worn_thing("gloves", measured) if _sees_hands(view) else None,
        "socks": worn_thing("socks", measured) if measured["sees shin"] else None,
        "hair": hair(view),
        "hair_length": hair_length(view, measured),
        **{name: answer(name, measured, TOLD[name]) if seen else None for name, seen in sees_skin.items()},
    }
    return {name: guess for name, guess in found.items() if guess is not None}


def worn_thing(name: str, measured: Mapping[str, float]) -> Guess:
    return answer(name, measured, TOLD[name])


def hat(view: FigureView, measured: Mapping[str, float]) -> Guess | None:
    """ "no" needs hair to be seen: a bare forehead may still carry a hat above the crop."""
    if not view.area(HEAD):
        return None
    guess = worn_thing("hat", measured)
    return untold(guess) if guess.value == "no" and view.area(HAIR) < LEAST_HAIR else guess


def glasses(view: FigureView, face: Face | None, measured: Mapping[str, float]) -> Guess | None:
    """ "no" needs a face that is large enough and not in profile."""
    if not view.area(FACE):
        return None
    guess = worn_thing("glasses", measured)
    hidden = face is not None and abs(face.quality.yaw) > TURNED_AWAY
    return untold(guess) if guess.value == "no" and (hidden or view.area(FACE) < LEAST_FACE) else guess


def scarf(view: FigureView, measured: Mapping[str, float]) -> Guess | None:
    """ "no" needs the neck: its skin, or a face above clothes."""
    sees_neck = view.area(ids("torso-skin", "face")) and view.area(ids("upper-clothes", "dress", "coat"))
    return worn_thing("scarf", measured) if sees_neck or view.area(GROUPS["scarf"]) else None


def bag(measured: Mapping[str, float]) -> Guess | None:
    """Never "no": a bag may hang on the far side, and not every engine sees bags."""
    guess = worn_thing("bag", measured)
    if guess.value == "yes":
        return guess
    return untold(guess) if measured["share of bag"] else None


def shoes(view: FigureView, measured: Mapping[str, float]) -> Guess | None:
    """ "no" needs bare feet: leg skin where the pose has them."""
    feet = [labels for labels in (view.along(27, 31), view.along(28, 32)) if labels is not None]
    on_body = [labels for labels in feet if np.count_nonzero(labels) * 2 > len(labels)]
    if not on_body and not view.area(SHOES):
        return None
    bare = on_body and all(np.isin(labels, LEGS).sum() > 0.8 * np.count_nonzero(labels) for labels in on_body)
    if bare and not view.area(SHOES):
        barefoot = BAREFOOT * float(acuity(view.resolution, HALF["barefoot"], STEEP))
        return guess_of({"no": barefoot, "yes": 1 - barefoot}, TOLD["shoes"])
    guess = worn_thing("shoes", measured)
    return untold(guess) if guess.value == "no" else guess


def hair(view: FigureView) -> Guess | None:
    """The colour's name: the lexicon's `[[hair]]`."""
    if view.area(HAIR) < LEAST_HAIR or view.area(HAIR) < HAIR_OF_HEAD * view.area(HEAD):
        return None
    colours = palette(view.swatches(HAIR))
    if not colours:
        return None
    (main, share) = colours[0]
    [(name, distance, _)] = name_colours([main], "hair")
    sure = view.confidence(HAIR) * math.sqrt(share) * float(acuity(view.resolution, HALF["hair"], STEEP))
    names = [entry.name for entry in entries("hair")]
    found = {n: sure * p + (1 - sure) / len(names) for n, p in zip(names, hair_chances(main), strict=True)}
    guess = guess_of(found, TOLD["hair"])
    strange = distance > NO_HAIR_COLOUR or (name == "white" and share < PURE_WHITE)
    return untold(guess) if strange or view.resolution < HALF["hair"] else guess


def hair_length(view: FigureView, measured: Mapping[str, float]) -> Guess | None:
    """None without a face, or under a hat."""
    if not view.area(GROUPS["face"]) or view.area(GROUPS["hat"]) > view.area(HAIR):
        return None
    guess = answer("hair_length", measured, TOLD["hair_length"])
    return guess if measured["hair measured"] or not view.area(HAIR) else untold(guess)


def _sees_hands(view: FigureView) -> bool:
    """Whether a wrist lies on the figure, or gloves are seen."""
    hands = [labels for labels in (view.along(15, 19), view.along(16, 20)) if labels is not None]
    return bool(view.area(GROUPS["gloves"])) or any(np.count_nonzero(labels) * 2 > len(labels) for labels in hands)
