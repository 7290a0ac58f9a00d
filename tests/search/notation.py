"""Queries in the notation of the question files (tests/search/questions)."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from mien.search.places import display_name
from mien.search.query import Condition, Either, Looks, Named, Query, Sought, Wears, When

QUESTIONS = Path(__file__).parent / "questions"
NAMES = (
    "Anna", "Tom", "Mary Smith (May)", "Peter Novak", "李娜", "王小明 (明明)", "外婆", "Grandpa Joe", "陈静", "Mia",
)  # fmt: skip
TODAY = date(2026, 11, 20)
_OTHER_NAMES = {
    "charcoal": "grey", "light grey": "grey", "dark brown": "brown", "rust": "orange", "gold": "mustard",
    "dark green": "green", "lime": "green", "mint": "light-green", "denim blue": "blue", "royal blue": "blue",
    "plum": "purple", "coral": "peach", "light pink": "pink",
}  # fmt: skip
"""Names of colours that the questions, being older, do not know: these have the nearest, and miss "dark" or "light"."""
_SHADE = re.compile(r"\b(?:dark|light|pale|deep|soft|pastel|burnt|neon)\b|[深浅淡暗]", re.IGNORECASE)
_UNIMPORTANT = re.compile(r"[着了的地得上下里在戴打系扎]")
"""What stands around Chinese words that are not understood, and may be left out of them."""


def questions(name: str) -> list[dict[str, Any]]:
    """The questions of a file, "en" for example; none if there is no such file."""
    path = QUESTIONS / f"{name}.toml"
    return list(tomllib.loads(path.read_text(encoding="utf-8"))["question"]) if path.exists() else []


def expected(question: Mapping[str, Any]) -> tuple[list[str], list[str], list[str]]:
    """A question's answer, put into one order."""
    who = [_ordered_item(item) for item in question.get("who", [])]
    how = [part for line in question.get("how", []) for part in _ordered_how(line)]
    return who, sorted(how), _missed(question.get("missed", []))


def notation(query: Query, text: str) -> tuple[list[str], list[str], list[str]]:
    """A query as `expected` gives the intended one."""
    how = [f"{r.one + 1} {r.kind} {r.other + 1}" for r in query.relations]
    if query.least == query.most == 1:
        how.append("alone")
    elif query.least is not None or query.most is not None:
        how.append(f"people {_count(query.least or 0, query.most)}")
    how += ["nobody else"] if query.nobody_else else []
    how += [part for when in query.when for part in _when(when)]
    for where in query.where:
        prefix = "" if where.is_so else "not "
        how += [f"{prefix}where {display_name(place, 'en')}" for place in where.place.split("|")]
    who = [_ordered_item(_item(sought)) for sought in query.who]
    ordered = sorted(part for line in how for part in _ordered_how(line))
    shades = [
        shade
        for span in {s for sought in query.who for c in sought.conditions if _has_other_name(c) for s in c.spans}
        for shade in _SHADE.findall(text[slice(*span)])
    ]
    return who, ordered, _missed([*(text[slice(*span)] for span in query.not_understood), *shades])


def _has_other_name(condition: Condition) -> bool:
    return isinstance(condition, Wears) and any(name in _OTHER_NAMES for names in condition.colours for name in names)


def _count(least: int, most: int | None) -> str:
    if least == most:
        return str(least)
    return f"{least or ''}..{'' if most is None else most}"


def _item(sought: Sought) -> str:
    count = "" if (sought.least, sought.most) == (1, None) else _count(sought.least, sought.most) + " "
    return count + ("; ".join(_term(c) for c in sought.conditions) or "anybody")


def _term(condition: Condition) -> str:
    if isinstance(condition, Either):
        return " / ".join(" & ".join(_term(c) for c in option) for option in condition.options)
    prefix = "" if condition.is_so else "not "
    if isinstance(condition, Named):
        return f"{prefix}named {' | '.join(sorted(condition.names))}"
    if isinstance(condition, Wears):
        sets = condition.colours
        colours = "|".join(
            "+".join(_OTHER_NAMES.get(c, c).replace(" ", "-") for c in sorted(s)) for s in sorted(sets, key=sorted)
        )
        said = [colours, condition.pattern, condition.sleeves, condition.hem]
        return " ".join(["wears" if condition.is_so else "no", "|".join(sorted(condition.things)), *filter(None, said)])
    assert isinstance(condition, Looks)
    values = "|".join(sorted(condition.values))
    return prefix + {"hair": f"hair {values}", "hair_length": f"hair {values}", "bare": f"bare {values}"}.get(
        condition.aspect, values
    )


def _ordered_item(item: str) -> str:
    """The terms of an item, and what is joined in them, by the alphabet; the count stays first."""
    count, _, rest = item.partition(" ") if re.match(r"[\d.]+ ", item) else ("", "", item)
    terms = []
    for term in rest.split(";"):
        words = [
            "|".join(sorted("+".join(sorted(p.split("+"))) for p in word.split("|")))
            for word in term.strip().split(" ")
        ]
        joined = " ".join(words)
        if " | " in joined:
            head, _, names = joined.partition("named ")
            joined = head + "named " + " | ".join(sorted(names.split(" | ")))
        terms.append(joined)
    return f"{count} {'; '.join(sorted(terms))}".strip()


def _ordered_how(line: str) -> list[str]:
    if line == "people 1":
        return ["alone"]
    word, *rest = line.split(" ")
    if word in ("months", "weekdays"):
        return [" ".join([word, *sorted(rest, key=int)])]
    if match := re.fullmatch(r"(\d) beside (\d)", line):
        return [" beside ".join(sorted(match.groups()))]
    return [line]


def _when(when: When) -> list[str]:
    how = []
    if when.days:
        how.append("when " + " | ".join(f"{first or ''}..{last or ''}" for first, last in when.days))
    if when.months:
        how.append("months " + " ".join(map(str, when.months)))
    if when.weekdays:
        how.append("weekdays " + " ".join(map(str, when.weekdays)))
    if when.hours:
        how.append(f"hours {when.hours[0]}..{when.hours[1]}")
    return how if when.is_so else [f"not {line}" for line in how]


def _missed(pieces: list[str]) -> list[str]:
    """English word by word, Chinese as one text: neighbours may be one piece."""
    english: list[str] = []
    chinese: list[str] = []
    for piece in pieces:
        english += re.findall(r"[A-Za-z]+(?:['’][A-Za-z]+)*", piece)
        chinese += [c for c in piece if not c.isascii()]
    return [*sorted(english), "".join(sorted(_UNIMPORTANT.sub("", "".join(chinese))))]
