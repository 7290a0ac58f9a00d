"""What was understood, in words: one chip for each part of a query, and the question without it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from mien.language import Language
from mien.language import text as message
from mien.search.lexicon import tables, worn
from mien.search.places import display_name
from mien.search.query import Condition, Either, Looks, Named, Query, Relation, Sought, Span, Wears
from mien.search.spelling import is_chinese
from mien.search.understanding import LONGEST
from mien.search.when_said import when_label
from mien.traits import lexicon as colours

Kind = Literal["name", "worn", "looks", "count", "figure", "nobody", "relation", "people", "when", "where", "missed"]
_LONGEST_SAID = 40
"""Characters of what is not understood are said again."""
Part = tuple[Kind, int | tuple[Span, ...] | None]
"""A part of a query: its kind, and its place among such, or where in the question it is said (conditions)."""


@dataclass(frozen=True)
class Chip:
    """One part of a question as it was understood.

    Attributes:
        label: in the user's language; guesses at how somebody appears are called so.
        kind: "missed" is what nothing answers.
        spans: where in the question it is said.
        without: the question without it, which is understood as the query without this part.
    """

    label: str
    kind: Kind
    spans: tuple[Span, ...]
    without: str


def chips(query: Query, text: str, language: Language) -> tuple[Chip, ...]:
    """A chip for each part of `query`, which was understood from `text`, in the order in which they are said."""
    found = [
        Chip(_label(query, part, text, language), part[0], _spans(query, part), text_without(query, part, text))
        for part in parts(query)
    ]
    return tuple(sorted(found, key=lambda chip: min(chip.spans, default=(0, 0))))


def parts(query: Query) -> list[Part]:
    """All parts of a query that can be taken out of it."""
    found: list[Part] = []
    for at, sought in enumerate(query.who):
        if sought.most == 0:
            found.append(("nobody", at))
            continue
        if (sought.least, sought.most) != (1, None):
            found.append(("count", at))
        if not sought.conditions:
            found.append(("figure", at))
        for condition in sought.conditions:
            part: Part = (_kind(condition), condition.spans)
            if part not in found:
                found.append(part)
    found += [("relation", spans) for spans in dict.fromkeys(r.spans for r in query.relations)]
    if query.least is not None or query.most is not None or query.nobody_else:
        found.append(("people", None))
    found += [("when", at) for at in range(len(query.when))]
    found += [("where", at) for at in range(len(query.where))]
    return found + [("missed", (span,)) for span in query.not_understood]


def _kind(condition: Condition) -> Kind:
    if isinstance(condition, Either):
        return _kind(condition.options[0][0])
    return "worn" if isinstance(condition, Wears) else "looks" if isinstance(condition, Looks) else "name"


def leave_out(query: Query, part: Part) -> Query:
    """`query` without one of its parts; somebody of whom nothing is left goes with how they stand."""
    kind, what = part
    if kind == "missed":
        query = replace(query, not_understood=tuple(s for s in query.not_understood if (s,) != what))
    if kind == "people":
        return replace(query, least=None, most=None, nobody_else=False, crowd_spans=())
    if kind == "relation":
        return replace(query, relations=tuple(r for r in query.relations if r.spans != what))
    if kind == "when":
        return replace(query, when=tuple(when for at, when in enumerate(query.when) if at != what))
    if kind == "where":
        return replace(query, where=tuple(where for at, where in enumerate(query.where) if at != what))
    who: list[Sought | None] = []
    for at, sought in enumerate(query.who):
        if kind in ("figure", "nobody") and at == what:
            who.append(None)
        elif kind == "count" and at == what:
            several = any(r.one == r.other == at and r.kind == "beside" for r in query.relations)
            who.append(replace(sought, least=1 + several, most=None, spans=()) if sought.conditions else None)
        elif kind == "missed" and not sought.conditions and isinstance(what, tuple) and what[0] in sought.spans:
            who.append(None)
        elif kind in ("worn", "looks", "name"):
            left = tuple(_without(sought.conditions, what) if sought.most == 0 else
                         (c for c in sought.conditions if c.spans != what))  # fmt: skip
            stays = bool(left) or not sought.conditions or _is_said(sought)
            who.append(replace(sought, conditions=left) if stays else None)
        else:
            who.append(sought)
    places = [at for at, sought in enumerate(who) if sought is not None]
    relations = tuple(
        replace(r, one=places.index(r.one), other=places.index(r.other))
        for r in query.relations
        if r.one in places and r.other in places
    )
    kept = replace(query, who=tuple(s for s in who if s is not None), relations=relations)
    return kept if kept.who or not query.who else replace(kept, nobody_else=False)  # else than whom?


def _without(conditions: Iterable[Condition], what: object) -> Iterator[Condition]:
    """Conditions of those who are not in the photo; of what everybody is, one thing is no longer asked for."""
    for condition in conditions:
        if not isinstance(condition, Either):
            if condition.spans != what:
                yield condition
        elif ways := tuple(way for way in condition.options if all(c.spans != what for c in way)):
            spans = tuple(dict.fromkeys(span for way in ways for c in way for span in c.spans))
            yield from ways[0] if len(ways) == 1 else (replace(condition, options=ways, spans=spans),)


def _is_said(sought: Sought) -> bool:
    """Whether somebody stays when nothing is said of them: "someone", but not "two women"."""
    return bool(sought.spans) and (sought.least, sought.most) == (1, None)


def _all_spans(query: Query) -> Iterator[Span]:
    for sought in query.who:
        yield from sought.spans
        for condition in sought.conditions:
            yield from condition.spans
    yield from (span for relation in query.relations for span in relation.spans)
    yield from (span for when in query.when for span in when.spans)
    yield from (span for where in query.where for span in where.spans)
    yield from query.not_understood
    if query.nobody_else or query.least is not None or query.most is not None:
        yield from query.crowd_spans


def text_without(query: Query, part: Part, text: str) -> str:
    """The question without the words of a part, those that it shares with others excepted."""
    left = leave_out(query, part)
    kept = _places(span for span in _all_spans(left) if span not in query.not_understood)
    gone = _places([*_spans(query, part), *_all_spans(query)]) - kept - _places(left.not_understood)
    gone |= _places(_spans(query, part)) - kept
    if not gone:
        return text
    first = min(gone)
    instead = _instead(query, left, part, text, first)
    written = "".join(instead if at == first else " " if at in gone else letter for at, letter in enumerate(text))
    return tidy(written)


def _instead(query: Query, left: Query, part: Part, text: str, at: int) -> str:
    """What stands for the words that go: "and" for a relation; "someone" for a word for people who are spoken of on."""
    chinese = is_chinese(text[at])
    if len(left.who) == len(query.who) and part[0] == "relation":
        return "和" if chinese else " and "
    if len(left.who) == len(query.who) and part[0] in ("looks", "name"):
        of = [s for s in query.who if s.conditions and s.conditions[0].spans == part[1]]
        if of and _is_noun(of[0].conditions[0]):
            if chinese:
                return "人"
            plural = (of[0].least, of[0].most) != (1, None)
            return (
                " people "
                if plural
                else " person "
                if re.search(r"\b(?:a|an|the)\s$", text[:at], re.I)
                else " someone "
            )
    return " "


def _is_noun(condition: Condition) -> bool:
    match condition:
        case Either():
            return any(_is_noun(part) for option in condition.options for part in option)
        case Looks():
            return condition.is_so and condition.aspect in ("style", "age_group")
        case _:
            return condition.is_so and isinstance(condition, Named)


def _places(spans: Iterable[Span]) -> set[int]:
    return {at for first, end in spans for at in range(first, end)}


_BLANKS = re.compile(r"\s+")
_BESIDE_CHINESE = re.compile(r"(?<=[㐀-鿿，、。])\s+(?=[㐀-鿿，、。])")
_AT_START = re.compile(r"^(?:\s|[,，、;；.。]|(?:and|or|but|with|of)\b|['’]s\b|[和跟与的或])+", re.IGNORECASE)
_AT_END = re.compile(r"(?:\s|[,，、;；]|\b(?:and|or|but|with|in|of|is|the|a|an)|[和跟与或在])+$", re.IGNORECASE)
_TWICE = re.compile(r"([,，、])(?:\s*(?:[,，、]))+")


def tidy(text: str) -> str:
    """`text` without the blanks, commas and joints that stand for nothing where words were taken out."""
    text = _TWICE.sub(r"\1", _BESIDE_CHINESE.sub("", _BLANKS.sub(" ", text)))
    return _AT_END.sub("", _AT_START.sub("", text)).strip()


def _spans(query: Query, part: Part) -> tuple[Span, ...]:
    kind, what = part
    if isinstance(what, tuple):
        return what
    if kind == "people":
        return query.crowd_spans
    assert isinstance(what, int)
    match kind:
        case "when":
            return query.when[what].spans
        case "where":
            return query.where[what].spans
    sought = query.who[what]
    of_conditions = (s for c in sought.conditions for s in c.spans if kind == "nobody")
    return tuple(dict.fromkeys((*sought.spans, *of_conditions)))


def _label(query: Query, part: Part, text: str, language: Language) -> str:
    kind, what = part
    if kind == "missed":
        ((first, end),) = _spans(query, part)
        key = "search.too-long" if first >= LONGEST else "search.missed"
        return message(key, language=language, said=shortened(text[first:end]))
    if kind == "relation":
        relations = [_relation_label(query, r, language) for r in query.relations if r.spans == what]
        return joined(relations, "listed", language)
    if isinstance(what, tuple):
        present = [s for s in query.who if s.most != 0]
        conditions = dict.fromkeys(c for s in present for c in s.conditions if c.spans == what)
        return joined([condition_label(c, language, tells_wider=True) for c in conditions], "listed", language)
    if kind == "people":
        return _people_label(query, language)
    assert isinstance(what, int)
    match kind:
        case "when":
            when = query.when[what]
            return _said_or_not(when_label(when, language), language, is_so=when.is_so)
        case "where":
            where = query.where[what]
            return _said_or_not(display_name(where.place, language), language, is_so=where.is_so)
        case "count":
            return count_label(query.who[what].least, query.who[what].most, language)
        case "nobody":
            return _nobody_label(query.who[what], language)
        case _:
            return figure_label(query.who[what], language)


def _nobody_label(sought: Sought, language: Language) -> str:
    """Nobody is like this; nobody without a hat is everybody with one."""
    if of_everybody := everybody_label(sought.conditions, language):
        return of_everybody
    return message("search.nobody", language=language, said=figure_label(sought, language))


def everybody_label(conditions: Iterable[Condition], language: Language) -> str | None:
    """What everybody is like if nobody meets `conditions`; None where that is not said more simply."""
    ways = [way for c in conditions for way in (c.options if isinstance(c, Either) else ((c,),))]
    if not ways or any(len(way) > 1 or way[0].is_so for way in ways):
        return None
    said = joined([condition_label(replace(way[0], is_so=True), language) for way in ways], "listed", language)
    return message("search.everybody", language=language, said=said)


def shortened(said: str) -> str:
    """The first words of what is long."""
    return said if len(said) <= _LONGEST_SAID else said[: _LONGEST_SAID - 1] + "…"


def _relation_label(query: Query, relation: Relation, language: Language) -> str:
    one, other = (_brief_label(query.who[at], language) for at in (relation.one, relation.other))
    if relation.kind == "beside" and relation.one == relation.other:
        return message("search.beside-each-other", language=language, said=one)
    return message(f"search.{relation.kind.replace(' ', '-')}", language=language, one=one, other=other)


def _people_label(query: Query, language: Language) -> str:
    said: list[str] = []
    if (query.least, query.most) in ((1, 1), (0, 0)):
        said.append(message("search.alone" if query.least else "search.empty", language=language))
    elif query.least is not None or query.most is not None:
        count = count_label(query.least or 0, query.most, language)
        said.append(message("search.people", language=language, said=count))
    if query.nobody_else:
        said.append(message("search.nobody-else", language=language))
    return joined(said, "listed", language)


def count_label(least: int, most: int | None, language: Language) -> str:
    """How many: "2 or more"."""
    if most is None:
        return message("search.count.least", language=language, n=least)
    if least == most:
        return message("search.count.exactly", language=language, n=least)
    key = "range" if least else "most"
    return message(f"search.count.{key}", language=language, n=least or most, m=most)


def figure_label(sought: Sought, language: Language) -> str:
    """Somebody by name, else by all that is said of them."""
    named = [c for c in sought.conditions if isinstance(c, Named) and c.is_so]
    said = [condition_label(c, language) for c in named or sought.conditions]
    return joined(said, "listed", language) or message("search.somebody", language=language)


def _brief_label(sought: Sought, language: Language) -> str:
    """Somebody by name, by the word for them, else by the first that is said of them: the other chips say the rest."""
    named = [c for c in sought.conditions if isinstance(c, Named) and c.is_so]
    nouns = [c for c in sought.conditions if _is_noun(c)]
    first = next(iter((*named, *nouns, *sought.conditions)), None)
    if isinstance(first, Looks) and first.is_so and first.aspect in ("style", "age_group"):
        values = sorted(first.values)
        return joined([message(f"search.brief.{value}", language=language) for value in values], "or", language)
    return message("search.somebody", language=language) if first is None else condition_label(first, language)


def condition_label(condition: Condition, language: Language, *, tells_wider: bool = False) -> str:
    """A condition in the user's words: "dress: red, striped"; `tells_wider` also what words meant less than that."""
    if isinstance(condition, Either):
        ways = [
            joined([condition_label(c, language, tells_wider=tells_wider) for c in way], "listed", language)
            for way in condition.options
        ]
        return joined(ways, "or", language)
    if isinstance(condition, Wears):
        label = _worn_label(condition if tells_wider else replace(condition, narrower=()), language)
        return label if condition.is_so else message("search.not-worn", language=language, worn=label)
    if isinstance(condition, Named):
        said = joined(sorted(condition.names), "or", language)
    else:
        said = joined([_look_label(condition.aspect, v, language) for v in sorted(condition.values)], "or", language)
    return _said_or_not(said, language, is_so=condition.is_so)


