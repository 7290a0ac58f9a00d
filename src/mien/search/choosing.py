"""Conditions joined by "or": a red or a white dress is one condition, a red hat or a blue scarf is either of two."""

from collections.abc import Sequence
from dataclasses import replace

from mien.search.query import Condition, Either, Looks, Named, Simple, Span, Wears

_ANY = frozenset({"clothes"})


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
        if one.pattern and other.pattern and one.things == _ANY and not one.colours:
            one = replace(one, things=other.things)  # a striped or checked shirt
            return Either(((one,), (other,)), spans)
        if one.colours and other.colours and replace(one, colours=()) == replace(other, colours=()):
            return replace(one, colours=tuple(dict.fromkeys(one.colours + other.colours)), spans=spans)
        if replace(one, things=other.things) == other:
            return replace(one, things=one.things | other.things, spans=spans)  # red jeans or shorts
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
