"""Whatever is said, in any order, by whatever grouping, after any re-parse, undo, redo and exchange: decisions hold."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mien.errors import UnknownName
from mien.people import exchange, saying
from mien.people.anchors import match_anchors
from mien.people.article import group_article
from mien.people.decisions import Decisions, decisions_of, in_order, recount, replay, undone
from mien.people.exchange import Imported
from mien.people.grouping import group
from mien.people.history import last_decision, last_undo, tell
from mien.people.membership import Grouping, keep_ids
from mien.people.saying import Sight, Somebody
from mien.people.sighting import Sighting
from mien.people.statements import Statement
from tests.people.album import figure, place

PHOTOS = ("p0", "p1", "p2", "p3")
SLOTS = 4
METHODS = [group, group_article]
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)

one_of = st.integers(0, 10_000)


@dataclass
class Library:
    """An album as one engine sees it, a journal, and the people as they were grouped last."""

    tag: int
    clock: int
    album: dict[str, Sighting] = field(default_factory=dict)
    entries: list[Imported] = field(default_factory=list)
    minted: int = 0
    shown: Grouping = field(default_factory=lambda: group([]))

    @property
    def decisions(self) -> Decisions:
        return replay(self.entries)

    def regroup(self, method=group) -> None:
        decisions = self.decisions
        used = {p.person_id: len(p.figures) for p in self.shown.people if p.person_id not in decisions.people}
        self.shown = keep_ids(method(list(self.album.values()), decisions), decisions.people, used)

    def mint(self) -> str:
        self.minted += 1
        return str(UUID(int=self.tag << 64 | self.minted))

    def append(self, kind: str, body: dict) -> None:
        """As the journal does: never earlier than what is there."""
        self.clock += 1
        at = max([BEGIN + timedelta(seconds=self.clock), *(e.at + timedelta(microseconds=1) for e in self.entries)])
        number = len(self.entries) + 1
        self.entries.append(Imported(str(UUID(int=self.tag << 96 | number)), at, kind, body, number))

    def sight(self, number: int) -> Sight:
        sighting = self.album[sorted(self.album)[number % len(self.album)]]
        member = self.shown.memberships.get(sighting.figure_id)
        held = recount(self.entries).holds([sighting.place])[sighting.place]
        return Sight(sighting.place, None if member is None else member.person_id, held.owner)

    def somebody(self, number: int) -> Somebody:
        """One of the people; without any, a figure that is nobody's."""
        if not self.shown.people:
            sighting = self.album[sorted(self.album)[number % len(self.album)]]
            return Somebody(sighting.figure_id, (sighting.place,))
        person = sorted(self.shown.people, key=lambda p: p.person_id)[number % len(self.shown.people)]
        places = [self.album[f].place for f in person.key_figures if f in self.album]
        held = recount(self.entries).holds(places)
        return Somebody(person.person_id, tuple(a for a in places if held[a].owner in (None, person.person_id)))


