"""Naming beside index runs, and after processes that were killed."""

import importlib
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mien.catalog import listing
from mien.catalog.library import Library
from mien.errors import UnknownName
from mien.indexing import deciding, regroup
from mien.indexing.regroup import METHODS, is_current
from tests.indexing import fake
from tests.indexing.conftest import Index


def names(library: Library) -> dict[str | None, int]:
    return {row.name: row.figures for row in listing.people(library.catalog)}


def anna(library: Library) -> str:
    return listing.people(library.catalog)[0].person_id


@pytest.fixture
def groupings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many figures each grouping saw."""
    seen: list[int] = []
    original = METHODS["default"]

    def counted(sightings: Any, *rest: Any) -> Any:
        seen.append(len(sightings))
        return original(sightings, *rest)

    monkeypatch.setitem(METHODS, "default", counted)
    return seen


def index_in_between(library: Library, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """Have an index run, in another process, change the library just before a grouping is written."""
    original = regroup.change_of

    def changed(*arguments: Any) -> Any:
        result = original(*arguments)
        with Library.open(library.folder) as other, other.catalog.write() as connection:
            connection.execute(change)
        return result

    monkeypatch.setattr(regroup, "change_of", changed)


MORE = "UPDATE meta SET value = value + 1 WHERE key = 'generation'"


def test_a_decision_groups_once(library: Library, run: Index, album: Path, groupings: list[int]) -> None:
    run(album)
    groupings.clear()
    named = deciding.name(library, anna(library), "Anna")
    assert names(library) == {"Anna": 4, None: 1}
    assert named.person_ids == (named.entry.body["person_id"],)
    assert named.entry == library.journal.entries()[-1]
    assert deciding.undo(library)[0].of == named.entry
    assert groupings == [8, 8]


def test_it_groups_once_beside_an_index_run_too(
    library: Library, run: Index, album: Path, groupings: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(album)
    groupings.clear()
    index_in_between(library, monkeypatch, MORE)
    deciding.name(library, anna(library), "Anna")
    deciding.name(library, "Anna", "Ann")
    assert len(groupings) == 2
    assert names(library)["Ann"] == 4
    assert not is_current(library), "the index run still groups its own figures"


def test_an_older_grouping_does_not_replace_one_that_knew_more(
    library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(album)
    with library.catalog.read() as connection:
        others = str(regroup._state(library, connection)).partition(" ")
    quicker = f"INSERT OR REPLACE INTO meta VALUES ('grouped', '{int(others[0]) + 1} {others[2]}')"
    grouped = listing.people(library.catalog)
    original = regroup.change_of

    def changed(*arguments: Any) -> Any:
        result = original(*arguments)
        with Library.open(library.folder) as other, other.catalog.write() as connection:
            connection.execute(MORE)
            connection.execute(quicker)
        return result

    monkeypatch.setattr(regroup, "change_of", changed)
    monkeypatch.setattr(regroup, "put", lambda *_: pytest.fail("written over"))
    regroup.regroup(library)
    assert is_current(library)
    assert listing.people(library.catalog) == grouped


def test_who_names_at_the_same_time_is_not_waited_for_nor_overwritten(
    library: Library, run: Index, album: Path, groupings: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(album)
    groupings.clear()
    first, second, _ = (row.person_id for row in listing.people(library.catalog))
    original, others = regroup.change_of, []

    def changed(*arguments: Any) -> Any:
        result = original(*arguments)
        if not others:
            others.append("Bob")
            with Library.open(library.folder) as other:
                deciding.name(other, second, "Bob")
                with other.catalog.write() as connection:
                    connection.execute(MORE)
        return result

    monkeypatch.setattr(regroup, "change_of", changed)
    deciding.name(library, first, "Anna")
    assert names(library) == {"Anna": 4, "Bob": 3, None: 1}
    assert len(groupings) == 3, "one here; there one to see Anna, and one after Bob's"


def test_only_the_decision_that_is_meant_is_taken_back(library: Library, run: Index, album: Path) -> None:
    run(album)
    first = deciding.name(library, anna(library), "Anna").entry.id
    last = deciding.name(library, "Anna", "Ann").entry.id
    for other, code in ((first, "not-last-decision"), ("", "no-such-decision"), ("nothing", "no-such-decision")):
        with pytest.raises(UnknownName) as refused:
            deciding.undo(library, expected=other)
        assert refused.value.code == code
    assert names(library)["Ann"] == 4
    assert deciding.undo(library, expected=last)[0].of.id == last
    with pytest.raises(UnknownName):
        deciding.undo(library, expected=last)
    assert deciding.undo(library, expected=first)[0].of.id == first
    with pytest.raises(UnknownName) as refused:
        deciding.undo(library, expected=first)
    assert refused.value.code == "already-undone"
    assert names(library) == {None: 1}


@pytest.mark.parametrize("way", ["name", "undo"])
def test_people_follow_a_decision_whose_process_was_killed(
    library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    run(album)
    if way == "undo":
        deciding.name(library, anna(library), "Anna")
    with monkeypatch.context() as killed:
        killed.setattr(deciding, "regroup", lambda _: None)
        with suppress(UnknownName):  # who is named is not there yet
            deciding.name(library, anna(library), "Anna") if way == "name" else deciding.undo(library)
    assert ("Anna" in names(library)) == (way == "undo"), "the decision is kept, and not followed yet"
    deciding.up_to_date(library)
    assert ("Anna" in names(library)) == (way == "name")


def test_people_are_not_grouped_again_without_need(
    library: Library, run: Index, album: Path, groupings: list[int]
) -> None:
    deciding.up_to_date(library)
    run(album)
    groupings.clear()
    deciding.up_to_date(library)
    with library.catalog.write() as connection:
        connection.execute(MORE)
    deciding.up_to_date(library)
    assert groupings == []


def test_a_journal_of_the_same_length_is_another_journal(library: Library, run: Index, album: Path) -> None:
    run(album)
    file, kept, person = library.journal.file, library.folder / "kept.db", anna(library)
    shutil.copy(file, kept)
    deciding.name(library, person, "Anna")
    library.close()
    shutil.copy(file, library.folder / "anna.db")
    shutil.copy(kept, file)
    deciding.up_to_date(library)
    deciding.name(library, person, "Bob")
    library.close()
    shutil.copy(library.folder / "anna.db", file)
    assert not is_current(library)
    deciding.up_to_date(library)
    assert names(library) == {"Anna": 4, None: 1}


def test_a_person_whose_key_photo_went_missing_can_be_named(library: Library, run: Index, album: Path) -> None:
    """An index run noted it, and has not grouped yet."""
    run(album)
    person = anna(library)
    with library.catalog.write() as connection:
        connection.execute("UPDATE files SET state = 'missing' WHERE CAST(path AS TEXT) LIKE '%0.png'")
        connection.execute(MORE)
    deciding.name(library, person, "Anna")
    assert names(library)["Anna"] == 3


def test_nobody_is_named_who_is_in_no_photo_any_more(library: Library, run: Index, album: Path) -> None:
    run(album)
    person = anna(library)
    with library.catalog.write() as connection:
        connection.execute("UPDATE files SET state = 'missing'")
        connection.execute(MORE)
    with pytest.raises(UnknownName):
        deciding.name(library, person, "Anna")
    assert library.journal.entries() == ()


def test_a_change_of_the_crowd_groups_anew(
    library: Library, run: Index, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(album)
    assert is_current(library)
    monkeypatch.setattr("mien.people.grouping.SAME_PERSON", 0.21)
    assert not is_current(library)
    deciding.up_to_date(library)
    assert is_current(library)


KILLED = """
import os, signal, sys
from mien.catalog.library import Library
from mien.indexing import deciding

