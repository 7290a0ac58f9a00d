"""The journal: every decision a human made, in order, in a file of its own. Entries are only ever added."""

import json
import os
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mien.catalog import backup, sqlite
from mien.errors import LibraryError

VERSION = 1

_TICK = timedelta(microseconds=1)

SCHEMA = """
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL
);
-- Which photo took the place of which by an edit: no decision, but it cannot be derived again either.
CREATE TABLE heirs (
    seq INTEGER PRIMARY KEY,
    photo_id TEXT NOT NULL,
    heir TEXT NOT NULL,
    UNIQUE (photo_id, heir)
);
CREATE TRIGGER journal_keeps_entries BEFORE DELETE ON journal BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
CREATE TRIGGER journal_keeps_words BEFORE UPDATE ON journal BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
CREATE TRIGGER journal_grows_at_its_end BEFORE INSERT ON journal
WHEN NEW.seq <= (SELECT coalesce(max(seq), 0) FROM journal) OR EXISTS (SELECT 1 FROM journal WHERE id = NEW.id) BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
"""


@dataclass(frozen=True)
class Entry:
    """One decision: its place in the journal (1, 2, …), its own id (UUID), when it was made (UTC), what it says.

    `at` decides what came first: entries of another journal are added behind all others, whenever they were made.
    """

    seq: int
    id: str
    at: datetime
    kind: str
    body: dict[str, Any]


