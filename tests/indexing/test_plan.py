"""What a run has to do, by names and numbers alone."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from mien.catalog.derived import Fingerprints
from mien.catalog.store import FileStat, KnownFile, KnownPhoto
from mien.indexing.plan import Goal, Library, plan

PRINTS = Fingerprints("d", "r", "p", "f", "t", "fake")
BETTER = Fingerprints("d", "r", "p+", "f+", "t+", "better", "fake")

ONLY, FIRST, SECOND = Goal(PRINTS), Goal(BETTER, PRINTS), Goal(BETTER)
"""The pass of a library with one engine; the two of one that goes by a better one."""

BY_FIRST, BY_BETTER = KnownPhoto("fake", "p", "f", "t"), KnownPhoto("better", "p+", "f+", "t+")
OUTDATED, UNKNOWN = KnownPhoto("fake", "p0", "f0", "t0"), KnownPhoto(None, None, None, None)


@pytest.mark.parametrize(("inode", "moves"), [("7", True), ("0", False)])
def test_a_file_is_told_by_its_number_where_there_are_numbers(tmp_path: Path, inode: str, moves: bool) -> None:
    before, now = (FileStat(str(tmp_path / name), 10, 10, "v", inode) for name in ("before.txt", "now.txt"))
    known = {before.path: KnownFile(before, "present", "other", None, None, None, False, "r")}
    planned = plan({now.path: now}, Library(known, {}, {}, set()), ONLY)
    assert planned.moved == ({before.path: now} if moves else {})
    assert planned.work == ({} if moves else {now.path: "read"})


@pytest.mark.parametrize(
    ("photo", "failed", "stages"),
    [
        (None, "", ("read", "read", "read")),
        (UNKNOWN, "", ("parse", "read", "parse")),
        (BY_FIRST, "", (None, None, "parse")),
        (OUTDATED, "", ("parse", None, "parse")),
        (BY_BETTER, "", ("parse", None, None)),
        (BY_FIRST, "passing", ("read", "read", "read")),
        (None, "d", (None, None, None)),
        (None, "d-t", (None, None, "read")),
        (BY_FIRST, "d-t+", ("read", None, None)),
        (BY_FIRST, "d0-t0", ("read", "read", "read")),
    ],
    ids=[
        "new here", "never parsed", "parsed by the first", "parsed by its last release", "parsed by the better one",
        "could not be opened for now", "unreadable", "too much for the first", "too much for the better one",
        "too much for another release",
    ],
)  # fmt: skip
def test_what_each_pass_does_with_a_photo(photo: KnownPhoto | None, failed: str, stages: Sequence[str | None]) -> None:
    stat = FileStat("a.jpg", 10, 10, "v", "7")
    made = {"": "r", "passing": ""}.get(failed, failed)
    file = KnownFile(stat, "present", "photo", "id" if photo else None, None, "exif", bool(failed), made)
    for goal, stage in zip((ONLY, FIRST, SECOND), stages, strict=True):
        by_wanted = photo is not None and photo.engine == goal.wanted.engine and photo.parse is not None
        parses = {"id": photo.parse} if by_wanted and photo and photo.parse else {}
        known = Library({stat.path: file}, {"id": photo} if photo else {}, parses, {"id"})
        assert plan({stat.path: stat}, known, goal).work == ({} if stage is None else {stat.path: stage}), goal


@pytest.mark.parametrize("goal", [ONLY, FIRST, SECOND])
def test_what_is_no_photo_is_looked_at_once(goal: Goal) -> None:
    stat = FileStat("film.mp4", 10, 10, "v", "7")
    film = KnownFile(stat, "present", "video", None, None, None, False, "r")
    assert plan({stat.path: stat}, Library({stat.path: film}, {}, {}, set()), goal).work == {}
    old = replace(film, fingerprint="of an older release")
    assert plan({stat.path: stat}, Library({stat.path: old}, {}, {}, set()), goal).work == {stat.path: "read"}


@pytest.mark.parametrize(
    ("goal", "photo", "is_met"),
    [
        (ONLY, BY_FIRST, True),
        (ONLY, BY_BETTER, False),
        (FIRST, BY_FIRST, True),
        (FIRST, BY_BETTER, True),
        (FIRST, UNKNOWN, False),
        (SECOND, BY_FIRST, False),
        (SECOND, BY_BETTER, True),
    ],
)
def test_a_copy_of_a_photo_is_recognised_where_that_is_enough(goal: Goal, photo: KnownPhoto, is_met: bool) -> None:
    assert goal.is_met_by(photo) == is_met
