"""A question → words of the lexicon, numbers and names, each with its place in the text."""

import functools
import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from mien.search.lexicon import Sense, vocabulary
from mien.search.query import Span
from mien.search.spelling import is_chinese, plain

_LONGEST = 9
"""A word has at most so many atoms: English words or Chinese characters."""
_NAME, _KNOWN, _PLACE, _UNKNOWN = 9, 10, 15, 25
"""What a reading costs, by word: the best has as few unknown characters as can be, then as few words."""
_LESS_THAN_NAMES = {"filler", "beyond", "kin"}
_OFTEN_ASKED = {"worn", "colour", "person"}
_SHORTEST_SLIP = 4
_QUOTES = set("'\"“”„‟‘’‚‛«»‹›「」『』《》〈〉〝〞〟′″")
"""Signs around words that say nothing."""
_LISTED = {"colour", "pattern", "sleeves", "worn", "person"}
"""Between two of these a stroke is "or": red/blue."""
_SURNAMES = {"张"}
"""That also counts sheets."""

_ATOM = re.compile(
    r"(?<!\d)(?:19|20)\d\d([-./])(?:1[0-2]|0?[1-9])\1(?:3[01]|[12]\d|0?[1-9])(?!\d)"  # 2024-05-03
    r"|(?<!\d)(?:3[01]|[12]\d|0?[1-9])([-./])(?:3[01]|[12]\d|0?[1-9])\2(?:19|20)\d\d(?!\d)"  # 3.5.2024
    r"|(?<![\d./-])(?:1[0-2]|0?[1-9])[/.](?:19|20)\d\d(?![\d./-])"  # 5/2024
    r"|(?<!\d)(?:19|20)\d\d[-/.](?:1[0-2]|0[1-9])(?![-./]?\d)"  # 2024-05
    r"|(?<![^\W\d_])w/o?(?![^\W\d_])"
    r"|(?<!\w)'\d\d(?!\d)"  # '69
    r"|\d+"
    r"|[㐀-鿿豈-﫿〇𠀀-𯿿]"
    r"|[^\W\d_㐀-鿿豈-﫿〇𠀀-𯿿]+"
    r"|\S"
)
_ENGLISH_NUMBERS = {
    name: n
    for n, name in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
} | {"dozen": 12, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100}
_DIGITS = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "俩": 2, "仨": 3}
_TENS = {"十": 10, "百": 100, "千": 1000}


@dataclass(frozen=True)
class Word:
    """A word of the question.

    Attributes:
        kind: of its sense in the lexicon; or "number", "date", "name", "place", "unknown".
        text: as it is written plainly, slips corrected.
        value: the number, the spans of days, the whole names, or the ids of the places that it may be.
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


class Callings(dict[str, frozenset[str]]):
    """How people of the library may be called, plainly → their whole names."""

    @functools.cached_property
    def parts(self) -> Mapping[str, int]:
        """All English words that are part of a word of the lexicon or of a name → how gladly a slip is taken for it."""
        found: dict[str, int] = {}
        for entry, sense in vocabulary().items():
            for part in entry.split():
                rank = 1 if sense.kind in _LESS_THAN_NAMES else 3 if sense.kind in _OFTEN_ASKED else 2
                found[part] = max(found.get(part, 0), rank)
        for part in (*(p for name in self for p in name.split()), *_ENGLISH_NUMBERS):
            found[part] = 3
        return {part: rank for part, rank in found.items() if not is_chinese(part[-1])}

    @functools.cached_property
    def parts_by_letter(self) -> Mapping[str, list[str]]:
        """Those that a slip may be of, by their first letter."""
        found: dict[str, list[str]] = {}
        for part in self.parts:
            if len(part) >= _SHORTEST_SLIP:
                found.setdefault(part[0], []).append(part)
        return found

    def corrected(self, word: str) -> str:
        """The one known word that `word` is a slip of; else `word`. Known words are never taken for others.

        One letter missing, too much, wrong or two in the wrong order (optimal string alignment); two in long words.
        """
        if len(word) < _SHORTEST_SLIP or word in self.parts:
            return word
        single = next((word[:i] + word[i + 1 :] for i in range(1, len(word)) if word[i] == word[i - 1]), "")
        if self.parts.get(single, 0) > 2:
            return single  # redd
        near = process.extract(
            word,
            self.parts_by_letter.get(word[0], ()),
            scorer=OSA.distance,
            score_cutoff=1 if len(word) < 8 else 2,
            limit=None,
        )
        ranked = sorted((distance, -self.parts[other], other) for other, distance, _ in near)
        if not ranked or (len(ranked) > 1 and ranked[0][:2] == ranked[1][:2] and not _same(ranked[0][2], ranked[1][2])):
            return word
        return ranked[0][2]


@dataclass(frozen=True)
class _Atom:
    text: str
    span: Span

    @property
    def is_chinese(self) -> bool:
        return is_chinese(self.text[-1])


def words(text: str, names: Callings, places: Callable[[str], tuple[str, ...]] = lambda _: ()) -> list[Word]:
    """The words of `text`, in order; blanks between them are left out.

    Args:
        places: what places something written plainly may be.
    """
    atoms = _atoms(plain(text), names, places)
    best: list[tuple[int, Word | None, int]] = [(0, None, 0)]
    for end in range(1, len(atoms) + 1):
        candidates: list[tuple[int, Word | None, int]] = []
        joined = ""
        for begin in range(end - 1, max(-1, end - 1 - _LONGEST), -1):
            gap = _gap(atoms[begin], atoms[begin + 1]) if begin + 1 < end else ""
            if gap is None:
                break
            joined = atoms[begin].text + gap + joined
            span = (atoms[begin].span[0], atoms[end - 1].span[1])
            read = _read(joined, text[slice(*span)], span, end - begin, names, places)
            if read is not None:
                candidates.append((best[begin][0] + read[0], read[1], begin))
        # of equals the one whose last word is longest
        best.append(min(candidates, key=lambda c: (c[0], c[2])))
    found: list[Word] = []
    at = len(atoms)
    while at:
        _, last, at = best[at]
        assert last is not None
        found.append(last)
    return _merged(found[::-1])


def _atoms(written: str, names: Callings, places: Callable[[str], tuple[str, ...]]) -> list[_Atom]:
    found: list[_Atom] = []
    for match in _ATOM.finditer(written):
        said = match[0]
        if said in _QUOTES or (said == "-" and _is_within(written, match.start())):
            continue
        said = {"w/": "with", "w/o": "without"}.get(said, said)
        if said[0] == "'":
            said = f"{'20' if said[1] in '012' else '19'}{said[1:]}"
        is_english = said.isalpha() and not is_chinese(said[0])
        if is_english and said not in names.parts and not places(said):
            said = names.corrected(said)
        found.append(_Atom(said, match.span()))
    return found


def _is_within(written: str, at: int) -> bool:
    """Whether this sign joins two parts of an English word: isn't, long-sleeved."""
    before, after = written[at - 1 : at], written[at + 1 : at + 2]
    return before.isalpha() and after.isalpha() and not is_chinese(before) and not is_chinese(after)


