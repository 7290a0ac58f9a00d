"""A question → words of the lexicon, numbers and names, each with its place in the text."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from mien.search.atoms import atoms, gap
from mien.search.lexicon import Sense, vocabulary
from mien.search.numerals import clock_of, days_of, number_of
from mien.search.query import Span
from mien.search.slips import Callings
from mien.search.spelling import is_chinese, plain

_LONGEST = 9
"""A word has at most so many atoms: English words or Chinese characters."""
_NAME, _KNOWN, _PLACE, _UNKNOWN = 9, 10, 15, 25
"""What a reading costs, by word: the best has as few unknown characters as can be, then as few words."""
_LESS_THAN_NAMES = {"filler", "beyond", "kin"}
_LISTED = {"colour", "pattern", "sleeves", "worn", "person"}
"""Between two of these a stroke is "or": red/blue."""
_SURNAMES = {"张"}
"""That also counts sheets."""


@dataclass(frozen=True)
class Word:
    """A word of the question.

    Attributes:
        kind: of its sense in the lexicon; or "number", "date", "clock", "name", "place", "unknown".
        text: as it is written plainly, slips corrected.
        value: the number, the spans of days, the hour and minute, the whole names, or the ids of the places that
            it may be.
    """

    kind: str
    text: str
    span: Span
    sense: Sense | None = None
    value: Any = None

    def __getitem__(self, fact: str) -> Any:
        return None if self.sense is None else self.sense[fact]

    @property
    def is_chinese(self) -> bool:
        return is_chinese(self.text[-1:])


def words(text: str, names: Callings, places: Callable[[str], tuple[str, ...]] = lambda _: ()) -> list[Word]:
    """The words of `text`, in order; blanks between them are left out.

    Args:
        places: what places something written plainly may be.
    """
    parts = atoms(text, names, places)
    best: list[tuple[int, Word | None, int]] = [(0, None, 0)]
    for end in range(1, len(parts) + 1):
        candidates: list[tuple[int, Word | None, int]] = []
        joined = ""
        for begin in range(end - 1, max(-1, end - 1 - _LONGEST), -1):
            between = gap(parts[begin], parts[begin + 1]) if begin + 1 < end else ""
            if between is None:
                break
            joined = parts[begin].text + between + joined
            span = (parts[begin].span[0], parts[end - 1].span[1])
            read = _read(joined, text[slice(*span)], span, end - begin, names, places)
            if read is not None:
                candidates.append((best[begin][0] + read[0], read[1], begin))
        # of equals the one whose last word is longest
        best.append(min(candidates, key=lambda c: (c[0], c[2])))
    found: list[Word] = []
    at = len(parts)
    while at:
        _, last, at = best[at]
        assert last is not None
        found.append(last)
    return _of_one_name(_merged(found[::-1]), text)


def _read(
    joined: str,
    written: str,
    span: Span,
    count: int,
    names: Callings,
    places: Callable[[str], tuple[str, ...]],
) -> tuple[int, Word] | None:
    """`joined` as one word, with what it costs; None where it is none."""
    sense = vocabulary().get(joined)
    if joined in names:
        by_case = not is_chinese(joined[0]) and not written[:1].isupper()
        if sense is not None and sense.kind == "month":  # which of them, its neighbours tell
            return _NAME, Word("month", joined, span, sense, names[joined])
        if sense is None or not by_case or sense.kind in _LESS_THAN_NAMES:
            return _NAME, Word("name", joined, span, sense, names[joined])
    if sense is not None:
        maybe = places(joined) if sense.kind == "beyond" and written[:1].isupper() else ()
        return _KNOWN, Word(sense.kind, joined, span, sense, maybe or None)
    if (number := number_of(joined)) is not None:
        return _KNOWN, Word("number", joined, span, None, number)
    if count == 1 and (days := days_of(joined)):
        return _KNOWN, Word("date", joined, span, None, days)
    if count == 1 and (clock := clock_of(joined)):
        return _KNOWN, Word("clock", joined, span, None, clock)
    if found := places(joined):
        return _PLACE, Word("place", joined, span, None, found)
    if count > 1:
        return None
    if unicodedata.category(joined[-1])[0] == "P":
        return _KNOWN, Word("comma", joined, span)
    return _UNKNOWN, Word("unknown", joined, span)


def _merged(found: list[Word]) -> list[Word]:
    """Unknown Chinese characters in a row are one word, also with a particle between them.

    What counts things, but stands behind no number, is a surname or means nothing.
    """
    merged: list[Word] = []
    for at, word in enumerate(found):
        if word.text == "/" and 0 < at < len(found) - 1 and found[at - 1].kind == found[at + 1].kind in _LISTED:
            word = replace(word, kind="or")
        if word.kind == "measure" and not (merged and merged[-1].kind in ("number", "bound", "measure")):
            word = replace(word, kind="unknown" if word.text in _SURNAMES else "filler")
        last = merged[-1] if merged else None
        if word.kind == "number" and last is not None and last.text == "第":  # the second one is none of two
            word = replace(word, kind="unknown")
        following = found[at + 1] if at + 1 < len(found) else None
        within = word.kind == "filler" and len(word.text) == 1 and following is not None and _goes_on(word, following)
        if last is not None and (word.kind == "unknown" or within) and _goes_on(last, word, is_first=True):
            merged[-1] = replace(last, text=last.text + word.text, span=(last.span[0], word.span[1]))
        else:
            merged.append(word)
    return merged


def _goes_on(one: Word, other: Word, *, is_first: bool = False) -> bool:
    """Whether two Chinese words stand together and the other one is unknown; the one as well if it `is_first`."""
    together = one.is_chinese and other.is_chinese and one.span[1] == other.span[0]
    return together and (one.kind if is_first else other.kind) == "unknown"


def _of_one_name(found: list[Word], text: str) -> list[Word]:
    """Names in a row that somebody has all of are that one's: Anna Schmidt, of Anna Maria Schmidt.

    But two whole names are two people: Maria Anna.
    """
    merged: list[Word] = []
    for word in found:
        last = merged[-1] if merged else None
        if last is not None and last.kind == word.kind == "name" and text[last.span[1] : word.span[0]] in (" ", "-"):
            both = last.value & word.value
            if both and not (_is_whole(last) and _is_whole(word)):
                span = (last.span[0], word.span[1])
                merged[-1] = replace(last, text=f"{last.text} {word.text}", span=span, sense=None, value=both)
                continue
        merged.append(word)
    return merged


def _is_whole(name: Word) -> bool:
    return any(plain(whole) == name.text for whole in name.value)
