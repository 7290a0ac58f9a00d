"""Hat, glasses, scarf, bag, shoes and hair: seen, not there, or not to be told."""

import math
from dataclasses import dataclass

import numpy as np

from mien.faces.face import Face
from mien.parsing.parse import BAG
from mien.traits.lexicon import name_colours
from mien.traits.palette import gather, palette
from mien.traits.regions import LEGS, SHOES, FigureView, ids
from mien.traits.traits import UNKNOWN, Guess

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


LEAST_HAIR_CONFIDENCE = 0.2

NO_HAIR_COLOUR = 15.0
"""ΔE₀₀ from every prototype: dyed pink or blue, which the list has no name for."""

PURE_WHITE = 0.65
"""Share that must be white: a bright background shines through thin hair, and its rim is easily taken for hair."""


@dataclass(frozen=True)
class Criterion:
    """When a part counts as worn: if its share of what it is worn on is large enough, and it is likely there.

    Between `DOUBT` (of `share`) and `share`, or where it is not `LIKELY`, the answer is "unknown".
    """

    parts: tuple[int, ...]
    place: tuple[int, ...]
    share: float


# Shares: set on CCP's validation photos, so that most "yes" are right (tests/quality/test_traits.py).
HAT = Criterion(ids("hat"), HEAD, share=0.08)
GLASSES = Criterion(ids("sunglasses"), FACE, share=0.06)
SCARF = Criterion(ids("scarf"), tuple(range(1, BAG)), share=0.02)
CARRIED = Criterion((BAG,), tuple(range(1, BAG)), share=0.01)
SHOD = Criterion(SHOES, tuple(range(1, BAG)), share=0.003)

LIKELY = 0.5
"""Confidence above which a part is rather there than not: engines give calibrated ones."""

DOUBT = 0.4
"""A part with less than 40 % of the share that counts is noise beside a visible place: "no"."""


def accessories(view: FigureView, face: Face | None) -> dict[str, Guess]:
    """By name; a name is absent where its place is not seen."""
    found = {
        "hat": hat(view),
        "glasses": glasses(view, face),
        "scarf": scarf(view),
        "bag": bag(view),
        "shoes": shoes(view),
        "hair": hair(view),
    }
    return {name: guess for name, guess in found.items() if guess is not None}


def hat(view: FigureView) -> Guess | None:
    """ "no" needs hair to be seen: a bare forehead may still carry a hat above the crop."""
    if not view.area(HEAD):
        return None
    if guess := _seen(view, HAT):
        return guess
    bare = view.area(HAIR)
    return Guess("no", view.confidence(HAIR)) if bare >= LEAST_HAIR else Guess(UNKNOWN, 0.0)


def glasses(view: FigureView, face: Face | None) -> Guess | None:
    """ "no" needs a face that is large enough and not in profile; engines miss thin frames, so it is never sure."""
    if not view.area(FACE):
        return None
    if guess := _seen(view, GLASSES):
        return guess
    hidden = face is not None and abs(face.quality.yaw) > TURNED_AWAY
    if hidden or view.area(FACE) < LEAST_FACE:
        return Guess(UNKNOWN, 0.0)
    return Guess("no", 0.8 * view.confidence(FACE))


def scarf(view: FigureView) -> Guess | None:
    """ "no" needs the neck: its skin, or a face above clothes."""
    if guess := _seen(view, SCARF):
        return guess
    neck = ids("torso-skin") if view.area(ids("torso-skin")) else ids("face")
    clothes = ids("upper-clothes", "dress", "coat")
    if not view.area(neck) or not view.area(clothes):
        return None
    return Guess("no", min(view.confidence(neck), view.confidence(clothes)))


def bag(view: FigureView) -> Guess | None:
    """Never "no": a bag may hang on the far side, and not every engine sees bags."""
    return _seen(view, CARRIED)


def shoes(view: FigureView) -> Guess | None:
    """ "no" needs bare feet: leg skin where the pose has them."""
    if guess := _seen(view, SHOD):
        return guess
    feet = [labels for labels in (view.along(27, 31), view.along(28, 32)) if labels is not None]
    on_body = [labels for labels in feet if np.count_nonzero(labels) * 2 > len(labels)]
    if not on_body:
        return None
    if all(np.isin(labels, LEGS).sum() > 0.8 * np.count_nonzero(labels) for labels in on_body):
        return Guess("no", 0.7 * view.confidence(LEGS))
    return Guess(UNKNOWN, 0.0)


def hair(view: FigureView) -> Guess | None:
    """The colour's name: the lexicon's `[[hair]]`."""
    if view.area(HAIR) < LEAST_HAIR or view.area(HAIR) < HAIR_OF_HEAD * view.area(HEAD):
        return None
    colours = palette(gather(view.region(HAIR)))
    if not colours:
        return None
    (main, share) = colours[0]
    [(name, distance, clear)] = name_colours([main], "hair")
    confidence = view.confidence(HAIR) * math.sqrt(clear * share)
    if confidence < LEAST_HAIR_CONFIDENCE or distance > NO_HAIR_COLOUR or (name == "white" and share < PURE_WHITE):
        return Guess(UNKNOWN, confidence)
    return Guess(name, confidence)


def _seen(view: FigureView, kind: Criterion) -> Guess | None:
    """ "yes" if it is clearly worn, "unknown" if it may be, None if there is (almost) none of it."""
    place = view.area(kind.place)
    share = view.area(kind.parts) / place if place else 0.0
    if share < DOUBT * kind.share:
        return None
    confidence = view.confidence(kind.parts) * min(1.0, (share / kind.share) ** 0.5)
    if share >= kind.share and view.confidence(kind.parts) > LIKELY:
        return Guess("yes", confidence)
    return Guess(UNKNOWN, confidence)
