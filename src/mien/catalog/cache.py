"""`catalog.db`, the disposable half of the store: one writer at a time, any number of readers."""

import functools
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path

from mien.catalog import sqlite
from mien.catalog.blobs import Blobs
from mien.errors import LibraryError

VERSION = 1
"""Of the tables. There are no migrations: tables of another version are dropped, and indexing fills them again."""


class Catalog:
    """The cache's tables. Made where they are missing; several threads and processes may use them at once.

    Raises `LibraryError`: `catalog-damaged` and `catalog-outdated` end with the next index run, which calls `renew`.
    """

    def __init__(self, file: Path, blobs: Blobs) -> None:
        self.file = file
        self.blobs = blobs
        self._write_lock = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._readers: dict[threading.Thread, sqlite3.Connection] = {}
        self._readers_lock = threading.Lock()
        self._checked = False

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing. Keep it short (≤ 50 ms): everybody else's writes wait."""
        self._check()
        with self._write_lock, self._errors():
            if self._writer is None:
                self._writer = sqlite.connect(self.file)
                self._writer.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last second of a cache
                self._writer.execute("PRAGMA foreign_keys = ON")
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A read-only connection of this thread's own, seeing one state of the tables throughout."""
        self._check()
        with self._errors():
            connection = self._readers.get(threading.current_thread()) or self._open_reader()
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    def renew(self) -> bool:
        """For the holder of the indexing lock: if the tables are damaged or of another version, begin them anew.

        Returns whether anything that was there is to be made again.
        """
        try:
            self._check()
            with self._errors():
                if sqlite.is_sound(self.file):
                    return False
            raise LibraryError("catalog-damaged", file=self.file)
        except LibraryError as error:
            if error.code not in ("catalog-damaged", "catalog-outdated"):
                raise
        self.close()
        for suffix in ("", "-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
        self._check()
        return True

    def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        for connection in (self._writer, *self._readers.values()):
            if connection is not None:
                connection.close()
        self._writer, self._readers, self._checked = None, {}, False

    def _open_reader(self) -> sqlite3.Connection:
        """A connection for this thread. A server's threads come and go: those of threads that ended are closed."""
        with self._readers_lock:
            for thread in [thread for thread in self._readers if not thread.is_alive()]:
                self._readers.pop(thread).close()
            connection = self._readers[threading.current_thread()] = sqlite.connect(self.file, read_only=True)
        return connection

    def _check(self) -> None:
        """Make the tables where there are none; see that those that are there can be used."""
        if self._checked and self.file.exists():
            return
        if self._checked:  # deleted under us, which is allowed
            self.close()
        with self._errors():
            connection = sqlite.create(self.file)
            try:
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                if version == 0:
                    connection.execute("PRAGMA journal_mode = WAL")
                    connection.execute("BEGIN IMMEDIATE")
                    version = connection.execute("PRAGMA user_version").fetchone()[0]
                    if version == 0:  # still: no other process was quicker
                        for statement in _statements():
                            connection.execute(statement)
                        connection.execute("INSERT INTO meta VALUES ('made', ?)", (uuid.uuid4().hex,))
                        connection.execute(f"PRAGMA user_version = {VERSION}")
                        version = VERSION
                    connection.execute("COMMIT")
                elif version == VERSION:
                    _add_missing(connection)
            finally:
                connection.close()
        if version > VERSION:
            raise LibraryError("library-newer", folder=self.file.parent)
        if version < VERSION:
            raise LibraryError("catalog-outdated", file=self.file)
        self._checked = True

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if sqlite.is_damage(error):
                raise LibraryError("catalog-damaged", file=self.file) from error
            if isinstance(error, sqlite3.OperationalError):
                raise LibraryError("catalog-unusable", file=self.file, reason=error) from error
            raise


def _add_missing(connection: sqlite3.Connection) -> None:
    """What later editions of this version brought; if somebody is writing just now, another time."""
    with suppress(sqlite3.OperationalError):
        for statement in _statements():
            if "IF NOT EXISTS" in statement:
                connection.execute(statement)


@functools.cache
def _statements() -> list[str]:
    text = resources.files(__package__).joinpath("schema.sql").read_text(encoding="utf-8")
    statements = [""]
    for line in text.splitlines():
        statements[-1] += line.split("--")[0].rstrip() + "\n"
        if sqlite3.complete_statement(statements[-1]):  # a trigger has more than one semicolon
            statements.append("")
    return [statement.strip() for statement in statements if statement.strip()]
