"""The cache's tables and files: disposable, but never half written."""

import sqlite3
import threading
from pathlib import Path

import psutil
import pytest

from mien.catalog.blobs import Blobs, parse_name
from mien.catalog.cache import Catalog
from mien.errors import LibraryError


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "catalog.db", Blobs(tmp_path / "cache"))


def put(catalog: Catalog, value: int) -> None:
    with catalog.write() as connection:
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('x', ?)", (value,))


def get(catalog: Catalog) -> int | None:
    with catalog.read() as connection:
        row = connection.execute("SELECT value FROM meta WHERE key = 'x'").fetchone()
    return None if row is None else row[0]


def test_tables_are_made_when_needed(catalog: Catalog) -> None:
    assert get(catalog) is None
    put(catalog, 5)
    assert get(catalog) == 5


def test_a_transaction_is_all_or_nothing(catalog: Catalog) -> None:
    put(catalog, 1)

    def interrupted() -> None:
        with catalog.write() as connection:
            connection.execute("UPDATE meta SET value = 2")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert get(catalog) == 1
    put(catalog, 3)
    assert get(catalog) == 3


def test_readers_cannot_write(catalog: Catalog) -> None:
    put(catalog, 1)
    with catalog.read() as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("UPDATE meta SET value = 2")


def test_a_reader_sees_one_state_while_others_write(catalog: Catalog) -> None:
    put(catalog, 1)
    with catalog.read() as connection:
        before = connection.execute("SELECT value FROM meta WHERE key = 'x'").fetchone()
        other = threading.Thread(target=put, args=(Catalog(catalog.file, catalog.blobs), 2))
        other.start()
        other.join(10)
        assert connection.execute("SELECT value FROM meta WHERE key = 'x'").fetchone() == before
    assert get(catalog) == 2


def test_every_thread_may_use_it(catalog: Catalog) -> None:
    threads = [threading.Thread(target=lambda n=n: (put(catalog, n), get(catalog))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert get(catalog) in range(8)
    catalog.close()
    assert get(catalog) in range(8)


def test_threads_that_ended_leave_no_open_files(catalog: Catalog) -> None:
    put(catalog, 1)
    for _ in range(20):
        thread = threading.Thread(target=get, args=(catalog,))
        thread.start()
        thread.join(10)
    opened = [file.path for file in psutil.Process().open_files()]
    assert opened.count(str(catalog.file)) <= 3


def test_a_cache_deleted_under_it_is_an_empty_one(catalog: Catalog) -> None:
    put(catalog, 1)
    for file in catalog.file.parent.glob("catalog.db*"):
        file.unlink()
    assert get(catalog) is None
    put(catalog, 2)
    assert get(catalog) == 2


def _set_version(catalog: Catalog, version: int) -> None:
    put(catalog, 1)
    catalog.close()
    connection = sqlite3.connect(catalog.file)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()


def test_older_tables_are_dropped_by_an_index_run_only(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    put(catalog, 1)
    catalog.close()
    monkeypatch.setattr("mien.catalog.cache.VERSION", 2)
    with pytest.raises(LibraryError) as raised:
        get(catalog)
    assert raised.value.code == "catalog-outdated"
    assert catalog.renew()
    assert get(catalog) is None


def test_newer_tables_are_left_alone(catalog: Catalog) -> None:
    _set_version(catalog, 99)
    for use in (get, Catalog.renew):
        with pytest.raises(LibraryError) as raised:
            use(catalog)
        assert raised.value.code == "library-newer"
    assert catalog.file.exists()


@pytest.mark.parametrize("damage", ["text", "torn", "zeroed"])
def test_a_damaged_cache_is_told_and_then_renewed(catalog: Catalog, damage: str) -> None:
    with catalog.write() as connection:
        connection.executemany("INSERT INTO meta VALUES (?, ?)", [(str(n), "x" * 100) for n in range(2000)])
    catalog.close()
    for file in catalog.file.parent.glob("catalog.db-*"):
        file.unlink()
    content = catalog.file.read_bytes()
    broken = {"text": b"no database" * 50, "torn": content[:40960], "zeroed": content[:8192] + bytes(len(content))}
    catalog.file.write_bytes(broken[damage])

    def look() -> None:
        with catalog.read() as connection:
            connection.execute("SELECT count(value), sum(length(key)) FROM meta").fetchone()

    with pytest.raises(LibraryError) as raised:
        look()
    assert raised.value.code == "catalog-damaged"
    assert catalog.renew()
    assert get(catalog) is None
    assert not catalog.renew()


def test_blobs_come_back_and_may_be_missing(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    name = parse_name("a" * 64, "engine")
    assert blobs.read("parses", name) is None
    assert blobs.names("parses") == set()
    blobs.write("parses", name, b"content")
    blobs.write("parses", name, b"content")
    assert blobs.read("parses", name) == b"content"
    assert blobs.names("parses") == {name}
    assert blobs.names("thumbnails") == set()
    blobs.drop("parses", name)
    blobs.drop("parses", name)
    assert blobs.names("parses") == set()


def test_what_others_put_among_the_blobs_disturbs_nothing(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    blobs.write("parses", "abcdef", b"content")
    for stray in ("parses/.DS_Store", "parses/ab/.DS_Store", "parses/ab/._abcdef.npz", "parses/file.npz"):
        (tmp_path / stray).write_bytes(b"stray")
    (tmp_path / "parses" / "ab" / ".folder").mkdir()
    (tmp_path / "thumbnails").write_bytes(b"a file")
    blobs.sweep()
    assert blobs.names("parses") == {"abcdef"}
    assert blobs.names("thumbnails") == set()
    assert blobs.read("thumbnails", "abcdef") is None


def test_a_blob_that_a_power_cut_emptied_is_none(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    for name in ("abcdef", "abcdff"):
        blobs.write("thumbnails", name, b"content")
    blobs.path("thumbnails", "abcdef").write_bytes(b"")
    assert blobs.names("thumbnails") == {"abcdff"}


def test_a_parse_is_named_after_photo_and_engine() -> None:
    names = {parse_name(photo, engine) for photo in ("a", "b") for engine in ("x", "y")}
    assert len(names) == 4


def test_a_blob_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = Blobs(tmp_path)

    def full_disk(self: Path, data: bytes) -> int:
        self.open("wb").write(data[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(LibraryError, match="space"):
        blobs.write("parses", "abcdef", b"content")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
