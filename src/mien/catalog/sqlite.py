"""How this room opens SQLite files."""

import sqlite3
from pathlib import Path

BUSY_TIMEOUT = 30.0
"""Seconds to wait for another process; its transactions take milliseconds, so this is only met on stalled disks."""


def connect(file: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """An autocommit connection (transactions are begun by hand) that threads may share under a lock."""
    mode = "ro" if read_only else "rw"
    return sqlite3.connect(
        f"{file.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT,
        isolation_level=None,
        check_same_thread=False,
    )


def create(file: Path) -> sqlite3.Connection:
    """Like `connect`, for a file that need not exist yet."""
    return sqlite3.connect(file, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)


def is_sound(file: Path) -> bool:
    """Whether SQLite can read every page of `file` (`PRAGMA quick_check`).

    Raises `sqlite3.OperationalError` if it cannot be opened now, which says nothing of its content.
    """
    if not file.is_file() or file.stat().st_size == 0:  # SQLite would take an empty file for a new database
        return False
    try:
        connection = connect(file)
        try:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return False
        raise


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is at fault, and not the moment or the disk."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
