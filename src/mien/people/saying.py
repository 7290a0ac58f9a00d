"""From what a user says of those they see (these two are one) to the statement that the journal keeps."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from mien.errors import UnknownName
from mien.people.anchors import Anchor
from mien.people.decisions import DecidedPerson, Decisions
from mien.people.naming import tidy
from mien.people.statements import Statement

Mint = Callable[[], str]


def new_id() -> str:
    """A new person's id."""
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Somebody:
    """A person, or a group that nobody decided, as the user sees them: the id, and the figures that stand for them."""

    person_id: str
    anchors: tuple[Anchor, ...]


@dataclass(frozen=True)
class Sight:
    """A figure as the user sees it.

    Attributes:
        anchor: where it stands.
        shown: the id of who it is shown as, if of anybody.
        owner: the id of the person whom it was said to show, if it was.
    """

    anchor: Anchor
    shown: str | None = None
    owner: str | None = None


def say_name(decisions: Decisions, somebody: Somebody, name: str, mint: Mint = new_id) -> Statement:
    """`somebody` is called `name`.

    A new name mints a person, or renames one who has a name. A name that another person has says "this is that person
    too": all that was said of them holds of the other, who is called as before.

    Raises `UnknownName` if the name is empty or too long, or if several other people have it.
    """
    name = tidy(name)
    known = decided(decisions, somebody.person_id)
    namesakes = [other for other in decisions.named(name) if other != known]
    if len(namesakes) > 1:
        raise UnknownName("ambiguous-person", reference=name, ids=", ".join(other.person_id for other in namesakes))
    if namesakes:
        merged = () if known is None else (known.person_id,)
        (other,) = namesakes
        return Statement("name", somebody.anchors, other.person_id, other.name, merged)
    return Statement("name", somebody.anchors, mint() if known is None else known.person_id, name)


def say_same(decisions: Decisions, one: Sight, other: Sight, mint: Mint = new_id) -> Statement | list[DecidedPerson]:
    """These two are one person, and whoever was said to be one with either.

    A figure that is shown as somebody who was decided counts as them. If that makes one of two people with names, who
    they are is returned: it takes a merge, or saying which of them it is.
    """
    sure = [decided(decisions, sight.owner) for sight in (one, other)]
    shown = [mine or decided(decisions, sight.shown) for mine, sight in zip(sure, (one, other), strict=True)]
    people = {person.person_id: person for person in shown if person is not None}
    said = {person.person_id for person in sure if person is not None}
    named = [person for person in people.values() if person.name is not None]
    if len(named) > 1:
        named = [person for person in named if person.person_id in said]
        if len(named) != 1:
            return named or list(people.values())
    # Who has a name stays; else who was decided does; else the first.
    candidates = [*named, *(people[i] for i in people if i in said), *people.values()]
    person_id = candidates[0].person_id if candidates else mint()
    return Statement("same", (one.anchor, other.anchor), person_id, merged=tuple(sorted(said - {person_id})))


def say_confirmed(decisions: Decisions, sights: Sequence[Sight], somebody: Somebody, mint: Mint = new_id) -> Statement:
    """These figures show `somebody`, and so does whatever was said to be one with them before it had a name."""
    about = say_of("confirm", decisions, somebody, mint=mint)
    owners = [decided(decisions, sight.owner) for sight in sights]
    carried = {owner.person_id for owner in owners if owner is not None and owner.name is None}
    return Statement(
        "confirm",
        tuple(dict.fromkeys((*(sight.anchor for sight in sights), *about.anchors))),
        about.person_id,
        merged=tuple(sorted(carried - {about.person_id})),
    )


def say_rejected(decisions: Decisions, sight: Sight, somebody: Somebody) -> Statement:
    """This figure does not show `somebody`, for ever. Raises `UnknownName` if nobody else does either."""
    known, others = _rest(decisions, [sight], somebody)
    return Statement("reject", (sight.anchor,), source=known, others=others)


