"""Why a photo was found, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from mien.language import Language, current_language, text
from mien.search import lexicon
from mien.search.query import Condition, Looks, Named, Wears
from mien.traits.lexicon import display_name
from mien.traits.wording import guess_text

Kind = Literal[
    "is", "left of", "beside", "nobody", "nobody else", "people", "taken", "place", "garment", "colour", "outfit"
]


@dataclass(frozen=True)
class Reason:
    """One reason.

    Attributes:
        kind: "is": a figure meets a condition; "left of", "beside": how two of them stand; "nobody": nobody meets
            `conditions`; "nobody else", "people": how many there are; "taken", "place": when and where; the rest: a
            figure resembles the one that was asked for in this.
        figure, other: which of the result's figures are meant.
        chance: 0–1.
    """

    kind: Kind
    figure: int | None = None
    other: int | None = None
    chance: float | None = None
    condition: Condition | None = None
    conditions: tuple[Condition, ...] = ()
    count: int | None = None
    day: date | None = None
    hour: int | None = None
    place: str | None = None


def in_words(reason: Reason, *, place_name: str = "", language: Language | None = None) -> str:
    """ "blue top (0.83)", "12 July 2025": in the user's language. `place_name`: what `reason.place` is called."""
    language = language or current_language()
    match reason.kind:
        case "is":
            assert reason.condition is not None
            return _with_chance(condition_text(reason.condition, language), reason.chance)
        case "nobody":
            what = text("found.and", language=language).join(condition_text(c, language) for c in reason.conditions)
            return _with_chance(text("found.nobody", language=language, what=what), reason.chance)
        case "taken":
            assert reason.day is not None
            return day_text(reason.day, reason.hour, language)
        case "place":
            return text("found.place", language=language, place=place_name)
        case "people":
            return text("found.person" if reason.count == 1 else "found.people", language=language, n=reason.count)
        case "left of" | "beside":
            number = None if reason.other is None else reason.other + 1
            return text(f"found.{reason.kind.replace(' ', '-')}", language=language, number=number)
        case _:
            return _with_chance(text(f"found.{reason.kind.replace(' ', '-')}", language=language), reason.chance)


def condition_text(condition: Condition, language: Language | None = None) -> str:
    """A condition: "blue top", "no hat", "known as Anna", "looks feminine"."""
    language = language or current_language()
    match condition:
        case Wears():
            said = _wears(condition, language)
            return said if condition.is_so else text("found.without", language=language, what=said)
        case Named():
            names = text("found.or", language=language).join(sorted(condition.names))
            return text("found.named" if condition.is_so else "found.not-named", language=language, name=names)
        case Looks():
            said = _looks(condition, language)
            if condition.aspect in ("style", "age_group"):
                return text("found.seems" if condition.is_so else "found.seems-not", language=language, what=said)
            return said if condition.is_so else text("found.not", language=language, what=said)


def day_text(day: date, hour: int | None, language: Language) -> str:
    """ "12 July 2025", with the hour if one is given."""
    month = text(f"found.month.{day.month}", language=language)
    said = text("found.day", language=language, day=day.day, month=month, year=day.year)
    return said if hour is None or hour < 0 else text("found.hour", language=language, day=said, hour=f"{hour:02}")


def _wears(condition: Wears, language: Language) -> str:
    sets = [[display_name(name, "colour", language) for name in sorted(names)] for names in condition.colours]
    colours = text("found.or", language=language).join(text("found.and", language=language).join(s) for s in sets)
    words = [colours, *(_detail(condition, kind, language) for kind in ("hem", "sleeves", "pattern"))]
    words.append(_things(condition.things, language))
    return ("" if language == "zh" else " ").join(word for word in words if word)


def _detail(condition: Wears, kind: str, language: Language) -> str:
    value = getattr(condition, kind)
    table = {"hem": "length"}.get(kind, kind)
    labels = {row["is"]: row["label"] for row in lexicon.tables()[table] if "label" in row}
    return "" if value is None else str(labels[value][language])


def _things(things: frozenset[str], language: Language) -> str:
    known = lexicon.worn()
    for one in known.values():
        if one.things == things:
            return one.label[language]
    return text("found.or", language=language).join(known[thing].label[language] for thing in sorted(things))


def _looks(condition: Looks, language: Language) -> str:
    words: Sequence[str]
    if condition.aspect == "bare":
        words = [text(f"found.bare.{value}", language=language) for value in sorted(condition.values)]
    else:
        words = [guess_text(condition.aspect, value, language) for value in sorted(condition.values)]
    said = text("found.or", language=language).join(words)
    return text("found.hair", language=language, colour=said) if condition.aspect == "hair" else said


def _with_chance(said: str, chance: float | None) -> str:
    return said if chance is None else f"{said} ({chance:.2f})"
