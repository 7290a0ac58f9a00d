"""Looking: the people as they are shown to whoever decides something of them."""

import sqlite3
from collections.abc import Sequence

import numpy as np

from mien.errors import UnknownName
from mien.indexing import meaning
from mien.people import saying
from mien.people.anchors import GRID, Anchor, Box
from mien.people.decisions import Decisions
from mien.people.retelling import Told
from mien.people.saying import Sight, Somebody
from mien.people.statements import Statement

_FULL = np.packbits(np.ones((GRID, GRID), bool)).tobytes()


class Look:
    """One look at the cache, by who knows what was decided.

    Attributes:
        groups: the ids of those who were meant as a whole: people, and groups that nobody decided.
    """

    def __init__(self, connection: sqlite3.Connection, told: Told) -> None:
        self.groups: set[str] = set()
        self._connection, self._told, self._ledger = connection, told, told.ledger

    @property
    def decisions(self) -> Decisions:
        """What holds."""
        return self._told.decisions

    def somebody(self, reference: str) -> Somebody:
        """The person or group that the user means, or a figure that is nobody's. Raises `UnknownName`."""
        return self._somebody(meaning.find_person(self._connection, reference, self._ledger.who), reference)

    def figure(self, reference: str) -> Sight:
        """The figure that the user means. Raises `UnknownName`."""
        figure = meaning.find_figure(self._connection, reference)
        anchor = meaning.places(self._connection, [figure]).get(figure)
        if anchor is None:
            raise UnknownName("no-such-figure", reference=reference)
        shown = meaning.shown_as(self._connection, [figure]).get(figure)
        if shown is not None and saying.decided(self.decisions, shown) is None:
            self.groups.add(shown)
        return Sight(anchor, shown, self._ledger.holds([anchor])[anchor].owner)

    def figures(self, references: Sequence[str]) -> list[Sight]:
        """The figures that the user means, each once. Raises `UnknownName`."""
        return [self.figure(figure) for figure in dict.fromkeys(references)]

    def pair(self, one: str, other: str) -> tuple[Sight, Sight]:
        """Two figures. Raises `UnknownName`, also if they are one."""
        sights = self.figure(one), self.figure(other)
        if sights[0] == sights[1]:
            raise UnknownName("same-figure", reference=one)
        return sights

    def anchors(self, one: str, other: str) -> tuple[Anchor, Anchor]:
        """Where two figures stand. Raises `UnknownName`, also if they are one."""
        sights = self.pair(one, other)
        return sights[0].anchor, sights[1].anchor

    def shown(self, reference: str) -> tuple[Sight, Somebody]:
        """A figure, and who it is shown as. Raises `UnknownName` if that is nobody."""
        sight = self.figure(reference)
        if sight.shown is None:
            raise UnknownName("figure-of-nobody", reference=reference)
        return sight, self._somebody(sight.shown, reference)

    def drawing(self, photo: str, box: Box, person: str | None) -> Statement:
        """The figure that the user draws. Raises `UnknownName` if there is one already, no photo, or no box in it."""
        photo_id = meaning.find_photo(self._connection, photo)
        if not (0 <= box[0] < box[2] <= 1 and 0 <= box[1] < box[3] <= 1):
            raise UnknownName("box-outside")
        path, look = meaning.look_of(self._connection, photo_id)
        anchor = Anchor(photo_id, box, _FULL, None, path, look)
        there = meaning.standing(self._connection, [anchor])
        if there and not self._ledger.holds([anchor])[anchor].is_nobody:
            raise UnknownName("figure-there", figure=there[anchor])
        return saying.say_drawn(self.decisions, anchor, None if person is None else self.somebody(person))

    def people_at(self, statement: Statement) -> list[str]:
        """Whom the figures of a statement are shown as."""
        there = meaning.standing(self._connection, statement.follow(self._ledger.heirs).anchors)
        return sorted(set(meaning.shown_as(self._connection, there.values()).values()))

    def _somebody(self, person_id: str, reference: str) -> Somebody:
        self.groups.add(person_id)
        anchors = list(meaning.places(self._connection, meaning.members(self._connection, person_id)).values())
        # The cache may be behind: figures that are somebody else by now do not stand for them.
        known = saying.decided(self.decisions, person_id)
        own = {None} if known is None else {None, known.person_id}
        anchors = [anchor for anchor, held in self._ledger.holds(anchors).items() if held.owner in own]
        if not anchors and known is None:
            raise UnknownName("no-such-person", reference=reference)
        return Somebody(person_id, tuple(anchors))
