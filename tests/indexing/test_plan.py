"""What a run has to do, by names and numbers alone."""

from pathlib import Path

import pytest

from mien.catalog.derived import Fingerprints
from mien.catalog.store import FileStat, KnownFile
from mien.indexing.plan import Goal, Library, plan

PRINTS = Fingerprints("d", "r", "p", "f", "t", "fake")


@pytest.mark.parametrize(("inode", "moves"), [("7", True), ("0", False)])
def test_a_file_is_told_by_its_number_where_there_are_numbers(tmp_path: Path, inode: str, moves: bool) -> None:
    before, now = (FileStat(str(tmp_path / name), 10, 10, "v", inode) for name in ("before.txt", "now.txt"))
    known = {before.path: KnownFile(before, "present", "other", None, None, None, False, "r")}
    planned = plan({now.path: now}, Library(known, {}, {}, set()), Goal(PRINTS))
    assert planned.moved == ({before.path: now} if moves else {})
    assert planned.work == ({} if moves else {now.path: "read"})
