"""A result in plain words."""

from mien.language import Language, current_language, text
from mien.search.answering import Result
from mien.search.reasons import in_words


def why(result: Result, language: Language | None = None) -> tuple[str, ...]:
    """Why a photo was found: a line for each person who is meant, then what is true of the whole photo."""
    language = language or current_language()
    people: dict[int, list[str]] = {}
    for reason in result.why:
        if reason.figure is not None:
            people.setdefault(reason.figure, []).append(in_words(reason, language))
    comma = text("found.comma", language=language)
    lines = [
        comma.join(words)
        if len(result.figure_ids) < 2
        else text("found.who", language=language, number=figure + 1, what=comma.join(words))
        for figure, words in people.items()
    ]
    return (*lines, *(in_words(reason, language) for reason in result.why if reason.figure is None))
