"""What a question asks for: figures with conditions, how they stand to each other, when and where."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Span = tuple[int, int]
"""Where in the question something is said: its first character, and the one behind its last."""

Pattern = Literal["plain", "striped", "checked", "patterned"]
Sleeves = Literal["sleeveless", "short-sleeved", "long-sleeved"]
Hem = Literal["short", "long"]
Aspect = Literal["style", "age_group", "hair", "hair_length", "bare"]


@dataclass(frozen=True)
class Wears:
    """Something is worn, or is not.

    Attributes:
        things: any of these ids of `lexicon.toml`'s `[[worn]]`: "dress", "hat"; "clothes" is any garment.
        colours: names of `traits/colours.toml`: it has all colours of one of these sets; () is any colour.
            A basic colour's name stands for all its shades.
        is_so: False: nothing like this is worn.
        narrower: words of the question that mean less than `things`, which cannot be told apart: "sunglasses".
    """

    things: frozenset[str]
    colours: tuple[frozenset[str], ...] = ()
    pattern: Pattern | None = None
    sleeves: Sleeves | None = None
    hem: Hem | None = None
    is_so: bool = True
    spans: tuple[Span, ...] = field(default=(), compare=False)
    narrower: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Looks:
    """A guess at how somebody looks: "style" is feminine or masculine, "bare" is legs, arms or feet.

    Attributes:
        values: any of these.
        is_so: False: none of them.
    """

    aspect: Aspect
    values: frozenset[str]
    is_so: bool = True
    spans: tuple[Span, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Named:
    """Any of these people, by their names in the library, whole."""

    names: frozenset[str]
    is_so: bool = True
    spans: tuple[Span, ...] = field(default=(), compare=False)


Simple = Wears | Looks | Named


@dataclass(frozen=True)
class Either:
    """Any of several: a red hat or a blue scarf. One of `options` holds if all its conditions do."""

    options: tuple[tuple[Simple, ...], ...]
    spans: tuple[Span, ...] = field(default=(), compare=False)


Condition = Simple | Either


def names_in(conditions: Iterable[Condition]) -> Iterator[Named]:
    """All names that conditions ask for or rule out."""
    for condition in conditions:
        if isinstance(condition, Named):
            yield condition
        elif isinstance(condition, Either):
            yield from (part for option in condition.options for part in option if isinstance(part, Named))


@dataclass(frozen=True)
class Sought:
    """Figures that meet all conditions; no condition: anybody.

    Attributes:
        least, most: how many of them the photo shows; `most` None is any number. 0, 0: nobody like this is in it.
        spans: where the figure itself is said ("somebody", "two").
    """

    conditions: tuple[Condition, ...] = ()
    least: int = 1
    most: int | None = None
    spans: tuple[Span, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Relation:
    """How figures of `Query.who` stand, by their places there: in the photo `one` is left of, or beside `other`.

    Beside itself: each of several is beside another of them. "leftmost" and "rightmost" are of `one` alone, which
    `other` repeats: nobody stands further on that side.
    """

    kind: Literal["beside", "left of", "leftmost", "rightmost"]
    one: int
    other: int
    spans: tuple[Span, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class When:
    """A time by the clock on the wall. All that is given holds.

    Attributes:
        days: any of these spans of days, their ends included; None is open.
        months: any of these, 1–12, of whatever year.
        weekdays: any of these, 0 = Monday.
        hours: from the beginning of the first to the end of the last; (18, 23) is from 18:00 to 23:59, and (22, 4)
            goes over midnight.
        is_so: False: some other time.
    """

    days: tuple[tuple[date | None, date | None], ...] = ()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    hours: tuple[int, int] | None = None
    is_so: bool = True
    spans: tuple[Span, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Where:
    """A town, province or country, as `places.contains` takes it: "city:2988507" (GeoNames' id), "region:CN.29",
    "country:FR"; any of several with "|" between. Not `is_so`: somewhere else."""

    place: str
    is_so: bool = True
    spans: tuple[Span, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Query:
    """A question, understood. All its parts hold together; each of `who` is met by figures of its own.

    Attributes:
        who: empty for a question about photos alone.
        least, most: how many people the photo shows in all; None is any number.
        nobody_else: all people in the photo are among `who`.
        not_understood: where something was said that nothing above answers.
    """

    who: tuple[Sought, ...] = ()
    relations: tuple[Relation, ...] = ()
    least: int | None = None
    most: int | None = None
    nobody_else: bool = False
    when: tuple[When, ...] = ()
    where: tuple[Where, ...] = ()
    not_understood: tuple[Span, ...] = field(default=(), compare=False)
    crowd_spans: tuple[Span, ...] = field(default=(), compare=False)
