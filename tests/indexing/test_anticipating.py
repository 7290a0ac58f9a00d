"""What was said is shown at once; grouping comes later, and is not led astray by it."""

from pathlib import Path
from typing import Any

import pytest

from mien.catalog import listing
from mien.catalog import people as shown
from mien.catalog.library import Library
from mien.errors import LibraryError, UnknownName
from mien.indexing import anticipating, deciding, regroup
from mien.indexing.regroup import follows_decisions
from tests.indexing.conftest import Index


def names(library: Library) -> dict[str | None, int]:
    return {row.name: row.figures for row in listing.people(library.catalog)}


def ids(library: Library) -> list[str]:
    """Of Anna, Bob and Cem."""
    return [row.person_id for row in sorted(listing.people(library.catalog), key=lambda row: -row.figures)]


def members(library: Library) -> list[tuple[Any, ...]]:
    with library.catalog.read() as connection:
        return connection.execute("SELECT * FROM membership ORDER BY figure_id").fetchall()


@pytest.fixture
def library(library: Library, run: Index, album: Path) -> Library:
    """Anna in four photos, Bob in three, Cem in one."""
    run(album)
    return library


def test_a_name_is_shown_at_once(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "regroup", lambda _: pytest.fail("nobody waits for that"))
    decision = deciding.name(library, ids(library)[0], "Anna", follow=False).entry
    assert decision == library.journal.entries()[-1]
    assert names(library) == {"Anna": 4, None: 1}
    card = shown.person(library.catalog, decision.body["person_id"])
    assert card is not None
    assert (card.name, card.figures) == ("Anna", 4)
    assert not follows_decisions(library)


def test_grouping_leaves_what_was_shown(library: Library) -> None:
    deciding.name(library, ids(library)[0], "Anna", follow=False)
    expected = members(library)
    deciding.up_to_date(library)
    assert follows_decisions(library)
    assert members(library) == expected


@pytest.mark.parametrize("target", ["Anna", "Cem"])
def test_two_become_one_at_once(library: Library, target: str) -> None:
    anna, bob, cem = ids(library)
    decision = deciding.name(library, {"Anna": anna, "Cem": cem}[target], target).entry
    joined = deciding.name(library, bob, target.upper(), follow=False).entry
    assert joined.body["person_id"] == decision.body["person_id"]
    assert names(library)[target] == {"Anna": 7, "Cem": 4}[target]
    assert bob not in ids(library)
    deciding.up_to_date(library)
    assert names(library)[target] == {"Anna": 7, "Cem": 4}[target]


def test_a_name_is_taken_back_at_once(library: Library) -> None:
    anna = ids(library)[0]
    first, last = deciding.name(library, anna, "Anna", follow=False).entry, None
    last = deciding.name(library, first.body["person_id"], "Ann", follow=False).entry
    assert deciding.undo(library, expected=last.id, follow=False)[0].of == last
    assert names(library) == {"Anna": 4, None: 1}
    assert deciding.undo(library, expected=first.id, follow=False)[0].of == first
    assert "Anna" not in names(library)
    assert not follows_decisions(library)
    deciding.up_to_date(library)
    assert anna in ids(library)


def test_what_grouping_had_begun_with_does_not_last(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """A grouping is under way, of before the decision; whichever way it ends, the next makes all well."""
    anna, bob, _ = ids(library)
    deciding.name(library, anna, "Anna", follow=False)
    original, others = regroup.change_of, []

    def change(*arguments: Any) -> Any:
        result = original(*arguments)
        if len(others) < 5 and not library.catalog._write_lock.locked():
            person = others[-1].body["person_id"] if others else bob
            with Library.open(library.folder) as other:
                others.append(deciding.name(other, person, f"Bob {len(others)}", follow=False).entry)
        return result

    monkeypatch.setattr(regroup, "change_of", change)
    regroup.regroup(library)
    while not follows_decisions(library):
        deciding.up_to_date(library)
    assert names(library) == {"Anna": 4, "Bob 4": 3, None: 1}
    with library.catalog.read() as connection:
        assert connection.execute("SELECT count(*) FROM people").fetchone() == (3,)


def test_a_decision_holds_that_cannot_be_shown(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise LibraryError("catalog-unusable", file="", reason="full")

    monkeypatch.setattr(anticipating, "show", full)
    monkeypatch.setattr(anticipating, "show_again", full)
    decision = deciding.name(library, ids(library)[0], "Anna", follow=False).entry
    assert library.journal.head == decision.id
    assert deciding.undo(library, follow=False)[0].of == decision


@pytest.mark.parametrize(
    ("said", "code"), [("", "name-empty"), (" \u200b\n", "name-empty"), ("x" * 201, "name-too-long")]
)
def test_what_is_no_name_changes_nothing(library: Library, said: str, code: str) -> None:
    before = members(library)
    for call in (deciding.name, deciding.namesake):
        with pytest.raises(UnknownName) as refused:
            call(library, ids(library)[0], said)
        assert refused.value.code == code
    assert library.journal.entries() == ()
    assert members(library) == before


def test_nobody_unknown_is_named(library: Library) -> None:
    with pytest.raises(UnknownName):
        deciding.name(library, "nobody", "Anna", follow=False)
    assert library.journal.entries() == ()


def test_a_namesake_is_somebody_else_of_that_name(library: Library) -> None:
    anna, bob, _ = ids(library)
    person = deciding.name(library, anna, "Anna", follow=False).entry.body["person_id"]
    assert deciding.namesake(library, person, "ANNA") is None, "that is herself"
    assert deciding.namesake(library, bob, "Bob") is None
    found = deciding.namesake(library, bob, " anna ")
    assert found is not None
    assert (found.person_id, found.name) == (person, "Anna")
