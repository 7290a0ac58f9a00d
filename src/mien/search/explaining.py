"""A result in plain words: why it was found, and what it lacks."""

from mien.language import Language, current_language, text
from mien.search.answering import Result
from mien.search.places import display_name
from mien.search.query import Relation, When, Where
from mien.search.reasons import condition_text, in_words


def why(result: Result, language: Language | None = None) -> tuple[str, ...]:
    """Why a photo was found: a line for each person who is meant, then what is true of the whole photo."""
    language = language or current_language()
    said = [
        (
            reason.figure,
            in_words(
                reason, place_name=display_name(reason.place, language) if reason.place else "", language=language
            ),
        )
        for reason in result.why
    ]
    people: dict[int, list[str]] = {}
    for figure, words in said:
        if figure is not None:
            people.setdefault(figure, []).append(words)
    comma = text("found.comma", language=language)
    lines = [
        comma.join(words)
        if len(result.figure_ids) < 2
        else text("found.who", language=language, number=figure + 1, what=comma.join(words))
        for figure, words in people.items()
    ]
    return (*lines, *(words for figure, words in said if figure is None))


def lacks(result: Result, language: Language | None = None) -> str:
    """What alone a near miss is not as was asked; "" if it is only less likely."""
    language = language or current_language()
    match result.missed:
        case None:
            return ""
        case "people" | "nobody else":
            return text(f"found.lacks.{result.missed.replace(' ', '-')}", language=language)
        case When():
            return text("found.lacks.time", language=language)
        case Where(place):
            return text("found.lacks.place", language=language, place=display_name(place, language))
        case Relation(kind):
            return text(f"found.lacks.{kind.replace(' ', '-')}", language=language)
        case condition:
            return text("found.lacks.condition", language=language, what=condition_text(condition, language))
