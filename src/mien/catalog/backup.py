"""Dated copies of the journal."""

import os
import re
import sqlite3
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from mien.catalog import sqlite

DAYS, MONTHS = 10, 12
"""Kept are the newest copies of this many days, and the first copy of each of this many months."""

LAG = timedelta(minutes=10)
"""While decisions are made, today's copy lacks at most those of this time."""

NAME = re.compile(r"decisions-(\d{4}-\d{2}-\d{2})(?:T\d{6})?\.db")


def keep(journal: sqlite3.Connection, backups: Path, now: datetime) -> bool:
    """Bring today's copy in `backups` up to date with the open `journal`. Never raises: the decisions themselves stand.

    A copy is replaced by a readable one that holds all it held; else, the older journal having been put back today,
    there are two copies of this day. Returns whether the copy is up to date.
    """
    try:
        backups.mkdir(mode=0o700, parents=True, exist_ok=True)
        _copy(journal, _target(journal, backups, now))
        for old in _superfluous(_copies(backups)):
            old.unlink(missing_ok=True)
    except (OSError, sqlite3.Error):
        return False
    return True


def newest(backups: Path) -> Path | None:
    """The latest copy that can be read."""
    return next((copy for copy in sorted(_copies(backups), reverse=True) if _can_be_read(copy)), None)


def _can_be_read(copy: Path) -> bool:
    try:
        return sqlite.is_sound(copy)
    except sqlite3.Error:
        return False


def _target(journal: sqlite3.Connection, backups: Path, now: datetime) -> Path:
    today = sorted(copy for copy in _copies(backups) if copy.name.startswith(f"decisions-{now:%Y-%m-%d}"))
    if not today:
        return backups / f"decisions-{now:%Y-%m-%d}.db"
    if _continues(journal, today[-1]):
        return today[-1]
    return backups / f"decisions-{now:%Y-%m-%dT%H%M%S}.db"


def _continues(journal: sqlite3.Connection, copy: Path) -> bool:
    """Whether nothing is lost if the journal takes the place of this copy of it."""
    if not _can_be_read(copy):
        return True
    connection = sqlite.connect(copy, read_only=True)
    try:
        last = connection.execute("SELECT id FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    finally:
        connection.close()
    return last is None or journal.execute("SELECT 1 FROM journal WHERE id = ?", last).fetchone() is not None


def _copy(journal: sqlite3.Connection, target: Path) -> None:
    new = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        copy = sqlite.create(new)
        try:
            journal.backup(copy)
        finally:
            copy.close()
        with new.open("rb+") as written:
            os.fsync(written.fileno())
        if not sqlite.is_sound(new):  # pages are copied as they are
            raise sqlite3.DatabaseError(f"{new}: a copy that cannot be read")
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)


def _copies(backups: Path) -> list[Path]:
    return [path for path in backups.iterdir() if NAME.fullmatch(path.name)] if backups.is_dir() else []


def _superfluous(copies: Iterable[Path]) -> list[Path]:
    """Those copies that the rotation lets go."""
    ordered = sorted(copies)
    first_of_month: dict[str, Path] = {}
    for copy in ordered:
        first_of_month.setdefault(copy.name[: len("decisions-2026-01")], copy)
    kept = {*ordered[-DAYS:], *list(first_of_month.values())[-MONTHS:]}
    return [copy for copy in ordered if copy not in kept]
