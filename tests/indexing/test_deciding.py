"""Every kind of decision on a real library: what it changes, at once and for good, and what it refuses."""

import shutil
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mien.catalog import details, listing, timeline
from mien.catalog import people as cards
from mien.catalog.library import Library
from mien.errors import DecisionConflict, UnknownName
from mien.indexing import deciding, exchanging
from mien.indexing.regroup import METHODS, regroup
from tests.indexing import fake
from tests.indexing.conftest import Index

COLOURS = {"anna": 10, "bob": 90}


@pytest.fixture
def library(library: Library, run: Index, album: Path) -> Library:
    """Anna in four photos, Bob in three, Cem in one; nobody has a name."""
    run(album)
    return library


@pytest.fixture(params=[True, False], ids=["follow", "at once"])
def follow(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def people(library: Library, hidden: bool = False) -> dict[str | None, int]:
    return {row.name: row.figures for row in listing.people(library.catalog, hidden=hidden)}


def ids(library: Library) -> list[str]:
    """Of Anna, Bob and Cem."""
    return [row.person_id for row in sorted(listing.people(library.catalog), key=lambda row: -row.figures)]


def figures(library: Library, person_id: str) -> list[str]:
    return [row.figure_id for row in listing.figures(library.catalog, person_id=person_id)]


def who(library: Library, figure: str) -> str | None:
    with library.catalog.read() as connection:
        return cards.person_of(connection, figure)


def seen(library: Library) -> list[tuple[Any, ...]]:
    return [(row.photo, row.figure_id, row.person_id, row.person_name) for row in listing.figures(library.catalog)]


def holds(library: Library, check: Callable[[], None]) -> None:
    """`check` passes now, once people are grouped anew, and by every method."""
    check()
    deciding.up_to_date(library)
    check()
    for method in METHODS:
        regroup(library, method)
        check()
    regroup(library, "default")
    check()


def test_two_groups_said_to_be_one_are_one(library: Library, follow: bool) -> None:
    anna, _, cem = ids(library)  # who stand side by side in the last photo
    one, other = figures(library, anna)[0], figures(library, cem)[0]
    decided = deciding.same(library, one[:19], other, follow=follow)
    (person,) = decided.person_ids

    def check() -> None:
        assert who(library, one) == who(library, other) == person

    holds(library, check)
    with pytest.raises(DecisionConflict) as refused:
        deciding.different(library, other, one)
    assert decided.entry.id in str(refused.value)
    assert "one person" in str(refused.value)
    assert "同一个人" in refused.value.message("zh")
    deciding.name(library, person, "Anna", follow=follow)
    deciding.up_to_date(library)
    assert who(library, other) == person
    assert people(library)["Anna"] >= 2


def test_different_people_never_become_one(library: Library, follow: bool) -> None:
    anna, *_ = ids(library)
    one, other = figures(library, anna)[:2]
    deciding.different(library, one, other, follow=follow)

    def check() -> None:
        assert who(library, one) is None or who(library, one) != who(library, other)

    holds(library, check)
    deciding.name(library, one, "Anna")
    with pytest.raises(DecisionConflict):
        deciding.confirm(library, [other], "Anna")
    with pytest.raises(DecisionConflict):
        deciding.same(library, one, other)
    entries = library.journal.entries()
    assert [entry.kind for entry in entries] == ["different", "name"], "nothing was written of what was refused"
    holds(library, check)


def test_whoever_is_rejected_is_never_that_person_again(library: Library, follow: bool) -> None:
    anna, *_ = ids(library)
    person = deciding.name(library, anna, "Anna").person_ids[0]
    figure = figures(library, person)[0]
    rejected = deciding.reject(library, figure, follow=follow)

    def check() -> None:
        assert who(library, figure) != person

    holds(library, check)
    with pytest.raises(DecisionConflict) as refused:
        deciding.confirm(library, [figure], "Anna")
    assert "not Anna" in str(refused.value)
    with pytest.raises(UnknownName):
        deciding.undo(library, only="nothing")
    deciding.undo(library, only=rejected.entry.id[:8], follow=follow)
    deciding.confirm(library, [figure], "anna", follow=follow)
    assert who(library, figure) == person


def test_a_figure_is_rejected_from_a_group_without_a_name(library: Library, follow: bool) -> None:
    anna, *_ = ids(library)
    figure, *others = figures(library, anna)
    deciding.reject(library, figure, follow=follow)

    def check() -> None:
        assert who(library, figure) is None or who(library, figure) not in {who(library, other) for other in others}

    holds(library, check)
    with pytest.raises(UnknownName):
        deciding.reject(library, figures(library, ids(library)[-1])[0])  # nobody else is there to be told from


def test_two_people_are_merged(library: Library, follow: bool) -> None:
    anna, bob, cem = ids(library)
    deciding.name(library, anna, "Anna")
    ben = deciding.name(library, bob, "Ben").person_ids[0]
    deciding.born(library, "Ben", date(1990, 5, 1), follow=follow)
    merged = deciding.merge(library, "Anna", "Ben", follow=follow)
    deciding.merge(library, cem, "Anna", follow=follow)
    assert people(library) == {"Anna": 8}
    holds(library, lambda: None)
    assert people(library) == {"Anna": 8}
    assert deciding.name(library, ben, "Anne", follow=follow).person_ids == merged.person_ids, "by the id that is gone"
    with pytest.raises(UnknownName):
        deciding.merge(library, "Anne", ben)
    deciding.up_to_date(library)
    assert cards.everybody(library.catalog)[0].born == "1990-05-01"
    deciding.undo(library, 4)
    assert people(library) == {"Anna": 4, "Ben": 3, None: 1}


def test_two_people_with_names_are_not_quietly_one(library: Library) -> None:
    anna, bob, _ = ids(library)
    one, other = figures(library, anna)[0], figures(library, bob)[0]
    deciding.name(library, anna, "Anna")
    deciding.name(library, bob, "Ben")
    with pytest.raises(DecisionConflict) as refused:
        deciding.same(library, one, other)
    assert "Anna" in str(refused.value)
    assert "Ben" in str(refused.value)
    deciding.different(library, one, other)
    with pytest.raises(DecisionConflict) as refused:
        deciding.merge(library, "Anna", "Ben")
    assert "two different people" in str(refused.value)


def test_figures_are_split_off(library: Library, follow: bool) -> None:
    anna, *_ = ids(library)
    person = deciding.name(library, anna, "Anna").person_ids[0]
    one, other, *rest = figures(library, person)
    (new, _) = deciding.split(library, "Anna", [one, other], follow=follow).person_ids

    def check() -> None:
        assert who(library, one) == who(library, other) == new
        assert {who(library, figure) for figure in rest} == {person}

    holds(library, check)
    with pytest.raises(DecisionConflict):
        deciding.merge(library, "Anna", new)


def test_hidden_people_are_left_out_of_lists(library: Library, follow: bool) -> None:
    _, bob, _ = ids(library)
    hidden = deciding.hide(library, bob, follow=follow).person_ids[0]
    for _ in range(2):
        assert len(listing.people(library.catalog)) == 2
        (row,) = (row for row in listing.people(library.catalog, hidden=True) if row.hidden)
        assert (row.person_id, row.figures, row.contact, row.born) == (hidden, 3, False, None)
        assert len(cards.everybody(library.catalog)) == 2
        assert cards.person(library.catalog, hidden) is not None
        deciding.up_to_date(library)
    deciding.hide(library, hidden, False, follow=follow)
    assert len(listing.people(library.catalog)) == 3


def test_what_is_known_of_people_beside_their_names(library: Library, follow: bool) -> None:
    anna, *_ = ids(library)
    person = deciding.contact(library, anna, follow=follow).person_ids[0]
    deciding.born(library, person, date(2015, 2, 28), follow=follow)
    for _ in range(2):
        (row,) = (row for row in listing.people(library.catalog) if row.contact)
        assert (row.person_id, row.name, row.born, row.figures) == (person, None, "2015-02-28", 4)
        deciding.up_to_date(library)
    deciding.contact(library, person, False, follow=follow)
    deciding.born(library, person, None, follow=follow)
    assert not any(row.contact or row.born for row in listing.people(library.catalog))
    deciding.undo(library, 2, follow=follow)
    assert any(row.contact and row.born for row in listing.people(library.catalog))


def test_who_is_nobody_is_shown_nowhere_and_comes_back(library: Library, follow: bool) -> None:
    before = seen(library)
    row = listing.figures(library.catalog)[0]

    def shown(connection: sqlite3.Connection) -> tuple[int, int, int, int]:
        photo = details.photo(connection, row.photo_id)
        (tile,) = (tile for tile in timeline.older(connection) if tile.photo_id == row.photo_id)
        photos = next(p.figures for p in listing.photos(library.catalog) if p.photo_id == row.photo_id)
        assert photo is not None
        return len(photo.figures), tile.figures, photos, listing.count(connection)["figures"]

    deciding.not_a_person(library, row.figure_id, follow=follow)
    for _ in range(2):
        assert row.figure_id not in {r.figure_id for r in listing.figures(library.catalog)}
        assert sum(r.figures for r in listing.people(library.catalog)) == 7
        with library.catalog.read() as connection:
            assert shown(connection) == (1, 1, 1, 7)
        deciding.up_to_date(library)
    deciding.undo(library, follow=follow)
    with library.catalog.read() as connection:
        assert shown(connection) == (2, 2, 2, 8)
    deciding.up_to_date(library)
    assert {row[1] for row in seen(library)} == {row[1] for row in before}
    deciding.redo(library)
    deciding.name(library, row.figure_id, "Anna", follow=follow)
    assert row.figure_id in {r.figure_id for r in listing.figures(library.catalog)}, "a name says that it is a person"


def test_somebody_is_drawn_by_hand(library: Library, run: Index, album: Path, follow: bool) -> None:
    empty = listing.photos(library.catalog)[2]
    assert empty.figures == 0
    box = (0.1, 0.2, 0.3, 0.9)
    deciding.draw(library, empty.photo_id or "", box, follow=follow)
    for _ in range(2):
        (row,) = listing.figures(library.catalog, photo_id=empty.photo_id)
        assert row.box == pytest.approx((16, 24, 48, 108), abs=0.1)
        assert row.person_id is None
        deciding.up_to_date(library)
    with pytest.raises(UnknownName) as refused:
        deciding.draw(library, empty.photo, (0.11, 0.2, 0.3, 0.9))
    assert row.figure_id in str(refused.value)
    for wrong in ((0.3, 0.2, 0.1, 0.9), (0.1, 0.2, 0.3, 1.1)):
        with pytest.raises(UnknownName):
            deciding.draw(library, empty.photo, wrong)
    deciding.name(library, row.figure_id, "Zoe", follow=follow)
    deciding.draw(library, empty.photo, (0.5, 0.2, 0.7, 0.9), "Zoe", follow=follow)
    deciding.up_to_date(library)
    assert people(library)["Zoe"] == 2
    run(album, engine="fake-2")
    assert people(library)["Zoe"] == 2, "an engine that does not see them takes nobody away"
    deciding.undo(library, 3, follow=follow)
    assert listing.figures(library.catalog, photo_id=empty.photo_id) == []


def test_whoever_was_said_to_be_one_before_a_name_goes_with_it(library: Library, follow: bool) -> None:
    anna, bob, cem = ids(library)
    one, other = figures(library, anna)[0], figures(library, cem)[0]
    deciding.same(library, one, other, follow=follow)
    person = deciding.name(library, bob, "Bob", follow=follow).person_ids[0]
    deciding.confirm(library, [other], "Bob", follow=follow)
    deciding.up_to_date(library)
    assert who(library, one) == who(library, other) == person


def test_undo_and_redo_are_a_stack(library: Library, follow: bool) -> None:
    states = [seen(library)]
    anna, bob, _ = ids(library)
    deciding.name(library, anna, "Anna")
    states.append(seen(library))
    deciding.name(library, bob, "Ben")
    states.append(seen(library))
    deciding.reject(library, figures(library, ids(library)[1])[0])
    states.append(seen(library))

    def now() -> list[tuple[Any, ...]]:
        deciding.up_to_date(library)
        return seen(library)

    undone = deciding.undo(library, 2, follow=follow)
    assert [one.of.kind for one in undone if one.of] == ["reject", "name"]
    assert now() == states[1]
    redone = deciding.redo(library, follow=follow)
    assert [one.of.body["name"] for one in redone if one.of] == ["Ben"]
    assert now() == states[2]
    assert deciding.redo(library, 9, follow=follow)[0].of == undone[0].of
    assert now() == states[3]
    with pytest.raises(UnknownName):
        deciding.redo(library)
    deciding.undo(library, 9, follow=follow)
    with pytest.raises(UnknownName):
        deciding.undo(library)
    deciding.name(library, ids(library)[0], "Zoe", follow=follow)
    with pytest.raises(UnknownName):
        deciding.redo(library)  # something new was decided
    said = deciding.history(library)
    assert [(s.kind, s.holds) for s in said] == [("name", True), ("reject", False), ("name", False), ("name", False)]
    assert "Zoe" in said[0].sentence("en")
    assert "Zoe" in said[0].sentence("zh")
    assert ".png" in said[1].sentence()
    assert len(deciding.history(library, 2)) == 2


def test_one_decision_is_taken_back_alone_unless_what_followed_hangs_on_it(library: Library) -> None:
    anna, bob, _ = ids(library)
    one, other = figures(library, anna)[:2]
    deciding.name(library, anna, "Anna")
    deciding.name(library, bob, "Bob")
    away = deciding.confirm(library, [other], "Bob")
    deciding.different(library, one, other)
    with pytest.raises(DecisionConflict) as refused:
        deciding.undo(library, only=away.entry.id)
    assert "two different people" in str(refused.value)
    deciding.undo(library)
    deciding.undo(library, only=away.entry.id)
    assert people(library)["Anna"] == 4


@pytest.mark.parametrize("reference", ["", "none", "0" * 16 + "-1", "ffff"])
def test_whoever_is_not_known_is_told(library: Library, reference: str) -> None:
    figure = listing.figures(library.catalog)[0].figure_id
    calls: list[Callable[[], object]] = [
        lambda: deciding.name(library, reference, "Anna"),
        lambda: deciding.same(library, reference, figure),
        lambda: deciding.same(library, figure, figure),
        lambda: deciding.different(library, figure, reference),
        lambda: deciding.confirm(library, [figure], reference),
        lambda: deciding.reject(library, reference),
        lambda: deciding.merge(library, reference, ids(library)[0]),
        lambda: deciding.hide(library, reference),
        lambda: deciding.not_a_person(library, reference),
        lambda: deciding.draw(library, reference, (0, 0, 1, 1)),
    ]
    for call in calls:
        with pytest.raises(UnknownName):
            call()
    assert library.journal.entries() == ()


def test_people_are_found_by_id_name_its_beginning_or_a_figure(library: Library) -> None:
    anna, bob, _ = ids(library)
    person = deciding.name(library, anna, "Anna").person_ids[0]
    for reference in (person, person[:8], "anna", "ＡＮＮＡ", anna):
        assert deciding.hide(library, reference, False).person_ids == (person,)
    deciding.hide(library, bob[:19])
    with pytest.raises(UnknownName) as refused:
        deciding.hide(library, anna[:4])  # a photo of several people
    assert refused.value.code == "ambiguous-person"


def test_a_decision_is_weighed_anew_when_another_was_made_meanwhile(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, *_ = ids(library)
    one, other = figures(library, anna)[:2]
    original, said = library.journal.append_to, []

    def append_to(*arguments: Any) -> Any:
        if not said:
            said.append(True)
            with Library.open(library.folder) as another:
                deciding.different(another, one, other)
        return original(*arguments)

    monkeypatch.setattr(library.journal, "append_to", append_to)
    with pytest.raises(DecisionConflict):
        deciding.same(library, one, other)
    assert [entry.kind for entry in library.journal.entries()] == ["different"]


def test_another_engine_changes_no_decision(library: Library, run: Index, album: Path) -> None:
    anna, bob, cem = ids(library)
    one, other = figures(library, anna)[:2]
    third = figures(library, cem)[0]
    nobody = figures(library, bob)[0]
    deciding.name(library, anna, "Anna")
    deciding.reject(library, other)
    deciding.same(library, other, third)
    deciding.not_a_person(library, nobody)
    for engine in ("fake-2", "fake-blind", "better", "fake"):
        run(album, engine=engine)
        assert who(library, one) == who(library, one)
        assert who(library, other) == who(library, third) != who(library, one)
        assert nobody not in {row.figure_id for row in listing.figures(library.catalog)}


def test_photos_that_look_alike_keep_apart(library: Library, run: Index, album: Path) -> None:
    """A decision on one photo is none on another."""
    figure = listing.figures(library.catalog)[0]
    deciding.not_a_person(library, figure.figure_id)
    fake.photo_of(album / "new.png", COLOURS, shade=99)
    run(album)
    assert len(listing.figures(library.catalog)) == 9


def test_an_import_is_taken_back_and_brought_back_as_a_whole(library: Library, tmp_path: Path) -> None:
    """Also what had been said before, what was said since, and what was taken back of it alone."""
    first, second, *_ = ids(library)
    deciding.name(library, first, "Anna")
    deciding.name(library, second, "Bob")
    deciding.hide(library, second)
    deciding.undo(library)
    text = exchanging.export_decisions(library)
    shutil.copytree(library.folder, tmp_path / "other")
    (tmp_path / "other" / "decisions.db").unlink()
    shutil.rmtree(tmp_path / "other" / "backups")
    with Library.open(tmp_path / "other") as other:
        regroup(other)
        third = ids(other)[2]
        own = deciding.name(other, third, "Cem")
        before = {name for name in people(other) if name}
        assert exchanging.import_decisions(other, text).new == 4
        after = {name for name in people(other) if name}
        assert set(after) == {"Anna", "Bob", "Cem"}
        assert exchanging.export_decisions(other).count('"kind"') == 5, "what came together is told nobody else"
        assert deciding.history(other, 1)[0].kind == "import"

        (undone,) = deciding.undo(other)
        assert undone.of is not None
        assert undone.of.kind == "import"
        assert {name for name in people(other) if name} == before
        (redone,) = deciding.redo(other)
        assert redone.of == undone.of
        assert {name for name in people(other) if name} == after
        bob = next(said for said in deciding.history(other) if said.words.get("name") == "Bob" and said.kind == "name")
        deciding.undo(other, only=bob.decision, follow=False)
        deciding.undo(other, follow=False)
        deciding.up_to_date(other)
        assert {name for name in people(other) if name} == before
        deciding.redo(other)
        assert {name for name in people(other) if name} == {"Anna", "Cem"}, "what had been taken back alone stays so"
        deciding.undo(other, 2)
        assert {name for name in people(other) if name} == set(), "then what was decided before"
        deciding.redo(other, 2)
        assert {name for name in people(other) if name} == {"Anna", "Cem"}
        assert exchanging.import_decisions(other, text).new == 0
        assert own.entry.id in {said.decision for said in deciding.history(other)}


def test_an_import_with_a_redo_of_what_was_left_out_is_taken_back(library: Library, tmp_path: Path) -> None:
    first, second, *_ = ids(library)
    one, other = figures(library, first)[0], figures(library, second)[0]
    deciding.different(library, one, other)
    shutil.copytree(library.folder, tmp_path / "other")
    (tmp_path / "other" / "decisions.db").unlink()
    shutil.rmtree(tmp_path / "other" / "backups")
    with Library.open(tmp_path / "other") as there:
        regroup(there)
        deciding.same(there, one, other)
        deciding.undo(there)
        deciding.redo(there)
        text = exchanging.export_decisions(there)
    arrived = exchanging.import_decisions(library, text, skip_conflicts=True)
    assert len(arrived.conflicts) == 1
    (undone,) = deciding.undo(library)
    assert undone.of is not None
    assert undone.of.kind == "import"
    (redone,) = deciding.redo(library)
    assert redone.of == undone.of


def test_an_import_on_which_something_hangs_is_not_taken_back_alone(library: Library, tmp_path: Path) -> None:
    first, second, *_ = ids(library)
    figures_of_first = figures(library, first)
    same = deciding.same(library, figures_of_first[0], figures(library, second)[0])
    exchanging.keep_together(library, [same.entry], "decisions")
    mark = deciding.history(library)[0].decision
    deciding.undo(library, only=mark)
    assert [said.holds for said in deciding.history(library)] == [False, False]
    deciding.redo(library)
    assert [said.holds for said in deciding.history(library)] == [True, True]