def killed(library):
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

deciding.regroup = killed
with Library.open(sys.argv[1]) as library:
    deciding.name(library, sys.argv[2], "Anna")
"""


@pytest.mark.parametrize("command", ["people", "figures"])
def test_commands_show_a_decision_whose_process_was_killed(
    library: Library, run: Index, album: Path, command: str
) -> None:
    run(album)
    done = subprocess.run([sys.executable, "-c", KILLED, str(library.folder), anna(library)], capture_output=True)
    assert done.returncode not in (0, 1), done.stderr
    assert len(library.journal.entries()) == 1
    shown = CliRunner().invoke(
        importlib.import_module(f"mien.cli.{command}").command, ["--library", str(library.folder)]
    )
    assert shown.exit_code == 0
    assert "Anna" in shown.stdout


@pytest.mark.parametrize("follow", [True, False])
def test_a_figure_that_is_nobody_can_be_named(
    library: Library, run: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, follow: bool
) -> None:
    """Somebody turned away, say: Mien cannot tell who that is, but a human can."""
    monkeypatch.setattr(fake.FakeFinder, "find", lambda self, photo, parse: (None,) * len(parse))
    fake.photo_of(tmp_path / "lone" / "0.png", {"anna": 10, "bob": 90})
    run(tmp_path / "lone")
    assert names(library) == {}
    figure, other, *_ = (row.figure_id for row in listing.figures(library.catalog))
    deciding.name(library, figure, "Anna", follow=follow)
    assert names(library) == {"Anna": 1}
    deciding.up_to_date(library)
    assert names(library) == {"Anna": 1}
    deciding.name(library, other, "Anna", follow=follow)
    assert names(library) == {"Anna": 2}
    deciding.undo(library)
    assert names(library) == {"Anna": 1}
    with pytest.raises(UnknownName, match="There is no person"):
        deciding.name(library, "0" * 16 + "-1", "Anna", follow=follow)