class Journal:
    """`decisions.db`. Several processes may use it at once.

    Raises `LibraryError` if the file is damaged, gone although it has backups, or from a newer version:
    it is never replaced in silence.
    """

    def __init__(self, file: Path, backups: Path) -> None:
        self.file = file
        self.backups = backups
        self._lock = threading.Lock()
        self._backed_up: datetime | None = None
        self._behind = False
        self._read: tuple[Entry, ...] = ()  # entries never change
        newest = backup.newest(backups)
        if not file.exists():
            if newest is not None:
                raise LibraryError("decisions-missing", file=file, backup=newest)
            _create(file)
        try:
            if not sqlite.is_sound(file):
                raise _damaged(file, newest)
            self._connection = sqlite.connect(file)
        except sqlite3.Error as error:
            raise LibraryError("decisions-unusable", file=file, reason=error) from error
        # With a rollback journal only EXTRA also syncs the folder, without which a power cut can undo a commit.
        self._connection.execute("PRAGMA synchronous = EXTRA")
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version != VERSION:
            self.close()
            raise LibraryError("library-newer", folder=file.parent) if version > VERSION else _damaged(file, newest)

    def append(self, kind: str, body: Mapping[str, Any]) -> Entry:
        """Add a decision; once this returns it survives a crash and a power cut.

        No two entries bear one time, and none an earlier one than those there: by their times they keep their order
        among those of another journal, too.
        """
        with self._writing():
            return self._insert(self._new(kind, body))

    def append_to(self, head: str, kind: str, body: Mapping[str, Any]) -> Entry | None:
        """The same, if nothing was added since `head` was the last entry; else None: it is to be weighed again."""
        added = self.append_all(head, [(kind, body)])
        return None if added is None else added[0]

    def append_all(self, head: str, decisions: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Entry] | None:
        """The same for several (kind, body), of which all are added or none."""
        with self._writing():
            if head != self._head():
                return None
            return [self._insert(self._new(kind, body)) for kind, body in decisions]

    def adopt(self, head: str, entries: Iterable[Entry], heirs: Iterable[tuple[str, str]]) -> list[Entry] | None:
        """Add entries of another journal with their own ids and times, and the edits (before, after) it knows of.

        All or none: if anything was added since `head` was the last entry, nothing is, and None is returned. Else the
        entries as they stand here.
        """
        with self._writing():
            if head != self._head():
                return None
            self._inherit(heirs)
            return [self._insert(entry) for entry in entries]

    def entries(self) -> tuple[Entry, ...]:
        """All decisions, oldest first."""
        with self._lock, self._errors():
            last = self._read[-1].seq if self._read else 0
            rows = self._connection.execute(
                "SELECT seq, id, at, kind, body FROM journal WHERE seq > ? ORDER BY seq", (last,)
            ).fetchall()
            self._read += tuple(
                Entry(seq, entry, datetime.fromisoformat(at), kind, json.loads(body))
                for seq, entry, at, kind, body in rows
            )
            return self._read

    def inherit(self, heirs: Mapping[str, str]) -> None:
        """Keep for ever that these photos (keys) were edited, and what they became (values)."""
        with self._writing():
            self._inherit(sorted(heirs.items()))

    def heirs(self) -> list[tuple[str, str]]:
        """All edits (before, after), oldest first."""
        with self._lock, self._errors():
            return self._connection.execute("SELECT photo_id, heir FROM heirs ORDER BY seq").fetchall()

    @property
    def head(self) -> str:
        """The id of the last entry; empty if there is none."""
        with self._lock, self._errors():
            return self._head()

    def close(self) -> None:
        with self._lock:
            if self._behind:
                self._back_up(datetime.now(UTC))
            self._connection.close()

    def _inherit(self, heirs: Iterable[tuple[str, str]]) -> None:
        self._connection.executemany("INSERT OR IGNORE INTO heirs (photo_id, heir) VALUES (?, ?)", heirs)

    def _head(self) -> str:
        row = self._connection.execute("SELECT id FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        return "" if row is None else str(row[0])

    def _new(self, kind: str, body: Mapping[str, Any]) -> Entry:
        now, last = datetime.now(UTC), self._connection.execute("SELECT max(at) FROM journal").fetchone()[0]
        at = now if last is None else max(now, datetime.fromisoformat(last) + _TICK)
        return Entry(0, str(uuid.uuid4()), at, kind, dict(body))

    def _insert(self, entry: Entry) -> Entry:
        """Add an entry behind the others, as it is read back."""
        text = json.dumps(entry.body, ensure_ascii=False, allow_nan=False, sort_keys=True)
        seq = self._connection.execute("SELECT coalesce(max(seq), 0) + 1 FROM journal").fetchone()[0]
        at = entry.at.astimezone(UTC)
        self._connection.execute(
            "INSERT INTO journal VALUES (?, ?, ?, ?, ?)", (seq, entry.id, at.isoformat(), entry.kind, text)
        )
        return Entry(seq, entry.id, at, entry.kind, json.loads(text))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction; what it wrote is backed up now and then."""
        with self._lock, self._errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            now, self._behind = datetime.now(UTC), True
            if self._backed_up is None or now - self._backed_up >= backup.LAG:
                self._back_up(now)

    def _back_up(self, at: datetime) -> None:
        self._behind = not backup.keep(self._connection, self.backups, at)
        self._backed_up = at

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if sqlite.is_damage(error):
                raise _damaged(self.file, backup.newest(self.backups)) from error
            raise LibraryError("decisions-unwritable", file=self.file, reason=error) from error


def _create(file: Path) -> None:
    """Make an empty journal that appears whole or not at all."""
    new = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    try:
        connection = sqlite.create(new)
        connection.executescript(SCHEMA)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.close()
        try:
            os.link(new, file)  # unlike a rename, never over a journal that another process just made
        except FileExistsError:
            pass
        except (OSError, NotImplementedError):  # a file system without hard links
            if not file.exists():
                new.rename(file)
    except (OSError, sqlite3.Error) as error:
        raise LibraryError("decisions-unwritable", file=file, reason=error) from error
    finally:
        new.unlink(missing_ok=True)


def _damaged(file: Path, newest: Path | None) -> LibraryError:
    if newest is None:
        return LibraryError("decisions-damaged-no-backup", file=file)
    return LibraryError("decisions-damaged", file=file, backup=newest)
