"""Reasons in plain words: "same red coat, 4 minutes apart; faces 0.41"."""

import math
from collections.abc import Sequence

from mien.language import Language, text
from mien.people.evidence import Reason
from mien.traits.lexicon import basic_colour, display_name
from mien.traits.traits import UNKNOWN, Clothing, Traits
from mien.traits.wording import garment_text

CLEAR = 0.7
"""Natural logarithm of odds (two to one) from which a reason speaks for or against."""

_BESIDES = ("company", "crowded", "child", "same-photo")
_TOLD = ("clothes", "garments", "place", "hair", "build", "faces")  # in this order


def in_words(
    reasons: Sequence[Reason], one: Traits | None = None, other: Traits | None = None, language: Language | None = None
) -> str:
    """What speaks for and against two figures being one person, with garments and colours where `one` and `other` (the
    figures' traits) name the same ones; the distance of faces is that of their vectors: 0 the same, 0.6 two people."""
    found = {reason.kind: reason for reason in reasons}
    if (clothes := found.get("clothes")) and clothes.log_odds > CLEAR and _shared(one, other, language):
        found.pop("garments", None)  # "same red coat" says it
    told = [_told(found[kind], one, other, language) for kind in _TOLD if kind in found]
    if "faces" not in found and "same-photo" not in found:
        told.append(text("review.reason.no-face", language=language))
    told += [text(f"review.reason.{kind}", language=language) for kind in _BESIDES if kind in found]
    seconds = [s for r in reasons if isinstance(s := r.facts.get("seconds"), float) and math.isfinite(s)]
    if seconds and told:
        told[0] += text("review.reason.comma", language=language) + apart(seconds[0], language)
    return text("review.reason.semicolon", language=language).join(told)


def apart(seconds: float, language: Language | None = None) -> str:
    """How far two photos of a moment are apart: "4 minutes apart"."""
    unit, size = next(
        (u, s) for u, s in (("hours", 3600), ("minutes", 60), ("seconds", 1)) if seconds >= 2 * s or s == 1
    )
    n = round(seconds / size)
    return text(f"review.apart.{unit}.{'one' if n == 1 else 'many'}", n=n, language=language)


def _told(reason: Reason, one: Traits | None, other: Traits | None, language: Language | None) -> str:
    way = "alike" if reason.log_odds > CLEAR else "different" if reason.log_odds < -CLEAR else "unclear"
    if reason.kind == "clothes" and way == "alike" and (what := _shared(one, other, language)):
        return text("review.reason.clothes.same", what=what, language=language)
    distance = math.sqrt(max(0.0, float(reason.facts.get("distance", 0.0))))
    return text(f"review.reason.{reason.kind}.{way}", distance=f"{distance:.2f}", language=language)


def _shared(one: Traits | None, other: Traits | None, language: Language | None) -> str:
    """The garments, with their colours, that both wear: "red coat and blue trousers"; at most two."""
    if one is None or other is None:
        return ""
    worn = [
        _garment(one.clothing[place], other.clothing[place], language)
        for place in ("dress", "upper", "lower")
        if place in one.clothing and place in other.clothing
    ]
    found = [words for words in worn if words][:2]
    if len(found) == 2:
        return text("review.reason.clothes.and", one=found[0], other=found[1], language=language)
    return "".join(found)


def _garment(one: Clothing, other: Clothing, language: Language | None) -> str:
    """This garment, if it is the same with both and of one basic colour."""
    if one.garment != other.garment or one.garment == UNKNOWN or not one.colours or not other.colours:
        return ""
    mine, theirs = one.colours[0].name, other.colours[0].name
    try:
        colour = mine if mine == theirs else basic_colour(mine) if basic_colour(mine) == basic_colour(theirs) else ""
    except KeyError:  # a name that an older lexicon had
        colour = ""
    if not colour:
        return ""
    words = {"colour": display_name(colour, language=language), "garment": garment_text(one.garment, language)}
    return text("review.reason.clothes.garment", language=language, **words)
