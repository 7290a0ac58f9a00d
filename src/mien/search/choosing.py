"""Conditions joined by "or": a red or a white dress is one condition, a red hat or a blue scarf is either of two."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from mien.search.query import Condition, Either, Looks, Named, Simple, Span, Wears

_ANY = frozenset({"clothes"})
_MOST_WAYS = 64
"""Of not being like this: more are not thought through."""


def either(one: Sequence[Condition], other: Sequence[Condition], *, shares: bool = False) -> Condition:
    """All of `one`, or all of `other`; neither is empty. `shares`: a colour said of the first is the other's, too."""
    if shares and len(one) == len(other) == 1:
        other = [_with_colours(one[0], other[0])]
    if len(one) == len(other) == 1 and (same := _in_one(one[0], other[0])) is not None:
        return same
    spans = tuple(dict.fromkeys(span for condition in (*one, *other) for span in condition.spans))
    return Either(tuple(dict.fromkeys((*_options(one), *_options(other)))), spans)


def last_said(conditions: Sequence[Condition]) -> int:
    """Where those begin which the last phrase says: they have the same places in the question."""
    at = len(conditions)
    while at > 0 and conditions[at - 1].spans == conditions[-1].spans:
        at -= 1
    return at


def _in_one(one: Condition, other: Condition) -> Condition | None:
    """Both as one condition of the same kind, if they differ in what it can list."""
    spans: tuple[Span, ...] = one.spans + other.spans
    if isinstance(one, Wears) and isinstance(other, Wears) and one.is_so and other.is_so:
        narrower = tuple(dict.fromkeys(one.narrower + other.narrower))
        if one.pattern and other.pattern and one.things == _ANY and not one.colours:
            one = replace(one, things=other.things)  # a striped or checked shirt
            return Either(((one,), (other,)), spans)
        if one.colours and other.colours and replace(one, colours=()) == replace(other, colours=()):
            colours = tuple(dict.fromkeys(one.colours + other.colours))
            return replace(one, colours=colours, spans=spans, narrower=narrower)
        if replace(one, things=other.things) == other:
            things = one.things | other.things
            return replace(one, things=things, spans=spans, narrower=narrower)  # red jeans or shorts
    if isinstance(one, Looks) and isinstance(other, Looks) and one.aspect == other.aspect and one.is_so and other.is_so:
        return replace(one, values=one.values | other.values, spans=spans)
    if isinstance(one, Named) and isinstance(other, Named) and one.is_so and other.is_so:
        return replace(one, names=one.names | other.names, spans=spans)
    return None


def _with_colours(one: Condition, other: Condition) -> Condition:
    if isinstance(one, Wears) and isinstance(other, Wears) and one.is_so and not (other.colours or other.pattern):
        return replace(other, colours=one.colours)
    return other


def _options(conditions: Sequence[Condition]) -> list[tuple[Simple, ...]]:
    """The ways in which all of them hold."""
    options: list[tuple[Simple, ...]] = [()]
    for condition in conditions:
        more = condition.options if isinstance(condition, Either) else ((condition,),)
        options = [(*option, *way) for option in options for way in more]
    return options


def denied(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """What holds of whoever does not meet all of `conditions`: at least one is not so. Empty: of too many."""
    ways: list[tuple[Simple, ...]] = []
    for condition in conditions:
        options = _options((condition,))
        if len(ways) + prod(len(way) for way in options) > _MOST_WAYS:
            return ()
        ways += [tuple(replace(c, is_so=not c.is_so) for c in way) for way in product(*options)]
    ways = list(dict.fromkeys(ways))
    spans = tuple(dict.fromkeys(span for way in ways for c in way for span in c.spans))
    return (Either(tuple(ways), spans),) if len(ways) > 1 else ways[0] if ways else ()
