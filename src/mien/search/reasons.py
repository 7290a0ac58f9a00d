"""Why a photo was found, in plain words."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from mien.language import Language, current_language, text
from mien.search import places
from mien.search.query import Condition, Either, Looks, Named, Relation, Wears, When, Where
from mien.search.wording import condition_label, everybody_label, joined

Kind = Literal[
    "is", "left of", "beside", "leftmost", "rightmost", "nobody", "nobody else", "people", "taken", "place", "garment",
    "colour", "outfit",
]  # fmt: skip


Crowd = Literal["people", "nobody else"]

Missed = Condition | Relation | When | Where | Crowd
"""What a near miss is not: a condition, a relation, a time, a place; or how many people there are."""


@dataclass(frozen=True)
class Reason:
    """One reason.

    Attributes:
        kind: "is": a figure meets a condition; "left of", "beside": how two of them stand, "leftmost", "rightmost":
            one; "nobody": nobody meets `conditions`; "nobody else", "people": how many there are; "taken", "place":
            when and where; the rest: a figure resembles the one that was asked for in this.
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


def in_words(reason: Reason, language: Language | None = None) -> str:
    """ "blue top (83 %)", "12 July 2025": in the user's language."""
    language = language or current_language()
    match reason.kind:
        case "is":
            assert reason.condition is not None
            is_decided = isinstance(reason.condition, Named) and reason.chance == 1
            said = condition_text(reason.condition, language)
            return said if is_decided else _with_chance(said, reason.chance)
        case "nobody" if of_everybody := everybody_label(reason.conditions, language):
            return _with_chance(of_everybody, reason.chance)
        case "nobody":
            what = joined([condition_text(c, language) for c in reason.conditions], "listed", language)
            return _with_chance(text("found.nobody", language=language, what=what), reason.chance)
        case "taken":
            assert reason.day is not None
            return day_text(reason.day, reason.hour, language)
        case "place":
            assert reason.place is not None
            return text("found.place", language=language, place=places.display_name(reason.place, language))
        case "people":
            return text("found.person" if reason.count == 1 else "found.people", language=language, n=reason.count)
        case "left of" | "beside":
            number = None if reason.other is None else reason.other + 1
            return text(f"found.{reason.kind.replace(' ', '-')}", language=language, number=number)
        case _:
            return _with_chance(text(f"found.{reason.kind.replace(' ', '-')}", language=language), reason.chance)


def condition_text(condition: Condition, language: Language | None = None) -> str:
    """A condition that somebody meets: "top: blue", "known as Anna"."""
    language = language or current_language()
    said = condition_label(condition, language)
    is_name = isinstance(condition, Named) and condition.is_so
    return text("found.named", language=language, name=said) if is_name else said


def missed_text(missed: Missed, language: Language | None = None) -> str:
    """What a near miss is not: "not as asked: red top"."""
    language = language or current_language()
    match missed:
        case Wears() | Looks() | Named() | Either():
            what = condition_text(missed, language)
        case Relation():
            what = text(f"found.missed.{missed.kind.replace(' ', '-')}", language=language)
        case When():
            what = text("found.missed.when", language=language)
        case Where():
            what = text("found.missed.where", language=language)
        case _:
            what = text(f"found.missed.{missed.replace(' ', '-')}", language=language)
    return text("found.missed.what", language=language, what=what)


def day_text(day: date, hour: int | None, language: Language) -> str:
    """ "12 July 2025", with the hour if one is given."""
    month = text(f"found.month.{day.month}", language=language)
    said = text("found.day", language=language, day=day.day, month=month, year=day.year)
    return said if hour is None or hour < 0 else text("found.hour", language=language, day=said, hour=f"{hour:02}")


def _with_chance(said: str, chance: float | None) -> str:
    # Nothing that was guessed is ever quite certain.
    return said if chance is None else f"{said} ({min(99, round(chance * 100))}\xa0%)"
