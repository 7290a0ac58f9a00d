"""The journal: what was once appended is there for ever."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mien.catalog import backup
from mien.catalog.journal import Journal
from mien.errors import LibraryError


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "decisions.db", tmp_path / "backups")


def again(journal: Journal) -> Journal:
    """The same journal, opened anew."""
    journal.close()
    return Journal(journal.file, journal.backups)


def test_a_new_journal_is_empty(journal: Journal) -> None:
    assert journal.entries() == ()
    assert journal.head == ""


def test_entries_come_back_in_order(journal: Journal) -> None:
    first = journal.append("name", {"name": "安娜", "anchors": [{"box": [0.1, 0.2]}]})
    second = journal.append("undo", {"of": first.id})
    assert [first.seq, second.seq] == [1, 2]
    assert first.at.tzinfo == UTC
    assert again(journal).entries() == (first, second)
    assert again(journal).head == second.id


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(st.text(), json_values, max_size=4))
def test_a_body_comes_back_as_it_was(journal: Journal, body: dict[str, object]) -> None:
    entry = journal.append("anything", body)
    assert journal.entries()[-1] == entry
    assert entry.body == json.loads(json.dumps(body))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM journal",
        "UPDATE journal SET body = '{}'",
        "UPDATE journal SET seq = 7",
        "INSERT OR REPLACE INTO journal VALUES (1, 'x', 'x', 'x', '{}')",
        "REPLACE INTO journal SELECT 9, id, at, kind, '{}' FROM journal",
    ],
)
def test_nothing_can_be_taken_back_or_rewritten(journal: Journal, statement: str) -> None:
    entry = journal.append("name", {"name": "Anna"})
    other = sqlite3.connect(journal.file)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(statement)
    other.close()
    assert again(journal).entries() == (entry,)


def test_several_writers_at_once_lose_nothing(journal: Journal) -> None:
    other = Journal(journal.file, journal.backups)
    with ThreadPoolExecutor(4) as pool:
        entries = list(pool.map(lambda n: (journal, other)[n % 2].append("n", {"n": n}), range(40)))
    assert {entry.id for entry in entries} == {entry.id for entry in journal.entries()}
    assert [entry.seq for entry in other.entries()] == list(range(1, 41))


def test_what_append_returned_survives_a_kill(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from mien.catalog.journal import Journal\n"
        "folder = Path(sys.argv[1])\n"
        "journal = Journal(folder / 'decisions.db', folder / 'backups')\n"
        "while True:\n"
        "    print(journal.append('name', {'name': 'x' * 2000}).id, flush=True)\n"
    )
    returned: list[str] = []
    for pause in (0.0, 0.02, 0.05, 0.13, 0.21):
        with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            returned.append(process.stdout.readline().decode().strip())
            time.sleep(pause)
            os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            # A line that the kill cut off belongs to an entry that was kept, but not all of it was told.
            returned += [line.decode().strip() for line in process.stdout if line.endswith(b"\n")]
    entries = Journal(tmp_path / "decisions.db", tmp_path / "backups").entries()
    assert set(returned) <= {entry.id for entry in entries}
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))


@pytest.mark.parametrize("damage", ["zeroed", "emptied", "torn", "text"])
def test_a_damaged_journal_is_told_and_left_as_it_is(journal: Journal, damage: str) -> None:
    for number in range(200):
        journal.append("name", {"name": f"{number}" * 20})
    journal.close()
    content = journal.file.read_bytes()
    broken = {
        "zeroed": content[:4096] + bytes(8192) + content[12288:],
        "emptied": b"",
        "torn": content[: len(content) // 2],
        "text": b"not a database at all, sorry",
    }[damage]
    journal.file.write_bytes(broken)
    with pytest.raises(LibraryError) as raised:
        Journal(journal.file, journal.backups)
    assert raised.value.code == "decisions-damaged"
    for language in ("en", "zh"):
        assert str(journal.file) in raised.value.message(language)
        assert str(next(journal.backups.iterdir())) in raised.value.message(language)
    assert journal.file.read_bytes() == broken


def test_a_journal_without_backup_is_not_replaced_either(journal: Journal) -> None:
    journal.close()
    journal.file.write_bytes(b"")
    with pytest.raises(LibraryError) as raised:
        Journal(journal.file, journal.backups)
    assert raised.value.code == "decisions-damaged-no-backup"


def test_a_lost_journal_is_not_begun_anew(journal: Journal) -> None:
    journal.append("name", {"name": "Anna"})
    journal.close()
    journal.file.unlink()
    with pytest.raises(LibraryError) as raised:
        Journal(journal.file, journal.backups)
    assert raised.value.code == "decisions-missing"
    assert not journal.file.exists()


def test_a_journal_that_cannot_be_opened_now_is_not_called_damaged(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mien.catalog.sqlite.BUSY_TIMEOUT", 0.1)
    other = sqlite3.connect(journal.file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LibraryError, match="locked") as raised:
        Journal(journal.file, journal.backups)
    other.close()
    assert raised.value.code == "decisions-unusable"
    assert Journal(journal.file, journal.backups).entries() == ()


def test_a_newer_version_is_left_alone(journal: Journal) -> None:
    journal.close()
    connection = sqlite3.connect(journal.file)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(LibraryError) as raised:
        Journal(journal.file, journal.backups)
    assert raised.value.code == "library-newer"


def test_the_steps_the_error_tells_work(journal: Journal) -> None:
    entry = journal.append("name", {"name": "Anna"})
    journal.close()
    journal.file.write_bytes(b"ruined")
    with pytest.raises(LibraryError) as raised:
        Journal(journal.file, journal.backups)
    journal.file.rename(journal.file.with_name("old.db"))
    shutil.copy(raised.value.values["backup"], journal.file)
    assert Journal(journal.file, journal.backups).entries() == (entry,)


def backed_up(journal: Journal) -> list[int]:
    """How many entries each backup holds, the newest last."""
    found = []
    for copy in sorted(journal.backups.iterdir()):
        connection = sqlite3.connect(copy)
        found.append(connection.execute("SELECT count(*) FROM journal").fetchone()[0])
        connection.close()
    return found


class Clock(datetime):
    """Stands still unless told otherwise."""

    time = datetime(2024, 5, 1, 12, tzinfo=UTC)

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return cls.time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Clock]]:
    monkeypatch.setattr("mien.catalog.journal.datetime", Clock)
    yield Clock
    Clock.time = datetime(2024, 5, 1, 12, tzinfo=UTC)


def test_a_day_s_backup_lags_by_minutes_and_is_whole_at_the_end(journal: Journal, clock: type[Clock]) -> None:
    for minutes in (0, 1, 9):
        clock.time = datetime(2024, 5, 1, 12, minutes, tzinfo=UTC)
        journal.append("name", {})
        assert backed_up(journal) == [1]
    clock.time = datetime(2024, 5, 1, 12, 10, tzinfo=UTC)
    journal.append("name", {})
    assert backed_up(journal) == [4]
    journal.append("name", {})
    journal.close()
    assert backed_up(journal) == [5]
    assert len(list(journal.backups.glob(".*"))) == 0


def test_edits_are_backed_up_too(journal: Journal) -> None:
    journal.inherit({"a": "b"})
    journal.close()
    (copy,) = journal.backups.iterdir()
    shutil.copy(copy, journal.file)
    assert Journal(journal.file, journal.backups).heirs() == [("a", "b")]


def test_a_day_without_decisions_makes_no_backup(journal: Journal) -> None:
    journal.close()
    assert not journal.backups.exists()


def test_each_day_has_its_backup(journal: Journal, clock: type[Clock]) -> None:
    journal.append("name", {})
    clock.time = datetime(2024, 5, 2, 0, 1, tzinfo=UTC)
    journal.append("name", {})
    journal.append("name", {})
    journal.close()
    assert backed_up(journal) == [1, 3]


@pytest.mark.parametrize("old", [b"", b"junk"])
def test_an_unreadable_backup_is_replaced(journal: Journal, clock: type[Clock], old: bytes) -> None:
    journal.append("name", {})
    next(journal.backups.iterdir()).write_bytes(old)
    again(journal).append("name", {})
    assert backed_up(journal) == [2]


def test_a_good_backup_is_not_replaced_by_a_broken_one(
    journal: Journal, clock: type[Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.append("name", {})
    journal.append("name", {})
    monkeypatch.setattr("mien.catalog.sqlite.is_sound", lambda file: not file.name.startswith("."))
    journal.close()
    assert backed_up(journal) == [1]


def test_a_backup_is_not_replaced_by_an_older_journal_that_was_put_back(journal: Journal, clock: type[Clock]) -> None:
    journal.append("name", {})
    journal.close()
    shutil.copy(journal.file, journal.file.with_name("old.db"))
    again(journal).append("name", {})
    shutil.copy(journal.file.with_name("old.db"), journal.file)
    for _ in range(3):
        restored = Journal(journal.file, journal.backups)
        restored.append("name", {})
        restored.close()
    assert backed_up(journal) == [2, 4]
    assert backup.newest(journal.backups) == journal.backups / "decisions-2024-05-01T120000.db"


def test_old_backups_make_room(journal: Journal, clock: type[Clock]) -> None:
    for month in range(1, 13):
        for day in (1, 11, 21):
            clock.time = datetime(2020, month, day, tzinfo=UTC)
            journal.append("name", {})
    clock.time = datetime(2021, 1, 1, tzinfo=UTC)
    journal.append("name", {})
    kept = sorted(path.name[10:20] for path in journal.backups.iterdir())
    assert kept[-backup.DAYS :] == [
        "2020-10-01", "2020-10-11", "2020-10-21", "2020-11-01", "2020-11-11", "2020-11-21", "2020-12-01", "2020-12-11",
        "2020-12-21", "2021-01-01",
    ]  # fmt: skip
    assert kept[: -backup.DAYS] == [f"2020-{month:02}-01" for month in range(2, 10)]


def test_a_backup_that_fails_does_not_fail_the_decision(journal: Journal) -> None:
    journal.backups.write_text("in the way")
    entry = journal.append("name", {"name": "Anna"})
    assert journal.entries() == (entry,)
