"""A result in plain words, and as a row for programs."""

from dataclasses import dataclass

from mien.language import Language, current_language, text
from mien.search.answering import Result
from mien.search.reasons import in_words, missed_text


@dataclass(frozen=True)
class FoundRow:
    """One photo that was found.

    Attributes:
        photo: a path of it; None if no file of it is left.
        figure_ids: who is meant, in the order of the question.
        score: 0–1, how likely it is that the photo is what was asked for.
        why: in words.
        near: whether it is but almost what was asked for, and `missed`: what alone it is not, if it is that.
    """

    photo: str | None
    photo_id: str
    figure_ids: tuple[str, ...]
    score: float
    why: tuple[str, ...]
    near: bool = False
    missed: str | None = None


def row(result: Result, path: str | None, *, near: bool = False) -> FoundRow:
    """A result as programs read it."""
    missed = None if result.missed is None else missed_text(result.missed)
    return FoundRow(path, result.photo_id, result.figure_ids, result.score, why(result), near, missed)


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