class Promises(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.libraries = [Library(1, 1000), Library(2, 0)]
        self.at = 0

    @property
    def here(self) -> Library:
        return self.libraries[self.at]

    @initialize(seen=st.lists(st.integers(0, len(PHOTOS) * SLOTS - 1), min_size=2, max_size=12, unique=True))
    def begin(self, seen: list[int]) -> None:
        for library in self.libraries:
            for number in seen:
                self._see(library, number, 0.0)
            library.regroup()

    def _see(self, library: Library, number: int, nudge: float) -> None:
        """Slot s of a photo shows person s, or somebody who looks like the next; every fifth has no face."""
        photo, slot = PHOTOS[number // SLOTS], number % SLOTS
        person = None if number % 5 == 4 else (slot + number // 7) % 3
        seen = figure(photo, person, slot, view=number, article=[slot + i % 2 for i in range(15)])
        library.album[seen.figure_id] = replace(seen, place=place(photo, slot, face=person is not None, nudge=nudge))

    @rule()
    def go_to_the_other_library(self) -> None:
        self.at = 1 - self.at

    @rule(number=st.integers(0, len(PHOTOS) * SLOTS - 1), nudge=st.sampled_from([-0.01, 0.0, 0.01]))
    def another_engine_sees(self, number: int, nudge: float) -> None:
        self._see(self.here, number, nudge)
        self.here.regroup()

    @rule(number=one_of)
    def another_engine_does_not_see(self, number: int) -> None:
        if len(self.here.album) > 2:
            del self.here.album[sorted(self.here.album)[number % len(self.here.album)]]
            self.here.regroup()

    @rule(method=st.sampled_from(METHODS))
    def group_otherwise(self, method) -> None:
        self.here.regroup(method)

    def say(self, make) -> tuple[Statement, Decisions] | None:
        """Write what `make` says, unless it cannot be said or contradicts something; then nothing changes."""
        library = self.here
        before = library.decisions
        try:
            statement = make(library, before)
        except UnknownName:
            return None
        if not isinstance(statement, Statement):
            assert len(statement) > 1, "two people, each with a name"
            return None
        ledger = recount(library.entries)
        if (against := ledger.against(statement)) is not None:
            assert decisions_of(ledger) == before, "weighing changes nothing"
            assert any(s.decision == against.id and s.holds for s in tell(library.entries, before))
            return None
        library.append(statement.kind, statement.body())
        after = library.decisions
        assert library.entries[-1].id not in after.without_effect
        library.append("undo", {"of": library.entries[-1].id})
        assert library.decisions == before, "undo restores exactly"
        library.append("undo", {"of": library.entries[-1].id})
        assert library.decisions == after, "redo brings it back"
        del library.entries[-2:]
        library.regroup()
        return statement, after

    @rule(who=one_of, name=st.sampled_from(["Anna", "Ben", "Chen"]))
    def name(self, who: int, name: str) -> None:
        said = self.say(lambda here, d: saying.say_name(d, here.somebody(who), name, here.mint))
        if said:
            statement, after = said
            assert after.people[statement.person_id].name == name
            assert set(statement.anchors) <= after.people[statement.person_id].anchors

    @rule(one=one_of, other=one_of)
    def same(self, one: int, other: int) -> None:
        a, b = self.here.sight(one), self.here.sight(other)
        if a == b:
            return
        said = self.say(lambda here, d: saying.say_same(d, a, b, here.mint))
        if said:
            owners = said[1].owners()
            assert owners[a.anchor] == owners[b.anchor]

    @rule(one=one_of, other=one_of, kind=st.sampled_from(["different", "unsure"]))
    def ask(self, one: int, other: int, kind: str) -> None:
        a, b = self.here.sight(one), self.here.sight(other)
        if a == b:
            return
        said = self.say(lambda *_: Statement(kind, (a.anchor, b.anchor)))
        if said and kind == "different":
            assert (a.anchor, b.anchor) in said[1].apart or (b.anchor, a.anchor) in said[1].apart

    @rule(figures=st.lists(one_of, min_size=1, max_size=3), who=one_of)
    def confirm(self, figures: list[int], who: int) -> None:
        sights = [self.here.sight(number) for number in figures]
        said = self.say(lambda here, d: saying.say_confirmed(d, sights, here.somebody(who), here.mint))
        if said:
            assert {sight.anchor for sight in sights} <= said[1].people[said[0].person_id].anchors

    @rule(number=one_of)
    def reject(self, number: int) -> None:
        sight = self.here.sight(number)
        if sight.shown is None:
            return
        (person,) = (p for p in self.here.shown.people if p.person_id == sight.shown)
        places = tuple(self.here.album[f].place for f in person.key_figures if f in self.here.album)
        said = self.say(lambda here, d: saying.say_rejected(d, sight, Somebody(person.person_id, places)))
        if said:
            owners = said[1].owners()
            assert owners.get(sight.anchor) != said[0].source or said[0].source is None

    @rule(one=one_of, other=one_of)
    def merge(self, one: int, other: int) -> None:
        said = self.say(lambda here, d: saying.say_merged(d, here.somebody(one), here.somebody(other), here.mint))
        if said:
            statement, after = said
            assert set(statement.anchors) <= after.people[statement.person_id].anchors
            assert all(after.merged[gone] == statement.person_id for gone in statement.merged)

    @rule(who=one_of, figures=st.lists(one_of, min_size=1, max_size=2))
    def split(self, who: int, figures: list[int]) -> None:
        sights = list({sight.anchor: sight for sight in map(self.here.sight, figures)}.values())
        said = self.say(lambda here, d: saying.say_split(d, sights, here.somebody(who), here.mint))
        if said:
            assert {sight.anchor for sight in sights} == said[1].people[said[0].person_id].anchors

    @rule(who=one_of, value=st.booleans(), kind=st.sampled_from(["hide", "contact", "born"]))
    def tell_of(self, who: int, value: bool, kind: str) -> None:
        day = date(2000, 1, 1) if value else None
        said = self.say(lambda here, d: saying.say_of(kind, d, here.somebody(who), value, day, here.mint))
        if said and said[0].person_id in said[1].people:
            person = said[1].people[said[0].person_id]
            assert {"hide": person.is_hidden, "contact": person.is_contact, "born": person.born == day}[kind] == (
                value or kind == "born"
            )

    @rule(who=one_of, days=st.integers(0, 2), height=st.none() | st.integers(50, 200))
    def measure(self, who: int, days: int, height: int | None) -> None:
        day = date(2001, 1, 1 + days)
        said = self.say(lambda here, d: saying.say_height(d, here.somebody(who), day, height, here.mint))
        if said and said[0].person_id in said[1].people:
            assert dict(said[1].people[said[0].person_id].heights).get(day) == height

    @rule(number=one_of, nobody=st.booleans())
    def not_a_person(self, number: int, nobody: bool) -> None:
        sight = self.here.sight(number)
        said = self.say(lambda *_: Statement("not-a-person", (sight.anchor,), value=nobody))
        if said:
            assert (sight.anchor in said[1].not_people) == nobody

    @rule(photo=st.sampled_from(PHOTOS), slot=st.integers(0, SLOTS + 1), who=one_of, known=st.booleans())
    def draw(self, photo: str, slot: int, who: int, known: bool) -> None:
        anchor = place(photo, slot, face=False)
        said = self.say(lambda here, d: saying.say_drawn(d, anchor, here.somebody(who) if known else None))
        if said:
            assert anchor in said[1].drawn

    @rule()
    def undo(self) -> None:
        try:
            last = last_decision(self.here.entries)
        except UnknownName:
            return
        before = self.here.decisions
        self.here.append("undo", {"of": last.id})
        self.here.append("undo", {"of": last_undo(self.here.entries).id})
        assert self.here.decisions == before
        del self.here.entries[-1]
        self.here.regroup()

    @rule()
    def redo(self) -> None:
        try:
            last = last_undo(self.here.entries)
        except UnknownName:
            return
        self.here.append("undo", {"of": last.id})
        assert last.body["of"] not in undone(in_order(self.here.entries))
        self.here.regroup()

    @precondition(lambda self: self.here.entries)
    @rule(number=one_of)
    def take_back_one(self, number: int) -> None:
        """Whatever was decided since; not if something that holds would contradict what then holds."""
        gone = undone(in_order(self.here.entries))
        holding = [e.id for e in self.here.entries if e.kind != "undo" and e.id not in gone]
        if not holding:
            return
        before = self.here.decisions
        self.here.append("undo", {"of": holding[number % len(holding)]})
        if not self.here.decisions.without_effect.keys() <= before.without_effect.keys():
            del self.here.entries[-1]
        self.here.regroup()

    @rule()
    def bring_over_what_the_other_knows(self) -> None:
        library, other = self.here, self.libraries[1 - self.at]
        incoming = exchange.parse(exchange.write(other.entries, [])).entries
        assert replay(incoming) == other.decisions
        before = library.decisions
        merged = exchange.merge(library.entries, incoming)
        kept = set(before.without_effect)
        ids = {e.id for e in library.entries}
        assert {e.id for e in merged.new} | set(merged.conflicts) | ids >= {e.id for e in incoming}, "nothing is lost"
        number = len(library.entries)
        library.entries += [replace(e, seq=number + i) for i, e in enumerate(merged.new, 1)]
        assert set(library.decisions.without_effect) <= kept, "what was decided here keeps its effect"
        again = exchange.merge(library.entries, incoming)
        assert not again.new or merged.conflicts, "importing twice adds nothing"
        library.regroup()

    @invariant()
    def decisions_hold(self) -> None:
        decisions, shown = self.here.decisions, self.here.shown
        figures = {figure_id: sighting.place for figure_id, sighting in self.here.album.items()}
        at = {a: f for a, f in match_anchors(decisions.places(), figures).items() if f is not None}
        who = {f: member.person_id for f, member in shown.memberships.items()}
        for anchor, person_id in decisions.owners().items():
            if anchor in at:
                assert who[at[anchor]] == person_id
                assert shown.memberships[at[anchor]].source == "decided"
            else:
                assert shown.unplaced[anchor] == person_id
        for one, other in decisions.apart:
            if one in at and other in at:
                assert who[at[one]] != who[at[other]] or who[at[one]] is None
        for anchor, person_id in decisions.rejected:
            assert anchor not in at or who[at[anchor]] != person_id
        for anchor in decisions.not_people:
            assert anchor not in at or who[at[anchor]] is None
        for anchor in decisions.drawn:
            assert anchor in at or anchor in shown.unplaced
        assert {p.person_id: p.name for p in shown.people if p.person_id in decisions.people} == {
            person_id: person.name for person_id, person in decisions.people.items()
        }

    @invariant()
    def nothing_contradicts_anything(self) -> None:
        decisions = self.here.decisions
        owners = decisions.owners()
        assert sum(len(p.anchors) for p in decisions.people.values()) == len(owners), "one place, one person"
        for one, other in decisions.apart:
            assert one not in owners or owners[one] != owners.get(other)
        for anchor, person_id in decisions.rejected:
            assert owners.get(anchor) != person_id
        assert not decisions.not_people & {*owners, *decisions.drawn}

    @invariant()
    def order_of_arrival_does_not_matter(self) -> None:
        assert replay(reversed(self.here.entries)) == self.here.decisions


Promises.TestCase.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
TestPromises = Promises.TestCase
