"""The words in which one asks, in English and Chinese, kept as data in `lexicon.toml`."""

import functools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any

from mien.language import Language

_NOUNS = {"worn", "person", "kin", "weekdays", "unit", "season"}


@dataclass(frozen=True, eq=False)
class Sense:
    """What a word means: the kind of word (its table's name in `lexicon.toml`), and what the table says besides."""

    kind: str
    facts: Mapping[str, Any]

    def __getitem__(self, fact: str) -> Any:
        return self.facts.get(fact)


@dataclass(frozen=True)
class Worn:
    """Something that can be worn.

    Attributes:
        things: the ids that a word for it asks for; its own, or several ("skirt or dress").
        answers: which traits show it: "place:garment" of a `Clothing`, or the place alone.
    """

    id: str
    label: Mapping[Language, str]
    things: frozenset[str]
    answers: tuple[str, ...]


def source() -> str:
    """The text of `lexicon.toml`."""
    return resources.files("mien.search").joinpath("lexicon.toml").read_text(encoding="utf-8")


@functools.cache
def tables() -> Mapping[str, list[dict[str, Any]]]:
    """`lexicon.toml` as it stands: the kind of word → its tables."""
    return tomllib.loads(source())


@functools.cache
def worn() -> Mapping[str, Worn]:
    """All that can be worn, by id."""
    return {
        row["id"]: Worn(row["id"], row["label"], frozenset(row.get("any", [row["id"]])), tuple(row.get("answers", ())))
        for row in tables()["worn"]
    }


def plural(noun: str) -> str:
    """The regular plural of an English noun: "dress" → "dresses"."""
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def rows() -> Iterator[tuple[Sense, list[str], list[str]]]:
    """Each meaning with its words in English and in Chinese, as they stand in `lexicon.toml`."""
    for kind, listed in tables().items():
        for row in listed:
            for words in row.get("words", [row]):
                facts = {name: value for name, value in (row | words).items() if name not in ("en", "zh", "words")}
                yield Sense(kind, MappingProxyType(facts)), words.get("en", []), words.get("zh", [])


@functools.cache
def vocabulary() -> Mapping[str, Sense]:
    """All words, small and simplified, English ones with their plurals.

    Raises:
        ValueError: a word stands in two places.
    """
    found: dict[str, Sense] = {}
    formed: dict[str, Sense] = {}
    for sense, english, chinese in rows():
        for entry in english:
            word, _, irregular = entry.partition("/")
            _add(found, word, sense)
            if irregular:
                _add(found, irregular, sense)
            elif sense.kind in _NOUNS or sense["thing"]:
                formed.setdefault(plural(word), sense)
        for word in chinese:
            _add(found, word, sense)
    return {**formed, **found}


def _add(found: dict[str, Sense], word: str, sense: Sense) -> None:
    if found.get(word, sense) is not sense:
        raise ValueError(f"lexicon.toml: “{word}” stands under {found[word].kind} and under {sense.kind}")
    found[word] = sense
