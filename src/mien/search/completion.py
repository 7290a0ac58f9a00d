"""What the beginning of a word in the search box may become: names, garments, colours, people, relations, times."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mien.language import LANGUAGES, Language
from mien.search.lexicon import rows, tables
from mien.search.query import Span
from mien.search.spelling import is_chinese, plain

_KINDS = ("worn", "colour", "person", "pattern", "look", "relation", "together", "alone", "nobody_else", "period",
          "season", "holiday", "weekdays", "months", "month", "hours")  # fmt: skip
_WORDS_OF_EACH = 6
"""So many words of a meaning are offered; the first ones are the commonest."""
_LONGEST = 24
"""So many characters before the cursor may be the beginning of one word."""


@dataclass(frozen=True)
class Completion:
    """A word that goes on from what is written.

    Attributes:
        label: the word, or the name.
        kind: "name", or the kind of word in the lexicon.
        span: what it replaces, up to the cursor.
        text: the whole text with it.
    """

    label: str
    kind: str
    span: Span
    text: str


@dataclass(frozen=True)
class _Candidate:
    label: str
    kind: str
    keys: tuple[str, ...]  # as it may be begun: plainly, and in pinyin


def complete(text: str, cursor: int, names: Sequence[str], limit: int = 8) -> tuple[Completion, ...]:
    """Words and names that go on from what stands before `cursor`, the longest beginning first; none of a blank.

    Names come first, then words of the letters that are being typed, whatever the user's language; Chinese ones are
    found by their pinyin too, with or without blanks, or by its first letters. Behind a colour only what is worn is
    offered.
    """
    written = plain(text[:cursor])
    typed, other = LANGUAGES if not is_chinese(written[-1:]) else LANGUAGES[::-1]
    known = (*_of_names(tuple(names)), *_words(typed), *_words(other))
    found: dict[str, Completion] = {}
    for first in _beginnings(written):
        begun = written[first:].replace("-", " ")
        behind_colour = written[:first].rstrip().endswith((*_colours("en"), *_colours("zh")))
        for candidate in known:
            if behind_colour and candidate.kind != "worn":
                continue
            begins = any(key.startswith(begun) for key in candidate.keys) and begun not in (candidate.keys[0], "")
            if begins and candidate.label not in found:
                gap = "" if is_chinese(candidate.label[-1]) or text[cursor : cursor + 1].isspace() else " "
                after = text[:first] + candidate.label + gap + text[cursor:]
                found[candidate.label] = Completion(candidate.label, candidate.kind, (first, cursor), after)
                if len(found) == limit:
                    return tuple(found.values())
    return tuple(found.values())


def _beginnings(written: str) -> Iterator[int]:
    """Where the word that is being typed may begin, the farthest first: after a blank, or at any Chinese character."""
    for first in range(max(0, len(written) - _LONGEST), len(written)):
        before, letter = written[first - 1 : first], written[first]
        if letter.isalnum() and (is_chinese(letter) or not before.isalnum() or is_chinese(before)):
            yield first


@functools.lru_cache(maxsize=4)
def _of_names(names: tuple[str, ...]) -> tuple[_Candidate, ...]:
    found: list[_Candidate] = []
    for name in names:
        parts = plain(name).replace("(", " ").replace(")", " ").split()
        starts = [" ".join(parts[at:]) for at in range(len(parts))]
        found.append(_Candidate(name, "name", tuple(dict.fromkeys((plain(name), *starts, *_pinyin(name))))))
    return tuple(found)


@functools.cache
def _words(language: Language) -> tuple[_Candidate, ...]:
    """The commonest words of each meaning, in the order of what is asked for; most that mean less come last."""
    found: list[tuple[tuple[bool, int, bool, int, bool], _Candidate]] = []
    for sense, english, chinese in rows():
        if sense.kind not in _KINDS:
            continue
        says_more = any(sense[fact] for fact in ("sleeves", "hem", "pattern"))
        for place, word in enumerate((chinese if language == "zh" else english)[:_WORDS_OF_EACH]):
            label = word.partition("/")[0]
            if len(label) > 1:
                is_narrower = bool(sense["narrower"])
                order = (is_narrower and place > 1, _KINDS.index(sense.kind), says_more, place, is_narrower)
                found.append((order, _Candidate(label, sense.kind, (label, *_pinyin(label)))))
    return tuple(candidate for _, candidate in sorted(found, key=lambda one: one[0]))


@functools.cache
def _colours(language: Language) -> tuple[str, ...]:
    """All words for colours, "red " and 红色."""
    return tuple(word for row in tables()["colour"] for word in row.get(language, ()) if len(word) > 1)


def _pinyin(word: str) -> tuple[str, ...]:
    """How a Chinese word is typed: "hongse", "hong se", "hs"."""
    if not is_chinese(word[0]):
        return ()
    from pypinyin import Style, lazy_pinyin

    syllables = lazy_pinyin([c for c in word if is_chinese(c)], style=Style.NORMAL)
    return "".join(syllables), " ".join(syllables), "".join(s[:1] for s in syllables)