def _said_or_not(said: str, language: Language, *, is_so: bool) -> str:
    return said if is_so else message("search.not", language=language, said=said)


def _worn_label(condition: Wears, language: Language) -> str:
    known = worn()
    alike = next((w for w in known.values() if w.things == condition.things), None)
    labels = [known[t].label[language] for t in sorted(condition.things) if t in known]
    thing = alike.label[language] if alike is not None else joined(labels, "or", language)
    if condition.narrower:
        words = [message("search.quoted", language=language, said=word) for word in condition.narrower]
        said_of_it = joined(words, "or", language)
        thing = message("search.wider", language=language, thing=thing, words=said_of_it)
    said: list[str] = []
    if condition.colours:
        sets = [joined([_colour(c, language) for c in sorted(s)], "both", language) for s in condition.colours]
        said.append(joined(sets, "or", language))
    for kind, value in (("pattern", condition.pattern), ("sleeves", condition.sleeves)):
        if value:
            said.append(next(row["label"][language] for row in tables()[kind] if row["is"] == value))
    if condition.hem:
        said.append(message(f"search.hem.{condition.hem}", language=language))
    if not said:
        return thing
    return message("search.worn", language=language, thing=thing, said=joined(said, "listed", language))


def _colour(name: str, language: Language) -> str:
    return colours.display_name(name, "colour", language)


def _look_label(aspect: str, value: str, language: Language) -> str:
    if aspect == "hair":
        return message("search.hair", language=language, colour=colours.display_name(value, "hair", language))
    return message(f"search.{aspect}.{value}", language=language)


def joined(said: list[str], how: Literal["or", "both", "listed"], language: Language) -> str:
    """Several in a row, in the user's language."""
    whole = said[0] if said else ""
    for other in said[1:]:
        whole = message(f"search.{how}", language=language, one=whole, other=other)
    return whole