def say_split(decisions: Decisions, sights: Sequence[Sight], somebody: Somebody, mint: Mint = new_id) -> Statement:
    """These figures are one person, who is not `somebody`. Raises `UnknownName` if nobody is left who is."""
    known, others = _rest(decisions, sights, somebody)
    return Statement("split", tuple(sight.anchor for sight in sights), mint(), source=known, others=others)


def say_merged(decisions: Decisions, one: Somebody, other: Somebody, mint: Mint = new_id) -> Statement:
    """Both are one person, who goes by the name of `one`, or that of `other` if `one` has none.

    Raises `UnknownName` if they are one already.
    """
    known = [decided(decisions, somebody.person_id) for somebody in (one, other)]
    if one.person_id == other.person_id or (known[0] is not None and known[0] == known[1]):
        raise UnknownName("same-already")
    people = sorted((person for person in known if person is not None), key=lambda person: person.name is None)
    person_id = people[0].person_id if people else mint()
    anchors = dict.fromkeys((*one.anchors, *other.anchors))
    return Statement("merge", tuple(anchors), person_id, merged=tuple(person.person_id for person in people[1:]))


def say_of(
    kind: Literal["hide", "contact", "born", "confirm"],
    decisions: Decisions,
    somebody: Somebody,
    value: bool = True,
    born: date | None = None,
    mint: Mint = new_id,
) -> Statement:
    """Something of a person as a whole; a group that nobody decided becomes one by it. Raises `UnknownName` for a birth
    after a day on which they were measured."""
    known = decided(decisions, somebody.person_id)
    if known is not None:
        for day, _ in known.heights if born is not None else ():
            _check_height(day, born)
        return Statement(kind, (), known.person_id, value=value, born=born)
    return Statement(kind, somebody.anchors, mint(), value=value, born=born)


def say_height(
    decisions: Decisions, somebody: Somebody, day: date, height: float | None, mint: Mint = new_id
) -> Statement:
    """`somebody` was `height` cm tall on `day`, or nobody measured them then; a group that nobody decided becomes a
    person by it. Raises `UnknownName` for a day before they were born."""
    known = decided(decisions, somebody.person_id)
    if known is None:
        return Statement("height", somebody.anchors, mint(), day=day, height=height)
    if height is not None:
        _check_height(day, known.born)
    return Statement("height", (), known.person_id, day=day, height=height)


def _check_height(day: date, born: date | None) -> None:
    """Nobody is measured before their birth: `UnknownName`."""
    if born is not None and day < born:
        raise UnknownName("height-before-birth", day=day.isoformat(), born=born.isoformat())


def say_drawn(decisions: Decisions, anchor: Anchor, somebody: Somebody | None = None) -> Statement:
    """Somebody stands at `anchor`, whom no engine saw. Raises `UnknownName` if that is a group nobody decided."""
    known = None if somebody is None else decided(decisions, somebody.person_id)
    if somebody is not None and known is None:
        raise UnknownName("name-first", reference=somebody.person_id)
    return Statement("draw", (anchor,), None if known is None else known.person_id)


def decided(decisions: Decisions, person_id: str | None) -> DecidedPerson | None:
    """The person of this id, or whom they turned out to be; None for a group that nobody decided."""
    if person_id is None:
        return None
    return decisions.people.get(decisions.merged.get(person_id, person_id))


def _rest(decisions: Decisions, sights: Sequence[Sight], somebody: Somebody) -> tuple[str | None, tuple[Anchor, ...]]:
    """Whom the figures are not: a person who was decided, or the rest of a group."""
    known = decided(decisions, somebody.person_id)
    if known is not None:
        return known.person_id, ()
    gone = {sight.anchor for sight in sights}
    if not (others := tuple(anchor for anchor in somebody.anchors if anchor not in gone)):
        raise UnknownName("nobody-else")
    return None, others
