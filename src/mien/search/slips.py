"""All words that can be meant, those of the library's names among them, and what a slip of the pen is taken for."""

import functools
from collections.abc import Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from mien.search.lexicon import vocabulary
from mien.search.numerals import ENGLISH_NUMBERS
from mien.search.spelling import is_chinese

_LESS_GLADLY = {"filler", "beyond", "kin"}
_OFTEN_ASKED = {"worn", "colour", "person"}
_SHORTEST_SLIP = 4


class Callings(dict[str, frozenset[str]]):
    """How people of the library may be called, plainly → their whole names."""

    @functools.cached_property
    def parts(self) -> Mapping[str, int]:
        """All English words that are part of a word of the lexicon or of a name → how gladly a slip is taken for it."""
        found: dict[str, int] = {}
        for entry, sense in vocabulary().items():
            for part in entry.split():
                rank = 1 if sense.kind in _LESS_GLADLY else 3 if sense.kind in _OFTEN_ASKED else 2
                found[part] = max(found.get(part, 0), rank)
        for part in (*(p for name in self for p in name.split()), *ENGLISH_NUMBERS):
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


def _same(one: str, other: str) -> bool:
    """Singular and plural, or two spellings."""
    senses = vocabulary().get(one), vocabulary().get(other)
    return senses[0] is not None and senses[0] is senses[1]
