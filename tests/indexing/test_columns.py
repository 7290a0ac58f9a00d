"""Columns of figures are those of the catalog, whatever changed since they were kept."""

import random
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from benchmarks.searchable import figure as made_up
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.catalog import store
from mien.catalog.derived import DerivedFigure, DerivedPhoto, Fingerprints
from mien.catalog.library import Library
from mien.catalog.store import FileStat
from mien.indexing import columns
from mien.people.anchors import GRID, Anchor
from mien.photo.photo import CaptureTime, Metadata, Place
from mien.search import cells, columns_file
from mien.search.columns import Columns

PRINTS = Fingerprints("decoder", "read", "parse", "faces", "traits", "lite")
MASK = bytes([255]) * (GRID * GRID // 8)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        yield opened


def put(library: Library, number: int, chance: random.Random) -> None:
    """A photo with zero to three figures."""
    photo_id = f"{number * 2654435761 % 2**32:08x}" * 8
    seen = [made_up(k, 3, chance) for k in range(chance.randrange(4))]
    taken = datetime.fromisoformat(f"2020-01-{1 + number % 28:02}T{number % 24:02}:00")
    metadata = Metadata(
        "JPEG", 400, 300,
        taken=CaptureTime(taken, "exif") if number % 3 else None,
        place=Place(48.0, 2.0 + number, None) if number % 2 else None,
    )  # fmt: skip
    figures = tuple(
        DerivedFigure(Anchor(photo_id, f.box, MASK, None), 0.9, None, dict(f.traits), None, None) for f in seen
    )
    with library.catalog.write() as connection:
        store.put_photo(connection, DerivedPhoto(photo_id, metadata, "0" * 16, figures=figures), "lite", PRINTS)
        path = f"/album/{number}.jpg"
        store.put_file(connection, FileStat(path, 1, 1, "", ""), "photo", "read", photo_id=photo_id, metadata=metadata)


def name(library: Library, chance: random.Random) -> None:
    """Somebody is said to be somebody, or nobody."""
    with library.catalog.write() as connection:
        rows = connection.execute("SELECT figure_id FROM figures ORDER BY figure_id").fetchall()
        if not rows:
            return
        (figure,) = chance.choice(rows)
        match chance.randrange(4):
            case 0:
                connection.execute("DELETE FROM membership WHERE figure_id = ?", (figure,))
            case 1:
                connection.execute("DELETE FROM nobody")
                connection.execute("INSERT INTO nobody VALUES (?)", (figure,))
            case 2:
                connection.execute(
                    "INSERT OR IGNORE INTO membership VALUES (?, 'ben', 'inferred', 0.7, NULL)", (figure,)
                )
            case _:
                person = chance.choice(("anna", "ben"))
                connection.execute(
                    "INSERT OR REPLACE INTO membership VALUES (?, ?, 'decided', 1, NULL)", (figure, person)
                )


def lose(library: Library, number: int, chance: random.Random) -> None:
    """A file goes missing, comes back, or is forgotten, or another photo is in its place."""
    path = f"/album/{number}.jpg"
    kind = chance.randrange(4)
    if kind == 3:
        stat = FileStat(path, 2, 2, "", "")
        with library.catalog.write() as connection:
            store.put_file(connection, stat, "photo", "read")
        return
    with library.catalog.write() as connection:
        if kind == 2:
            store.drop_files(connection, [path])
            store.drop_photos(connection, store.orphans(connection))
        else:
            store.put_states(connection, {path: "missing" if kind else "present"})


def made_anew(library: Library) -> Columns:
    with library.catalog.read() as connection:
        return columns._all(connection, lambda: None)


def assert_same(one: Columns, other: Columns) -> None:
    for field in fields(Columns):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        assert mine.dtype == theirs.dtype
        np.testing.assert_array_equal(mine, theirs, field.name)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**9), steps=st.integers(0, 25))
def test_what_changes_is_followed(tmp_path_factory: pytest.TempPathFactory, seed: int, steps: int) -> None:
    chance = random.Random(seed)
    with Library.open(tmp_path_factory.mktemp("album") / "library") as library:
        for _ in range(steps):
            number = chance.randrange(8)
            step = chance.choice([put, put, lose, name])
            step(library, chance) if step is name else step(library, number, chance)  # type: ignore[call-arg, arg-type]
            if chance.random() < 0.3:
                columns.current(library)
            if chance.random() < 0.2:
                columns._kept.clear()  # another process
        assert_same(columns.current(library), made_anew(library))


def test_an_empty_library_has_empty_columns(library: Library) -> None:
    assert len(columns.current(library)) == 0


def test_another_process_reads_what_was_kept(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        put(library, number, random.Random(number))
    kept = columns.current(library)
    columns._kept.clear()
    monkeypatch.setattr(columns, "_all", None)  # not needed
    assert_same(columns.current(library), kept)


@pytest.mark.parametrize("spoil", [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: b"{}\n" + data])
def test_a_file_that_is_not_whole_is_made_again(library: Library, spoil: Callable[[bytes], bytes]) -> None:
    put(library, 1, random.Random(3))
    kept = columns.current(library)
    columns._kept.clear()
    (file,) = (library.folder / "cache" / "search").glob("columns-*")
    whole = file.read_bytes()
    del kept
    file.write_bytes(spoil(whole))
    assert_same(columns.current(library), made_anew(library))
    assert file.read_bytes() == whole


def test_columns_of_another_edition_are_made_again(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    put(library, 1, random.Random(3))
    columns.current(library)
    (file,) = (library.folder / "cache" / "search").glob("columns-*")
    assert columns_file.read(file) is not None
    monkeypatch.setattr(columns_file, "fingerprint", lambda: "another")
    assert columns_file.read(file) is None


def test_a_catalog_made_anew_is_read_anew(library: Library) -> None:
    put(library, 1, random.Random(3))
    columns.current(library)
    library.catalog.close()
    for file in library.folder.glob("catalog.db*"):
        file.unlink()
    put(library, 2, random.Random(4))
    assert_same(columns.current(library), made_anew(library))


def test_a_cache_of_before_there_were_columns_can_be_searched(library: Library) -> None:
    put(library, 1, random.Random(3))
    with library.catalog.write() as connection:
        for kind, what in connection.execute(
            "SELECT type, name FROM sqlite_master WHERE type = 'trigger' OR name = 'changes'"
        ).fetchall():
            connection.execute(f"DROP {kind} {what}")
    library.catalog.close()
    assert_same(columns.current(library), made_anew(library))
    put(library, 2, random.Random(4))
    assert_same(columns.current(library), made_anew(library))


def test_the_table_of_colours_is_kept(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    table = columns.memberships(library)
    columns._memberships.cache_clear()  # as in the next process
    monkeypatch.setattr(cells, "memberships", None)  # not needed
    np.testing.assert_array_equal(columns.memberships(library), table)


@pytest.mark.parametrize("content", [b"", b"no table of colours" * 100])
def test_a_broken_table_of_colours_is_made_anew(
    library: Library, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    table = columns.memberships(library)
    (file,) = (library.folder / "cache" / "search").glob("colours-*")
    file.write_bytes(content)
    columns._memberships.cache_clear()
    monkeypatch.setattr(cells, "memberships", lambda: table)
    np.testing.assert_array_equal(columns.memberships(library), table)
    assert file.stat().st_size > table.nbytes
