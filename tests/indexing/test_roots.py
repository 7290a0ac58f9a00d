"""What the user asked to index outlives the cache, exactly as it was asked."""

import errno
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from mien.catalog import listing
from mien.catalog.library import Library
from mien.errors import LibraryError
from mien.indexing import roots
from tests.indexing import fake
from tests.indexing.conftest import Index


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([], []),
        (["/a", "/a"], ["/a"]),
        (["/a/b/c.jpg", "/a b", "/a", "/a/b", "/ab"], ["/a", "/a b", "/ab"]),
        (["/a/.secret", "/a"], ["/a", "/a/.secret"]),  # a walk of the folder passes over it
        (["/a/.secret/b", "/a/.secret", "/a"], ["/a", "/a/.secret"]),
        (["/a/._b.jpg", "/a"], ["/a", "/a/._b.jpg"]),
        (["/", "/a"], ["/"]),
    ],
)
def test_what_another_one_holds_is_redundant(tmp_path: Path, paths: list[str], expected: list[str]) -> None:
    base = tmp_path.anchor

    def native(names: list[str]) -> list[str]:
        return [str(Path(base, name.lstrip("/"))) for name in names]

    roots.remember(tmp_path, native(paths))
    assert roots.known(tmp_path) == tuple(native(expected))
    assert {path.name for path in tmp_path.iterdir()} <= {roots.FILE, roots.LOCK}


REMEMBER = """
import sys
from pathlib import Path
from mien.indexing import roots

for number in range(30):
    roots.remember(Path(sys.argv[1]), [str(Path(sys.argv[2], f"{number} by {sys.argv[3]}"))])
"""


def test_several_programs_and_threads_forget_nothing(tmp_path: Path) -> None:
    names = [[sys.executable, "-c", REMEMBER, str(tmp_path), tmp_path.anchor, who] for who in ("anna", "bob")]
    programs = [subprocess.Popen(name) for name in names]
    for number in range(30):
        threads = [
            threading.Thread(target=roots.remember, args=(tmp_path, [str(Path(tmp_path.anchor, f"{number} by {who}"))]))
            for who in ("cem", "dana")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [program.wait(60) for program in programs] == [0, 0]
    expected = {f"{number} by {who}" for number in range(30) for who in ("anna", "bob", "cem", "dana")}
    assert {Path(path).name for path in roots.known(tmp_path)} == expected


def test_a_lock_that_is_never_given_back_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roots, "PATIENCE", 0.05)
    with FileLock(tmp_path / roots.LOCK), pytest.raises(LibraryError) as raised:
        roots.remember(tmp_path, [str(tmp_path)])
    assert raised.value.code == "library-unusable"


@pytest.mark.parametrize("content", [b"", b"[", b"\xff", b"{}", b"[1, null]"])
def test_a_file_that_cannot_be_understood_holds_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / roots.FILE).write_bytes(content)
    assert roots.known(tmp_path) == ()
    roots.remember(tmp_path, [str(tmp_path)])
    assert roots.known(tmp_path) == (str(tmp_path),)


@pytest.mark.skipif(os.name != "posix", reason="other systems keep file names in Unicode")
def test_a_name_that_is_no_text_is_a_name(tmp_path: Path) -> None:
    odd = os.fsdecode(b"/caf\xe9")
    roots.remember(tmp_path, [odd])
    assert roots.known(tmp_path) == (odd,)


def test_without_a_path_nothing_is_known_at_first(run: Index) -> None:
    with pytest.raises(LibraryError) as raised:
        run()
    assert raised.value.code == "nothing-to-index"


def _delete(cache: Path) -> None:
    cache.unlink()


def _damage(cache: Path) -> None:
    cache.with_name("catalog.db-wal").unlink(missing_ok=True)  # which may hold all of it once more
    cache.write_bytes(b"no database" * 1000)


@pytest.mark.parametrize("ruin", [_delete, _damage])
def test_without_a_path_a_lost_cache_is_built_again(library: Library, run: Index, album: Path, ruin: object) -> None:
    run(album)
    before = listing.figures(library.catalog)
    library.catalog.close()
    ruin(library.folder / "catalog.db")  # type: ignore[operator]
    assert run().new == 5
    assert listing.figures(library.catalog) == before
    assert run().unchanged == 5


def test_one_file_is_not_its_folder(library: Library, run: Index, album: Path) -> None:
    run(album / "0.png")
    summary = run()
    assert (summary.files, summary.photos) == (1, 1)
    run(album / "1.png", album)
    assert run().files == 5


def test_a_known_folder_that_is_away_stays_known(library: Library, run: Index, album: Path) -> None:
    run(album)
    album.rename(album.with_name("unplugged"))
    library.catalog.close()
    (library.folder / "catalog.db").unlink()
    assert run().absent == (str(album),)
    album.with_name("unplugged").rename(album)
    assert run().photos == 5


def test_a_single_file_that_moved_is_known_at_its_new_place(run: Index, library: Library, album: Path) -> None:
    run(album / "0.png")
    (album / "0.png").rename(album / "9.png")
    assert run(album / "9.png").moved == 1
    assert roots.known(library.folder) == (str(album / "9.png"),)
    assert run().absent == ()


def test_a_single_file_that_was_deleted_is_not_asked_for_for_ever(library: Library, run: Index, album: Path) -> None:
    run(album / "0.png", album / "1.png")
    (album / "0.png").unlink()
    assert run().missing == 1
    assert run().absent == ()
    shutil.rmtree(album)
    assert run().absent == (str(album / "1.png"),)
    fake.photo_of(album / "1.png", {"bob": 10})
    assert run().changed == 1


def test_a_folder_whose_photos_all_moved_is_not_asked_for_any_more(library: Library, run: Index, album: Path) -> None:
    run(album)
    renamed = album.rename(album.with_name("renamed"))
    assert run(renamed).moved == 5
    assert run().absent == ()
    assert roots.known(library.folder) == (str(renamed),)


def test_a_full_disk_is_called_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LibraryError) as raised:
        roots.remember(tmp_path, [tmp_path.anchor])
    assert raised.value.code == "library-disk-full"
    assert str(tmp_path) in raised.value.message("zh")