def _gap(one: _Atom, other: _Atom) -> str | None:
    """What stands between two atoms of one word; None: they are never of one."""
    if not (one.text[-1].isalnum() and other.text[0].isalnum()):
        return None
    if one.is_chinese or other.is_chinese:
        return "" if one.span[1] == other.span[0] else None
    return " "


def _read(
    joined: str,
    written: str,
    span: Span,
    atoms: int,
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
    if atoms == 1 and (days := _days(joined)):
        return _KNOWN, Word("date", joined, span, None, days)
    if found := places(joined):
        return _PLACE, Word("place", joined, span, None, found)
    if atoms > 1:
        return None
    if unicodedata.category(joined[0])[0] == "P":
        return _KNOWN, Word("comma", joined, span)
    return _UNKNOWN, Word("unknown", joined, span)


def number_of(text: str) -> int | None:
    """A whole number in digits, English or Chinese: "3", "three", "十二", "二〇一九"."""
    if text.isascii() and text.isdigit():
        return int(text) if len(text) <= 9 else None
    if text in _ENGLISH_NUMBERS:
        return _ENGLISH_NUMBERS[text]
    if not text or any(c not in _DIGITS and c not in _TENS for c in text):
        return None
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total, digit = 0, 0
    for c in text:
        if c in _TENS:
            total, digit = total + (digit or 1) * _TENS[c], 0
        else:
            digit = _DIGITS[c]
    return total + digit


def _days(text: str) -> tuple[tuple[date, date], ...]:
    """The day or the month that a date in digits gives; both days where day and month may be either."""
    parts = [int(part) for part in re.split(r"[-./]", text) if part.isdigit()]
    if len(parts) == 1 and len(text) == 8:
        parts = [int(text[:4]), int(text[4:6]), int(text[6:])]
    try:
        if len(parts) == 2 and max(parts) > 31:
            first = date(max(parts), min(parts), 1)
            return ((first, date(first.year, first.month, monthrange(first.year, first.month)[1])),)
        if len(parts) != 3:
            return ()
        if parts[0] > 31:
            day = date(*parts)
            return ((day, day),)
    except ValueError:
        return ()
    found: dict[tuple[date, date], None] = {}
    for month, day_of in ((parts[1], parts[0]), *(((parts[0], parts[1]),) if "/" in text else ())):
        with suppress(ValueError):
            found[(date(parts[2], month, day_of),) * 2] = None
    return tuple(found)


def _same(one: str, other: str) -> bool:
    """Singular and plural, or two spellings."""
    senses = vocabulary().get(one), vocabulary().get(other)
    return senses[0] is not None and senses[0] is senses[1]


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
