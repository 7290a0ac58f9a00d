"""Dated copies of the journal, and the way back from them."""

import os
import re
import sqlite3
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from mien.catalog import sqlite
from mien.errors import LibraryError

DAYS, MONTHS = 10, 12
"""Kept are the newest copies of this many days, and the first copy of each of this many months."""

NAME = re.compile(r"decisions-(\d{4}-\d{2}-\d{2})(?:T\d{6})?\.db")


def daily(file: Path, backups: Path, now: datetime) -> Path | None:
    """Copy the journal `file` into `backups`, unless today's copy is there. Never raises: the decision itself stands.

    Returns the new copy.
    """
    target = backups / f"decisions-{now:%Y-%m-%d}.db"
    if target.exists():
        return None
    try:
        return _copy(file, target)
    except (OSError, sqlite3.Error):
        return None


def now(file: Path, backups: Path) -> Path:
    """Copy the journal at once, before something risky."""
    return _copy(file, backups / f"decisions-{datetime.now(UTC):%Y-%m-%dT%H%M%S}.db")


def newest(backups: Path) -> Path | None:
    """The latest copy that can be read."""
    return next((copy for copy in sorted(_copies(backups), reverse=True) if _can_be_read(copy)), None)


def restore(file: Path, backup: Path) -> Path | None:
    """Put `backup` in the place of the journal `file`. Returns where the old file was set aside, if there was one.

    Nothing may have the journal open. Raises `LibraryError` if the copy itself cannot be read.
    """
    if not _can_be_read(backup):
        raise LibraryError("backup-unreadable", file=backup)
    aside = None
    if file.exists():
        aside = file.with_name(f"{file.name}.{datetime.now(UTC):%Y%m%dT%H%M%S%f}.damaged")
        file.rename(aside)
        leftover = file.with_name(f"{file.name}-journal")  # belongs to the old file; would corrupt the new one
        if leftover.exists():
            leftover.rename(aside.with_name(f"{aside.name}-journal"))
    _copy(backup, file)
    return aside


def _can_be_read(copy: Path) -> bool:
    try:
        return sqlite.is_sound(copy)
    except sqlite3.Error:
        return False


def _copy(file: Path, target: Path) -> Path:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        source, copy = sqlite.connect(file, read_only=True), sqlite.create(new)
        try:
            source.backup(copy)
        finally:
            source.close()
            copy.close()
        with new.open("rb+") as written:
            os.fsync(written.fileno())
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
    for old in _superfluous(_copies(target.parent)):
        old.unlink(missing_ok=True)
    return target


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
