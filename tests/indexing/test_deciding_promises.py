"""Decisions of all kinds on a real library, between engines that see differently: the cache shows what was decided."""

import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mien.catalog import listing
from mien.catalog.library import Library
from mien.errors import DecisionConflict, UnknownName
from mien.indexing import deciding, dressing, heritage
from mien.indexing.exchanging import export_decisions, import_decisions
from mien.indexing.indexer import index
from mien.indexing.meaning import standing
from mien.people.decisions import Decisions
from tests.indexing import fake
from tests.indexing.inline import Inline

number = st.integers(0, 999)


class Deciding(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.library = Library.open(self.folder / "library")

    def teardown(self) -> None:
        self.library.close()
        shutil.rmtree(self.folder)

    @initialize()
    def begin(self) -> None:
        crowds = [{"anna": 10, "bob": 90}, {"anna": 50}, {"bob": 30, "anna": 100}, {"cem": 5, "bob": 60}]
        for photo, crowd in enumerate(crowds):
            fake.photo_of(self.folder / "album" / f"{photo}.png", crowd, shade=photo * 20)
        self.index("fake")

    @rule(engine=st.sampled_from(["fake", "fake-2", "fake-blind"]))
    def index(self, engine: str) -> None:
        album = [self.folder / "album"]
        index(self.library, album, engine=engine, jobs=1, executor=Inline(), make_chain=fake.make_fake)

    @property
    def decisions(self) -> Decisions:
        return heritage.decided(self.library)

    def figure(self, chosen: int) -> str:
        rows = listing.figures(self.library.catalog)
        return rows[chosen % len(rows)].figure_id

    def person(self, chosen: int) -> str:
        rows = listing.people(self.library.catalog, hidden=True)
        return rows[chosen % len(rows)].person_id if rows else "nobody"

    @rule(
        kind=st.sampled_from(
            [
                "name",
                "same",
                "different",
                "confirm",
                "reject",
                "merge",
                "split",
                "hide",
                "born",
                "height",
                "not a person",
                "draw",
                "garment name",
                "garment same",
                "garment different",
                "garment retire",
            ]
        ),
        one=number,
        other=number,
        follow=st.booleans(),
    )
    def decide(self, kind: str, one: int, other: int, follow: bool) -> None:
        library, how = self.library, {"follow": follow}
        if not listing.figures(library.catalog):
            return
        figures, people = (self.figure(one), self.figure(other)), (self.person(one), self.person(other))
        garments = [f"{figure}.upper" for figure in figures]
        photo = listing.photos(library.catalog)[one % 4].photo_id or ""
        calls: dict[str, Callable[[], object]] = {
            "name": lambda: deciding.name(library, people[0], "ABC"[other % 3], **how),
            "same": lambda: deciding.same(library, *figures, **how),
            "different": lambda: deciding.different(library, *figures, **how),
            "confirm": lambda: deciding.confirm(library, [figures[0]], people[1], **how),
            "reject": lambda: deciding.reject(library, figures[0], **how),
            "merge": lambda: deciding.merge(library, *people, **how),
            "split": lambda: deciding.split(library, people[1], [figures[0]], **how),
            "hide": lambda: deciding.hide(library, people[0], other % 2 == 0, **how),
            "born": lambda: deciding.born(library, people[0], date(2000, 1, 1 + other % 9), **how),
            "height": lambda: deciding.height(library, people[0], date(2001, 1, 1 + other % 2), 50 + one, **how),
            "not a person": lambda: deciding.not_a_person(library, figures[0], **how),
            "draw": lambda: deciding.draw(library, photo, (0.3, 0.05, 0.35, 0.1), **how),
            "garment name": lambda: dressing.name(library, garments[0], "XY"[other % 2]),
            "garment same": lambda: dressing.same(library, *garments),
            "garment different": lambda: dressing.different(library, *garments),
            "garment retire": lambda: dressing.retire(library, garments[0], other % 2 == 0),
        }
        before, entries = self.decisions, len(library.journal.entries())
        try:
            calls[kind]()
        except (DecisionConflict, UnknownName):
            assert len(library.journal.entries()) == entries
            assert self.decisions == before
        else:
            assert len(library.journal.entries()) == entries + 1
            assert not self.decisions.without_effect

    @rule(count=st.integers(1, 3), follow=st.booleans())
    def undo_and_redo(self, count: int, follow: bool) -> None:
        before = self.decisions
        try:
            undone = deciding.undo(self.library, count, follow=follow)
        except UnknownName:
            return
        deciding.redo(self.library, len(undone), follow=follow)
        assert self.decisions == before
        deciding.undo(self.library, follow=follow)

    @rule()
    def move_to_another_library(self) -> None:
        before = self.decisions
        text = export_decisions(self.library)
        with Library.open(self.folder / "other") as other:
            import_decisions(other, text)
            assert heritage.decided(other) == before
        shutil.rmtree(self.folder / "other")

    @rule()
    def lose_the_cache(self) -> None:
        self.library.catalog.close()
        (self.library.folder / "catalog.db").unlink()
        self.index("fake")

    @invariant()
    def the_cache_shows_what_was_decided(self) -> None:
        deciding.up_to_date(self.library)
        decisions = self.decisions
        shown = {row.figure_id: row.person_id for row in listing.figures(self.library.catalog)}
        with self.library.catalog.read() as connection:
            there = standing(connection, decisions.places())
            nobody = {figure for (figure,) in connection.execute("SELECT figure_id FROM nobody")}
        assert nobody == {there[anchor] for anchor in decisions.not_people if anchor in there}
        assert not nobody & shown.keys()
        for anchor, person_id in decisions.owners().items():
            assert shown[there[anchor]] == person_id
        for anchor in decisions.drawn:
            assert there[anchor] in shown
        for one, other in decisions.apart:
            if one in there and other in there:
                people = shown.get(there[one]), shown.get(there[other])
                assert people[0] is None or people[0] != people[1]
        for anchor, person_id in decisions.rejected:
            assert shown.get(there.get(anchor, "")) != person_id
        rows = {row.person_id: row for row in listing.people(self.library.catalog, hidden=True)}
        for person_id, person in decisions.people.items():
            row = rows[person_id]
            assert (row.name, row.hidden, row.born) == (
                person.name,
                person.is_hidden,
                None if person.born is None else person.born.isoformat(),
            )


Deciding.TestCase.settings = settings(max_examples=10, stateful_step_count=15, deadline=None)
TestDeciding = Deciding.TestCase
