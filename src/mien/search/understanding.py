"""A question in Chinese or English → what it asks for. Deterministic, by the words of the lexicon; needs no network."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from mien.search.choosing import denied, either
from mien.search.figures import Figure
from mien.search.grammar import Grammar
from mien.search.naming import callings
from mien.search.places import candidates, find_places
from mien.search.query import Condition, Either, Query, Relation, Sought, Span, names_in
from mien.search.reading import Crowd
from mien.search.times import times
from mien.search.words import Word, words

LONGEST = 500
"""Of a question longer than this many characters the rest is not understood."""


def understand(text: str, names: Sequence[str], today: date) -> Query:
    """What `text` asks for.

    Args:
        text: in Chinese, English or both.
        names: of the people of the library, whole.
        today: what "last summer" and 昨天 are seen from.

    Returns:
        The query; its spans are places in `text`, and what nothing answers is in its `not_understood`.
    """
    read = words(text[:LONGEST], callings(tuple(names)), candidates)
    read, where = find_places(read, text)
    found = times(read, today)
    of_times = {at for time in found for at in time.places}
    grammar = Grammar([_without_months(word) for at, word in enumerate(read) if at not in of_times])
    grammar.read()
    query, missed = _query(grammar)
    missed += [word.span for word in grammar.missed]
    if not (found or where) and _is_of_kin_alone(grammar):
        query = Query()
    if not (found or where) and query == Query() and _is_off_topic(grammar.missed):
        missed = [(0, min(len(text.rstrip()), LONGEST))]
    if len(text) > LONGEST:
        missed.append((LONGEST, len(text)))
    return Query(
        query.who,
        query.relations,
        query.least,
        query.most,
        query.nobody_else,
        tuple(time.when for time in found),
        where,
        _joined(missed),
        query.crowd_spans,
    )


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """In order; those that touch are one."""
    found: list[Span] = []
    for first, end in sorted(spans):
        if found and first <= found[-1][1] < LONGEST:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((first, end))
    return tuple(found)


def _is_off_topic(missed: Sequence[Word]) -> bool:
    """Whether nothing is known of a text in Chinese, where words can then not be told from fillers."""
    return any(word.is_chinese for word in missed) and all(word.kind in ("unknown", "hair") for word in missed)


def _is_of_kin_alone(grammar: Grammar) -> bool:
    """Whether nobody is known of the only ones who are asked for: 妈妈, where nobody is called so."""
    kin = {word.span for word in grammar.missed if word.kind == "kin"}
    spans = {span for figure in grammar.figures for span in _spans(figure)}
    return len(grammar.figures) == 1 and bool(spans) and spans <= kin


def _without_months(word: Word) -> Word:
    """A month that is no time is somebody's name: May in a red dress."""
    return replace(word, kind="name") if word.kind == "month" and word.value else word


def _query(grammar: Grammar) -> tuple[Query, list[Span]]:
    """Figures and relations as values, and what cannot be asked for; numbers of people in general are of the photo."""
    missed: list[Span] = []
    related = {i for relation in grammar.relating.relations for i in (relation.one, relation.other)}
    least, most = grammar.crowd or (None, None)
    crowd_spans = list(grammar.crowd_spans)
    who: list[Sought] = []
    places: dict[int, int] = {}
    for index, figure in enumerate(grammar.figures):
        if 0 < figure.least <= figure.members and index not in related:
            continue  # each of them is spoken of
        if figure.alternative is not None:
            if _join(who, figure, grammar.figures[index - 1]):
                places[index] = len(who) - 1
            else:
                spans = [figure.alternative.span, *_spans(figure)]
                missed.append((min(spans)[0], max(end for _, end in spans)))
            continue
        if _is_crowd(figure) and index not in related:
            if (both := _of_both((least, most), _crowd(figure))) is None:
                missed += figure.spans
                continue
            least, most = both
            crowd_spans += figure.spans
            continue
        places[index] = len(who)
        sought, contradicted = _agreeing(_sought(figure))
        missed += contradicted
        who.append(sought)
        if figure.is_all:
            others = () if index in related else denied(sought.conditions)
            who[-1:] = [replace(sought, spans=())] if sought.conditions or index in related else []
            who += [Sought(others, 0, 0, sought.spans)] if others else []
            missed += [] if others else figure.spans
    relations = tuple(
        Relation(r.kind, places[r.one], places[r.other], r.spans)
        for r in grammar.relating.relations
        if r.one in places and r.other in places
    )
    query = Query(tuple(who), relations, least, most, grammar.nobody_else, crowd_spans=tuple(crowd_spans))
    return query, missed


def _join(who: list[Sought], figure: Figure, before: Figure) -> bool:
    """Makes the last one "either, or"; False where that cannot be asked for.

    What is said behind two bare words for people is of both: girls or boys with backpacks.
    """
    other = _sought(figure)
    if not who or not who[-1].conditions or not other.conditions or who[-1].most == 0:
        return False
    last = who[-1]
    if figure.counted and (last.least, last.most) != (other.least, other.most):
        return False
    conditions: tuple[Condition, ...] = (either(last.conditions, other.conditions),)
    if figure.noun and not before.conditions and not any(names_in(before.noun)):
        conditions = (either(last.conditions, figure.noun), *figure.conditions)
    who[-1] = replace(last, conditions=conditions, spans=last.spans + other.spans)
    return True


def _agreeing(sought: Sought) -> tuple[Sought, list[Span]]:
    """Without what is said to be so and not to be so, which asks for nothing: hat or no hat; and where that is said."""
    so = [c for c in sought.conditions if not isinstance(c, Either)]
    both = {c for c in so if replace(c, is_so=not c.is_so) in so}
    left = tuple(c for c in sought.conditions if c not in both)
    kept = {span for c in left for span in c.spans}
    gone = [span for c in so if c in both for span in c.spans if span not in kept]
    first, end = min(gone, default=(0, 0))[0], max((end for _, end in gone), default=0)
    is_whole = bool(gone) and not any(first < of_kept[1] and of_kept[0] < end for of_kept in (*kept, *sought.spans))
    return replace(sought, conditions=left), [(first, end)] if is_whole else gone


def _spans(figure: Figure) -> list[Span]:
    return [*figure.spans, *(span for c in (*figure.noun, *figure.conditions) for span in c.spans)]


def _is_crowd(figure: Figure) -> bool:
    return figure.said and figure.generic and not figure.conditions and (figure.counted or figure.is_none)


def _crowd(figure: Figure) -> Crowd:
    """How many people the photo shows."""
    if figure.is_none:
        return 0, 0
    if figure.exactly is not None:
        return figure.exactly, figure.exactly
    return figure.least or None, figure.most


def _of_both(one: Crowd, other: Crowd) -> Crowd | None:
    """A group photo, five people: as many as both say; None where no number is both."""
    least = max((n for n in (one[0], other[0]) if n is not None), default=None)
    most = min((n for n in (one[1], other[1]) if n is not None), default=None)
    return None if least is not None and most is not None and least > most else (least, most)


def _sought(figure: Figure) -> Sought:
    of_group = () if figure.member_of is None else (*figure.member_of.noun, *figure.member_of.conditions)
    conditions = tuple(dict.fromkeys((*figure.noun, *of_group, *figure.conditions)))
    if figure.members and figure.least > figure.members:
        return Sought(conditions, figure.least - figure.members, None, tuple(figure.spans))
    if figure.is_none:
        return Sought(conditions, 0, 0, tuple(figure.spans))
    return Sought(conditions, figure.least, figure.most, tuple(figure.spans))
