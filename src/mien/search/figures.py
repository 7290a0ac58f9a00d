"""Somebody who is asked for, and how many of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from mien.search.phrases import Phrase
from mien.search.query import Condition, Span
from mien.search.words import Word


@dataclass
class Figure:
    """Somebody who is asked for, as far as the question has been read.

    Attributes:
        noun: the conditions which the word for them says.
        said: whether there was a word for them.
        count: how many: least, most and whether an exact number was given without a bound.
        is_none: nobody like this is in the photo.
        is_all: everybody in the photo is like this.
        listed: behind a comma.
        members: how many of them are spoken of one by one: two kids, one in red. `member_of`: of whom this one is one.
        alternative: the "or" behind which they are said: they, or those before.
    """

    conditions: list[Condition] = field(default_factory=list)
    noun: list[Condition] = field(default_factory=list)
    said: bool = False
    generic: bool = False
    counted: bool = False
    least: int = 1
    most: int | None = None
    exactly: int | None = None
    is_none: bool = False
    is_all: bool = False
    listed: bool = False
    members: int = 0
    member_of: Figure | None = None
    alternative: Word | None = None
    spans: list[Span] = field(default_factory=list)


def counted(figure: Figure, said: Phrase) -> Figure:
    """`figure`, as many as a phrase says."""
    if not said.counts:
        return figure
    number = said.count or 0
    kind = said.bound["is"] if said.bound else said.bound_after["is"] if said.bound_after else None
    least, most = {
        "least": (number, None), "or more": (number, None), "more": (number + 1, None), "most": (0, number),
        "or fewer": (0, number), "fewer": (0, max(number - 1, 0)), "exactly": (number, number),
    }.get(kind or "", (number, said.count_to))  # fmt: skip
    figure.least, figure.most, figure.counted = least, most, number != 1 or kind is not None or said.measured
    figure.exactly = number if kind is None and said.count_to is None and not said.several else None
    return figure
